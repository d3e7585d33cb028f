import { isEcsChoice } from './ecs-comeback.ts';
import { revisionName, type DeploymentId, type TaskDefinitionArn } from './identifiers.ts';
import { desiredCountOf } from './launch.ts';
import type { Owner } from './ledger.ts';
import { primaryOf, type DeploymentFacts, type ServiceFacts } from './service-facts.ts';

/** What a roll is to bring about, forward or back. */
export interface Goal {
  readonly taskDefinition: TaskDefinitionArn;
  /** Sent with the revision; undefined leaves the service's own count alone. */
  readonly desiredCount: number | undefined;
}

/** What RollService is to do: update, adopt what is there already, or keep its hands off. */
export type RollPlan =
  | { readonly word: 'update' }
  | { readonly word: 'adopt'; readonly deploymentId: DeploymentId }
  | { readonly word: 'foreign'; readonly reason: string; readonly message: string };

/** Onto the revision that was registered for this rollout. */
export function goalForward({ rollbackTarget }: Owner, taskDefinition: TaskDefinitionArn): Goal {
  return { taskDefinition, desiredCount: desiredCountOf(rollbackTarget, 'forward') };
}

/** Back to the owner's rollback target; undefined when there is none. */
export function goalBack({ rollbackTarget }: Owner): Goal | undefined {
  return (
    rollbackTarget && {
      taskDefinition: rollbackTarget.taskDefinition,
      desiredCount: desiredCountOf(rollbackTarget, 'back'),
    }
  );
}

/**
 * Decides right before the change, forward and back alike: an earlier attempt's update whose answer was lost is adopted, and so
 * is a rollback that ECS made already; a deployment of somebody else is left alone.
 */
export function planRoll(service: ServiceFacts | undefined, owner: Owner, goal: Goal): RollPlan {
  const primary = primaryOf(service);
  if (!service || service.status !== 'ACTIVE' || !primary) {
    const message = `The service is ${service?.status ?? 'MISSING'}; someone deleted it during the rollout.`;
    return { word: 'foreign', reason: 'ServiceVanished', message };
  }
  // The way back to nothing ends at zero tasks; ECS's own rollback puts the revision back and keeps the count.
  const hasItsCount = goal.desiredCount !== 0 || service.desiredCount === 0;
  if (primary.taskDefinition === goal.taskDefinition && hasItsCount) return { word: 'adopt', deploymentId: primary.id };
  const takenBack = takenBackByEcs(service, primary, owner, goal);
  if (takenBack) return { word: 'adopt', deploymentId: takenBack.id };
  return isKnown(primary, owner) ? { word: 'update' } : foreign(primary);
}

/**
 * The deployment that an earlier attempt made, where ECS has gone back from it meanwhile: it has failed, and is judged, not made
 * again. On the way back the target's revision is also that of a deployment which is being replaced.
 */
function takenBackByEcs(
  { deployments }: ServiceFacts,
  primary: DeploymentFacts,
  { baseline, rollbackTarget }: Owner,
  { taskDefinition }: Goal,
): DeploymentFacts | undefined {
  if (rollbackTarget?.taskDefinition === taskDefinition || !isEcsChoice(primary, baseline)) return undefined;
  return deployments.find((deployment) => deployment.taskDefinition === taskDefinition);
}

/** What is there by ECS's doing or ours is nobody else's. */
function isKnown(primary: DeploymentFacts, { baseline, targets }: Owner): boolean {
  return isEcsChoice(primary, baseline) || targets.includes(primary.taskDefinition);
}

function foreign(primary: DeploymentFacts): RollPlan {
  const message = `Someone else deployed ${revisionName(primary.taskDefinition)} (${primary.id}); it was left in place. To roll the image after all: rollouts start, or start with {}.`;
  return { word: 'foreign', reason: 'ForeignDeployment', message };
}
