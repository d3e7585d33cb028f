import type { Failure } from './failures.ts';

/**
 * Who logs a failure, under what: the runtime what the handler threw, what nobody caught, or a rejection; Lambda itself the time-out
 * and the exit of a runtime that is gone by then. github.com/aws/aws-lambda-nodejs-runtime-interface-client, src/index.mjs;
 * https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-invocation.html
 */
export type FailureWord =
  'Invoke Error' | 'Uncaught Exception' | 'Unhandled Promise Rejection' | 'Sandbox.Timedout' | 'Runtime.ExitError';

interface FailedInvocation {
  /** ISO 8601. */
  readonly at: string;
  readonly word: FailureWord;
  readonly requestId: string;
  /** As the runtime knows it: none while the function starts. */
  readonly loggedId: string | undefined;
  /** JSON text. */
  readonly cause: string;
}

/** The word for a failure after which the instance lives or dies. */
export function failureWord({ error }: Failure, then: 'lives' | 'dies'): FailureWord {
  if (then === 'lives') return 'Invoke Error';
  if (error === 'Sandbox.Timedout' || error === 'Runtime.ExitError') return error;
  return error === 'Runtime.UnhandledPromiseRejection' ? 'Unhandled Promise Rejection' : 'Uncaught Exception';
}

/** The line of a function that logs text. */
export function textOfFailure({ at, word, requestId, loggedId, cause }: FailedInvocation): string {
  const { errorMessage } = JSON.parse(cause) as { readonly errorMessage: string };
  switch (word) {
    case 'Sandbox.Timedout':
      return `${at} ${requestId} ${errorMessage.replace(/^.* Error: /, '')}`;
    case 'Runtime.ExitError':
      return `${errorMessage}\n${word}`;
    default:
      return `${at}\t${loggedId}\tERROR\t${word} \t${cause}`;
  }
}

/** The line of a function that logs JSON: "Lambda Telemetry API Event schema reference" for those of Lambda itself. */
export function jsonOfFailure({ at, word, requestId, loggedId, cause }: FailedInvocation): string {
  switch (word) {
    case 'Sandbox.Timedout':
      return JSON.stringify({ time: at, type: 'platform.runtimeDone', record: { requestId, status: 'timeout' } });
    case 'Runtime.ExitError': {
      const record = { requestId, status: 'error', errorType: word };
      return JSON.stringify({ time: at, type: 'platform.runtimeDone', record });
    }
    default:
      return JSON.stringify({
        timestamp: at,
        level: 'ERROR',
        requestId: loggedId,
        message: JSON.parse(cause) as unknown,
      });
  }
}
