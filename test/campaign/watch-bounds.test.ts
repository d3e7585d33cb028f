import { expect, it } from 'vitest';
import { excessive } from '../../campaign/watch-bounds.ts';

const WORK = { historyEvents: new Map([['1', 2_500]]), calls: 1_600, virtualHours: 3 };

it('finds an execution with a history that grows on, and a world in which calls do', () => {
  expect(excessive(WORK)).toEqual([]);
  expect(excessive({ ...WORK, historyEvents: new Map([['1', 2_501]]), calls: 1_601 })).toEqual([
    'bounds: Rollout 1 has 2501 events in its history, not 2500.',
    'bounds: 1 rollouts and 3 hours cost 1601 calls, not 1600.',
  ]);
});
