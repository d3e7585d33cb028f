import type { DeploymentId } from './identifiers.ts';
import type { Baseline } from './ledger.ts';
import type { DeploymentFacts } from './service-facts.ts';

/**
 * Whether a deployment that is PRIMARY is there by ECS's doing: nobody else makes one of before come back under its old id. It is the
 * baseline, says that ECS rolls back, or is older than the baseline: the circuit breaker goes back to the last that was COMPLETED,
 * which the one before ours need not have been.
 */
export function isEcsChoice(primary: DeploymentFacts, baseline: Baseline | undefined): boolean {
  return primary.id === baseline?.deploymentId || isRollingBack(primary) || isOlder(primary.id, baseline);
}

/** In ECS's own words: nobody deploys with them. */
export function isRollingBack({ rolloutStateReason = '' }: Pick<DeploymentFacts, 'rolloutStateReason'>): boolean {
  return /rolling back/.test(rolloutStateReason);
}

/** Whether a deployment is known to be older than the baseline. */
export function isOlder(id: DeploymentId, baseline: Baseline | undefined): boolean {
  return baseline?.older?.includes(id) ?? false;
}
