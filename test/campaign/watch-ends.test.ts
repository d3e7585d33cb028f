import { describe, expect, it } from 'vitest';
import {
  brokenPromises,
  endlessTries,
  endsWithoutOutcome,
  lingering,
  madeWayForNobody,
  restless,
  unsettled,
} from '../../campaign/watch-ends.ts';

const failed = (outcome: string, status = 'FAILED') => ({ executionArn: 'arn:one', status, outcome });
const ended = (outcome: string, endedAt: number) => ({ rolloutId: 'one', outcome, endedAt });
const start = (at: number, rollout = 'one') => ({ at, rollout, push: undefined, isTick: true });

it('finds an execution that failed without an outcome', () => {
  expect(endsWithoutOutcome([failed('States.Runtime')])).toEqual([
    'end: Rollout one ended States.Runtime, and nothing was in its way.',
  ]);
  expect(endsWithoutOutcome([failed('ROLLED_BACK'), failed('ABORTED', 'ABORTED')])).toEqual([]);
});

it('finds a rollout that takes longer than any may, from its change of the service on', () => {
  const entries = ['AwaitTurn', 'RollService', 'AwaitSteadyState'].map((state, index) => ({
    at: index * 10_000_000,
    rollout: 'arn:one',
    state,
  }));
  const end = (at: number) => [{ at, rollout: 'arn:one', status: 'SUCCEEDED' }];
  expect(lingering({ entries, ends: end(19_001_000) }, Infinity)).toEqual([expect.stringContaining('one took 9001 s')]);
  expect(lingering({ entries, ends: end(19_000_000) }, Infinity)).toEqual([]);
  expect(lingering({ entries, ends: [] }, 19_001_000)).toHaveLength(1);
});

describe('a service that is called settled', () => {
  const said = (at: number, says: string) => ({ at, deploymentId: 'd', says: `SERVICE_DEPLOYMENT_${says}` });
  const deployments = [said(100, 'IN_PROGRESS'), said(200, 'COMPLETED'), said(300, 'IN_PROGRESS')];

  it.each(['SUCCEEDED', 'ROLLED_BACK', 'ROLLED_BACK_BY_ECS'])('is found where ECS still deploys: %s', (outcome) => {
    expect(unsettled({ deployments, foreign: [] }, [ended(outcome, 350)])).toEqual([
      `end: Rollout one ended ${outcome}, and the last that ECS had said was SERVICE_DEPLOYMENT_IN_PROGRESS.`,
    ]);
  });

  it.each([
    ['ECS has completed what it deployed', [ended('SUCCEEDED', 250)], []],
    ['that is not said', [ended('ABORTED', 350)], []],
    ['somebody else deploys since a moment ago', [ended('SUCCEEDED', 350)], [{ at: 300 }]],
  ])('is let pass where %s', (_where, records, foreign) => {
    expect(unsettled({ deployments, foreign }, records)).toEqual([]);
  });
});

it('finds a rollout that makes way for nobody', () => {
  const record = ended('ABORTED_EXTERNAL', 100);
  expect(madeWayForNobody({ foreign: [{ at: 101 }] }, [record])).toEqual([
    'foreign: Rollout one ended ABORTED_EXTERNAL, and nobody else had deployed anything.',
  ]);
  expect(madeWayForNobody({ foreign: [{ at: 99 }] }, [record])).toEqual([]);
  expect(madeWayForNobody({ foreign: [] }, [ended('ABORTED', 100)])).toEqual([]);
});

