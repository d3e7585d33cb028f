import { KEEP_TAG_PREFIX, type RolloutConfig } from './config.ts';
import { revisionName } from './identifiers.ts';
import { closeGhost, type WaiterStanding } from './ghosts.ts';
import { triggerOfIntent, type Intent, type MalformedInput, type PersonsRequest } from './intent.ts';
import { emptyServiceOf, launchBeside, owedImage } from './launch.ts';
import { isRollingForward, mayTakeOver, ownedBy, withLapseSeen, withOwner } from './lease.ts';
import type {
  Baseline,
  Decided,
  FirstLook,
  LedgerState,
  LettingFinish,
  Owner,
  RollbackTarget,
  SelectedImage,
} from './ledger.ts';
import { isLetFinish, withLettingFinish, withoutLettingFinish } from './let-finish.ts';
import type { RunningRevision } from './running-revision.ts';
import { acknowledges, weighAcknowledgement } from './acknowledge.ts';
import {
  closeDead,
  leftHalfWay,
  settleAbandoned,
  settledBy,
  type Abandoned,
  type PersonsStop,
  type Recovery,
} from './take-over.ts';
import { isLeft, isRollbackDue, withoutOverruled } from './unsettled.ts';
import { neverRolled, weighIntent, type Choices, type Weighed } from './weigh-intent.ts';

/** What was decided about an intent; the state machine keeps it for the steps that read no ledger, and for a rollout that never owns the service. */
export interface Decision extends Pick<Decided, 'rollbackTarget' | 'choice' | 'request' | 'trigger'> {
  readonly word: 'recover' | 'busy' | 'let-finish' | Weighed['word'];
  readonly reason: string;
  readonly message: string;
  readonly image: SelectedImage | undefined;
  /** What a push brought, whatever became of it. */
  readonly pushed?: SelectedImage | undefined;
  /** True where nobody misses a record: for the tick when there was nothing to repair, and for tags that rollouts give. */
  readonly isRepair: boolean;
}

/** Everything that AcceptIntent looked at. */
export interface AcceptFacts {
  readonly rolloutId: string;
  readonly executionArn: string;
  readonly service: string;
  readonly startedAt: number;
  readonly intent: Intent | MalformedInput;
  /** What the tag policy selects now. */
  readonly selected?: SelectedImage | undefined;
  /** The image that a person named, when ECR has it. */
  readonly named?: SelectedImage | undefined;
  /** When the image that was seen last was pushed, milliseconds since the epoch; undefined when it is gone. */
  readonly seenPushedAt?: number | undefined;
  readonly running?: RunningRevision | undefined;
  /** Whether the execution that owns the service is RUNNING; unknown counts as running. */
  readonly isOwnerRunning?: boolean | undefined;
  /** Present when a person stopped that execution. */
  readonly ownerStop?: PersonsStop | undefined;
  /** The tick looks at the executions of those who wait, too. */
  readonly waiters?: readonly WaiterStanding[] | undefined;
}

type Understood = AcceptFacts & { readonly intent: Intent };

/** The decision and, when something is to be written, the next ledger. */
export interface Accepted {
  readonly decision: Decision;
  readonly state?: LedgerState | undefined;
}

/** Whether a rollout came and went between the look at the service and now: what was seen may be its doing, half way. */
export function isOutdated(seen: LedgerState, state: LedgerState): boolean {
  return state.owner === undefined && (seen.owner !== undefined || state.generation !== seen.generation);
}

/** Decides what an intent means for a service, takes over from the dead, and takes the lease when there is something to roll. */
export function acceptIntent(state: LedgerState, facts: AcceptFacts, config: RolloutConfig, now: number): Accepted {
  const mine = ownedBy(state, facts.rolloutId);
  if (mine) return { decision: decidedBefore(mine) };
  const { intent } = facts;
  if (intent.kind === 'malformed') {
    const said = { word: 'rejected', reason: 'MalformedInput', message: intent.message } as const;
    return { decision: decisionOf(said, intent) };
  }
  if (acknowledges(intent))
    return { decision: decisionOf(weighAcknowledgement(state, intent, facts.startedAt), intent) };
  const { waiters = [], service } = facts;
  const tended = waiters.reduce((kept, waiter) => closeGhost(kept, waiter, service, now), state);
  const accepted = decide(tended, { ...facts, intent }, config, now);
  return tended === state ? accepted : { ...accepted, state: accepted.state ?? tended };
}

