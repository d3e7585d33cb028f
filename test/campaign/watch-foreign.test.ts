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

it('finds what somebody deployed before they restarted a revision whose answer was lost', () => {
  const restarted = { ...theirs(300), isOfUnanswered: true };
  expect(overridden([theirs(200, 'api:1'), restarted], [rolled(400, 'api:2')])).toEqual([
    expect.stringContaining('api:1 200 s'),
  ]);
});

it.each([
  ['before the rollout', [theirs(99, 'api:1')], [rolled(400, 'api:2')]],
  ['when the rollout could not yet have seen it', [theirs(350, 'api:1')], [rolled(400, 'api:2')]],
  ['after it', [theirs(500, 'api:1')], [rolled(400, 'api:2')]],
  // Its step never learned the id of the deployment that it made, and so cannot tell theirs from it.
  [
    'anew, of a revision that the rollout had put there without an answer',
    [{ ...theirs(200), isOfUnanswered: true }],
    [rolled(400, 'api:1')],
  ],
  ['to which the rollout goes back', [theirs(200, 'api:1')], [rolled(400, 'api:1')]],
])('lets pass what somebody deployed %s', (_when, foreign, ours) => {
  expect(overridden(foreign, ours)).toEqual([]);
});
