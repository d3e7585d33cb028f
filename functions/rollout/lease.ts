import { isAtFault, isItsOwnTarget, quarantine } from './blame.ts';
import { withJudged } from './course.ts';
import type { TaskDefinitionArn } from './identifiers.ts';
import {
  FUNCTION_TIMEOUT_SECONDS,
  LEASE_MARGIN_SECONDS,
  LONGEST_WAIT_SECONDS,
  type Attempts,
  type LedgerState,
  type Owner,
  type Phase,
  type RollbackTarget,
} from './ledger.ts';
import { withoutLettingFinish } from './let-finish.ts';
import { advance } from './progress.ts';
import type { Observation } from './service-facts.ts';
import { isFailure, type Verdict } from './verdict.ts';
import type { Watch } from './watch.ts';

/** True when no earlier attempt of a change can be under way: each has said that it changed nothing, or no function runs that long. */
export function isMutationOver({ phase }: Owner, now: number): boolean {
  if (phase.name !== 'mutating' || phase.uncertain === 0) return true;
  return now >= phase.since + FUNCTION_TIMEOUT_SECONDS * 1000;
}

/** True when a newcomer may take over: the owner's execution is over or does nothing any more, and no change can be in flight. */
export function mayTakeOver(owner: Owner, isOwnerRunning: boolean, now: number): boolean {
  return isMutationOver(owner, now) && (!isOwnerRunning || isSilent(owner, now));
}

/**
 * Whether an owner has not renewed its lease though it could: while nobody can write the ledger all leases run out. So it gets as
 * long again from when somebody wrote that its lease was over; it waits less between two attempts.
 */
function isSilent({ leaseUntil, lapseSeenAt = 0 }: Owner, now: number): boolean {
  return lapseSeenAt >= leaseUntil && now >= lapseSeenAt + LEASE_MARGIN_SECONDS * 1000;
}

