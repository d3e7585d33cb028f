import type { Acceptance } from './accept.ts';
import { plainText, type DeploymentId, type ImageDigest, type TaskDefinitionArn } from './identifiers.ts';
import type { PersonsRequest } from './intent.ts';
import {
  ownedBy,
  LEDGER_SCHEMA,
  QUARANTINE_KEPT,
  VERIFIED_KEPT,
  withOwner,
  type Owner,
  type LedgerState,
  type ProvenRevision,
  type RolloutRecord,
} from './ledger.ts';
import { failedLaunches } from './launch.ts';
import { OUTCOMES, type Outcome } from './outcomes.ts';

/** The states from which the machine goes to Conclude. */
export type Step =
  | 'AcceptIntent'
  | 'AwaitTurn'
  | 'Preflight'
  | 'RegisterRevision'
  | 'RollService'
  | 'AwaitSteadyState'
  | 'Bake'
  | 'RollBack'
  | 'AwaitRollback';

/** How a step ended: its word, or `error` when it was caught. */
export interface Ending {
  readonly step: Step;
  readonly word: string;
  readonly reason: string;
  readonly message: string;
  readonly detectionLagSeconds?: number;
}

/** What Conclude is told by the state machine. */
export interface Conclusion {
  readonly rolloutId: string;
  readonly executionArn: string;
  readonly service: string;
  readonly startedAt: number;
  readonly ending: Ending;
  /** What made the rollout roll back; absent otherwise. */
  readonly cause?: Ending;
  readonly acceptance?: Acceptance;
  /** What was rolled, once it was. */
  readonly rolled?: { readonly taskDefinition: TaskDefinitionArn; readonly deploymentId?: DeploymentId };
  readonly imageDigests?: readonly ImageDigest[];
}

/** Ends that any step which touches the service can have. */
const INTERRUPTED = { foreign: 'ABORTED_EXTERNAL', lost: 'ABORTED' } as const;

/** Ends of the two watches on the new revision; their failures come here only when there is nothing to go back to. */
const WATCHED = {
  ...INTERRUPTED,
  steady: 'SUCCEEDED',
  staged: 'STAGED',
  failed: 'FAILED_NO_ROLLBACK_TARGET',
  error: 'FAILED_NO_ROLLBACK_TARGET',
  'rolled-back-by-ecs': 'FAILED_NO_ROLLBACK_TARGET',
} as const;

const BY_WORD: Readonly<Record<Step, Readonly<Record<string, Outcome>>>> = {
  // Only a state machine of an earlier release ends with `let-finish`, which it does not know; the tick comes back to the image.
  AcceptIntent: {
    nothing: 'NO_CHANGE',
    stale: 'SUPERSEDED',
    held: 'HELD',
    rejected: 'REJECTED',
    'let-finish': 'REJECTED',
  },
  AwaitTurn: { superseded: 'SUPERSEDED' },
  Preflight: { reject: 'REJECTED', error: 'REJECTED' },
  RegisterRevision: { error: 'REJECTED' },
  RollService: { ...INTERRUPTED, refused: 'REJECTED', error: 'FAILED_NO_ROLLBACK_TARGET' },
  AwaitSteadyState: WATCHED,
  Bake: WATCHED,
  RollBack: { ...INTERRUPTED, refused: 'FAILED_ROLLBACK', error: 'FAILED_ROLLBACK' },
  AwaitRollback: { ...INTERRUPTED, failed: 'FAILED_ROLLBACK', error: 'FAILED_ROLLBACK' },
};

/** The outcome of a rollout that ended like this; whatever the table does not know is never a success. */
export function outcomeOf(ending: Ending, cause: Ending | undefined, acceptance?: Acceptance): Outcome {
  // A launch that was taken back left an empty service: nothing proven runs.
  if (isEmptied(ending, acceptance)) return 'FAILED_NO_ROLLBACK_TARGET';
  if (ending.step === 'AwaitRollback' && ending.word === 'steady') {
    return cause?.word === 'rolled-back-by-ecs' ? 'ROLLED_BACK_BY_ECS' : 'ROLLED_BACK';
  }
  const words = BY_WORD[ending.step];
  return Object.hasOwn(words, ending.word) ? words[ending.word]! : 'FAILED_ROLLBACK';
}

/**
 * The one write that commits a rollout: outcome, verified revisions, quarantine, pin, outbox and phase. Undefined when it was
 * committed before, so that a repeated Conclude only repeats the projections.
 */
