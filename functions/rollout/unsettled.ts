import type { LedgerState, Owner, Unsettled } from './ledger.ts';
import { isUntouched, type End, type Ending } from './outcome-of.ts';
import type { Outcome } from './outcomes.ts';
import type { RunningRevision } from './running-revision.ts';
import { leftHalfWay } from './take-over.ts';
import { DIED, isPassing, minutesUntil, NOT_TAKEN_BACK, WAITS_MS } from './try-again.ts';

/** How often it is tried after the first waits, and how long after each: a day, by when somebody has looked. */
const LATER = { tries: 24, waitMs: 60 * 60_000 };

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
  const isOfSame = owner.purpose === 'recover' && unsettled?.image.digest === owner.image.digest;
  const failures = isOfSame ? unsettled.failures + 1 : 1;
  if (failures > WAITS_MS.length + LATER.tries) return undefined;
  const dueAt = now + (WAITS_MS[failures - 1] ?? LATER.waitMs);
  const isTriedAgain = isImageOwed(owner, cause, isOfSame ? unsettled : undefined);
  const { rolloutId, startedAt, image, rollbackTarget, targets, baseline } = owner;
  return { rolloutId, startedAt, image, rollbackTarget, targets, baseline, leftAt: now, failures, dueAt, isTriedAgain };
}

/** Whether nobody chose the image and nothing was seen of it but trouble; a recovery knows what the rollout before it left. */
function isImageOwed({ purpose, request }: Owner, cause: Ending | null, before: Unsettled | undefined): boolean {
  if (!cause) return false;
  if (purpose === 'roll') return request === undefined && isPassing(cause);
  if (cause.reason === DIED) return before?.isTriedAgain ?? true;
  return cause.reason === NOT_TAKEN_BACK && before?.isTriedAgain === true;
}

/** Whether what runs is what a rollout left: nobody has judged it, and no rollout goes back to it. */
export function isLeft(
  { unsettled }: Pick<LedgerState, 'unsettled'>,
  running: Pick<RunningRevision, 'taskDefinition' | 'createdAt'>,
): boolean {
  if (!unsettled || isTheirs(unsettled, running)) return false;
  const isBack = running.taskDefinition === unsettled.rollbackTarget?.taskDefinition;
  return unsettled.targets.includes(running.taskDefinition) && !isBack;
}

/** A deployment that began after the last try had ended is somebody else's, of whichever revision. */
function isTheirs({ leftAt }: Unsettled, { createdAt }: Pick<RunningRevision, 'createdAt'>): boolean {
  return createdAt > leftAt;
}

/** Whether the tick is to put back by now what a rollout has left. */
export function isRollbackDue({ unsettled }: Pick<LedgerState, 'unsettled'>, now: number): boolean {
  return unsettled !== undefined && now >= unsettled.dueAt;
}

/** The ledger without what is left, once that is due and somebody else has deployed since: that is theirs, and not to be undone. */
export function withoutOverruled(state: LedgerState, running: RunningRevision | undefined, now: number): LedgerState {
  const { unsettled } = state;
  if (!unsettled || !isRollbackDue(state, now)) return state;
  const isOverruled = !leftHalfWay(unsettled, running) || (running !== undefined && isTheirs(unsettled, running));
  return isOverruled ? { ...state, unsettled: undefined } : state;
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