function decide(state: LedgerState, facts: Understood, config: RolloutConfig, now: number): Accepted {
  const dead = state.owner;
  if (dead && !mayTakeOver(dead, facts.isOwnerRunning ?? true, now))
    return {
      decision: withoutRoll(besideOwner(dead, facts, config), facts.intent, state),
      state: facts.isOwnerRunning === false ? undefined : withLapseSeen(state, dead, now),
    };
  const free = dead ? closeDead(state, dead, facts, now) : tickedOff(state, facts, now);
  const abandoned = abandonedIn(free, dead, facts, now);
  const weighed = weighIntent(free, facts.intent, choicesOf(free, facts, abandoned, config, now), config);
  const said = abandoned
    ? settleAbandoned(weighed, abandoned, dead ? (facts.ownerStop ? 'stopped' : 'died') : 'not-taken-back')
    : letFinish(weighed, free, facts, config, now);
  if (said.word !== 'roll' && said.word !== 'recover') {
    const decision = withoutRoll(said, facts.intent, free);
    const waiting = said.word === 'let-finish' ? withLettingFinish(free, letting(decision, facts)) : undefined;
    return { decision, state: waiting ?? (free === state ? undefined : free) };
  }
  const rollbackTarget = abandoned ? abandoned.rollbackTarget : rollbackTargetOf(free, facts, config);
  const owner = newOwner(free, facts, now, {
    purpose: said.word,
    accepted: { reason: said.reason, message: said.message },
    generation: free.generation + 1,
    deadline: now + config.deadlineSeconds * 1000,
    targets: abandoned?.targets ?? [],
    image: said.image,
    choice: said.choice,
    request: requestOf(facts.intent),
    rollbackTarget,
    trigger: triggerOfIntent(facts.intent),
  });
  // The owner's image is what this rollout is about; what was pushed is told of those only that own nothing.
  const decision = { ...decisionOf(said, facts.intent), pushed: undefined, rollbackTarget };
  const closed = dead && said.word === 'recover' ? settledBy(free, dead, facts.rolloutId) : free;
  return { decision, state: takeLease(closed, facts, { owner, abandoned }, now) };
}

/** What was left half way: by the dead owner, or, for the tick, by a rollback that failed and is to be tried again. */
function abandonedIn(
  free: LedgerState,
  dead: Owner | undefined,
  { intent, running }: Understood,
  now: number,
): Abandoned | undefined {
  if (dead) return dead.phase.name !== 'concluding' && leftHalfWay(dead, running) ? dead : undefined;
  return intent.kind === 'tick' && isRollbackDue(free, now) ? free.unsettled : undefined;
}

/** The tick finds out that what was to be put back is somebody else's by now. */
function tickedOff(state: LedgerState, { intent, running }: Understood, now: number): LedgerState {
  return intent.kind === 'tick' ? withoutOverruled(state, running, now) : state;
}

/**
 * The tick comes every few minutes, and every proven image gets a tag of ours: where they roll nothing, they leave no record. But a
 * push of which nobody heard, and that waits, is told of by the tick that finds it.
 */
function withoutRoll(said: Weighed | Recovery | Postponed, intent: Intent, state: LedgerState): Decision {
  const isOurs = intent.kind === 'push' && intent.tag.startsWith(KEEP_TAG_PREFIX);
  const isIdle = intent.kind === 'tick' && !isUnheardOf(said, state);
  return { ...decisionOf(said, intent), isRepair: isIdle || isOurs };
}

/** Whether an image is held that was selected since the first look; the ledger remembers it from now on, so it is told of once. */
function isUnheardOf({ word, image }: Weighed | Recovery | Postponed, { firstLook, seen }: LedgerState): boolean {
  if (word !== 'held' || !image || !firstLook) return false;
  return image.selectedAt > firstLook.at && image.digest !== seen?.digest;
}