export function commit(state: LedgerState, conclusion: Conclusion, now: number): LedgerState | undefined {
  // Whoever took the lease over has recorded this rollout already.
  const isCommitted =
    conclusion.ending.word === 'lost' || state.outbox.some((record) => record.rolloutId === conclusion.rolloutId);
  const owner = ownedBy(state, conclusion.rolloutId);
  if (isCommitted || owner?.phase.name === 'concluding') return undefined;
  const record = recordOf(state, conclusion, now);
  const settled = settle(
    owner ? leaveTraces(state, owner, conclusion, record.outcome) : state,
    conclusion,
    record,
    now,
  );
  // The tick looks every few minutes: when it had nothing to repair, it leaves no record.
  if (conclusion.acceptance?.isRepair && !owner) return settled;
  const next = { ...settled, outbox: [...settled.outbox, record] };
  return owner ? withOwner(next, { ...owner, phase: { name: 'concluding' } }, now) : next;
}

/** The record of this rollout, as history and notification will show it. */
function recordOf(state: LedgerState, conclusion: Conclusion, now: number): RolloutRecord {
  const { ending, cause, acceptance, rolled } = conclusion;
  const decisive = cause ?? ending;
  const mine = ownedBy(state, conclusion.rolloutId);
  const image = mine?.image ?? acceptance?.image;
  const request = mine?.request ?? acceptance?.request;
  const lag = decisive.detectionLagSeconds;
  return {
    schema: LEDGER_SCHEMA,
    rolloutId: conclusion.rolloutId,
    executionArn: conclusion.executionArn,
    service: conclusion.service,
    outcome: outcomeOf(ending, cause, acceptance),
    reason: decisive.reason,
    message: `${cause ? `${messageOf(cause)} ${aftermath(ending, acceptance)}` : messageOf(ending)}${reasonIn(request)}`,
    ...(image && { image }),
    ...(request && { request }),
    ...(mine?.isTick && { isTick: true }),
    ...(rolled && { taskDefinition: rolled.taskDefinition }),
    ...(rolled?.deploymentId && { deploymentId: rolled.deploymentId }),
    startedAt: conclusion.startedAt,
    endedAt: now,
    ...(lag !== undefined && { detectionLagSeconds: lag }),
  };
}

/** What became of the rollback; a launch that is taken back has no revision to tell of. */
function aftermath(ending: Ending, acceptance: Acceptance | undefined): string {
  return isEmptied(ending, acceptance)
    ? 'The service was taken back to zero tasks.'
    : `After the rollback: ${messageOf(ending)}`;
}

/** Whether a launch was taken back to the empty service. */
function isEmptied({ step, word }: Ending, acceptance: Acceptance | undefined): boolean {
  return step === 'AwaitRollback' && word === 'steady' && acceptance?.launchCount !== undefined;
}

/** The person's own words, marked as such, for whoever reads no further than the message. */
function reasonIn(request: PersonsRequest | undefined): string {
  if (request?.reason === undefined) return '';
  return ` ${request.force ? 'Forced by a person' : "The person's reason"}: ${request.reason}`;
}

/** One sentence for people. A caught function error arrives as Lambda's JSON, of which only the sentence is taken. */
function messageOf({ message }: Ending): string {
  const quoted = /"errorMessage":("(?:[^"\\]|\\.)*")/.exec(message)?.[1];
  const line = plainText(quoted === undefined ? message : (JSON.parse(quoted) as string));
  return /[.!?…]$/.test(line) ? line : `${line}.`;
}

/** What later rollouts must know of this one, however it ended: what it put on the service, and whether a launch took. */
function leaveTraces(
  state: LedgerState,
  owner: Owner,
  { ending, acceptance }: Conclusion,
  outcome: Outcome,
): LedgerState {
  const { isLaunchTakenBack: _was, failedLaunches: _failed, ...settled } = state;
  const lastTargets = owner.targets.length > 0 && { lastTargets: owner.targets };
  if (outcome === 'SUCCEEDED') return { ...settled, ...lastTargets };
  const failed = { ...settled, ...failedLaunches(state, owner, false) };
  if (isEmptied(ending, acceptance)) return { ...failed, ...lastTargets, isLaunchTakenBack: true };
  // A rollout that never came to change the service leaves it as it was: as empty, too.
  return owner.targets.length > 0 ? { ...failed, ...lastTargets } : { ...state, ...failed };
}

