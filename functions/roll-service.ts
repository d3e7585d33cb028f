import { ecs, ecsOnce, ledger } from './aws/clients.ts';
import { isRefusal } from './aws/faults.ts';
import { changeState } from './aws/ledger-table.ts';
import { logger, step } from './aws/log.ts';
import { describeService, updateService } from './aws/service.ts';
import type { RolloutConfig } from './rollout/config.ts';
import { AwsUnavailable, StillMutating } from './rollout/errors.ts';
import { plainText, type DeploymentId, type TaskDefinitionArn } from './rollout/identifiers.ts';
import { beginMutation, isAttempted, isMutationOver, ownedBy } from './rollout/lease.ts';
import type { Owner } from './rollout/ledger.ts';
import { goalBack, goalForward, planRoll, type Goal } from './rollout/plan-roll.ts';

type RollArguments = {
  readonly config: RolloutConfig;
  readonly rolloutId: string;
} & (
  | { readonly state: 'RollService'; readonly taskDefinition: TaskDefinitionArn }
  /** The ledger knows what it goes back to. */
  | { readonly state: 'RollBack' }
);

interface Said {
  readonly word: 'rolled' | 'foreign' | 'lost' | 'refused';
  readonly reason: string;
  readonly message: string;
  readonly deploymentId?: DeploymentId;
}

/** What came of it; `deadline` in milliseconds since the epoch is until when the watch may wait. */
interface Rolled extends Said {
  readonly taskDefinition?: TaskDefinitionArn;
  readonly since?: number;
  readonly deadline?: number;
}

/** What this step may do now, and the owner as it was before. */
interface Claim {
  readonly before: Owner;
  readonly goal: Goal;
  readonly since: number;
  readonly deadline: number;
}

/** RollService and RollBack: one code path that puts a revision on the service, forward or back. */
export const handler = step(
  ({ state }: RollArguments) => state,
  ({ rolloutId }) => ({ rolloutId }),
  async (input: RollArguments): Promise<Rolled> => {
    const claim = await claimMutation(input);
    if (!claim) return said('lost', 'LeaseLost', 'Another rollout took the service over.');
    const { before, goal, since, deadline } = claim;
    const { taskDefinition } = goal;
    const plan = planRoll(await describeService(ecs, input.config), before, goal);
    if (plan.word === 'foreign') return { ...said('foreign', plan.reason, plan.message), taskDefinition };
    const rolled = plan.word === 'adopt' ? adopted(plan.deploymentId) : await update(input.config, goal);
    return { ...rolled, taskDefinition, since, deadline };
  },
);

/** Writes down that a change may be in flight; refuses while an earlier attempt of this step could still make it. */
async function claimMutation(input: RollArguments): Promise<Claim | undefined> {
  let claimed: Omit<Claim, 'since'> | undefined;
  const { updatedAt: since } = await changeState(ledger, (state, now) => {
    claimed = undefined;
    const before = ownedBy(state, input.rolloutId);
    if (!before) return undefined;
    logger.appendKeys({ digest: before.image.digest });
    const goal = goalOf(before, input);
    const deadline = deadlineOf(before, goal, input, now);
    if (!isMutationOver(before, now)) throw new StillMutating('An earlier attempt may still be changing the service.');
    claimed = { before, goal, deadline };
    return beginMutation(state, before, goal.taskDefinition, deadline, now);
  });
  return claimed && { ...claimed, since };
}

function goalOf(owner: Owner, input: RollArguments): Goal {
  const goal = input.state === 'RollBack' ? goalBack(owner) : goalForward(owner, input.taskDefinition);
  if (!goal) throw new Error(`Rollout ${owner.rolloutId} has no rollback target.`);
  return goal;
}

/** A rollback gets as long again, and no second attempt moves its deadline. */
function deadlineOf(owner: Owner, { taskDefinition }: Goal, { state, config }: RollArguments, now: number): number {
  const isNew = state === 'RollBack' && !isAttempted(owner, taskDefinition);
  return isNew ? now + config.deadlineSeconds * 1000 : owner.deadline;
}

function adopted(deploymentId: DeploymentId): Said {
  return { ...said('rolled', 'Adopted', 'The revision was on the service already.'), deploymentId };
}

async function update(config: RolloutConfig, { taskDefinition, desiredCount }: Goal): Promise<Said> {
  try {
    const deploymentId = await updateService(ecsOnce, config, taskDefinition, desiredCount);
    if (!deploymentId)
      throw new AwsUnavailable('UpdateService answered without the new deployment; the next attempt looks for it.');
    return { ...said('rolled', 'Updated', `ECS deploys ${taskDefinition} as ${deploymentId}.`), deploymentId };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return said('refused', error.name, plainText(`ECS refused the update: ${error.message}`));
  }
}

function said(word: Said['word'], reason: string, message: string): Said {
  return { word, reason, message };
}