/** Writes down that the owner's lease is over; undefined when it is not, or when somebody has done so. */
export function withLapseSeen(state: LedgerState, owner: Owner, now: number): LedgerState | undefined {
  const { leaseUntil, lapseSeenAt = 0 } = owner;
  return now < leaseUntil || lapseSeenAt >= leaseUntil
    ? undefined
    : { ...state, owner: { ...owner, lapseSeenAt: now } };
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

/** Renewed by so much at a time, for many may wait in turn, and every renewal is a call. */
const SHORT_LEASE_MS = (LEASE_MARGIN_SECONDS * 1000) / 2 + LONGEST_WAIT_SECONDS * 1000;

/** A copy whose owner waits until AWS takes its calls again, and keeps its lease; undefined when that says so and lasts long enough. */
export function waitingInTurn(state: LedgerState, owner: Owner, now: number): LedgerState | undefined {
  const { phase, leaseUntil } = owner;
  const isNews = phase.name === 'preparing' && phase.isPostponed !== true;
  if (!isNews && leaseUntil - now > SHORT_LEASE_MS) return undefined;
  const waiting = phase.name === 'preparing' ? { ...phase, isPostponed: true } : phase;
  return withOwner(state, { ...owner, phase: waiting }, now, now + LONGEST_WAIT_SECONDS * 1000);
}

/** A copy of which nobody remembers anything any more; undefined where nobody did. */
export function forgottenInTurn(state: LedgerState, rolloutId: string, now: number): LedgerState | undefined {
  const owner = ownedBy(state, rolloutId);
  if (owner?.phase.name !== 'preparing' || owner.phase.isPostponed !== true) return undefined;
  return withOwner(state, { ...owner, phase: { name: 'preparing' } }, now);
}

/** Changes what the owner goes back to; refuses (undefined) when the rollout does not own the service. */
export function withRollbackTarget(
  state: LedgerState,
  rolloutId: string,
  rollbackTarget: RollbackTarget,
  now: number,
): LedgerState | undefined {
  const owner = ownedBy(state, rolloutId);
  return owner && withOwner(state, { ...owner, rollbackTarget }, now);
}

/** Has the owner's record say a sentence more, once; undefined when it will already, or the rollout does not own the service. */
export function withRemark(
  state: LedgerState,
  rolloutId: string,
  remark: string,
  now: number,
): LedgerState | undefined {
  const owner = ownedBy(state, rolloutId);
  const { remarks = [] } = owner ?? {};
  if (!owner || remarks.includes(remark)) return undefined;
  return withOwner(state, { ...owner, remarks: [...remarks, remark] }, now);
}

/** Whether an earlier attempt to put `target` on the service was begun, and nothing is known of its end. */
export function isAttempted(owner: Owner, target: TaskDefinitionArn): boolean {
  return owner.phase.name === 'mutating' && owner.targets.at(-1) === target;
}

/** Whether a rollout has begun to go back, to what is its rollback target now or to one that had to be replaced since. */
export function isGoingBack({ purpose, phase, targets }: Owner): boolean {
  return purpose === 'roll' && phase.name === 'mutating' && targets.length > 1;
}

/** Whether an owner rolls its image still: it has not failed, is not taken back, and has not ended. */
export function isRollingForward(owner: Owner): boolean {
  const { purpose, phase, failure } = owner;
  if (purpose !== 'roll' || phase.name === 'concluding' || failure || isGoingBack(owner)) return false;
  const { watch, verdict } = waitingOf(owner) ?? {};
  return watch?.kind !== 'rollback' && !(verdict && isFailure(verdict));
}

/** Whether an earlier attempt may have put `target` on the service: one was begun, and it is not known to have changed nothing. */
export function mayHaveBeenMade(owner: Owner, target: TaskDefinitionArn): boolean {
  return isAttempted(owner, target) && owner.phase.name === 'mutating' && owner.phase.uncertain !== 0;
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
  const phase: Phase = { name: 'mutating', since: now, ...attemptsAt(owner, target) };
  const verdict = waitingOf(owner)?.verdict;
  const failure = verdict && isFailure(verdict) ? verdict : owner.failure;
  return withOwner(state, { ...owner, phase, failure, targets, deadline }, now);
}

/** What stays known of the attempts at a change when one more begins; older releases did not count. */
function attemptsAt(owner: Owner, target: TaskDefinitionArn): Attempts {
  if (owner.phase.name !== 'mutating' || !isAttempted(owner, target)) return { uncertain: 1 };
  const { uncertain = 1, fault } = owner.phase;
  return { uncertain: uncertain + 1, fault };
}

/** The watch that the owner waits on, with its verdict; undefined in every other phase. */
export function waitingOf(owner: Owner | undefined): Extract<Phase, { name: 'waiting' }> | undefined {
  return owner?.phase.name === 'waiting' ? owner.phase : undefined;
}

/**
 * Stores a watch: token and all that is needed to judge, before the first observation. A step that waits again for the same
 * thing finds the verdict that was given before, whose answer alone was lost, or the doubt for which it looks again.
 */
export function beginWatch(
  state: LedgerState,
  owner: Owner,
  watch: Watch,
  token: string,
  now: number,
  waitSeconds: number,
): LedgerState {
  const { verdict, doubt } = sameWait(owner, watch) ?? {};
  const phase: Phase = { name: 'waiting', watch, verdict, doubt };
  const told = { ...state, tokens: { ...state.tokens, watch: token } };
  return withOwner(told, { ...owner, phase }, now, now + waitSeconds * 1000);
}

/** The wait of an owner that waits for this already; undefined when it has waited for something else, or not at all. */
export function sameWait(
  owner: Owner,
  { kind, deploymentId }: Pick<Watch, 'kind' | 'deploymentId'>,
): Extract<Phase, { name: 'waiting' }> | undefined {
  const waiting = waitingOf(owner);
  return waiting?.watch.kind === kind && waiting.watch.deploymentId === deploymentId ? waiting : undefined;
}

/**
 * Writes how far the watch with `token` has come, as `look` sees it at `now`; refuses (undefined) when it has come no further, or
 * that watch is over or judged.
 */
export function recordProgress(
  state: LedgerState,
  token: string | undefined,
  look: Observation,
  now: number,
): LedgerState | undefined {
  const { owner } = state;
  const waiting = waitingOf(owner);
  if (!owner || !waiting || !isToldBy(state, token) || waiting.verdict !== undefined) return undefined;
  const watch = advance(waiting.watch, look, owner, now);
  return watch === waiting.watch ? undefined : withOwner(state, { ...owner, phase: { ...waiting, watch } }, now);
}

/**
 * Writes the verdict on the watch with `token`, and with it the failure of an image, which nothing that happens afterwards can
 * make unseen; refuses (undefined) when that watch is over or already judged.
 */
export function recordVerdict(
  state: LedgerState,
  token: string | undefined,
  verdict: Verdict,
  now: number,
): LedgerState | undefined {
  const { owner } = state;
  const waiting = waitingOf(owner);
  if (!owner || !waiting || !isToldBy(state, token) || waiting.verdict !== undefined) return undefined;
  const remembering = withJudged(owner, waiting.watch.kind, verdict, verdict.at ?? now);
  const judged = withOwner(state, { ...remembering, phase: { ...waiting, verdict } }, now);
  const isOnItsWay = waiting.watch.kind !== 'rollback';
  // Of an image that would be its own rollback target only the rollback tells whether it is at fault.
  const isFailure = isOnItsWay && isAtFault(state, owner, verdict) && !isItsOwnTarget(owner);
  return isFailure ? quarantine(judged, owner, verdict.reason, now) : judged;
}

/** Whether the owner's watch is the one with this token. */
export function isToldBy({ tokens }: LedgerState, token: string | undefined): boolean {
  return token !== undefined && tokens.watch === token;
}

/** Drops the tokens that nobody waits with any more. */
export function withoutSpentTokens(state: LedgerState): LedgerState {
  const { watch, turn, doubted } = state.tokens;
  const isSpent = { watch: watch !== undefined && !waitingOf(state.owner), turn: turn !== undefined && !state.pending };
  if (!isSpent.watch && !isSpent.turn) return state;
  const watching = isSpent.watch ? { watch: undefined, doubted: undefined } : { watch, doubted };
  return { ...state, tokens: { ...state.tokens, ...watching, turn: isSpent.turn ? undefined : turn } };
}

/** Drops the records that were projected, the rollout's place in the queue and, when it owns the service, its lease: its last write. */
export function release(state: LedgerState, rolloutId: string, projected: readonly string[]): LedgerState {
  return {
    ...withoutLettingFinish(state, rolloutId),
    owner: state.owner?.rolloutId === rolloutId ? undefined : state.owner,
    pending: state.pending?.rolloutId === rolloutId ? undefined : state.pending,
    displaced: state.displaced.filter((displaced) => displaced !== rolloutId),
    outbox: state.outbox.filter((record) => !projected.includes(record.rolloutId)),
  };
}
