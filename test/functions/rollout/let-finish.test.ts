import { expect, it } from 'vitest';
import { isLetFinish, underWay } from '../../../functions/rollout/let-finish.ts';
import type { LedgerState } from '../../../functions/rollout/ledger.ts';
import { config, deploymentFacts, MINUTE, NOW, revision, service } from './given.ts';

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

it.each<[boolean, string, object, boolean, LedgerState['lastTargets']]>([
  [true, 'is under way', {}, false, []],
  [false, 'has completed', { rolloutState: 'COMPLETED' }, false, []],
  [false, 'fails without an end', { failedTasks: 1 }, false, []],
  [true, 'fails, and the circuit breaker counts', { failedTasks: 1 }, true, []],
  [false, 'fails so, and is ours', { failedTasks: 1 }, true, [revision(1)]],
  [false, 'takes longer than a rollout may', { createdAt: NOW - 31 * MINUTE }, false, []],
])('is let finish: %s where a deployment %s', (expected, _when, changes, breakerRollsBack, lastTargets) => {
  const deployed = { ...inProgress, createdAt: NOW - MINUTE, taskDefinition: revision(1), ...changes };
  const way = underWay(service({ breakerRollsBack }), deployed);
  const running = { ...deployed, ...(way && { underWay: way }) };
  expect(isLetFinish(running, { lastTargets }, config(), NOW)).toBe(expected);
});
