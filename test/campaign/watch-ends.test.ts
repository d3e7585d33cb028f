import { describe, expect, it } from 'vitest';
import {
  brokenPromises,
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

it('finds another try that was promised and not begun', () => {
  const records = [{ rolloutId: 'one', endedAt: 100, triedAgainAt: 300_000 }];
  expect(brokenPromises({ starts: [start(100), start(1_500_001)] }, records, 1_500_000)).toEqual([
    'end: Rollout one promised another try, and nothing was begun in time.',
  ]);
  expect(brokenPromises({ starts: [start(400_000)] }, records, 1_500_000)).toEqual([]);
  expect(brokenPromises({ starts: [] }, records, 1_499_999)).toEqual([]);
  expect(brokenPromises({ starts: [] }, [{ rolloutId: 'one', endedAt: 100 }], 9e15)).toEqual([]);
});

it('finds ticks that start what changes nothing, again and again', () => {
  const starts = Array.from({ length: 7 }, (_, index) => start(index, `arn:${index}`));
  const rollouts = starts.map(({ rollout }) => ({ executionArn: rollout, outcome: 'NO_CHANGE' }));
  expect(restless({ starts }, rollouts)).toEqual(['rest: Ticks started 7 rollouts that changed nothing.']);
  expect(restless({ starts }, rollouts.slice(1))).toEqual([]);
  expect(restless({ starts: starts.map((one) => ({ ...one, isTick: false })) }, rollouts)).toEqual([]);
});
