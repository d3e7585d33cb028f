import { Fault, type Caller, type InvocationResult } from '../service.ts';
import { createInstance } from './environments.ts';
import { failure } from './failures.ts';
import { functionWithArn, instancesOf, policyOf } from './functions.ts';
import { isIdleNoMore, keepIdle } from './idle-instances.ts';
import type { Instance } from './instance.ts';
import type { Functions, LambdaFunction } from './model.ts';
import { ANSWER_MS, COLD_START_MS, WARM_START_MS } from './timing.ts';

/** "Lambda quotas": 6 MB for synchronous, 1 MB for asynchronous invocations. */
export const REQUEST_BYTES_MAX = { synchronous: 6_291_456, asynchronous: 1_048_576 } as const;

/** An invocation that may go ahead. */
export interface Accepted {
  readonly target: LambdaFunction;
  /** As the caller named it, with version or alias. */
  readonly functionArn: string;
  readonly requestId: string;
  /** JSON text. */
  readonly payload: string;
}

/** Checks that the function exists, the caller may invoke it and the payload fits; throws `Fault`. */
export function accept(
  functions: Functions,
  request: { readonly functionArn: string; readonly payload: unknown; readonly caller: Caller },
  mode: keyof typeof REQUEST_BYTES_MAX,
): Accepted {
  const { functionArn, caller } = request;
  // What exists is told to those only who may invoke it; services have the function's policy alone, which goes with it.
  if (caller.kind !== 'service') checkPermission(functions, functionArn, caller);
  const target = functionWithArn(functions, functionArn);
  if (caller.kind === 'service') checkPermission(functions, functionArn, caller);
  const payload = JSON.stringify(request.payload) ?? 'null';
  const bytes = Buffer.byteLength(payload);
  if (bytes > REQUEST_BYTES_MAX[mode]) {
    const limit = `Request must be smaller than ${REQUEST_BYTES_MAX[mode]} bytes for the InvokeFunction operation`;
    throw new Fault('RequestEntityTooLargeException', limit, 413);
  }
  return { target, functionArn, payload, requestId: functions.kernel.random.uuid() };
}

/** Identity policy or function policy: within an account either is enough, unless one denies. */
function checkPermission(functions: Functions, functionArn: string, caller: Caller): void {
  const request = { action: 'lambda:InvokeFunction', resource: functionArn };
  const identity = functions.authorize(caller, request);
  const policy = policyOf(functions, functionArn);
  const resource = policy && functions.authorizeByPolicy(policy, caller, request);
  const isDenied = [identity, resource].some((decision) => decision?.reason.includes('with an explicit deny'));
  if (!isDenied && (identity.isAllowed || resource?.isAllowed === true)) return;
  const reason = caller.kind === 'service' ? (resource?.reason ?? NO_POLICY(caller, functionArn)) : identity.reason;
  throw new Fault('AccessDeniedException', reason, 403);
}

const NO_POLICY = ({ principal, sourceArn }: Caller & { kind: 'service' }, functionArn: string): string =>
  `${principal} (for ${sourceArn}) is not authorized to perform: lambda:InvokeFunction on resource: ${functionArn} because no resource-based policy allows the lambda:InvokeFunction action`;

/** True when the function runs as many invocations as it may. */
export function isThrottled(functions: Functions, target: LambdaFunction): boolean {
  const busy = [...instancesOf(functions, target)].filter((instance) => !instance.isIdle);
  return busy.length >= target.concurrency;
}

/** Throws `TooManyRequestsException` when a synchronous invocation would be one too many. */
export function refuseThrottled(functions: Functions, target: LambdaFunction): void {
  if (isThrottled(functions, target)) throw new Fault('TooManyRequestsException', 'Rate Exceeded.', 429);
}

/** Runs an accepted invocation in a free instance, or in a new one; `tail` is the end of what it logged. */
export function begin(
  functions: Functions,
  { target, functionArn, payload, requestId }: Accepted,
  onEnd: (result: InvocationResult, tail: string) => void,
): void {
  const { kernel } = functions;
  const instances = instancesOf(functions, target);
  const idle = [...instances].find((instance) => instance.isIdle);
  const instance = idle ?? createInstance(functions, target);
  instances.add(instance);
  isIdleNoMore(functions, instance);
  instance.reserve();
  const delayMs = idle === undefined ? COLD_START_MS : WARM_START_MS;
  kernel.after(delayMs, 'delivery', `lambda ${target.name} starts`, () => {
    const startedAt = kernel.now;
    const invocation = {
      requestId,
      payload,
      traceId: traceId(functions),
      context: contextOf(target, functionArn, requestId, instance),
    };
    const onSettled = (result: InvocationResult): void => {
      const durationMs = Math.max(0, kernel.now - startedAt - ANSWER_MS);
      const ended = (): void => end(functions, target, instance, requestId, durationMs, result);
      onEnd(answered(functions, target, result, ended), instance.tail);
    };
    instance.run({ ...invocation, onSettled });
  });
}

/** What the caller hears: the result, unless ending the invocation brings up what the region does not model. */
function answered(
  { kernel }: Functions,
  { name }: LambdaFunction,
  result: InvocationResult,
  endIt: () => void,
): InvocationResult {
  try {
    endIt();
    return result;
  } catch (error) {
    return failure('Runtime.Unknown', kernel.contain(error, `lambda ${name}`));
  }
}

function end(
  functions: Functions,
  target: LambdaFunction,
  instance: Instance,
  requestId: string,
  durationMs: number,
  result: InvocationResult,
): void {
  const dimensions = { FunctionName: target.name };
  if (instance.defect !== undefined) instance.retire();
  if (result.kind === 'failed') instance.logFailure(requestId, result.message);
  instance.release();
  if (instance.isDead) instancesOf(functions, target).delete(instance);
  else keepIdle(functions, target, instance);
  if (instance.defect !== undefined) throw instance.defect;
  functions.recordMetric('AWS/Lambda', 'Invocations', dimensions, 1);
  functions.recordMetric('AWS/Lambda', 'Errors', dimensions, result.kind === 'failed' ? 1 : 0);
  functions.recordMetric('AWS/Lambda', 'Duration', dimensions, durationMs);
}

/** "Using the Lambda context object to retrieve Node.js function information". */
function contextOf(
  target: LambdaFunction,
  functionArn: string,
  requestId: string,
  instance: Instance,
): Record<string, unknown> {
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionVersion: '$LATEST',
    functionName: target.name,
    memoryLimitInMB: String(target.memorySizeMb),
    logGroupName: target.logGroupName,
    logStreamName: instance.logStreamName,
    invokedFunctionArn: functionArn,
    awsRequestId: requestId,
  };
}

function traceId({ kernel }: Functions): string {
  const seconds = Math.floor(kernel.now / 1000).toString(16);
  return `Root=1-${seconds}-${kernel.random.hex(24)};Parent=${kernel.random.hex(16)};Sampled=1`;
}