function letting({ pushed, trigger }: Decision, { rolloutId, executionArn, startedAt }: Understood): LettingFinish {
  return { rolloutId, executionArn, startedAt, image: pushed, trigger };
}

/** What a person asked for; undefined for pushes and the tick. */
function requestOf(intent: Intent | MalformedInput): PersonsRequest | undefined {
  if (intent.kind !== 'person') return undefined;
  const { kind: _kind, ...request } = intent;
  return request;
}

/** What is said beside a rollout that owns the service, or of a deployment that ends first: no image is chosen. */
interface Postponed {
  readonly word: 'busy' | 'let-finish';
  readonly reason: string;
  readonly message: string;
  readonly image?: undefined;
  readonly choice?: undefined;
}

function decisionOf(
  { word, reason, message, image, choice }: Weighed | Recovery | Postponed,
  intent: Intent | MalformedInput,
): Decision {
  const request = requestOf(intent);
  const trigger = triggerOfIntent(intent);
  const pushed = pushedBy(intent);
  return { word, reason, message, image, pushed, choice, request, trigger, rollbackTarget: undefined, isRepair: false };
}

function pushedBy(intent: Intent | MalformedInput): SelectedImage | undefined {
  return intent.kind === 'push' ? { digest: intent.digest, tag: intent.tag, selectedAt: intent.at } : undefined;
}

/** A retry of AcceptIntent after its answer was lost: the ledger remembers what was decided. */
function decidedBefore({ purpose, accepted, image, choice, request, trigger, rollbackTarget }: Owner): Decision {
  // What caused a recovery is told by its record, whichever answer arrived.
  const why = accepted ?? { reason: 'AcceptedBefore', message: 'This rollout holds the service already.' };
  return { word: purpose, ...why, image, choice, request, trigger, rollbackTarget, isRepair: false };
}

/** A person knows what runs, and is not kept waiting. */
function letFinish(
  weighed: Weighed,
  state: LedgerState,
  { intent, running }: AcceptFacts,
  config: RolloutConfig,
  now: number,
): Weighed | Postponed {
  if (weighed.word !== 'roll' || intent.kind === 'person') return weighed;
  if (!running || !isLetFinish(running, state, config, now)) return weighed;
  const message = `ECS still deploys ${revisionName(running.taskDefinition)} (${running.deploymentId}), which is let finish first.`;
  // The tick comes again by itself.
  return { word: intent.kind === 'tick' ? 'nothing' : 'let-finish', reason: 'DeploymentUnderWay', message };
}

/**
 * A push that would never be rolled must not take the one place in the queue. Neither must one of the image that is being rolled;
 * but nobody rolls it any more once its rollout is dead, or takes it back.
 */
function besideOwner(owner: Owner, facts: Understood, config: RolloutConfig): Weighed | Postponed {
  const { intent, selected, isOwnerRunning } = facts;
  const { rolloutId, image } = owner;
  const never = neverRolled(intent, config);
  if (never) return never;
  if (isOwnerRunning === false) {
    const message = `Rollout ${rolloutId} is over, but its last change of the service may still be under way.`;
    return { word: 'busy', reason: 'ServiceBusy', message };
  }
  if (intent.kind !== 'person' && isRollingForward(owner) && selected?.digest === image.digest)
    return { word: 'nothing', reason: 'AlreadyRolling', message: `Rollout ${rolloutId} is rolling this image.` };
  return { word: 'busy', reason: 'ServiceBusy', message: `Rollout ${rolloutId} holds the service.` };
}

