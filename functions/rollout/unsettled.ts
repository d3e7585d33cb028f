import type { LedgerState, Owner, Unsettled } from './ledger.ts';
import { isUntouched, type Ending } from './outcome-of.ts';
import type { Outcome } from './outcomes.ts';
import type { RunningRevision } from './running-revision.ts';
import { leftHalfWay } from './take-over.ts';
import { isPassing, minutesUntil, WAITS_MS } from './try-again.ts';

/** How often it is tried after the first waits, and how long after each: AWS's worst days were shorter than that. */
const LATER = { tries: 24, waitMs: 60 * 60_000 };

/** How an owner ended. */
interface End {
  readonly ending: Ending;
  /** What made it roll back. */
  readonly cause: Ending | null;
}

/**
 * What is left to be put back after an owner: what it could not put back itself for trouble that passes, a bounded number of times.
 * Whoever came no nearer to the service leaves what was left before.
 */
export function unsettledAfter(
  state: LedgerState,
  owner: Owner,
  outcome: Outcome,
  { ending, cause }: End,
  now: number,
): Unsettled | undefined {
  const { unsettled } = state;
  if (outcome !== 'FAILED_ROLLBACK') return owner.targets.length === 0 || isUntouched(ending) ? unsettled : undefined;
  if (!owner.rollbackTarget || !isPassing(ending)) return undefined;
  const isRecovery = owner.purpose === 'recover';
  const failures = isRecovery && unsettled ? unsettled.failures + 1 : 1;
  if (failures > WAITS_MS.length + LATER.tries) return undefined;
  const dueAt = now + (WAITS_MS[failures - 1] ?? LATER.waitMs);
  const isTriedAgain = isRecovery ? unsettled?.isTriedAgain === true : isNobodysFault(owner, cause);
  const { rolloutId, startedAt, image, rollbackTarget, targets, baseline } = owner;
  return { rolloutId, startedAt, image, rollbackTarget, targets, baseline, failures, dueAt, isTriedAgain };
}

function isNobodysFault({ request }: Owner, cause: Ending | null): boolean {
  return request === undefined && cause !== null && isPassing(cause);
}

/** Whether the tick is to put back by now what a rollout has left. */
export function isRollbackDue({ unsettled }: Pick<LedgerState, 'unsettled'>, now: number): boolean {
  return unsettled !== undefined && now >= unsettled.dueAt;
}

/** The ledger without what is left, once that is due and somebody else has deployed since: that is theirs, and not to be undone. */
export function withoutOverruled(state: LedgerState, running: RunningRevision | undefined, now: number): LedgerState {
  const { unsettled } = state;
  if (!unsettled || !isRollbackDue(state, now) || leftHalfWay(unsettled, running)) return state;
  return { ...state, unsettled: undefined };
}

/** What the record says of it. */
export function promiseOfRollback({ dueAt }: Unsettled, now: number): string {
  return `Putting back what was proven is tried again in ${minutesUntil(dueAt, now)} minutes.`;
}

/** Tries after which word is sent that it still could not be put back. */
const TOLD_EVERY = 4;

/** Whether word is sent although the tick tries again: that a rollback failed, now and then that it still does, and its end. */
export function isToldAtOnce(
  { unsettled: before }: LedgerState,
  owner: Owner | undefined,
  outcome: Outcome,
  unsettled: Unsettled | undefined,
): boolean {
  if (outcome === 'FAILED_ROLLBACK') return unsettled === undefined || unsettled.failures % TOLD_EVERY === 1;
  return before !== undefined && owner?.purpose === 'recover';
}
