import { describe, expect, it } from 'vitest';
import { isUnderWay } from '../../../functions/rollout/service-facts.ts';
import { deploymentFacts, service } from './given.ts';

describe('a deployment is under way', () => {
  const inProgress = deploymentFacts(1, { rolloutState: 'IN_PROGRESS' });
  const failing = { ...inProgress, failedTasks: 1 };
  const { rolloutState: _state, ...untold } = inProgress;

  it.each([
    ['while ECS replaces its tasks', true, service(), inProgress],
    ['while the circuit breaker counts its failures', true, service({ breakerRollsBack: true }), failing],
    ['no longer when its tasks fail without an end', false, service(), failing],
    ['no longer when it is COMPLETED', false, service(), deploymentFacts(1)],
    ['no longer when it is FAILED', false, service(), { ...inProgress, rolloutState: 'FAILED' }],
    ['never on a service without tasks', false, service({ desiredCount: 0 }), inProgress],
    ['never when ECS does not tell', false, service(), untold],
    ['never when ECS does not tell the count', false, service({ desiredCount: Number.NaN }), inProgress],
  ])('%s', (_when, is, of, deployment) => {
    expect(isUnderWay(of, deployment)).toBe(is);
  });
});
