import { expect, it } from 'vitest';
import { overbaked, unbaked } from '../../campaign/watch-bakes.ts';

const deployments = [
  { at: 100_000, deploymentId: 'a', says: 'SERVICE_DEPLOYMENT_COMPLETED' },
  { at: 150_000, deploymentId: 'b', says: 'SERVICE_DEPLOYMENT_IN_PROGRESS' },
];
const ended = (seconds: number, outcome = 'SUCCEEDED') => ({ rolloutId: 'one', outcome, endedAt: seconds * 1000 });

it('finds a success that did not bake', () => {
  expect(unbaked({ deployments }, [ended(159)], 60)).toEqual([
    'bake: Rollout one ended SUCCEEDED 59 s after its deployment was COMPLETED, not 60.',
  ]);
});

it.each([
  ['a success after the bake', [ended(160)]],
  ['an end that is none', [ended(101, 'ROLLED_BACK')]],
  ['what was COMPLETED before anybody looked', [ended(99)]],
])('lets pass %s', (_what, records) => {
  expect(unbaked({ deployments }, records, 60)).toEqual([]);
});

it('finds a bake that goes on long after its time, in however many looks', () => {
  const states = ['AwaitSteadyState', 'Bake', 'LookAgain', 'Bake', 'Conclude'];
  const entries = states.map((state, index) => ({ at: index * 60_500, rollout: 'arn:one', state }));
  const sentence = 'bake: Rollout one baked for 182 s, not 120.';
  expect(overbaked({ entries, ends: [] }, 120, Infinity)).toEqual([sentence]);
  expect(overbaked({ entries, ends: [] }, 122, Infinity)).toEqual([]);
  expect(overbaked({ entries: entries.slice(0, -1), ends: [] }, 120, 242_500)).toEqual([sentence]);
});
