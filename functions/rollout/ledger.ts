import type { DeploymentId, ImageDigest, TaskDefinitionArn } from './identifiers.ts';
import type { PersonsRequest } from './intent.ts';
import type { Outcome } from './outcomes.ts';
import type { Verdict } from './verdict.ts';
import type { Watch } from './watch.ts';

/** Version of everything that the ledger holds; handlers accept this one and, where it exists, the one before. */
export const LEDGER_SCHEMA = 1;

/** Seconds that any handler may run; infra gives every function exactly this time-out. */
export const FUNCTION_TIMEOUT_SECONDS = 30;

/** Seconds that a lease outlives the owner's next expected step: far longer than any function can run. */
export const LEASE_MARGIN_SECONDS = 600;

/** An image as it was selected: what a tag meant at one moment. Times are milliseconds since the epoch. */
export interface SelectedImage {
  readonly digest: ImageDigest;
  readonly tag?: string;
  /** When it was pushed, or, for a retag that an event reported, when the tag moved. */
  readonly selectedAt: number;
}

/** A task definition revision together with the digests that its tasks may show. */
export interface ProvenRevision {
  readonly taskDefinition: TaskDefinitionArn;
  /** The pushed digest; absent when a baseline was adopted that does not pin one. */
  readonly digest?: ImageDigest;
  /** `imageDigest`s that running tasks may show: the pushed digest and, for an index, its children. */
  readonly imageDigests: readonly ImageDigest[];
  readonly deploymentId: DeploymentId;
  readonly at: number;
  /** Its image's tag is `rollouts-keep-<service>-<keepSlot>` where images are kept: 1 to {@link VERIFIED_KEPT}; absent for a baseline. */
  readonly keepSlot?: number;
  /** The rollout in which a person went back from this image; a rollback that names no image passes it over. */
  readonly rolledBackBy?: string;
}

/**
 * How far the owner is: `preparing` until the first change; `mutating` while a change may be in flight, `since` when; `waiting`
 * on a watch, whose verdict is written before any token is answered: a failure, once judged, cannot be erased; `concluding` once
 * its outcome is committed.
 */
export type Phase =
  | { readonly name: 'preparing' }
  | { readonly name: 'mutating'; readonly since: number }
  | { readonly name: 'waiting'; readonly watch: Watch; readonly verdict?: Verdict | undefined }
  | { readonly name: 'concluding' };

/** The rollout that owns the service now: it has the lease. */
export interface Owner {
  readonly rolloutId: string;
  readonly executionArn: string;
  readonly generation: number;
  /** `recover` puts the rollback target of a dead rollout back; `roll` rolls `image`. */
  readonly purpose: 'roll' | 'recover';
  readonly phase: Phase;
  readonly leaseUntil: number;
  /** Absolute: kept in the ledger so that no restart can move it. */
  readonly deadline: number;
  readonly startedAt: number;
  readonly image: SelectedImage;
  /** A person's choice: true when it differs from the selection, false when it is the selection; absent for pushes. */
  readonly pins?: boolean;
  /** The image that a person's rollback leaves, when it is known. */
  readonly leaves?: ImageDigest;
  /** What a person asked for; absent for pushes and the tick. */
  readonly request?: PersonsRequest;
  /** The tick started it, for what events had lost or what had died. */
  readonly isTick?: true;
  /** PRIMARY deployment when the rollout was accepted; it comes back under this id when ECS rolls back. */
  readonly baselineDeploymentId?: DeploymentId;
  readonly baselineCreatedAt?: number;
  readonly rollbackTarget?: ProvenRevision;
  /** Tasks that this rollout starts on an empty service; its rollback takes them away again. Absent for any other. */
  readonly launchCount?: number;
  /** The revisions that this rollout, and the dead one that it took over from, put or may have put on the service. */
  readonly targets: readonly TaskDefinitionArn[];
}

