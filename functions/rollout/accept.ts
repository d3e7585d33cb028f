import type { RolloutConfig } from './config.ts';
import { revisionName, type ImageDigest, type TaskDefinitionArn } from './identifiers.ts';
import type { Intent, MalformedInput, PersonsRequest } from './intent.ts';
import {
  ownedBy,
  LEDGER_SCHEMA,
  mayTakeOver,
  withOwner,
  type Owner,
  type LedgerState,
  type ProvenRevision,
  type RolloutRecord,
  type SelectedImage,
} from './ledger.ts';
import { emptyRevision, failedLaunches, launchCountOf, owedImage } from './launch.ts';
import { isLetFinish } from './let-finish.ts';
import type { RunningRevision } from './running-revision.ts';
import { isCandidateTag } from './select-image.ts';
import { tagNotSelected, weighIntent, type Choices, type Weighed } from './weigh-intent.ts';

/** What was decided about an intent; kept in the state machine's variables. */
export interface Acceptance {
  readonly word: 'recover' | 'busy' | 'let-finish' | Weighed['word'];
  readonly reason: string;
  readonly message: string;
  readonly image?: SelectedImage;
  readonly rollbackTarget?: ProvenRevision;
  readonly pins?: boolean;
  /** The image that a person's rollback leaves, when it is known. */
  readonly leaves?: ImageDigest;
  /** What a person asked for, whatever became of it; absent for pushes and the tick. */
  readonly request?: PersonsRequest;
  /** Tasks to start on a provisioned service that never ran any; absent when the service has a count of its own. */
  readonly launchCount?: number;
  /** True for the tick when there was nothing to repair. */
  readonly isRepair?: boolean;
}

/** That a person stopped an execution, and the cause that they gave: one line. */
export interface PersonsStop {
  readonly cause?: string;
}

/** Everything that AcceptIntent looked at. */
export interface AcceptFacts {
  readonly rolloutId: string;
  readonly executionArn: string;
  readonly service: string;
  readonly startedAt: number;
  readonly intent: Intent | MalformedInput;
  /** What the tag policy selects now. */
  readonly selected?: SelectedImage;
  /** The image that a person named, when ECR has it. */
  readonly named?: SelectedImage;
  readonly running?: RunningRevision;
  /** Whether the execution that holds the service is RUNNING; unknown counts as running. */
  readonly isOwnerRunning?: boolean;
  /** Present when a person stopped that execution. */
  readonly ownerStop?: PersonsStop;
}

/** The decision and, when something is to be written, the next ledger. */
export interface Accepted {
  readonly acceptance: Acceptance;
  readonly state?: LedgerState;
}

/** Whether a rollout came and went between the look at the service and now: what was seen may be its doing, half way. */
export function isOutdated(seen: LedgerState, state: LedgerState): boolean {
  return state.owner === undefined && (seen.owner !== undefined || state.generation !== seen.generation);
}

/** Decides what an intent means for a service, takes over from the dead, and takes the lease when there is something to roll. */
export function acceptIntent(state: LedgerState, facts: AcceptFacts, config: RolloutConfig, now: number): Accepted {
  const mine = ownedBy(state, facts.rolloutId);
  if (mine) return { acceptance: acceptedBefore(mine) };
  const { intent } = facts;
  if (intent.kind === 'malformed') {
    return { acceptance: { word: 'rejected', reason: 'MalformedInput', message: intent.message } };
  }
  const accepted = decide(state, { ...facts, intent }, config, now);
  const request = requestOf(intent);
  return request ? { ...accepted, acceptance: { ...accepted.acceptance, request } } : accepted;
}

function requestOf(intent: Intent | MalformedInput): PersonsRequest | undefined {
  if (intent.kind !== 'person') return undefined;
  const { kind: _kind, ...request } = intent;
  return request;
}

function decide(
  state: LedgerState,
  facts: AcceptFacts & { readonly intent: Intent },
  config: RolloutConfig,
  now: number,
): Accepted {
  const dead = state.owner;
  if (dead && !mayTakeOver(dead, facts.isOwnerRunning ?? true, now))
    return { acceptance: besideOwner(dead, facts, config) };
  const free = dead ? closeDead(state, dead, facts, now) : state;
  const abandoned = dead && leftHalfWay(dead, facts.running) ? dead : undefined;
  const weighed = weighIntent(free, facts.intent, choicesOf(free, facts, abandoned, config, now), config);
  const decided = abandoned ? settleAbandoned(weighed, abandoned, facts) : letFinish(weighed, free, facts, config, now);
  if ((decided.word === 'roll' || decided.word === 'recover') && decided.image) {
    return takeLease(free, facts, { ...decided, image: decided.image }, config, now, abandoned);
  }
  const acceptance = facts.intent.kind === 'tick' ? { ...decided, isRepair: true } : decided;
  return dead ? { acceptance, state: free } : { acceptance };
}

