import { expect, it } from 'vitest';
import { overridden } from '../../campaign/watch-foreign.ts';

const rolled = (atSeconds: number, revision: string) => ({ at: atSeconds * 1000, revision, rollingSince: 100_000 });
const theirs = (atSeconds: number, revision?: string) => ({ at: atSeconds * 1000, revision });

it('finds a rollout that changes what somebody deployed during it', () => {
  expect(overridden([theirs(200, 'api:1')], [rolled(400, 'api:2')])).toEqual([
    'foreign: A rollout put api:2 on the service, on which somebody had put api:1 200 s before, during the rollout.',
  ]);
  expect(overridden([theirs(200)], [rolled(400, 'api:2')])).toEqual([expect.stringContaining('the same anew 200 s')]);
});

it.each([
  ['before the rollout', [theirs(99, 'api:1')], [rolled(400, 'api:2')]],
  ['when the rollout could not yet have seen it', [theirs(350, 'api:1')], [rolled(400, 'api:2')]],
  ['after it', [theirs(500, 'api:1')], [rolled(400, 'api:2')]],
  ['to which the rollout goes back', [theirs(200, 'api:1')], [rolled(400, 'api:1')]],
])('lets pass what somebody deployed %s', (_when, foreign, ours) => {
  expect(overridden(foreign, ours)).toEqual([]);
});
