import type { Duplex } from 'node:stream';
import type { CallFaults } from './faults/call-faults.ts';
import type { Registry } from './registry/registry.ts';
import {
  Fault,
  isLater,
  whenEnded,
  type Authorize,
  type Caller,
  type Later,
  type RegionContext,
  type ResourceCreator,
  type ResourceDeleter,
  type ResourceUpdater,
  type Service,
} from './service.ts';
import { Dispatcher, type AppliedCall, type Counters, type LoggedCall } from './wire/dispatcher.ts';
import { createDirectDoor, type DirectDoor } from './wire/direct-door.ts';
import { createDoor, type ListenOptions, type PresignedPlace } from './wire/door.ts';
import { Parks, type OnPark, type ParkedCall } from './wire/parks.ts';
import { checkedInput, checkedOutput } from './wire/protocol.ts';
import { AS_IS } from './wire/schema-walk.ts';

/** Services behind one door. */
export interface Endpoint {
  /** Calls in process: the same schemas, permissions and effects as over the wire, without HTTP and without parks; nobody signed when `caller` is undefined. Throws `Fault`. */
  call<Output = unknown>(
    caller: Caller | undefined,
    service: string,
    operation: string,
    input: object,
  ): Promise<Output>;
  /** The client's end of a new connection in memory. */
  readonly connect: () => Duplex;
  /** The way in for clients that speak no HTTP. */
  readonly direct: DirectDoor;
  /** Listens on 127.0.0.1 (0 chooses a free port) and answers the port. */
  readonly listen: (port: number, options?: ListenOptions) => Promise<number>;
  readonly close: () => Promise<void>;
  readonly counters: Readonly<Counters>;
  /** The latest calls, oldest first; bounded. */
  readonly calls: readonly LoggedCall[];
  forgetCalls(): void;
  /** Remembers calls as if they had come to this door. */
  recall(counters: Readonly<Counters>, calls: readonly LoggedCall[]): void;
  /** Registers a say in what becomes of parked calls: one `drop` suffices. The answer removes it. */
  onPark(listener: OnPark): () => void;
  /** Calls `listener` when an answer has been handed to its connection; the answer of this function removes it. */
  onAnswered(listener: (call: ParkedCall) => void): () => void;
  /** Calls `listener` with every call at the instant at which it was applied, those in process too; the answer removes it. */
  onApplied(listener: (call: AppliedCall) => void): () => void;
  /** By id: `ecs`, `states`, … */
  readonly services: ReadonlyMap<string, Service>;
  /** What creates the resources of a template, by CloudFormation type. */
  readonly resources: Readonly<Record<string, ResourceCreator>>;
  /** What changes them. */
  readonly updaters: Readonly<Record<string, ResourceUpdater>>;
  /** What deletes them. */
  readonly deleters: Readonly<Record<string, ResourceDeleter>>;
}

export interface CompositionOptions extends RegionContext {
  readonly services: readonly Service[];
  readonly authorize: Authorize;
  readonly callerOf: (accessKeyId: string) => Caller | undefined;
  /** Members that may pass although the SDK's schemas do not know them yet. */
  readonly futureFields: readonly string[];
  /** @default nothing goes wrong */
  readonly faults?: CallFaults;
  /** @default none: every request must be signed in its header */
  readonly presigned?: PresignedPlace;
  /** @default none: what is below `/v2/` is a call of an API like any other */
  readonly registry?: Registry;
}

/** Puts services behind one door; two services of one name, or two creators, updaters or deleters of one resource type, are refused. */
export function composeServices(options: CompositionOptions): Endpoint {
  const { kernel, region, authorize, callerOf, faults } = options;
  const services = uniquely(options.services.map((service) => [service.id, service]));
  const appliedListeners = new Set<(call: AppliedCall) => void>();
  const dispatcher = new Dispatcher({
    kernel,
    services,
    authorize,
    onApplied: (call) => appliedListeners.forEach((listener) => listener(call)),
    faults,
  });
  const futureFields = new Set(options.futureFields);
  const parkListeners = new Set<OnPark>();
  const answerListeners = new Set<(call: ParkedCall) => void>();
  const parks = new Parks({
    kernel,
    // Every listener hears of every call, even when another one has dropped it already.
    onPark: (call) =>
      [...parkListeners].map((listener) => listener(call)).find((fate) => fate !== 'proceed') ??
      faults?.atPark(call) ??
      'proceed',
    onAnswered: (call) => answerListeners.forEach((listener) => listener(call)),
  });
  const door = createDoor({
    kernel,
    region,
    dispatcher,
    callerOf,
    futureFields,
    presigned: options.presigned,
    registry: options.registry,
    parks,
  });
  return {
    ...door,
    direct: createDirectDoor({ kernel, dispatcher, callerOf, futureFields, parks }),
    call: (caller, service, operation, input) => {
      // Whoever calls in the midst of an act goes on when it is answered.
      kernel.resumed();
      return callInProcess(dispatcher, futureFields, caller, service, operation, input);
    },
    counters: dispatcher.counters,
    calls: dispatcher.calls,
    forgetCalls: () => void dispatcher.calls.splice(0),
    recall: (counters, calls) => {
      Object.assign(dispatcher.counters, counters);
      dispatcher.calls.push(...calls);
      parks.continueAfter(counters.wireCalls);
    },
    onPark: (listener) => registered(parkListeners, listener),
    onAnswered: (listener) => registered(answerListeners, listener),
    onApplied: (listener) => registered(appliedListeners, listener),
    services,
    resources: Object.fromEntries(uniquely(options.services.flatMap((service) => Object.entries(service.resources)))),
    updaters: Object.fromEntries(
      uniquely(options.services.flatMap((service) => Object.entries(service.updaters ?? {}))),
    ),
    deleters: Object.fromEntries(
      uniquely(options.services.flatMap((service) => Object.entries(service.deleters ?? {}))),
    ),
  };
}

async function callInProcess<Output>(
  dispatcher: Dispatcher,
  futureFields: ReadonlySet<string>,
  caller: Caller | undefined,
  service: string,
  operation: string,
  input: object,
): Promise<Output> {
  const answer = await dispatcher.perform({
    caller,
    service,
    operation,
    read: (shape) => checkedInput(shape, input, AS_IS, futureFields),
    write: (shape, output) => checkedOutput(shape, output, AS_IS, futureFields),
  });
  return (isLater(answer) ? await ended(answer) : answer) as Output;
}

/** Ends while the kernel runs; whoever awaits it must let it run. */
function ended(answer: Later<object>): Promise<object> {
  return new Promise((resolve, reject) =>
    whenEnded(answer, (outcome) => (outcome instanceof Fault ? reject(outcome) : resolve(outcome))),
  );
}

function uniquely<Value>(entries: readonly (readonly [string, Value])[]): Map<string, Value> {
  const table = new Map<string, Value>();
  for (const [name, value] of entries) {
    if (table.has(name)) throw new Error(`two parts of the region claim ${name}`);
    table.set(name, value);
  }
  return table;
}

function registered<Listener>(listeners: Set<Listener>, listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
