import type { Course, StepDecision } from './course.ts';
import type { FailedTask } from './failed-task.ts';
import type { DeploymentId, ImageDigest, TaskDefinitionArn } from './identifiers.ts';
import type { PersonsRequest, Trigger } from './intent.ts';
import { withTokensApart } from './older-ledger.ts';
import type { Outcome } from './outcomes.ts';
import type { ServiceEvent } from './service-event.ts';
import type { TasksKept } from './task-lives.ts';
import type { Verdict } from './verdict.ts';
import type { Watch } from './watch.ts';

/**
 * What the ledger says, as types; accept.ts, conclude.ts, launch.ts, lease.ts, queue.ts, remember.ts and take-over.ts change it.
 *
 * Until the first release every member may change. From then on the ledger only grows, because an upgrade replaces the functions
 * one after another while a rollout is under way:
 *
 * - A new member may be undefined, for an older handler leaves it out; one of the state itself may have a value in
 *   {@link EMPTY_LEDGER} instead, which every reading fills in.
 * - Every change copies what it finds (`{ ...state, … }`) and replaces only the members that it means, so that an older handler
 *   carries along what it does not know, in the state, in its owner and in every entry of its lists. A phase is the exception: it
 *   is replaced as a whole, so nothing belongs in it that must outlive it.
 * - No member is ever given another meaning; `schema` rises only for what no older handler could survive.
 */

/** Version of everything that the ledger holds; handlers accept this one and, where it exists, the one before. */
export const LEDGER_SCHEMA = 1;

/** Seconds that any handler may run; infra gives every function exactly this time-out. */
export const FUNCTION_TIMEOUT_SECONDS = 30;

/** Seconds that a lease outlives the owner's next expected step: far longer than any function can run. */
export const LEASE_MARGIN_SECONDS = 600;

/** The longest that the state machine waits, in seconds, before it tries a throttled step again. */
export const LONGEST_WAIT_SECONDS = 10;

/** An image as it was selected: what a tag meant at one moment. Times are milliseconds since the epoch. */
export interface SelectedImage {
  readonly digest: ImageDigest;
  readonly tag?: string | undefined;
  /** When it was pushed, or, for a retag that an event reported, when the tag moved. */
  readonly selectedAt: number;
}

/** A task definition revision together with the digests that its tasks may show. */
export interface ProvenRevision {
  readonly taskDefinition: TaskDefinitionArn;
  /** The pushed digest; undefined when a baseline was adopted that does not pin one. */
  readonly digest: ImageDigest | undefined;
  /** `imageDigest`s that running tasks may show: the pushed digest and, for an index, its children. */
  readonly imageDigests: readonly ImageDigest[];
  /** What each configured container was seen to run when a baseline was adopted; a revision of ours says it by itself. */
  readonly containerDigests?: Readonly<Record<string, ImageDigest>> | undefined;
  readonly deploymentId: DeploymentId;
  readonly at: number;
  /** Its image's tag is `rollouts-keep-<service>-<keepSlot>` where images are kept: 1 to {@link VERIFIED_KEPT}; undefined for a baseline. */
  readonly keepSlot: number | undefined;
  /** The rollout in which a person went back from this image; a rollback that names no image passes it over. */
  readonly rolledBackBy: string | undefined;
}

/** What a rollback puts back: a proven revision, or, after a launch, nothing: `taskDefinition` as it was found, with zero tasks. */
export type RollbackTarget = ({ readonly kind: 'revision' } & ProvenRevision) | EmptyService;

/** The way back of a launch. */
export interface EmptyService {
  readonly kind: 'nothing';
  readonly taskDefinition: TaskDefinitionArn;
  /** Tasks that the launch brings. */
  readonly launchCount: number;
}

/** What a person's choice of an image does beside rolling it. */
export interface PersonsChoice {
  /** Whether it differs from the selection, so that pushes must not undo it; false lets pushes be followed again. */
  readonly pins: boolean;
  /** The image that a rollback leaves, when it is known. */
  readonly leaves: ImageDigest | undefined;
}

