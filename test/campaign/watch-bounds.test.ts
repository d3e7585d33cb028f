import { expect, it } from 'vitest';
import { excessive, watchBounds } from '../../campaign/watch-bounds.ts';

const WORK = { executions: [{ name: '1', hours: 2, historyEvents: 1_100 }], calls: 1_600, virtualHours: 3 };

it('finds an execution with a history that grows on, and a world in which calls do', () => {
  expect(excessive(WORK)).toEqual([]);
  expect(excessive({ ...WORK, executions: [{ name: '1', hours: 2, historyEvents: 1_101 }], calls: 1_601 })).toEqual([
    'bounds: Rollout 1 has 1101 events in its history, not 1100.',
    'bounds: 1 rollouts and 3 hours cost 1601 calls, not 1600.',
  ]);
});

it.each([
  ['by far too many', 1_000, true],
  ['more than enough, which the end tells of', 600, false],
])('ends a world whose execution has %s', (_what, historyEvents, isEnded) => {
  type Entered = (entry: { readonly executionArn: string; readonly at: number }) => void;
  const listeners: Entered[] = [];
  const states = {
    onStateEntered: (listener: Entered) => listeners.push(listener),
    view: () => ({ name: '1', startedAt: 0, historyEvents }),
  };
  watchBounds({ region: { kernel: { now: 0 }, onApplied: () => undefined, states } } as never);
  const enterOften = (): void => {
    for (let times = 0; times < 100; times++) for (const enter of listeners) enter({ executionArn: 'one', at: 60_000 });
  };
  if (isEnded) expect(enterOften).toThrow('bounds: Rollout 1 has 1000 events in its history, not 307, and goes on.');
  else expect(enterOften).not.toThrow();
});