/** The one rollout that waits for its turn. */
export interface PendingRollout {
  readonly rolloutId: string;
  readonly executionArn: string;
  readonly startedAt: number;
  readonly token: string;
  /** A person started it: no push and no tick takes its place. */
  readonly isPersons?: boolean;
}

/** A digest that failed here. */
export interface QuarantinedDigest {
  readonly digest: ImageDigest;
  readonly since: number;
  readonly rolloutId: string;
  readonly reason: string;
}

/** The record of one finished rollout: history entry and source of its notification. No task definition, no environment. */
export interface RolloutRecord {
  readonly schema: typeof LEDGER_SCHEMA;
  readonly rolloutId: string;
  readonly executionArn: string;
  readonly service: string;
  readonly outcome: Outcome;
  readonly reason: string;
  readonly message: string;
  readonly image?: SelectedImage;
  /** What a person asked for, in their own words where they gave a reason; absent for pushes and the tick. */
  readonly request?: PersonsRequest;
  /** The tick started it; absent for a push, and before this was recorded. */
  readonly isTick?: true;
  readonly taskDefinition?: TaskDefinitionArn;
  readonly deploymentId?: DeploymentId;
  readonly startedAt: number;
  readonly endedAt: number;
  /** From ECS's own time stamp on the deciding event to our verdict. */
  readonly detectionLagSeconds?: number;
}

/** The item `entry = "state"`: changed only by compare-and-swap on `version`. */
export interface LedgerState {
  readonly schema: typeof LEDGER_SCHEMA;
  readonly version: number;
  readonly updatedAt: number;
  readonly generation: number;
  readonly seen?: SelectedImage;
  readonly owner?: Owner;
  readonly pending?: PendingRollout;
  readonly verified: readonly ProvenRevision[];
  readonly quarantine: readonly QuarantinedDigest[];
  /** A person chose something else than the tag policy selects, `digest`: pushes are recorded and wait. */
  readonly pin?: { readonly since: number; readonly rolloutId: string; readonly digest?: ImageDigest };
  /** A launch was taken back to zero tasks, and no rollout has changed the service since. */
  readonly isLaunchTakenBack?: true;
  /** How often what was proven last failed to be launched again since a rollout last succeeded; as often as may be tried when a person ended that. */
  readonly failedLaunches?: number;
  /** The revisions that the last rollout put, or may have put, on the service. */
  readonly lastTargets?: readonly TaskDefinitionArn[];
  /** When a failed rollout last ended with the proven revision back in place, milliseconds since the epoch. */
  readonly rolledBackAt?: number;
  /** Committed records whose history entry, image parameter and notification may not have been written yet. */
  readonly outbox: readonly RolloutRecord[];
}

/** Newest entries kept in the state item; the history keeps all. */
export const VERIFIED_KEPT = 10;
export const QUARANTINE_KEPT = 20;

/** What the ledger says before anything was ever written. */
export const EMPTY_LEDGER: LedgerState = {
  schema: LEDGER_SCHEMA,
  version: 0,
  updatedAt: 0,
  generation: 0,
  verified: [],
  quarantine: [],
  outbox: [],
};

/** The one reading of time in a handler: never behind what the ledger already knows. */
export function ledgerTime(clock: number, state: LedgerState): number {
  return Math.max(clock, state.updatedAt);
}

/** True when the earlier attempt of a change must be dead, because no function runs that long. */
export function isMutationOver({ phase }: Owner, now: number): boolean {
  return phase.name !== 'mutating' || now >= phase.since + FUNCTION_TIMEOUT_SECONDS * 1000;
}

/** True when a newcomer may take over: the owner's execution is over or its lease has run out, and no change can be in flight. */
export function mayTakeOver(owner: Owner, isOwnerRunning: boolean, now: number): boolean {
  return isMutationOver(owner, now) && (!isOwnerRunning || now >= owner.leaseUntil);
}

/** The owner as this rollout, or undefined when the lease is someone else's. */
export function ownedBy(state: LedgerState, rolloutId: string): Owner | undefined {
  return state.owner?.rolloutId === rolloutId ? state.owner : undefined;
}

