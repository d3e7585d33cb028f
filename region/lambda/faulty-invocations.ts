import type { InvocationError } from '../faults/model.ts';
import { Fault, type InvocationResult } from '../service.ts';
import { timedOut } from './failures.ts';
import { begin, type Accepted } from './invocations.ts';
import type { Functions } from './model.ts';

type OnEnd = (result: InvocationResult) => void;

/** Runs an accepted synchronous invocation, unless a fault decides otherwise. Throws the `Fault` that refuses it. */
export function beginFaulty(functions: Functions, accepted: Accepted, onEnd: OnEnd): void {
  const fault = functions.faults?.ofAttempt({ functionName: accepted.target.name, mode: 'synchronous' });
  if (fault === undefined) return begin(functions, accepted, onEnd);
  if (fault.kind === 'timeout') return stall(functions, accepted, onEnd);
  const { error, runs, toldAfterMs = TOLD_AFTER_MS } = fault;
  if (runs === 'never') throw refusal(error);
  const tell = (): void => onEnd({ kind: 'failed', error: `Lambda.${error}`, message: refusal(error).message });
  begin(functions, accepted, runs === 'before' ? tell : () => undefined);
  if (runs === 'meanwhile')
    functions.kernel.after(toldAfterMs, 'delivery', `lambda ${accepted.target.name} is given up: ${error}`, tell);
}

/** Time enough for a warm function to be in the midst of its calls. */
const TOLD_AFTER_MS = 20;

/** An invocation whose function never gets to its first line: stopped at its time-out. */
export function stall({ kernel, recordMetric }: Functions, { target, requestId }: Accepted, onEnd: OnEnd): void {
  const { name, timeoutSeconds } = target;
  kernel.after(timeoutSeconds * 1000, 'timer', `lambda ${name} times out without a line`, () => {
    const dimensions = { FunctionName: name };
    recordMetric('AWS/Lambda', 'Invocations', dimensions, 1);
    recordMetric('AWS/Lambda', 'Errors', dimensions, 1);
    recordMetric('AWS/Lambda', 'Duration', dimensions, timeoutSeconds * 1000);
    onEnd(timedOut(requestId, timeoutSeconds));
  });
}

/** Statuses as in the Lambda API's Invoke; those of the client are none of Lambda's, which then says nothing at all. */
const ERRORS: Readonly<Record<InvocationError, readonly [message: string, status: number]>> = {
  ServiceException: ['The Lambda service encountered an internal error.', 500],
  AWSLambdaException: ['Service Unavailable', 503],
  SdkClientException: ['Unable to execute HTTP request: Connection reset', 500],
  TooManyRequestsException: ['Rate Exceeded.', 429],
  ClientExecutionTimeoutException: [
    'Client execution did not complete before the specified timeout configuration.',
    500,
  ],
  Unknown: ['The cause could not be determined because Lambda did not return an error type.', 500],
};

function refusal(error: InvocationError): Fault {
  return new Fault(error, ...ERRORS[error]);
}
