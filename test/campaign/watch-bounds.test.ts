import { expect, it } from 'vitest';
import { excessive } from '../../campaign/watch-bounds.ts';

const WORK = { executions: [{ name: '1', hours: 2, historyEvents: 1_100 }], calls: 1_600, virtualHours: 3 };

it('finds an execution with a history that grows on, and a world in which calls do', () => {
  expect(excessive(WORK)).toEqual([]);
  expect(excessive({ ...WORK, executions: [{ name: '1', hours: 2, historyEvents: 1_101 }], calls: 1_601 })).toEqual([
    'bounds: Rollout 1 has 1101 events in its history, not 1100.',
    'bounds: 1 rollouts and 3 hours cost 1601 calls, not 1600.',
  ]);
});
