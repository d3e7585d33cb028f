import { ecs, ecsOnce, ledger } from './aws/clients.ts';
import { isRefusal } from './aws/faults.ts';
import { changeState } from './aws/ledger-table.ts';
import { step } from './aws/log.ts';
import { describeService, updateService } from './aws/service.ts';
import type { RolloutConfig } from './rollout/config.ts';
import { AwsUnavailable, StillMutating } from './rollout/errors.ts';
import { plainText, type DeploymentId, type TaskDefinitionArn } from './rollout/identifiers.ts';
import { beginMutation, ownedBy, isMutationOver, type Owner } from './rollout/ledger.ts';
import { planRoll } from './rollout/plan-roll.ts';

interface RollArguments {
  readonly config: RolloutConfig;
  readonly rolloutId: string;
  readonly state: 'RollService' | 'RollBack';
  readonly target: TaskDefinitionArn;
  readonly digest?: string;
  /** Sent with a first launch, and 0 when it is taken back; null for every other roll, which leaves the count alone. */
  readonly desiredCount: number | null;
}

/** What came of it; `deadline` in milliseconds since the epoch is until when the watch may wait. */
interface Rolled {
  readonly word: 'rolled' | 'foreign' | 'lost' | 'refused';
  readonly reason: string;
  readonly message: string;
  readonly deploymentId?: DeploymentId;
  readonly taskDefinition: TaskDefinitionArn;
  readonly since?: number;
  readonly deadline?: number;
}

/** RollService and RollBack: one code path that puts a revision on the service, forward or back. */
export const handler = step(
  ({ state }: RollArguments) => state,
  identify,
  async (input: RollArguments): Promise<Rolled> => {
    const claim = await claimMutation(input);
    if (!claim)
      return { ...words('lost', 'LeaseLost', 'Another rollout took the service over.'), taskDefinition: input.target };
    const plan = planRoll(
      await describeService(ecs, input.config),
      claim.before,
      input.target,
      input.desiredCount ?? undefined,
    );
    if (plan.word === 'foreign')
      return { ...words('foreign', plan.reason, plan.message), taskDefinition: input.target };
    const { since, deadline } = claim;
    if (plan.word === 'adopt') {
      return {
        ...words('rolled', 'Adopted', 'The revision was on the service already.'),
        deploymentId: plan.deploymentId,
        taskDefinition: input.target,
        since,
        deadline,
      };
    }
    return { ...(await update(input)), taskDefinition: input.target, since, deadline };
  },
);

function identify({ rolloutId, digest }: RollArguments): { rolloutId: string; digest?: string } {
  return digest === undefined ? { rolloutId } : { rolloutId, digest };
}

/** Writes down that a change may be in flight; refuses while an earlier attempt of this step could still make it. */
async function claimMutation({
  rolloutId,
  config,
  state: name,
  target,
}: RollArguments): Promise<{ before: Owner; since: number; deadline: number } | undefined> {
  let before: Owner | undefined;
  const written = await changeState(ledger, (state, now) => {
    before = ownedBy(state, rolloutId);
    if (!before) return undefined;
    if (!isMutationOver(before, now)) throw new StillMutating('An earlier attempt may still be changing the service.');
    const deadline = name === 'RollBack' ? now + config.deadlineSeconds * 1000 : before.deadline;
    return beginMutation(state, before, target, deadline, now);
  });
  return before && { before, since: written.updatedAt, deadline: written.owner!.deadline };
}

async function update({
  config,
  target,
  desiredCount,
}: RollArguments): Promise<Pick<Rolled, 'word' | 'reason' | 'message' | 'deploymentId'>> {
  try {
    const deploymentId = await updateService(ecsOnce, config, target, desiredCount ?? undefined);
    if (!deploymentId)
      throw new AwsUnavailable('UpdateService answered without the new deployment; the next attempt looks for it.');
    return { ...words('rolled', 'Updated', `ECS deploys ${target} as ${deploymentId}.`), deploymentId };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return words('refused', error.name, plainText(`ECS refused the update: ${error.message}`));
  }
}

function words(word: Rolled['word'], reason: string, message: string): Pick<Rolled, 'word' | 'reason' | 'message'> {
  return { word, reason, message };
}