/** A copy whose owner has these members changed; the lease is renewed past `busyUntil`, and never shortened. */
export function withOwner(state: LedgerState, owner: Owner, now: number, busyUntil = now): LedgerState {
  const leaseUntil = Math.max(owner.leaseUntil, busyUntil + LEASE_MARGIN_SECONDS * 1000);
  return { ...state, owner: { ...owner, leaseUntil } };
}

/** Marks the service as possibly being changed to `target`, from `now` on. */
export function beginMutation(
  state: LedgerState,
  owner: Owner,
  target: TaskDefinitionArn,
  deadline: number,
  now: number,
): LedgerState {
  const targets = owner.targets.includes(target) ? owner.targets : [...owner.targets, target];
  return withOwner(state, { ...owner, phase: { name: 'mutating', since: now }, targets, deadline }, now);
}

/** The watch that the owner waits on, with its verdict; undefined in every other phase. */
export function waitingOf(owner: Owner | undefined): Extract<Phase, { name: 'waiting' }> | undefined {
  return owner?.phase.name === 'waiting' ? owner.phase : undefined;
}

/**
 * Stores a watch: token and all that is needed to judge, before the first observation. A step that waits again for the same
 * thing finds the verdict that was given before: only its answer was lost.
 */
export function beginWatch(
  state: LedgerState,
  owner: Owner,
  watch: Watch,
  now: number,
  waitSeconds: number,
): LedgerState {
  const earlier = waitingOf(owner);
  const isSame = earlier?.watch.kind === watch.kind && earlier.watch.deploymentId === watch.deploymentId;
  const phase: Phase = { name: 'waiting', watch, verdict: isSame ? earlier.verdict : undefined };
  return withOwner(state, { ...owner, phase }, now, now + waitSeconds * 1000);
}

/** Writes the verdict on the watch with `token`; refuses (undefined) when that watch is over or already judged. */
export function recordVerdict(
  state: LedgerState,
  token: string,
  verdict: Verdict,
  now: number,
): LedgerState | undefined {
  const { owner } = state;
  const waiting = waitingOf(owner);
  if (!owner || waiting?.watch.token !== token || waiting.verdict !== undefined) return undefined;
  return withOwner(state, { ...owner, phase: { ...waiting, verdict } }, now);
}

/**
 * Lets a rollout wait; answers the state and whoever lost the place: the pending rollout, or the newcomer itself. A person's
 * goes before any push, the newer before the older; one whose execution is over goes before none.
 */
export function queue(
  state: LedgerState,
  newcomer: PendingRollout,
  isPendingOver = false,
): { readonly state: LedgerState; readonly displaced?: PendingRollout } {
  const { pending } = state;
  const isOther = pending !== undefined && pending.rolloutId !== newcomer.rolloutId;
  if (isOther && !isPendingOver && goesBefore(pending, newcomer)) return { state, displaced: newcomer };
  const next = { ...state, pending: newcomer };
  return isOther ? { state: next, displaced: pending } : { state: next };
}

function goesBefore(pending: PendingRollout, newcomer: PendingRollout): boolean {
  const [isPersons, isNewcomerPersons] = [pending.isPersons === true, newcomer.isPersons === true];
  return isPersons === isNewcomerPersons ? pending.startedAt > newcomer.startedAt : isPersons;
}

/** Drops the records that were projected, the rollout's place in the queue and, when it holds the service, its lease: its last write. */
export function release(state: LedgerState, rolloutId: string, projected: readonly string[]): LedgerState {
  const { owner, pending, ...rest } = state;
  return {
    ...rest,
    ...(owner && owner.rolloutId !== rolloutId && { owner }),
    ...(pending && pending.rolloutId !== rolloutId && { pending }),
    outbox: state.outbox.filter((record) => !projected.includes(record.rolloutId)),
  };
}