/** A person knows what runs, and is not kept waiting. */
function letFinish(
  weighed: Weighed,
  state: LedgerState,
  { intent, running }: AcceptFacts,
  config: RolloutConfig,
  now: number,
): Weighed | Acceptance {
  if (weighed.word !== 'roll' || intent.kind === 'person') return weighed;
  if (!running || !isLetFinish(running, state, config, now)) return weighed;
  const message = `ECS still deploys ${revisionName(running.taskDefinition)} (${running.deploymentId}), which is let finish first.`;
  // The tick comes again by itself.
  return { word: intent.kind === 'tick' ? 'nothing' : 'let-finish', reason: 'DeploymentUnderWay', message };
}

/** A retry of AcceptIntent after its answer was lost: the ledger remembers what was decided. */
function acceptedBefore(owner: Owner): Acceptance {
  const { purpose, image, rollbackTarget, pins, launchCount, request } = owner;
  const kept = {
    image,
    ...(rollbackTarget && { rollbackTarget }),
    ...(pins !== undefined && { pins }),
    ...(launchCount !== undefined && { launchCount }),
    ...(request && { request }),
  };
  return { word: purpose, reason: 'AcceptedBefore', message: 'This rollout holds the service already.', ...kept };
}

/** A push that would never be rolled must not take the one place in the queue. */
function besideOwner(owner: Owner, facts: AcceptFacts, config: RolloutConfig): Acceptance {
  const { intent, selected } = facts;
  if (intent.kind === 'push' && !isCandidateTag(intent.tag, config.tagPolicy)) return tagNotSelected(intent.tag);
  if (intent.kind !== 'person' && owner.purpose === 'roll' && selected?.digest === owner.image.digest) {
    return { word: 'nothing', reason: 'AlreadyRolling', message: `Rollout ${owner.rolloutId} is rolling this image.` };
  }
  return { word: 'busy', reason: 'ServiceBusy', message: `Rollout ${owner.rolloutId} holds the service.` };
}

/**
 * Whether a dead rollout left the service half way: it, or one that it took over from, changed the service, and nobody else
 * has deployed since. What a person deployed after the death is theirs, not to be undone.
 */
function leftHalfWay(dead: Owner, running: RunningRevision | undefined): boolean {
  if (dead.phase.name === 'concluding' || dead.targets.length === 0) return false;
  if (!running || running.deploymentId === dead.baselineDeploymentId) return true;
  return (dead.targets as readonly string[]).includes(running.taskDefinition);
}

/** What runs counts as proven unless a dead rollout left it there unjudged. */
function choicesOf(
  state: LedgerState,
  facts: AcceptFacts,
  abandoned: Owner | undefined,
  config: RolloutConfig,
  now: number,
): Choices {
  const owed = owedImage(state, facts.running, now);
  const proven = facts.running?.proven;
  const running = proven && !abandoned?.targets.includes(proven.taskDefinition) ? proven : undefined;
  return {
    ...(facts.selected && { selected: facts.selected }),
    ...(facts.named && { named: facts.named }),
    ...(running && { running }),
    ...(facts.running && { onService: facts.running.taskDefinition }),
    askedAt: facts.startedAt,
    isAwaitingLaunch: launchCountOf(state, facts.running, config) !== undefined,
    ...(owed && { owed }),
  };
}

/** After a rollout died half way the service must not stay there: what was proven comes back before anything new is rolled. */
function settleAbandoned(weighed: Weighed, abandoned: Owner, { ownerStop }: AcceptFacts): Acceptance {
  const message = `Rollout ${abandoned.rolloutId} ${ownerStop ? 'was stopped' : 'died'} while it changed the service`;
  const { image, rollbackTarget } = abandoned;
  if (rollbackTarget) {
    return {
      word: 'recover',
      reason: ownerStop ? 'RolloutStopped' : 'RolloutDied',
      message: `${message}; its rollback target is put back.`,
      image,
      rollbackTarget,
    };
  }
  if (weighed.word === 'roll') return weighed;
  return { word: 'roll', reason: 'NothingToGoBackTo', message: `${message}; its image is tried again.`, image };
}