/** What was decided about a rollout once; its later steps read it here. */
export interface Decided {
  readonly image: SelectedImage;
  readonly rollbackTarget: RollbackTarget | undefined;
  /** Undefined for pushes, for the tick and where what a dead rollout left is put right. */
  readonly choice: PersonsChoice | undefined;
  /** What a person asked for, whatever became of it; undefined for pushes and the tick. */
  readonly request: PersonsRequest | undefined;
  /** Who started it; earlier releases do not say. */
  readonly trigger?: Trigger | undefined;
}

/** The deployment that was PRIMARY when a rollout was accepted; it comes back under this id when ECS rolls back. */
export interface Baseline {
  readonly deploymentId: DeploymentId;
  readonly createdAt: number;
  /** Deployments that were there before it, which only ECS makes PRIMARY again; older releases did not remember any. */
  readonly older?: readonly DeploymentId[] | undefined;
}

/** Why a step could not do what it was to do: the name of AWS's error, and a sentence. */
export interface StepFault {
  readonly reason: string;
  readonly message: string;
}

/** What is known of the attempts at one change of the service; older releases did not say. */
export interface Attempts {
  /** Attempts that may have changed the service or may do so yet: the one under way, and each whose end nobody knows. */
  readonly uncertain?: number | undefined;
  /** What went wrong first; what went wrong later may follow from it. */
  readonly fault?: StepFault | undefined;
  /** When a look, later than any attempt can live, first showed the service as it was before. */
  readonly unchangedAt?: number | undefined;
}

/**
 * How far the owner is: `preparing` until the first change, `isPostponed` while an instance of a function may remember what it was
 * about to register when AWS turned it away (older releases did not say); `mutating` while a change may be in flight, `since` when; `waiting`
 * on a watch, whose verdict is written before any token is answered: a failure, once judged, cannot be erased; `concluding` once
 * its outcome is committed.
 */
export type Phase =
  | { readonly name: 'preparing'; readonly isPostponed?: boolean | undefined }
  | ({ readonly name: 'mutating'; readonly since: number } & Attempts)
  | {
      readonly name: 'waiting';
      readonly watch: Watch;
      readonly verdict?: Verdict | undefined;
      readonly doubt?: Doubt | undefined;
    }
  | { readonly name: 'concluding' };

/** An event that contradicted a look, and how many looks are repeated because of it; who was told so last is among the tokens. */
export interface Doubt {
  readonly event: ServiceEvent;
  readonly looks: number;
}

/** The rollout that owns the service now: it has the lease. */
export interface Owner extends Decided {
  readonly rolloutId: string;
  readonly executionArn: string;
  readonly generation: number;
  /** `recover` puts the rollback target of a dead rollout back; `roll` rolls `image`. */
  readonly purpose: 'roll' | 'recover';
  readonly phase: Phase;
  readonly leaseUntil: number;
  /** When a newcomer first found the lease over; it counts until the lease is renewed. Older releases did not wait for it. */
  readonly lapseSeenAt?: number | undefined;
  /** Absolute: kept in the ledger so that no restart can move it. A watch without progress ends before it. */
  readonly deadline: number;
  readonly startedAt: number;
  /** The tick started it, for what events had lost or what had died. */
  readonly isTick: boolean;
  /** Why it was accepted, in the words of the history; older releases did not say. */
  readonly accepted?: { readonly reason: string; readonly message: string } | undefined;
  readonly baseline: Baseline | undefined;
  /** What had been seen before its image was, which counts again when that turns out to be no image; older releases did not say. */
  readonly seenBefore?: SelectedImage | undefined;
  /** Sentences that its record shall say beside how it ended; older releases had none. */
  readonly remarks?: readonly string[] | undefined;
  /** The verdict for which it was taken back, which its phase has forgotten by then; older releases did not keep it. */
  readonly failure?: Verdict | undefined;
  /** What was judged of its watches, and when, oldest first; older releases did not keep it. */
  readonly judged?: readonly StepDecision[] | undefined;
  /** What was sent of its start; older releases told nobody. */
  readonly toldStart?: readonly Owed[] | undefined;
  /** The revisions that this rollout, and the dead one that it took over from, put or may have put on the service. */
  readonly targets: readonly TaskDefinitionArn[];
}

