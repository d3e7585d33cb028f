import type { FailedTask } from './failed-task.ts';
import { isAttempted, isGoingBack, ownedBy, waitingOf } from './lease.ts';
import { FUNCTION_TIMEOUT_SECONDS, type LedgerState, type Owner } from './ledger.ts';
import type { Ending } from './outcome-of.ts';
import type { Step } from './outcomes.ts';
import { lastDeadline } from './progress.ts';
import { isFailure, verdict, type Verdict } from './verdict.ts';
import type { WatchKind } from './watch.ts';

/** The steps that wait for a task token, which whoever is allowed to may answer with anything. */
const WATCHING: Readonly<Partial<Record<Step, WatchKind>>> = {
  AwaitSteadyState: 'steady',
  Bake: 'bake',
  AwaitRollback: 'rollback',
};

/**
 * How long after the deadline of a watch any look has judged it, milliseconds: what no function has judged by then, none could
 * look at.
 */
export const UNWATCHED_MS = 2 * FUNCTION_TIMEOUT_SECONDS * 1000;

/**
 * How a step truly ended. A task token is only a bell: what a watch came to is what the ledger says, and undefined where it says
 * nothing of the kind. Then neither an answer nor a failure is believed, and the step is to look again.
 */
export function endingInLedger(state: LedgerState, rolloutId: string, ending: Ending, now: number): Ending | undefined {
  if (ending.step === 'AwaitTurn') return isDisplaced(state, rolloutId, ending) ? ending : undefined;
  const kind = WATCHING[ending.step];
  if (!kind) return ending;
  const owner = ownedBy(state, rolloutId);
  if (!owner)
    return { ...ending, word: 'lost', reason: 'LeaseLost', message: 'Another rollout took the service over.' };
  if (ending.word === 'error') return endingOfError(owner, kind, ending, now);
  const verdict = verdictOf(owner, kind);
  return verdict?.word === ending.word ? told(ending.step, verdict) : undefined;
}

/**
 * What it means that a watching step was caught. Whoever holds its token can have it caught, so it means nothing while somebody
 * may still look; a failure that was judged stands, however it was heard, and so does the end of a rollback.
 */
function endingOfError(owner: Owner, kind: WatchKind, ending: Ending, now: number): Ending | undefined {
  const verdict = verdictOf(owner, kind);
  if (!verdict) return now >= deadlineOf(owner, kind) + UNWATCHED_MS ? ending : undefined;
  return isFailure(verdict) || kind === 'rollback' ? told(ending.step, verdict) : undefined;
}

/** Until when a watch may wait; one that was never stored has the times of what came before it. */
function deadlineOf(owner: Owner, kind: WatchKind): number {
  const waiting = waitingOf(owner);
  const stored = waiting?.watch.kind === kind ? lastDeadline(waiting.watch, owner) : 0;
  // A bake is over long before a roll may be.
  if (kind === 'bake' && stored > 0) return stored;
  const bakes = kind === 'bake' ? (waiting?.verdict?.at ?? 0) + BAKE_MARGIN_MS : 0;
  return Math.max(owner.deadline, stored, bakes);
}

function told(step: Step, { word, reason, message, detectionLagSeconds }: Verdict): Ending {
  return { step, word, reason, message, detectionLagSeconds: detectionLagSeconds ?? null };
}

/** The tasks that an owner's verdicts name: the one for which it was taken back, then that of the way back. */
export function failedTasksOf(owner: Owner | undefined): readonly FailedTask[] | undefined {
  const verdicts = [owner?.failure, waitingOf(owner)?.verdict];
  const tasks = verdicts.flatMap((judged) => (judged && isFailure(judged) && judged.task ? [judged.task] : []));
  const named = tasks.filter(({ taskArn }, index) => tasks.findIndex((one) => one.taskArn === taskArn) === index);
  return named.length > 0 ? named : undefined;
}

/** The verdict that the ledger holds for the watch of a step. */
export function verdictOn(owner: Owner, { step }: Ending): Verdict | undefined {
  const kind = WATCHING[step];
  return kind && verdictOf(owner, kind);
}

function isDisplaced({ displaced }: LedgerState, rolloutId: string, { word }: Ending): boolean {
  return word === 'superseded' && displaced.includes(rolloutId);
}

function verdictOf(owner: Owner, kind: WatchKind): Verdict | undefined {
  const waiting = waitingOf(owner);
  return waiting?.watch.kind === kind ? waiting.verdict : undefined;
}

/**
 * Whether an owner may be taken back for this: it is on its way back already, no watch said so, the ledger has the verdict, or
 * nobody could look until it was too late.
 */
export function mayGoBack(state: LedgerState, owner: Owner, cause: Ending | undefined, now: number): boolean {
  const { rollbackTarget, rolloutId } = owner;
  const isOnItsWay =
    isGoingBack(owner) || (rollbackTarget !== undefined && isAttempted(owner, rollbackTarget.taskDefinition));
  // A definition of an older release does not say why.
  return isOnItsWay || !cause || endingInLedger(state, rolloutId, cause, now) !== undefined;
}

/** How long after its bake time, or after it last grew, a service may take to be whole again. */
export const BAKE_MARGIN_MS = 600_000;

/** When a bake began and when it will have passed, milliseconds since the epoch. */
export interface BakeTimes {
  readonly since: number;
  readonly until: number;
}

/**
 * The verdict with which an owner began to bake: undefined where it does not. A bake is never left for the watch before it,
 * whatever somebody answers in its name, or what was judged of the bake would be forgotten with it.
 */
export function steadyBefore(owner: Owner): Verdict | undefined {
  const watch = waitingOf(owner)?.watch;
  if (watch?.kind !== 'bake') return undefined;
  return { ...verdict('steady', 'EvidenceComplete', 'The service was steady, and bakes.'), at: watch.since };
}

/** The bake of an owner that the ledger says is steady, or bakes already; undefined for any other. */
export function bakeOf(owner: Owner, bakeTimeSeconds: number): BakeTimes | undefined {
  const waiting = waitingOf(owner);
  if (waiting?.watch.kind === 'bake') {
    const { since, until } = waiting.watch;
    return { since, until: until ?? since };
  }
  const verdict = verdictOf(owner, 'steady');
  if (verdict?.word !== 'steady' || verdict.at === undefined) return undefined;
  return { since: verdict.at, until: verdict.at + bakeTimeSeconds * 1000 };
}
