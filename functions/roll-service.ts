import { ecs, ecsOnce, ledger } from './aws/clients.ts';
import { isNotApplied, isRefusal } from './aws/faults.ts';
import { changeState } from './aws/ledger-table.ts';
import { logger, step } from './aws/log.ts';
import { describeService, updateService } from './aws/service.ts';
import { registerWhole } from './aws/task-definitions.ts';
import { recordFailure, type FailedAttempt } from './rollout/attempts.ts';
import type { RolloutConfig } from './rollout/config.ts';
import { AwsUnavailable, StillMutating } from './rollout/errors.ts';
import { plainText, type DeploymentId, type TaskDefinitionArn } from './rollout/identifiers.ts';
import { beginMutation, isAttempted, isGoingBack, isMutationOver, mayHaveBeenMade, ownedBy } from './rollout/lease.ts';
import { mayGoBack, verdictOn } from './rollout/judged.ts';
import type { LedgerState, Owner, StepFault } from './rollout/ledger.ts';
import type { Ending } from './rollout/outcome-of.ts';
import { goalBack, goalForward, planRoll, type Goal } from './rollout/plan-roll.ts';
import type { Verdict } from './rollout/verdict.ts';
import { inTurn } from './steps/in-turn.ts';
import { findUntouched } from './steps/find-untouched.ts';
import { newLooks } from './steps/looks.ts';
import { replaceTarget, type Registering } from './steps/pin-rollback-target.ts';

type RollArguments = {
  readonly config: RolloutConfig;
  readonly rolloutId: string;
} & (
  | { readonly state: 'RollService'; readonly taskDefinition: TaskDefinitionArn }
  /** The ledger knows what it goes back to; definitions of older releases do not say why. */
  | { readonly state: 'RollBack'; readonly cause?: Ending }
);

interface Said {
  readonly word: 'rolled' | 'foreign' | 'lost' | 'refused' | 'untouched' | 'no-target' | 'unjudged';
  readonly reason: string;
  readonly message: string;
  readonly deploymentId?: DeploymentId;
  /** Of what is unjudged: the verdict that the ledger has instead. */
  readonly verdict?: Verdict | undefined;
}

/** What came of it; `deadline` in milliseconds since the epoch is until when the watch may wait. */
interface Rolled extends Said {
  readonly taskDefinition?: TaskDefinitionArn;
  readonly since?: number;
  readonly deadline?: number;
}

/** What this step may do now, and the owner as it was before. */
interface Claim {
  readonly word: 'claimed';
  readonly before: Owner;
  readonly goal: Goal;
  readonly since: number;
  readonly deadline: number;
}

/** RollService and RollBack: one code path that puts a revision on the service, forward or back. */
export const handler = step(
  ({ state }: RollArguments) => state,
  ({ rolloutId }) => ({ rolloutId }),
  (input: RollArguments): Promise<Rolled> => {
    const { state, rolloutId } = input;
    // A service must not be left with what failed because a deadline has passed.
    const until = state === 'RollBack' ? 'tried-enough' : 'deadline';
    return inTurn({ ledger, rolloutId, until }, () => roll(input));
  },
);

async function roll(input: RollArguments): Promise<Rolled> {
  const isBack = input.state === 'RollBack';
  if (isBack && (await findUntouched({ ledger, ecs }, input.rolloutId, input.config)))
    return said('untouched', 'NothingRolled', 'Nothing was put on the service.');
  const claim = await claimMutation(input);
  if (claim.word !== 'claimed') return claim;
  const rolled = await attempt(input, claim);
  return isBack && rolled.word === 'refused' ? refusedBack(input, claim, rolled) : rolled;
}

/**
 * ECS puts no revision on a service that is INACTIVE, and tools deregister what they replaced while the rollout goes on: then a
 * copy of it takes its place. Any other refusal stands.
 */
async function refusedBack(input: RollArguments, { before, since }: Claim, refused: Rolled): Promise<Rolled> {
  const { rolloutId, config } = input;
  const { rollbackTarget } = before;
  const registering: Registering = { looks: newLooks(ecs), register: (copy) => registerWhole(ecsOnce, copy) };
  if (!(await replaceTarget(registering, ledger, { rolloutId, rollbackTarget, config }))) return refused;
  const fault = { reason: refused.reason, message: refused.message };
  await noteFailure({ rolloutId, since, fault, isHarmless: true });
  const claim = await claimMutation(input);
  return claim.word === 'claimed' ? attempt(input, claim) : claim;
}