/** The one rollout that waits for its turn. */
export interface PendingRollout {
  readonly rolloutId: string;
  readonly executionArn: string;
  readonly startedAt: number;
  /** A person started it: no push and no tick takes its place. */
  readonly isPersons: boolean;
  /** What the push brought that waits; undefined for a person's choice and for the tick. */
  readonly image?: SelectedImage | undefined;
  /** What a person asked for; undefined for pushes and the tick. */
  readonly request?: PersonsRequest | undefined;
  readonly trigger?: Trigger | undefined;
}

/** A rollout that lets somebody else's deployment finish: it owns nothing, and is remembered only so that its end is told. */
export type LettingFinish = Omit<PendingRollout, 'isPersons'>;

/**
 * The task tokens of those who wait. Whoever knows one may answer it, so they stand in one attribute of the state item, which
 * nobody needs who only reads; older releases kept them elsewhere.
 */
export interface TaskTokens {
  /** Of the owner's watch. */
  readonly watch?: string | undefined;
  /** The one that was told last to look again. */
  readonly doubted?: string | undefined;
  /** Of the rollout that waits for its turn. */
  readonly turn?: string | undefined;
}

/** A digest that failed here. */
export interface QuarantinedDigest {
  readonly digest: ImageDigest;
  readonly since: number;
  readonly rolloutId: string;
  readonly reason: string;
}

/** A revision whose rollout ended with the proven one back in place, `since` when; milliseconds since the epoch. */
export interface FailedRevision {
  readonly taskDefinition: TaskDefinitionArn;
  readonly since: number;
}

/** A person chose something else than the tag policy selects, `digest`: pushes are recorded and wait. */
export interface Pin {
  readonly since: number;
  readonly rolloutId: string;
  readonly digest: ImageDigest | undefined;
}

/**
 * What the service runs once a rollout has ended, as far as that knows it: a revision, no tasks, or what it ran before, of which the
 * rollout changed nothing.
 */
export type RunsNow =
  | { readonly kind: 'revision'; readonly taskDefinition: TaskDefinitionArn; readonly digest?: ImageDigest | undefined }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'unchanged' };

/** The record of one finished rollout: history entry and source of its notification. No task definition, no environment. */
export interface RolloutRecord {
  readonly schema: typeof LEDGER_SCHEMA;
  readonly rolloutId: string;
  readonly executionArn: string;
  readonly service: string;
  readonly outcome: Outcome;
  readonly reason: string;
  readonly message: string;
  readonly image: SelectedImage | undefined;
  /** What a person asked for, in their own words where they gave a reason; undefined for pushes and the tick. */
  readonly request: PersonsRequest | undefined;
  /** The tick started it. */
  readonly isTick: boolean;
  /** Who started it; earlier releases do not say. */
  readonly trigger?: Trigger | undefined;
  readonly taskDefinition: TaskDefinitionArn | undefined;
  readonly deploymentId: DeploymentId | undefined;
  readonly startedAt: number;
  readonly endedAt: number;
  /** From ECS's own time stamp on the deciding event to our verdict; undefined when no event decided. */
  readonly detectionLagSeconds: number | undefined;
  /** When the tick tries again, where this end is not announced for that: only the last of such ends in a row is. */
  readonly triedAgainAt?: number | undefined;
  /** The tasks that its verdicts name: of the image, then of the way back; earlier releases and rollouts without any have none. */
  readonly failedTasks?: readonly FailedTask[] | undefined;
  /** Undefined where it is not known; earlier releases do not say. */
  readonly runs?: RunsNow | undefined;
  /** The rollout that puts right what this one left half way: people are told of both at once. Earlier releases do not say. */
  readonly settledBy?: string | undefined;
}