describe('another try that was promised', () => {
  const promise = {
    rolloutId: 'one',
    outcome: 'REJECTED',
    image: { digest: 'sha256:1' },
    startedAt: 20,
    endedAt: 100,
    triedAgainAt: 300_000,
  };
  const records = [promise];
  const pushed = (at: number, digest: string, tag = 'live') => ({ at, digest, tag });
  const went = (at: number, state = 'AcceptIntent') => ({ at, rollout: 'arn:two', state });
  const found = (
    told: Partial<Parameters<typeof brokenPromises>[0]>,
    now = 1_500_000,
    promises: Parameters<typeof brokenPromises>[1] = records,
  ): string[] =>
    brokenPromises({ starts: [], pushes: [], entries: [], ...told }, promises, (tag) => tag === 'live', now);

  it('is found where it was not begun', () => {
    expect(found({ starts: [start(100), start(1_500_001)] })).toEqual([
      'end: Rollout one promised another try, and nothing was begun in time.',
    ]);
    expect(found({ starts: [start(400_000)] })).toEqual([]);
    expect(found({}, 1_499_999)).toEqual([]);
    expect(found({}, 9e15, [{ ...promise, triedAgainAt: undefined }])).toEqual([]);
  });

  // The rollout of the newer image began before this one ended, and only its turn comes after that.
  it('is not owed once a newer image, which waited, has its turn', () => {
    const newer = { pushes: [pushed(10, 'sha256:1'), pushed(50, 'sha256:2')], entries: [went(60), went(101)] };
    expect(found(newer)).toEqual([]);
    expect(found({ ...newer, entries: [went(60), went(101, 'Preflight')] })).toHaveLength(1);
    expect(found({ ...newer, pushes: [pushed(50, 'sha256:2'), pushed(60, 'sha256:1')] })).toHaveLength(1);
    expect(found({ ...newer, pushes: [pushed(50, 'sha256:2', 'nightly')] })).toHaveLength(1);
    expect(found({ ...newer, pushes: [pushed(101, 'sha256:2')] })).toHaveLength(1);
  });

  it('is begun where another rollout of the image, which waited, went on', () => {
    const waited = { ...promise, rolloutId: 'two', endedAt: 900, triedAgainAt: undefined };
    const afterIt = (change: Partial<typeof waited> & { readonly request?: object }) =>
      found({}, 1_500_000, [promise, { ...waited, ...change }]);
    expect(afterIt({})).toEqual([]);
    const another = { image: { digest: 'sha256:2' } };
    expect(afterIt(another)).toHaveLength(1);
    const chosen = { ...another, request: { digest: 'sha256:2' } };
    expect(afterIt(chosen)).toHaveLength(1);
    expect(afterIt({ ...chosen, outcome: 'SUCCEEDED' })).toEqual([]);
    expect(afterIt({ endedAt: 99 })).toHaveLength(1);
    expect(afterIt({ startedAt: 1_500_001 })).toHaveLength(1);
  });

  it('is not owed once the tag names what had succeeded before', () => {
    const pushes = [pushed(10, 'sha256:2'), pushed(40, 'sha256:1'), pushed(60, 'sha256:2')];
    const before = { ...promise, ...{ rolloutId: 'zero', outcome: 'SUCCEEDED', image: { digest: 'sha256:2' } } };
    const afterIt = (change: Partial<typeof before>) =>
      found({ pushes }, 1_500_000, [{ ...before, triedAgainAt: undefined, endedAt: 30, ...change }, promise]);
    expect(afterIt({})).toEqual([]);
    expect(afterIt({ outcome: 'ROLLED_BACK' })).toHaveLength(1);
    expect(afterIt({ image: { digest: 'sha256:3' } })).toHaveLength(1);
    expect(afterIt({ endedAt: 101 })).toHaveLength(1);
  });

  it('is not owed once the tag names no image', () => {
    const signature = { ...pushed(50, 'sha256:2'), isArtifact: true };
    expect(found({ pushes: [pushed(10, 'sha256:1'), signature] })).toEqual([]);
    expect(found({ pushes: [signature, pushed(60, 'sha256:1')] })).toHaveLength(1);
    expect(found({ pushes: [{ ...signature, tag: 'nightly' }] })).toHaveLength(1);
    expect(found({ pushes: [{ ...signature, at: 1_500_001 }] })).toHaveLength(1);
  });
});

it('finds ticks that start what changes nothing, again and again', () => {
  const starts = Array.from({ length: 7 }, (_, index) => start(index, `arn:${index}`));
  const rollouts = starts.map(({ rollout }) => ({ executionArn: rollout, outcome: 'NO_CHANGE' }));
  const said = (at: number, says: string) => ({ at, deploymentId: 'd', says: `SERVICE_DEPLOYMENT_${says}` });
  const found = (told: Partial<Parameters<typeof restless>[0]>, ended = rollouts): string[] =>
    restless({ starts, deployments: [], ...told }, ended);
  expect(found({})).toEqual(['rest: Ticks started 7 rollouts that changed nothing.']);
  expect(found({}, rollouts.slice(1))).toEqual([]);
  expect(found({ starts: starts.map((one) => ({ ...one, isTick: false })) })).toEqual([]);
  expect(found({ deployments: [said(3, 'IN_PROGRESS')] })).toEqual([]);
  expect(found({ deployments: [said(-2, 'IN_PROGRESS'), said(-1, 'COMPLETED')] })).toHaveLength(1);
});

describe('tries that promise the next one', () => {
  const tried = (rolloutId: string, changes: object = {}) => ({
    rolloutId,
    image: { digest: 'sha256:one' },
    trigger: 'tick',
    outcome: 'REJECTED',
    triedAgainAt: 1,
    ...changes,
  });

  it('are found where nobody is told of the third one', () => {
    const tries = [tried('1', { trigger: 'push' }), tried('2'), tried('3'), tried('4')];
    expect(endlessTries(tries)).toEqual([
      'bounds: Rollout 4 promised try 4 in a row of sha256:one, and nobody was told of any.',
    ]);
    expect(endlessTries(tries.slice(1))).toEqual([]);
  });

  it('may go on for a day where they take back what somebody was told of', () => {
    const back = Array.from({ length: 28 }, (_, index) => tried(String(index), { outcome: 'FAILED_ROLLBACK' }));
    expect(endlessTries(back)).toEqual([expect.stringContaining('Rollout 27 promised try 28 in a row')]);
    expect(endlessTries(back.slice(1))).toEqual([]);
    expect(endlessTries([...back.slice(25), tried('back', { outcome: 'ROLLED_BACK' })])).toEqual([]);
  });

  it.each([
    ['somebody is told', { triedAgainAt: undefined }],
    ['somebody else asks for the image', { trigger: 'push' }],
    ['another image comes between', { image: { digest: 'sha256:two' } }],
  ])('are counted anew where %s', (_where, change) => {
    expect(endlessTries([tried('1'), tried('2'), tried('3', change), tried('4'), tried('5')])).toEqual([]);
  });
});
