import { Fault, type Caller, type InvokeFunction, type RegionContext, type Service } from '../service.ts';
import { enqueue } from './asynchronous.ts';
import { Functions, type LambdaFunction } from './functions.ts';
import { accept, begin, isThrottled } from './invocations.ts';
import type { LambdaPorts } from './ports.ts';
import { functionUpdater, lambdaResources } from './resources.ts';

export type { LambdaPorts } from './ports.ts';

/** Hands an event to a function and does not wait; throws `Fault` when the caller may not or the function is missing. */
export type InvokeAsync = (request: {
  readonly functionArn: string;
  readonly payload: unknown;
  readonly caller: Caller;
}) => void;

/** An instance as tests and faults see it. */
export interface InstanceSummary {
  readonly accessKeyId: string;
  readonly logStreamName: string;
  /** An invocation is on its way to it, runs in it, or is being answered. */
  readonly isBusy: boolean;
}

/** Functions that run their real bundles on virtual time. */
export interface Lambda extends Service {
  readonly invoke: InvokeFunction;
  readonly invokeAsync: InvokeAsync;
  /** The instances of a function, by its name, oldest first; throws `ResourceNotFoundException`. */
  readonly instancesOf: (functionName: string) => readonly InstanceSummary[];
  /** Names of all functions, in the order of their creation. */
  readonly functions: readonly string[];
  /** Kills the instance that signs with this key: silence for it, `Runtime.ExitError` for who invoked it. */
  readonly killInstance: (accessKeyId: string) => void;
}

/** Creates Lambda, empty. */
export function createLambda(context: RegionContext & LambdaPorts): Lambda {
  const functions = new Functions();
  return {
    id: 'lambda',
    operations: {},
    resources: lambdaResources(context, functions),
    updaters: { 'AWS::Lambda::Function': functionUpdater(context, functions) },
    invoke({ onEnd, ...request }) {
      const accepted = accept(context, functions, request, 'synchronous');
      if (isThrottled(accepted.target)) throw new Fault('TooManyRequestsException', 'Rate Exceeded.', 429);
      begin(context, accepted, onEnd);
    },
    invokeAsync(request) {
      const accepted = accept(context, functions, request, 'asynchronous');
      enqueue(context, accepted, functions.eventInvokeConfigOf(request.functionArn));
    },
    instancesOf: (functionName) => summaries(named(functions, functionName)),
    get functions() {
      return functions.all.map(({ name }) => name);
    },
    killInstance(accessKeyId) {
      for (const target of functions.all) kill(target, accessKeyId);
    },
  };
}

function summaries({ instances }: LambdaFunction): readonly InstanceSummary[] {
  return [...instances].map((instance) => ({
    accessKeyId: instance.accessKeyId,
    logStreamName: instance.logStreamName,
    isBusy: !instance.isIdle,
  }));
}

function kill({ instances }: LambdaFunction, accessKeyId: string): void {
  for (const instance of instances) {
    if (instance.accessKeyId !== accessKeyId) continue;
    const isIdle = instance.isIdle;
    instance.kill();
    if (isIdle) instances.delete(instance);
  }
}

function named(functions: Functions, functionName: string): LambdaFunction {
  const found = functions.all.find(({ name }) => name === functionName);
  if (found === undefined) throw new Fault('ResourceNotFoundException', `Function not found: ${functionName}`, 404);
  return found;
}
