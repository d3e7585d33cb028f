import type { Decision } from './accept.ts';
import { firstFault } from './attempts.ts';
import { sameImageBack } from './blame.ts';
import type { RolloutConfig } from './config.ts';
import { mayHaveWritten, withLogs, type FailedTask } from './failed-task.ts';
import { fateOf, rememberFailed } from './failed-revisions.ts';
import { plainText, type DeploymentId, type TaskDefinitionArn } from './identifiers.ts';
import type { PersonsRequest } from './intent.ts';
import { endingInLedger, failedTasksOf } from './judged.ts';
import { ownedBy, withOwner } from './lease.ts';
import {
  LEDGER_SCHEMA,
  type Decided,
  type LedgerState,
  type Owner,
  type Retry,
  type RolloutRecord,
  type Unsettled,
} from './ledger.ts';
import { needAfter } from './needs-someone.ts';
import { withoutOldLines } from './outbox.ts';
import { isBackAtNothing, outcomeOf, type End, type Ending } from './outcome-of.ts';
import { OUTCOMES } from './outcomes.ts';
import { remember, rememberDecision } from './remember.ts';
import { runsAfter } from './runs-now.ts';
import { startLeftUntold } from './started.ts';
import type { TaskLog } from './task-log.ts';
import { promiseOf, retryAfter, stillPromised } from './try-again.ts';
import { isToldAtOnce, promiseOfRollback, unsettledAfter } from './unsettled.ts';

/** What Conclude is told by the state machine. */
export interface Conclusion extends End {
  readonly rolloutId: string;
  readonly executionArn: string;
  readonly service: string;
  readonly startedAt: number;
  readonly decision: Decision;
  /** What becomes of the revision of an image that failed. */
  readonly config?: Pick<RolloutConfig, 'failedRevisions'> | undefined;
  /** What was read of the logs of tasks that verdicts name, by the ARN of the task. */
  readonly logs?: ReadonlyMap<string, TaskLog> | undefined;
  /** What was rolled, once it was. */
  readonly rolled: {
    readonly taskDefinition: TaskDefinitionArn;
    readonly deploymentId?: DeploymentId;
    /** Milliseconds since the epoch. */
    readonly since?: number;
  } | null;
}

/** What was decided: its owner knows, and of a rollout that never owned the service AcceptIntent's answer. */
export function decidedOf(
  state: LedgerState,
  { rolloutId, decision }: Pick<Conclusion, 'rolloutId' | 'decision'>,
): Pick<Decision, keyof Decided> {
  return ownedBy(state, rolloutId) ?? decision;
}

/**
 * What a rollout came to as the ledger says, whatever the answers of task tokens have made of it; undefined where it has no
 * verdict for the step that ended it. One that was committed before is what it was.
 */
export function inLedger<C extends Conclusion>(state: LedgerState, conclusion: C, now: number): C | undefined {
  const { rolloutId, cause } = conclusion;
  const owner = ownedBy(state, rolloutId);
  if (owner?.phase.name === 'concluding') return conclusion;
  const ending = endingInLedger(state, rolloutId, conclusion.ending, now);
  if (!ending) return undefined;
  return { ...conclusion, ending, cause: cause && causeInLedger(cause, owner) };
}

/** Why a watch sent the owner back, in the words of its verdict. */
function causeInLedger(cause: Ending, owner: Owner | undefined): Ending {
  if (!owner?.failure) return cause;
  const { word, reason, message, detectionLagSeconds = null } = owner.failure;
  return { step: cause.step, word, reason, message, detectionLagSeconds };
}

/** The tasks whose logs are to be read before a rollout is committed; none where it was, or where the ledger has no verdict. */
export function tasksToRead(state: LedgerState, conclusion: Conclusion, now: number): readonly FailedTask[] {
  const owner = ownedBy(state, conclusion.rolloutId);
  if (owner === undefined || owner.phase.name === 'concluding') return [];
  return inLedger(state, conclusion, now) ? (failedTasksOf(owner) ?? []).filter(mayHaveWritten) : [];
}

/**
 * The one write that commits a rollout: outcome, verified revisions, quarantine, pin, outbox and phase. Undefined when it was
 * committed before, so that a repeated Conclude only repeats the projections.
 */
export function commit(state: LedgerState, conclusion: Conclusion, now: number): LedgerState | undefined {
  const { rolloutId, ending, decision } = conclusion;
  // Whoever took the lease over has recorded this rollout already.
  const isCommitted = ending.word === 'lost' || state.outbox.some((record) => record.rolloutId === rolloutId);
  const owner = ownedBy(state, rolloutId);
  if (isCommitted || owner?.phase.name === 'concluding') return undefined;
  const promises = owner ? promisesOf(state, owner, conclusion, now) : {};
  const { retry, unsettled } = promises;
  const record = recordOf(state, conclusion, promises, now);
  if (!owner) {
    const seen = rememberDecision(state, decision, record, now);
    return decision.isRepair ? seen : { ...seen, outbox: [...seen.outbox, record] };
  }
  const remembered = remember(state, owner, record, conclusion, now);
  const failed = rememberFailed(remembered, owner, record, conclusion.config, now);
  const settled = {
    ...failed,
    unsettled,
    retry: retry ?? stillPromised(state, owner, conclusion),
    needsSomeone: needAfter(state, owner, record),
  };
  const untold = { ...record, started: startLeftUntold(owner, record.service, conclusion.rolled) };
  const next = { ...settled, outbox: withoutOldLines([...settled.outbox, untold]) };
  return withOwner(next, { ...owner, phase: { name: 'concluding' } }, now);
}