/** A record as the history has it. */
export interface HistoryEntry extends RolloutRecord {
  /** How the rollout went; earlier releases do not say, nor does whoever recorded one that had died. */
  readonly course?: Partial<Course & TasksKept> | undefined;
}

/** A committed record of which not all has been told. */
export interface UntoldRecord extends RolloutRecord {
  /** What alone is still to be done: the rest is. Not in the history; older releases send all again. */
  readonly owes?: Undone | undefined;
  /** Its start, where the bus took no event of that; it goes before the end. Older releases did not keep it. */
  readonly started?: StartedRollout | undefined;
}

/** What is told of a rollout once ECS has taken its revision: members of its record, and those that no record needs. */
export interface StartedRollout extends Pick<
  RolloutRecord,
  'schema' | 'rolloutId' | 'executionArn' | 'service' | 'request' | 'isTick' | 'trigger' | 'startedAt'
> {
  /** A record has an outcome instead. */
  readonly state: 'STARTED';
  /** Why it was accepted. */
  readonly reason: string;
  readonly message: string;
  readonly image: SelectedImage;
  readonly taskDefinition: TaskDefinitionArn;
  readonly deploymentId: DeploymentId;
  /** When the revision was put on the service, milliseconds since the epoch. */
  readonly rolledAt: number;
  /** What comes back if it fails; undefined where nothing was proven. */
  readonly backTo:
    { readonly taskDefinition: TaskDefinitionArn; readonly digest?: ImageDigest | undefined } | undefined;
}

/** What is sent of a rollout: the event for machines, and the message. */
export type Owed = 'event' | 'message';

/** What of a record may be left to do: to send it, or to name its image, for which nothing more is sent. */
export type Undone = Owed | 'name';

/** An image that came to nothing through no fault of its own; try-again.ts says what follows from it. */
export interface Retry {
  readonly image: SelectedImage;
  /** How often in a row. */
  readonly failures: number;
  /** When the tick tries it again, milliseconds since the epoch. */
  readonly dueAt: number;
}

/** What a rollout left whose rollback failed for trouble that passes; unsettled.ts says what follows from it. */
export interface Unsettled extends Pick<
  Owner,
  'rolloutId' | 'startedAt' | 'image' | 'rollbackTarget' | 'targets' | 'baseline'
> {
  /** When its last try ended, milliseconds since the epoch: what was deployed later is somebody else's. */
  readonly leftAt: number;
  /** How often in a row it could not be put back. */
  readonly failures: number;
  /** When the tick puts it back again, milliseconds since the epoch. */
  readonly dueAt: number;
  /** Whether the image is to be tried again once that is done: nobody chose it, and nothing was seen of it but trouble. */
  readonly isTriedAgain: boolean;
}

/** That someone has to look at the service; needs-someone.ts says until when. */
export interface NeedsSomeone {
  /** When the last rollout that left it so ended, milliseconds since the epoch. */
  readonly since: number;
  /** That rollout. */
  readonly rolloutId: string;
  readonly outcome: Outcome;
  /** Nobody could be told of that outcome for hours. */
  readonly isUntold?: true | undefined;
  /** Who said that they look at it, when, and why. */
  readonly acknowledged?: { readonly by: string; readonly at: number; readonly reason: string } | undefined;
}

/** The first time that anybody looked which image is selected: what was there by then is not rolled because it is there. */
export interface FirstLook {
  /** Milliseconds since the epoch; a push after it is news. */
  readonly at: number;
  /** What such a look found selected and only remembered: no rollout has taken it since. */
  readonly digest?: ImageDigest | undefined;
}

/** What is remembered of launches; launch.ts says what follows from it. */
export interface LaunchMemory {
  /** How often what was proven last failed to be launched again since a rollout last succeeded; as often as may be tried when a person ended that. */
  readonly failed: number;
  /** A launch was taken back to zero tasks, and no rollout has changed the service since. */
  readonly isTakenBack: boolean;
}