/** Looks, and changes the service where that is to be done; how that failed is written down before it is reported. */
async function attempt(input: RollArguments, { before, goal, since, deadline }: Claim): Promise<Rolled> {
  const { taskDefinition } = goal;
  let isSent = false;
  try {
    const plan = planRoll(await describeService(ecs, input.config), before, goal);
    if (plan.word === 'foreign') return { ...said('foreign', plan.reason, plan.message), taskDefinition };
    isSent = plan.word === 'update';
    const rolled = plan.word === 'adopt' ? adopted(plan.deploymentId) : await update(input.config, goal);
    return { ...rolled, taskDefinition, since, deadline };
  } catch (error) {
    // An earlier attempt may have been made after all: then a refusal of this one says nothing.
    if (isSent && isRefusal(error) && (input.state === 'RollBack' || !mayHaveBeenMade(before, taskDefinition)))
      return { ...said('refused', error.name, plainText(`ECS refused the update: ${error.message}`)), taskDefinition };
    await noteFailure({
      rolloutId: input.rolloutId,
      since,
      fault: faultOf(error),
      isHarmless: !isSent || isNotApplied(error),
    });
    throw error;
  }
}

/** The ledger may be in trouble too: then nobody knows how the attempt ended, as if it had died. */
async function noteFailure(failed: FailedAttempt): Promise<void> {
  try {
    await changeState(ledger, (state, now) => recordFailure(state, failed, now));
  } catch (error) {
    logger.warn('the failure could not be written down', { errorName: faultOf(error).reason });
  }
}

function faultOf(error: unknown): StepFault {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return { reason: name, message: plainText(`${name}: ${message}`) };
}

/** Writes down that a change may be in flight; refuses while an earlier attempt of this step could still make it. */
async function claimMutation(input: RollArguments): Promise<Claim | Said> {
  let claimed: Omit<Claim, 'since'> | Said | undefined;
  const { updatedAt: since } = await changeState(ledger, (state, now) => {
    const before = ownedBy(state, input.rolloutId);
    const goal = before && goalOf(before, input);
    const isCalled = before !== undefined && isCalledFor(state, before, input, now);
    if (!before || !goal || !isCalled) {
      claimed = !before ? LOST : isCalled ? NO_TARGET : unjudged(before, input);
      return undefined;
    }
    logger.appendKeys({ digest: before.image.digest });
    const deadline = deadlineOf(before, goal, input, now);
    if (!isMutationOver(before, now)) throw new StillMutating('An earlier attempt may still be changing the service.');
    claimed = { word: 'claimed', before, goal, deadline };
    return beginMutation(state, before, goal.taskDefinition, deadline, now);
  });
  return claimed!.word === 'claimed' ? { ...claimed!, since } : claimed!;
}

/** That a watch sent it back must stand in the ledger; whoever answers a token may say anything. */
function isCalledFor(state: LedgerState, owner: Owner, input: RollArguments, now: number): boolean {
  return input.state === 'RollService' || mayGoBack(state, owner, input.cause, now);
}

/** Where the ledger has another verdict, only its bell was not heard, and the rollout goes on with it. */
function unjudged(owner: Owner, input: RollArguments): Said {
  const verdict = input.state === 'RollBack' && input.cause ? verdictOn(owner, input.cause) : undefined;
  return { ...UNJUDGED, verdict };
}

function goalOf(owner: Owner, input: RollArguments): Goal | undefined {
  return input.state === 'RollBack' ? goalBack(owner) : goalForward(owner, input.taskDefinition);
}

/** A rollback gets as long again, and no second attempt moves its deadline. */
function deadlineOf(owner: Owner, { taskDefinition }: Goal, { state, config }: RollArguments, now: number): number {
  const isNew = state === 'RollBack' && !isAttempted(owner, taskDefinition) && !isGoingBack(owner);
  return isNew ? now + config.deadlineSeconds * 1000 : owner.deadline;
}

function adopted(deploymentId: DeploymentId): Said {
  return { ...said('rolled', 'Adopted', 'The revision was on the service already.'), deploymentId };
}

async function update(config: RolloutConfig, { taskDefinition, desiredCount }: Goal): Promise<Said> {
  const deploymentId = await updateService(ecsOnce, config, taskDefinition, desiredCount);
  if (!deploymentId)
    throw new AwsUnavailable('UpdateService answered without the new deployment; the next attempt looks for it.');
  return { ...said('rolled', 'Updated', `ECS deploys ${taskDefinition} as ${deploymentId}.`), deploymentId };
}

const LOST = said('lost', 'LeaseLost', 'Another rollout took the service over.');
const UNJUDGED = said('unjudged', 'NoVerdict', 'The ledger has no such verdict; the service is looked at again.');
const NO_TARGET = said('no-target', 'NothingToGoBackTo', 'No proven revision ran before.');

function said(word: Said['word'], reason: string, message: string): Said {
  return { word, reason, message };
}