/** What the tick is to try again after an owner: its image, or to put back what was proven. */
interface Promises {
  readonly retry?: Retry | undefined;
  readonly unsettled?: Unsettled | undefined;
}

function promisesOf(state: LedgerState, owner: Owner, conclusion: Conclusion, now: number): Promises {
  const outcome = outcomeOf(conclusion.ending, conclusion.cause, owner.rollbackTarget);
  return {
    retry: retryAfter(state, owner, conclusion, now),
    unsettled: unsettledAfter(state, owner, outcome, conclusion, now),
  };
}

/** For whoever is paged: the proven image may not run. */
const WHAT_NEXT = 'What keeps the proven image from running: rollouts doctor.';

/** Far longer than any reason of ours, and than the name of any error. */
const REASON_MAX = 100;

/** The record of this rollout, as history and notification will show it. */
function recordOf(
  state: LedgerState,
  conclusion: Conclusion,
  { retry, unsettled }: Promises,
  now: number,
): RolloutRecord {
  const { rolloutId, executionArn, service, startedAt, ending, cause, rolled } = conclusion;
  const { image, request, rollbackTarget, trigger } = decidedOf(state, conclusion);
  const owner = ownedBy(state, rolloutId);
  const outcome = outcomeOf(ending, cause, rollbackTarget);
  const { isBack } = OUTCOMES[outcome];
  const isFailedBack = outcome === 'FAILED_ROLLBACK';
  const taskDefinition = rolled?.taskDefinition;
  const fate = owner && fateOf(state, owner, { outcome, taskDefinition }, conclusion.config);
  const decisive = decisiveOf(conclusion, owner);
  const said = [
    cause ? messageOf(decisive) : messageOf(ending),
    cause && aftermath(ending, isBackAtNothing(ending, rollbackTarget)),
    owner && (isBack || isFailedBack) && sameImageBack(state, owner, isBack),
    isFailedBack && unsettled && promiseOfRollback(unsettled, now),
    isFailedBack && WHAT_NEXT,
    fate,
    ...(owner?.remarks ?? []),
    reasonIn(request),
    retry && promiseOf(retry, now),
  ];
  return {
    schema: LEDGER_SCHEMA,
    rolloutId,
    executionArn,
    service,
    outcome,
    // Whoever answers a task token may say anything.
    reason: plainText(decisive.reason, REASON_MAX),
    message: said.filter(Boolean).join(' '),
    image: image ?? conclusion.decision.pushed,
    request,
    isTick: owner?.isTick ?? false,
    trigger,
    taskDefinition,
    deploymentId: rolled?.deploymentId,
    startedAt,
    endedAt: now,
    detectionLagSeconds: decisive.detectionLagSeconds ?? undefined,
    triedAgainAt: isToldAtOnce(state, owner, outcome, unsettled)
      ? undefined
      : (isFailedBack ? unsettled : retry)?.dueAt,
    failedTasks: withLogs(failedTasksOf(owner), conclusion.logs),
    runs: runsAfter(owner, ending, outcome, taskDefinition),
  };
}

/** What a rollout ended for; where nothing of it ever came to the service, what AWS said first, of which the rest may follow. */
function decisiveOf({ ending, cause }: Conclusion, owner: Owner | undefined): Ending {
  const fault = ending.word === 'untouched' ? firstFault(owner) : undefined;
  return { ...(cause ?? ending), ...fault };
}

/** What became of the rollback; one to nothing has no revision to tell of. */
function aftermath(ending: Ending, hasEmptied: boolean): string {
  if (hasEmptied) return 'The service was taken back to zero tasks.';
  return ['untouched', 'no-target'].includes(ending.word)
    ? messageOf(ending)
    : `After the rollback: ${messageOf(ending)}`;
}

/** The person's own words, marked as such, for whoever reads no further than the message. */
function reasonIn(request: PersonsRequest | undefined): string | undefined {
  return request?.reason && `${request.force ? 'Forced by a person' : "The person's reason"}: ${request.reason}`;
}

/** One sentence for people. A caught function error arrives as Lambda's JSON, of which only the sentence is taken. */
function messageOf({ word, message }: Ending): string {
  const line = plainText((word === 'error' ? errorMessageIn(message) : undefined) ?? message);
  return /[.!?…]$/.test(line) ? line : `${line}.`;
}

/** The sentence in Lambda's JSON, which the state machine may have cut; undefined where there is none, whoever wrote it. */
function errorMessageIn(cause: string): string | undefined {
  const quoted = /^\{[^]*?"errorMessage":("(?:[^"\\]|\\.)*")/.exec(cause)?.[1];
  try {
    return quoted === undefined ? undefined : (JSON.parse(quoted) as string);
  } catch {
    return undefined;
  }
}
