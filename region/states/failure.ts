import type { Kernel } from '../kernel/kernel.ts';
import type { Catcher, Retrier } from './definition.ts';

/** Error names of the language itself; any other name in ErrorEquals must not start with `States.`. */
export const LANGUAGE_ERRORS: ReadonlySet<string> = new Set([
  'States.ALL',
  'States.DataLimitExceeded',
  'States.HeartbeatTimeout',
  'States.Permissions',
  'States.QueryEvaluationError',
  'States.TaskFailed',
  'States.Timeout',
]);

/**
 * Why a state failed; `error` and `cause` are what Retry, Catch and the history see.
 * `field` is set when the evaluation of that field failed.
 */
export class StateFailure extends Error {
  override readonly name = 'StateFailure';
  readonly error: string | undefined;
  readonly reason: string | undefined;
  readonly field: string | undefined;
  /** A second name under which ErrorEquals finds it. */
  readonly alias: string | undefined;
  /** Whether a timer of the task ran out. */
  readonly isTimeout: boolean;
  constructor(
    error: string | undefined,
    reason: string | undefined,
    more: { readonly field?: string; readonly alias?: string; readonly isTimeout?: boolean } = {},
  ) {
    super(`${error}: ${reason}`);
    this.error = error;
    this.reason = reason;
    this.field = more.field;
    this.alias = more.alias;
    this.isTimeout = more.isTimeout ?? false;
  }
}

/** An expression that failed or returned nothing; `detail` continues the sentence that AWS starts. */
export function queryEvaluationError(source: string, field: string, detail: string): StateFailure {
  const cause = `The JSONata expression '${source}' specified for the field '${field}' ${detail}`;
  return new StateFailure('States.QueryEvaluationError', cause, { field });
}

/** What a state, or a task's answer, is told when it passes 256 KiB. */
export function dataLimitExceeded(what: string): StateFailure {
  const cause = `${what} returned a result with a size exceeding the maximum number of bytes service limit.`;
  return new StateFailure('States.DataLimitExceeded', cause);
}

/**
 * A timer of a task ran out. The history says `States.Timeout` for both timers and gives no cause,
 * while a missed heartbeat is also found as `States.HeartbeatTimeout`.
 */
export function timedOut(timer: 'TimeoutSeconds' | 'HeartbeatSeconds'): StateFailure {
  const alias = timer === 'HeartbeatSeconds' ? { alias: 'States.HeartbeatTimeout' } : {};
  return new StateFailure('States.Timeout', undefined, { isTimeout: true, ...alias });
}

/** `States.ALL` finds neither of these: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html */
const TERMINAL = new Set(['States.DataLimitExceeded', 'States.Runtime']);

/** Whether one of `errorEquals` finds `failure`. */
function matchesError(errorEquals: readonly string[], failure: StateFailure): boolean {
  if (failure.error === 'States.Runtime') return false;
  const isTerminal = TERMINAL.has(failure.error ?? '');
  return errorEquals.some((name) => {
    if (name === 'States.ALL') return !isTerminal;
    if (name === 'States.TaskFailed' && failure.error !== 'States.Timeout') return !isTerminal;
    return name === failure.error || name === failure.alias;
  });
}

/** The first of `handlers` whose ErrorEquals finds `failure`, and its place. */
export function findHandler<Handler extends Retrier | Catcher>(
  handlers: readonly Handler[],
  failure: StateFailure,
): { readonly handler: Handler; readonly index: number } | undefined {
  const index = handlers.findIndex((handler) => matchesError(handler.errorEquals, failure));
  const handler = handlers[index];
  return handler && { handler, index };
}

/** How long a retrier waits before its next attempt, after `attempts` earlier ones, milliseconds. */
export function retryDelayMs(retrier: Retrier, attempts: number, random: Kernel['random']): number {
  const grown = retrier.intervalSeconds * retrier.backoffRate ** attempts;
  const seconds = Math.min(grown, retrier.maxDelaySeconds ?? Number.POSITIVE_INFINITY);
  return Math.round(seconds * 1000 * (retrier.jitterStrategy === 'FULL' ? random.next() : 1));
}
