import { Fault, type Caller, type InvokeFunction, type Service } from '../service.ts';
import { enqueue } from './asynchronous.ts';
import { allFunctions, instancesOf } from './functions.ts';
import type { Instance } from './instance.ts';
import { beginFaulty } from './faulty-invocations.ts';
import { accept, refuseThrottled } from './invocations.ts';
import { newLambdaState, type Functions, type LambdaFunction, type LambdaPorts, type LambdaState } from './model.ts';
import { lambdaOperations } from './operations.ts';
import { lambdaDeleters, lambdaResources, lambdaUpdaters } from './resources.ts';

export type { LambdaPorts } from './model.ts';

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
  /** Ends the instances that wait for an invocation: the next one starts cold. */
  readonly startCold: () => void;
}

/** Creates Lambda, empty unless told. */
export function createLambda(ports: LambdaPorts, state: LambdaState = newLambdaState()): Lambda {
  const functions: Functions = { ...ports, state, instances: new Map(), idle: new Map() };
  return {
    id: 'lambda',
    state,
    operations: lambdaOperations(functions),
    resources: lambdaResources(functions),
    updaters: lambdaUpdaters(functions),
    deleters: lambdaDeleters(functions),
    invoke({ onEnd, ...request }) {
      const accepted = accept(functions, request, 'synchronous');
      refuseThrottled(functions, accepted.target);
      beginFaulty(functions, accepted, onEnd);
    },
    invokeAsync(request) {
      const accepted = accept(functions, request, 'asynchronous');
      const config = state.eventInvokeConfigs.get(request.functionArn);
      enqueue(functions, accepted, config);
      const repeatAfterMs = functions.faults?.repeatAfterMs(accepted.target.name);
      if (repeatAfterMs !== undefined) enqueue(functions, accepted, config, repeatAfterMs);
    },
    instancesOf: (functionName) => summaries(instancesOf(functions, named(functions, functionName))),
    get functions() {
      return allFunctions(functions).map(({ name }) => name);
    },
    killInstance(accessKeyId) {
      for (const instances of functions.instances.values()) kill(instances, accessKeyId);
    },
    startCold() {
      for (const instances of functions.instances.values())
        for (const { isIdle, accessKeyId } of instances) if (isIdle) kill(instances, accessKeyId);
    },
  };
}

function summaries(instances: ReadonlySet<Instance>): readonly InstanceSummary[] {
  return [...instances].map((instance) => ({
    accessKeyId: instance.accessKeyId,
    logStreamName: instance.logStreamName,
    isBusy: !instance.isIdle,
  }));
}

function kill(instances: Set<Instance>, accessKeyId: string): void {
  for (const instance of instances) {
    if (instance.accessKeyId !== accessKeyId) continue;
    const isIdle = instance.isIdle;
    instance.kill();
    if (isIdle) instances.delete(instance);
  }
}

function named(functions: Functions, functionName: string): LambdaFunction {
  const found = allFunctions(functions).find(({ name }) => name === functionName);
  if (found === undefined) throw new Fault('ResourceNotFoundException', `Function not found: ${functionName}`, 404);
  return found;
}
