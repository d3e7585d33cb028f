import { revisionName, type DeploymentId, type TaskDefinitionArn } from './identifiers.ts';
import type { Owner } from './ledger.ts';
import { primaryOf, type DeploymentFacts, type ServiceFacts } from './service-facts.ts';

/** What RollService is to do: update, adopt what is there already, or keep its hands off. */
export type RollPlan =
  | { readonly word: 'update' }
  | { readonly word: 'adopt'; readonly deploymentId: DeploymentId }
  | { readonly word: 'foreign'; readonly reason: string; readonly message: string };

/**
 * Decides right before the change, forward and back alike: an earlier attempt's update whose answer was lost is adopted, and so
 * is a rollback that ECS made already; a deployment of somebody else is left alone. `desiredCount` only where it is sent.
 */
export function planRoll(
  service: ServiceFacts | undefined,
  owner: Owner,
  target: TaskDefinitionArn,
  desiredCount?: number,
): RollPlan {
  const primary = primaryOf(service);
  if (!service || service.status !== 'ACTIVE' || !primary) {
    const message = `The service is ${service?.status ?? 'MISSING'}; someone deleted it during the rollout.`;
    return { word: 'foreign', reason: 'ServiceVanished', message };
  }
  // A launch is taken back to zero tasks; ECS's own rollback puts the revision back and keeps the count.
  const isEmptied = desiredCount !== 0 || service.desiredCount === 0;
  if (primary.taskDefinition === target && isEmptied)
    return { word: 'adopt', deploymentId: primary.id as DeploymentId };
  return isKnown(primary, owner) ? { word: 'update' } : foreign(primary);
}

function isKnown(primary: DeploymentFacts, owner: Owner): boolean {
  return (
    primary.id === owner.baselineDeploymentId || (owner.targets as readonly string[]).includes(primary.taskDefinition)
  );
}

function foreign(primary: DeploymentFacts): RollPlan {
  const message = `Someone else deployed ${revisionName(primary.taskDefinition)} (${primary.id}); it was left in place. To roll the image after all: rollouts start, or start with {}.`;
  return { word: 'foreign', reason: 'ForeignDeployment', message };
}
