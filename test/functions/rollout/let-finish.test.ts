import { expect, it } from 'vitest';
import { underWay } from '../../../functions/rollout/let-finish.ts';
import { deploymentFacts, service } from './given.ts';

const inProgress = deploymentFacts(1, { rolloutState: 'IN_PROGRESS' });
const failing = { ...inProgress, failedTasks: 1 };
const { rolloutState: _state, ...untold } = inProgress;

it.each([
  ['is under way while ECS replaces its tasks', 'sound', service(), inProgress],
  ['fails while the circuit breaker counts', 'failing', service({ breakerRollsBack: true }), failing],
  ['comes to no end when its tasks fail and nobody counts', undefined, service(), failing],
  ['is over when it is COMPLETED', undefined, service(), deploymentFacts(1)],
  ['is over when it is FAILED', undefined, service(), { ...inProgress, rolloutState: 'FAILED' }],
  ['is nothing to wait for on a service without tasks', undefined, service({ desiredCount: 0 }), inProgress],
  ['is not waited for when ECS does not tell', undefined, service(), untold],
  ['is not waited for when ECS does not tell the count', undefined, service({ desiredCount: Number.NaN }), inProgress],
])('a deployment %s', (_when, is, of, deployment) => {
  expect(underWay(of, deployment)).toBe(is);
});