function takeLease(
  state: LedgerState,
  facts: AcceptFacts,
  decided: Acceptance & { readonly image: SelectedImage },
  config: RolloutConfig,
  now: number,
  abandoned: Owner | undefined,
): Accepted {
  const launchCount = abandoned ? abandoned.launchCount : launchCountOf(state, facts.running, config);
  const rollbackTarget = abandoned ? abandoned.rollbackTarget : rollbackTargetOf(state, facts, launchCount);
  const acceptance = {
    ...decided,
    ...(rollbackTarget && { rollbackTarget }),
    ...(launchCount !== undefined && { launchCount }),
  };
  const owner = newOwner(state, facts, acceptance, config, now);
  const { pending, isLaunchTakenBack, ...rest } = state;
  const next: LedgerState = {
    ...rest,
    // A service that wants tasks is not the empty one any more.
    ...(isLaunchTakenBack && launchCount !== undefined && { isLaunchTakenBack }),
    generation: owner.generation,
    // A selection that another image is rolled beside was not dealt with yet: its own event or the tick comes back to it.
    ...(facts.selected && facts.selected.digest === acceptance.image.digest && { seen: facts.selected }),
    ...(pending && pending.rolloutId !== facts.rolloutId && { pending }),
  };
  return { acceptance, state: withOwner(next, { ...owner, targets: abandoned?.targets ?? [] }, now) };
}

/**
 * What runs and is proven, else the newest verified revision: a rollback after someone's own deploy keeps their change. A
 * launch goes back to the empty service.
 */
function rollbackTargetOf(
  state: LedgerState,
  facts: AcceptFacts,
  launchCount: number | undefined,
): ProvenRevision | undefined {
  if (launchCount !== undefined && facts.running) return emptyRevision(facts.running);
  const isTrusted = (revision: ProvenRevision): boolean =>
    !state.quarantine.some((entry) => entry.digest === revision.digest);
  return [facts.running?.proven, ...state.verified].find((revision) => revision !== undefined && isTrusted(revision));
}

function newOwner(
  state: LedgerState,
  facts: AcceptFacts,
  acceptance: Acceptance & { readonly image: SelectedImage },
  config: RolloutConfig,
  now: number,
): Owner {
  const { running } = facts;
  const request = requestOf(facts.intent);
  return {
    rolloutId: facts.rolloutId,
    executionArn: facts.executionArn,
    generation: state.generation + 1,
    purpose: acceptance.word === 'recover' ? 'recover' : 'roll',
    phase: { name: 'preparing' },
    leaseUntil: now,
    deadline: now + config.deadlineSeconds * 1000,
    startedAt: facts.startedAt,
    targets: [],
    image: acceptance.image,
    ...(acceptance.pins !== undefined && { pins: acceptance.pins }),
    ...(acceptance.leaves && { leaves: acceptance.leaves }),
    ...(request && { request }),
    ...(facts.intent.kind === 'tick' && { isTick: true }),
    ...(acceptance.launchCount !== undefined && { launchCount: acceptance.launchCount }),
    ...(running && { baselineDeploymentId: running.deploymentId, baselineCreatedAt: running.createdAt }),
    ...(acceptance.rollbackTarget && { rollbackTarget: acceptance.rollbackTarget }),
  };
}

/** Closes a rollout whose execution is over: one that had committed needs no record, any other is ABORTED. */
function closeDead(state: LedgerState, owner: Owner, facts: AcceptFacts, now: number): LedgerState {
  const { owner: _owner, ...left } = state;
  if (owner.phase.name === 'concluding') return left;
  const rest = { ...left, ...failedLaunches(left, owner, facts.ownerStop !== undefined) };
  const taskDefinition = lastRolled(owner);
  const record: RolloutRecord = {
    schema: LEDGER_SCHEMA,
    rolloutId: owner.rolloutId,
    executionArn: owner.executionArn,
    service: facts.service,
    outcome: 'ABORTED',
    ...deathOf(facts),
    image: owner.image,
    ...(owner.request && { request: owner.request }),
    ...(owner.isTick && { isTick: true }),
    ...(taskDefinition && { taskDefinition }),
    startedAt: owner.startedAt,
    endedAt: now,
  };
  return { ...rest, outbox: [...rest.outbox, record] };
}

function deathOf({ rolloutId, ownerStop }: AcceptFacts): Pick<RolloutRecord, 'reason' | 'message'> {
  const successor = `rollout ${rolloutId} took over.`;
  if (!ownerStop)
    return { reason: 'ExecutionEnded', message: `Its execution ended without a conclusion; ${successor}` };
  const words = ownerStop.cause === undefined ? '' : ` (${ownerStop.cause})`;
  return { reason: 'StoppedByPerson', message: `A person stopped it${words}; ${successor}` };
}

/** The revision that a rollout put on the service itself: not one of whom it took over from, nor what it goes back to. */
function lastRolled({ phase, purpose, targets, rollbackTarget }: Owner): TaskDefinitionArn | undefined {
  if (phase.name === 'preparing' || purpose === 'recover') return undefined;
  return targets.findLast((target) => target !== rollbackTarget?.taskDefinition) ?? targets.at(-1);
}
