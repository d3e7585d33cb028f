import { describe, expect, it } from 'vitest';
import { followWayBack } from '../../rehearsal/way-back.ts';

type Deployments = readonly (readonly [revision: string, healthy: number])[];

/** Follows a service that shows one state after the other, the PRIMARY deployment first; a word is a verdict at that second. */
function followed(...course: readonly (Deployments | readonly [word: string, second: number])[]) {
  let deployments: Deployments = [['api:2', 2]];
  const serviceView = () => ({
    desiredCount: 2,
    deployments: deployments.map(([revision, healthy]) => ({ revision, healthy })),
  });
  const follower = followWayBack({
    region: { ecs: { serviceView } },
    config: { cluster: 'prod', serviceName: 'api' },
  } as unknown as Parameters<typeof followWayBack>[0]);
  for (const one of course) {
    if (typeof one[0] === 'string') follower.hear(one[0], one[1] as number);
    else {
      deployments = one as Deployments;
      follower.look();
    }
  }
  return follower.wayBack();
}

const ROLLED: Deployments = [
  ['api:3', 0],
  ['api:2', 2],
];
const BACK: Deployments = [['api:2', 2]];

describe('the way back', () => {
  it('is from the verdict to the proven image, with what served meanwhile', () => {
    expect(followed(ROLLED, ['failed', 50.6], BACK, ['steady', 92.7])).toEqual({
      noticedSeconds: 50.6,
      backSeconds: 92.7,
      fewestServing: 2,
      desiredCount: 2,
    });
  });

  it('counts the fewest that served, and no task of the image that failed, before its verdict either', () => {
    const early: Deployments = [
      ['api:3', 1],
      ['api:2', 1],
    ];
    expect(followed(early, ROLLED, ['failed', 5], BACK, ['steady', 9])).toMatchObject({ fewestServing: 1 });
    const replaced: Deployments = [['api:3', 2]];
    expect(followed(replaced, ['failed', 5], BACK, ['steady', 9])).toMatchObject({ fewestServing: 0 });
  });

  it('counts what was put back as another revision, and both at once', () => {
    const other: Deployments = [
      ['api:4', 1],
      ['api:3', 1],
      ['api:2', 1],
    ];
    expect(followed(ROLLED, ['failed', 5], other, ['steady', 9])).toMatchObject({ fewestServing: 2 });
  });

  it('is none where nothing failed, and none while nothing is back', () => {
    expect(followed(ROLLED, ['steady', 5], BACK)).toBeUndefined();
    expect(followed(ROLLED, ['failed', 5])).toBeUndefined();
  });

  it('keeps to the first failure and to the first return', () => {
    const back = followed(ROLLED, ['failed', 5], ['failed', 6], BACK, ['steady', 9], ['steady', 10]);
    expect(back).toMatchObject({ noticedSeconds: 5, backSeconds: 9 });
  });
});