/** What runs counts as proven unless a rollout that died, or whose rollback failed, left it there unjudged. */
function choicesOf(
  state: LedgerState,
  { selected, named, running, seenPushedAt, startedAt }: AcceptFacts,
  abandoned: Abandoned | undefined,
  config: RolloutConfig,
  now: number,
): Choices {
  const isUnjudged =
    running?.proven && (abandoned?.targets.includes(running.proven.taskDefinition) || isLeft(state, running));
  return {
    selected,
    named,
    running: isUnjudged ? undefined : running?.proven,
    runningSince: running?.createdAt,
    seenPushedAt,
    onService: running?.taskDefinition,
    askedAt: startedAt,
    isEmpty: emptyServiceOf(state, running, config) !== undefined,
    owed: owedImage(state, running, now),
  };
}

/**
 * What runs and is proven, else the newest verified revision: a rollback after someone's own deploy keeps their change. A
 * launch goes back to the empty service, and what runs beside a failed rollback to what that was to put back.
 */
function rollbackTargetOf(
  state: LedgerState,
  { running }: AcceptFacts,
  config: RolloutConfig,
): RollbackTarget | undefined {
  const empty = emptyServiceOf(state, running, config);
  if (empty) return empty;
  if (running && isLeft(state, running)) return state.unsettled?.rollbackTarget;
  const known = running?.proven ? [running.proven, ...state.verified] : state.verified;
  const trusted = known.find(({ digest }) => !state.quarantine.some((entry) => entry.digest === digest));
  return trusted && { kind: 'revision', ...trusted };
}

/** What was decided for an owner, beside what the facts say of it. */
type Mandate = Decided & Pick<Owner, 'purpose' | 'accepted' | 'generation' | 'deadline' | 'targets'>;

function newOwner(state: LedgerState, facts: Understood, now: number, mandate: Mandate): Owner {
  const { rolloutId, executionArn, startedAt, intent, running } = facts;
  return {
    ...mandate,
    rolloutId,
    executionArn,
    phase: { name: 'preparing' },
    leaseUntil: now,
    startedAt,
    isTick: intent.kind === 'tick',
    baseline: running && baselineOf(running, state),
  };
}

/** Every deployment is younger than those that were proven, but for one of those itself. */
function baselineOf({ deploymentId, createdAt, older = [] }: RunningRevision, { verified }: LedgerState): Baseline {
  const known = [...older, ...verified.map((revision) => revision.deploymentId)];
  return { deploymentId, createdAt, older: [...new Set(known)].filter((id) => id !== deploymentId) };
}

/** The first look, when it has not been taken before this rollout; what it found is this rollout's now, if it rolls that. */
function takenFrom(firstLook: FirstLook | undefined, { image, startedAt }: Owner): FirstLook {
  if (!firstLook) return { at: startedAt };
  return firstLook.digest === image.digest ? { ...firstLook, digest: undefined } : firstLook;
}

/** Whoever takes the service, and the rollout that it then puts right. */
interface Taking {
  readonly owner: Owner;
  readonly abandoned: Abandoned | undefined;
}

function takeLease(
  state: LedgerState,
  { selected, intent }: Understood,
  { owner, abandoned }: Taking,
  now: number,
): LedgerState {
  // A selection that another image is rolled beside was not dealt with yet: its own event or the tick comes back to it.
  const isDealtWith = selected?.digest === owner.image.digest;
  const before = abandoned ? abandoned.seenBefore : state.seen;
  const isAskedFor = abandoned !== undefined && owner.purpose === 'recover' && isPushedAgain(intent, abandoned);
  const next: LedgerState = {
    ...withoutLettingFinish(state, owner.rolloutId),
    generation: owner.generation,
    launch: launchBeside(state, owner.rollbackTarget),
    seen: isAskedFor ? before : isDealtWith ? selected : state.seen,
    firstLook: takenFrom(state.firstLook, owner),
    pending: state.pending?.rolloutId === owner.rolloutId ? undefined : state.pending,
  };
  return withOwner(next, isDealtWith ? { ...owner, seenBefore: before } : owner, now);
}

/** Whether somebody pushed the image of a rollout that died after that had begun: to put back what it left is not what they want. */
function isPushedAgain(intent: Intent, { image, startedAt }: Abandoned): boolean {
  return intent.kind === 'push' && !intent.isReplayed && intent.digest === image.digest && intent.at > startedAt;
}