/** What the ledger remembers of an outcome beside its record. */
function settle(state: LedgerState, conclusion: Conclusion, record: RolloutRecord, now: number): LedgerState {
  const { acceptance } = conclusion;
  if (acceptance && ['nothing', 'held'].includes(acceptance.word)) return remember(state, acceptance, record, now);
  if (record.outcome === 'SUCCEEDED') return verify(state, conclusion, now);
  const { isBack, blamesImage } = OUTCOMES[record.outcome];
  const next = isBack ? { ...state, rolledBackAt: now } : state;
  const owner = ownedBy(state, conclusion.rolloutId);
  // An image that was forced though it ran already, and then put back and seen healthy, is not what failed.
  const isSound = isBack && record.image !== undefined && record.image.digest === owner?.rollbackTarget?.digest;
  // Nor is one that was proven, and now fails where nothing runs: the tick tries it again, a bounded number of times.
  const isRelaunch = owner?.launchCount !== undefined && record.image?.digest === state.verified[0]?.digest;
  const isBlamed = blamesImage && owner?.purpose !== 'recover' && !isSound && !isRelaunch;
  return isBlamed && showsFault(conclusion) ? quarantine(next, record, now) : next;
}

/** Reasons that say nothing about an image: any other would have failed as well. */
const BLAMELESS = ['DeadlineExceeded', 'SecretUnavailable', 'RoleOrLogGroupDenied'];

/** An image is at fault when it was seen to fail; what it never came to, trouble of AWS and of permissions prove nothing. */
function showsFault({ ending, cause }: Conclusion): boolean {
  const { word, reason } = cause ?? ending;
  return word !== 'error' && !BLAMELESS.includes(reason);
}

/** A selection that needed no roll was seen all the same; a person's choice that runs already still pins or releases. */
function remember(state: LedgerState, acceptance: Acceptance, record: RolloutRecord, now: number): LedgerState {
  if (acceptance.pins !== undefined) return pin(state, acceptance.pins, record, now);
  const isNewer = acceptance.image && acceptance.image.selectedAt >= (state.seen?.selectedAt ?? 0);
  return isNewer ? { ...state, seen: acceptance.image } : state;
}

function verify(state: LedgerState, conclusion: Conclusion, now: number): LedgerState {
  const { rolled, imageDigests } = conclusion;
  const owner = ownedBy(state, conclusion.rolloutId);
  if (!rolled?.deploymentId || !owner) return state;
  const { taskDefinition, deploymentId } = rolled;
  const older = state.verified
    .filter((revision) => revision.taskDefinition !== rolled.taskDefinition)
    .map((revision) => leave(revision, owner))
    .slice(0, VERIFIED_KEPT - 1);
  const proven: ProvenRevision = {
    taskDefinition,
    deploymentId,
    digest: owner.image.digest,
    imageDigests: imageDigests ?? [owner.image.digest],
    at: now,
    keepSlot: keepSlotFor(owner.image.digest, older),
  };
  const released = state.quarantine.filter((entry) => entry.digest !== owner.image.digest);
  const next = { ...state, verified: [proven, ...older], quarantine: released };
  return owner.pins === undefined
    ? next
    : pin(next, owner.pins, { rolloutId: conclusion.rolloutId, image: owner.image }, now);
}

/** Marks the image that a person's rollback left: the next one goes further back. */
function leave(revision: ProvenRevision, { leaves, rolloutId }: Owner): ProvenRevision {
  return leaves !== undefined && revision.digest === leaves ? { ...revision, rolledBackBy: rolloutId } : revision;
}

/** The slot of the image's keep tag: the one that it has, else the first that no verified revision uses. */
function keepSlotFor(digest: ImageDigest, verified: readonly ProvenRevision[]): number {
  const own = verified.find((revision) => revision.digest === digest)?.keepSlot;
  const used = new Set(verified.map((revision) => revision.keepSlot));
  const slots = Array.from({ length: VERIFIED_KEPT }, (_, index) => index + 1);
  return own ?? slots.find((slot) => !used.has(slot))!;
}

function pin(
  state: LedgerState,
  pins: boolean,
  { rolloutId, image }: Pick<RolloutRecord, 'rolloutId' | 'image'>,
  now: number,
): LedgerState {
  const { pin: _pin, ...rest } = state;
  return pins ? { ...rest, pin: { since: now, rolloutId, ...(image && { digest: image.digest }) } } : rest;
}

function quarantine(state: LedgerState, record: RolloutRecord, now: number): LedgerState {
  if (!record.image) return state;
  const { digest } = record.image;
  const others = state.quarantine.filter((entry) => entry.digest !== digest);
  const entry = { digest, since: now, rolloutId: record.rolloutId, reason: record.reason };
  return { ...state, quarantine: [entry, ...others].slice(0, QUARANTINE_KEPT) };
}