/** The keys of the ledger's table: all items of a service, and which of them. */
export const LEDGER_KEYS = { partition: 'service', sort: 'entry' } as const;

/** The item `entry = "state"`: changed only by compare-and-swap on `version`. */
export interface LedgerState {
  readonly schema: typeof LEDGER_SCHEMA;
  readonly version: number;
  readonly updatedAt: number;
  readonly generation: number;
  /** The selection that was dealt with last. */
  readonly seen: SelectedImage | undefined;
  /** Undefined before it, and where an earlier release took it. */
  readonly firstLook?: FirstLook | undefined;
  readonly owner: Owner | undefined;
  readonly pending: PendingRollout | undefined;
  /** The newest first; older releases know none. */
  readonly lettingFinish: readonly LettingFinish[];
  /** Empty to whoever may not read them. */
  readonly tokens: TaskTokens;
  /** Ids of rollouts that lost their place in the queue and have not ended yet, the last first; older releases know none. */
  readonly displaced: readonly string[];
  /** The newest first. */
  readonly verified: readonly ProvenRevision[];
  /** The newest first. */
  readonly quarantine: readonly QuarantinedDigest[];
  readonly pin: Pin | undefined;
  /** Says more than {@link EMPTY_LEDGER} only of services that are provisioned without tasks. */
  readonly launch: LaunchMemory;
  /** What the tick is to try again; undefined where nothing is. */
  readonly retry: Retry | undefined;
  /** What the tick is to put back; undefined where nothing is, and in older releases. */
  readonly unsettled: Unsettled | undefined;
  /** That someone has to look at the service; older releases do not say. */
  readonly needsSomeone?: NeedsSomeone | undefined;
  /** The revisions that the last rollout put, or may have put, on the service. */
  readonly lastTargets: readonly TaskDefinitionArn[];
  /** Revisions of images that failed, to be deregistered once nothing names them: the newest first; older releases know none. */
  readonly failedRevisions: readonly FailedRevision[];
  /** When a failed rollout last ended with the proven revision back in place, milliseconds since the epoch. */
  readonly rolledBackAt: number | undefined;
  /** Committed records whose history entry, image parameter, event and notification may not have been written yet. */
  readonly outbox: readonly UntoldRecord[];
}

/** Newest entries kept in the state item; the history keeps all. */
export const VERIFIED_KEPT = 10;
/** One keep tag for each verified revision. */
export const KEEP_SLOTS: readonly number[] = Array.from({ length: VERIFIED_KEPT }, (_, index) => index + 1);
export const QUARANTINE_KEPT = 20;
/** One that is forgotten looks again, and decides afresh. */
export const DISPLACED_KEPT = 20;
/** One that is forgotten has no record if its execution is stopped while it waits. */
export const LETTING_FINISH_KEPT = 20;

/** What the ledger says before anything was ever written. */
export const EMPTY_LEDGER: LedgerState = {
  schema: LEDGER_SCHEMA,
  version: 0,
  updatedAt: 0,
  generation: 0,
  seen: undefined,
  owner: undefined,
  pending: undefined,
  lettingFinish: [],
  tokens: {},
  displaced: [],
  verified: [],
  quarantine: [],
  pin: undefined,
  launch: { failed: 0, isTakenBack: false },
  retry: undefined,
  unsettled: undefined,
  lastTargets: [],
  failedRevisions: [],
  rolledBackAt: undefined,
  outbox: [],
};

/** The state in the table's item, unknown members included; undefined when this release does not know its schema. */
export function parseLedger(item: Readonly<Record<string, unknown>>): LedgerState | undefined {
  return item['schema'] === LEDGER_SCHEMA ? { ...EMPTY_LEDGER, ...withTokensApart(item) } : undefined;
}

/** The one reading of time in a handler: never behind what the ledger already knows. */
export function ledgerTime(clock: number, state: LedgerState): number {
  return Math.max(clock, state.updatedAt);
}
