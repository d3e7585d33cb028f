import { Fault, type InvocationResult } from '../service.ts';
import { begin, isThrottled, type Accepted } from './invocations.ts';
import { stall } from './faulty-invocations.ts';
import type { EventInvokeConfig, Functions } from './model.ts';
import {
  ASYNC_QUEUE_MS,
  ASYNC_RETRY_MS,
  EVENT_AGE_SECONDS_MAX,
  THROTTLE_RETRY_MS_MAX,
  THROTTLE_RETRY_MS_MIN,
} from './timing.ts';

const DEFAULTS: EventInvokeConfig = {
  maximumRetryAttempts: 2,
  maximumEventAgeSeconds: EVENT_AGE_SECONDS_MAX,
  onFailure: undefined,
};

/** Queues an event, retries it when the function fails or is throttled, and sends what is left to its destination. */
export function enqueue(
  functions: Functions,
  event: Accepted,
  config: EventInvokeConfig = DEFAULTS,
  laterMs = 0,
): void {
  const { kernel } = functions;
  const diesAt = kernel.now + config.maximumEventAgeSeconds * 1000;
  const label = `lambda ${event.target.name} takes an event`;
  let attempts = 0;
  let throttled = 0;
  const attemptAfter = (delayMs: number, giveUp: () => void): void => {
    if (kernel.now + delayMs > diesAt) giveUp();
    else kernel.after(delayMs, 'delivery', label, attempt);
  };
  const attempt = (): void => {
    const isDeleted = functions.state.functions.get(event.target.arn) !== event.target;
    if (isDeleted) return kernel.trace('dropped', `event for lambda ${event.target.name}: the function is gone`);
    const fault = functions.faults?.ofAttempt({ functionName: event.target.name, mode: 'asynchronous' });
    if (fault?.kind === 'error' || isThrottled(functions, event.target)) {
      const delayMs = Math.min(THROTTLE_RETRY_MS_MIN * 2 ** throttled++, THROTTLE_RETRY_MS_MAX);
      return attemptAfter(delayMs, () => sendOn(functions, event, config, 'EventAgeExceeded', attempts, undefined));
    }
    attempts++;
    if (fault?.kind === 'timeout') stall(functions, event, onEnd);
    else beginOrFail(functions, event, onEnd);
  };
  const onEnd = (result: InvocationResult): void => {
    if (result.kind === 'answered') return;
    const delayMs = attempts > config.maximumRetryAttempts ? undefined : ASYNC_RETRY_MS[attempts - 1];
    if (delayMs === undefined) sendOn(functions, event, config, 'RetriesExhausted', attempts, result);
    else attemptAfter(delayMs, () => sendOn(functions, event, config, 'EventAgeExceeded', attempts, result));
  };
  attemptAfter(ASYNC_QUEUE_MS + laterMs, () => undefined);
}

/** A function whose role is gone cannot run: for the queue that is a failure like any other. */
function beginOrFail(functions: Functions, event: Accepted, onEnd: (result: InvocationResult) => void): void {
  try {
    begin(functions, event, onEnd);
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown;
    const message = JSON.stringify({ errorType: thrown.code, errorMessage: thrown.message });
    onEnd({ kind: 'failed', error: thrown.code, message });
  }
}

/** "Capturing records of Lambda asynchronous invocations": the record that a destination gets. */
function sendOn(
  functions: Functions,
  { target, functionArn, requestId, payload }: Accepted,
  { onFailure }: EventInvokeConfig,
  condition: 'RetriesExhausted' | 'EventAgeExceeded',
  approximateInvokeCount: number,
  result: Extract<InvocationResult, { kind: 'failed' }> | undefined,
): void {
  functions.kernel.trace('dropped', `event for lambda ${target.name}: ${condition}`);
  if (onFailure === undefined) return;
  const record = {
    version: '1.0',
    timestamp: new Date(functions.kernel.now).toISOString(),
    requestContext: { requestId, functionArn: `${functionArn}:$LATEST`, condition, approximateInvokeCount },
    requestPayload: JSON.parse(payload) as unknown,
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    responsePayload: result === undefined ? null : (JSON.parse(result.message) as unknown),
  };
  try {
    const service = { principal: 'lambda.amazonaws.com', sourceArn: target.arn };
    const caller = functions.assumeRole(target.roleArn, service, target.name);
    functions.sendToQueue(onFailure, JSON.stringify(record), caller);
  } catch (thrown) {
    // A missing permission is nobody's to overlook; a role or a queue that has been deleted takes no messages.
    if (!(thrown instanceof Fault && ['NoSuchEntity', 'QueueDoesNotExist'].includes(thrown.code))) throw thrown;
    functions.kernel.trace('failed', `destination of lambda ${target.name}: ${thrown.message}`);
  }
}
