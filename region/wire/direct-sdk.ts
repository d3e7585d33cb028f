import type { Random } from '../kernel/random.ts';
import { Fault } from '../service.ts';
import type { DirectCall, DirectDoor } from './direct-door.ts';
import {
  directService,
  exceptionFor,
  requestOf,
  responseOf,
  RETRY_FILE,
  type Command,
  type DirectService,
  type Handle,
  type HttpRequest,
  type HttpResponse,
  type Output,
} from './direct-service.ts';
import { checkedInput, checkedOutput } from './protocol.ts';
import { AS_IS } from './schema-walk.ts';
import { operationShape } from './sdk-clients.ts';
import type { OperationShape } from './sdk-shapes.ts';
import { knownMembers } from './sdk-values.ts';
import { soundInput, soundOutput, UNSOUND } from './sound-values.ts';

/** What an SDK in a function's sandbox needs of it. */
export interface SdkHost {
  readonly random: Random;
  readonly environment: Readonly<Record<string, string>>;
  /** Whether its instance has died: nothing that it sends leaves it any more. */
  readonly isDead: boolean;
  /** Runs code of the function. */
  enter(callback: () => void): void;
  /** Schedules on the virtual clock; the answer cancels. */
  after(delayMs: number, callback: () => void): () => void;
  /** Counts work that the event loop holds for the instance; the answer ends it. */
  hold(): () => void;
  /** Records that the function asked for something not modelled, and throws it. */
  refuse(what: string): never;
  /** Evaluates a file of the SDK with the sandbox's clock, timers and randomness; it gets `replaced` in place of modules of its own. */
  evaluate(file: string, replaced: Readonly<Record<string, object>>): unknown;
}

/** Answers the client packages of one sandbox's SDK, by their names; undefined for what is none. */
export type DirectSdk = (packageName: string) => object | undefined;

/**
 * The SDK of one sandbox, which reaches the region without HTTP. All that functions see of an SDK is the SDK's own: commands,
 * exceptions, paginators, retries and their delays. Only what lies between a command and the region's door is missing.
 */
export function directSdk(door: DirectDoor, host: SdkHost): DirectSdk {
  const modules = new Map<string, object>();
  return (packageName) => {
    const known = modules.get(packageName);
    if (known !== undefined) return known;
    const service = directService(packageName);
    if (service === undefined) return undefined;
    const own: Record<string, unknown> = { [service.clientName]: clientClass({ door, host, service }) };
    const module = new Proxy(service.module, {
      get: (exports, name) => (Object.hasOwn(own, name) ? own[name as string] : exports[name as string]),
    });
    modules.set(packageName, module);
    return module;
  };
}

/** A service as one sandbox reaches it. */
interface Reach {
  readonly door: DirectDoor;
  readonly host: SdkHost;
  readonly service: DirectService;
}

interface SendOptions {
  readonly abortSignal?: AbortSignal;
}

type Callback = (error: unknown, output?: Output) => void;

/** The options of a client that are known here; every other one is refused. */
interface ClientOptions {
  readonly region?: string;
  readonly maxAttempts?: number;
}

function clientClass(reach: Reach): new (options?: ClientOptions) => object {
  const { host, service } = reach;
  const refuse = (what: string): never => host.refuse(`${what} of ${service.clientName} without HTTP`);
  class DirectClient {
    readonly #sender: Sender;
    constructor({ region, maxAttempts, ...rest }: ClientOptions = {}) {
      for (const [name, value] of Object.entries(rest)) if (value !== undefined) refuse(`The option ${name}`);
      if (region !== undefined && region !== host.environment['AWS_REGION']) refuse(`The Region ${region}`);
      this.#sender = new Sender(reach, maxAttempts);
    }
    get config(): never {
      return refuse('The configuration');
    }
    get middlewareStack(): never {
      return refuse('The middleware');
    }
    send(command: Command, given?: SendOptions | Callback, last?: Callback): Promise<Output> | void {
      const callback = typeof given === 'function' ? given : last;
      const { abortSignal, ...rest } = typeof given === 'object' ? given : {};
      for (const name of Object.keys(rest)) refuse(`The option ${name} of a call`);
      const sent = this.#sender.send(command, abortSignal);
      if (callback === undefined) return sent;
      void sent.then(
        (output) => callback(null, output),
        (error: unknown) => callback(error),
      );
    }
    destroy(): void {
      // Nothing is kept open.
    }
  }
  // Paginators and waiters ask whether they have been given a client of their service.
  Object.setPrototypeOf(DirectClient.prototype, service.clientClass.prototype as object);
  Object.defineProperty(DirectClient, 'name', { value: service.clientName });
  return DirectClient;
}

/** The SDK's own retries, evaluated in the sandbox. */
interface Retries {
  readonly StandardRetryStrategy: new (options: object) => RetryStrategy;
  retryMiddleware(options: object): (next: Handle, context: object) => Handle;
  readonly retryMiddlewareOptions: object;
}

interface RetryStrategy {
  recordSuccess(token: { getRetryCost(): number | undefined }): void;
}

/** How one client tries again. */
interface Retrying {
  readonly retries: Retries;
  readonly strategy: RetryStrategy;
  readonly maxAttempts: number;
}

/** One attempt's answer: what was read from it, beside what the wire would have carried where somebody looks at that. */
interface Answered {
  readonly output: Output;
  readonly response: unknown;
}

interface Attempt {
  readonly command: Command;
  readonly abortSignal: AbortSignal | undefined;
  /** Whether its client has never sent anything. */
  readonly isFirst: boolean;
}

const FIRST_TRY = { getRetryCost: (): undefined => undefined };

class Sender {
  readonly #reach: Reach;
  readonly #maxAttempts: number | undefined;
  #hasSent = false;
  /** Undefined until the first attempt of a call has failed. */
  #retrying: Retrying | undefined;

  constructor(reach: Reach, maxAttempts: number | undefined) {
    this.#reach = reach;
    this.#maxAttempts = maxAttempts;
  }

  async send(command: Command, abortSignal: AbortSignal | undefined): Promise<Output> {
    if (command.middlewareStack.identify().length > 0) return this.#sendThroughMiddleware(command, abortSignal);
    const attempt = this.#attempts(command, abortSignal);
    let failure: unknown;
    try {
      const { output } = await attempt();
      this.#retrying?.strategy.recordSuccess(FIRST_TRY);
      output.$metadata['attempts'] = 1;
      output.$metadata['totalRetryDelay'] = 0;
      return output;
    } catch (error) {
      failure = error;
    }
    return this.#retry(failure, attempt, abortSignal);
  }

  /** From the first failure on the SDK itself decides whether, when and how often the call is sent again. */
  async #retry(
    first: unknown,
    attempt: () => Promise<Answered>,
    abortSignal: AbortSignal | undefined,
  ): Promise<Output> {
    const { retries, ...options } = await this.#retriesOf();
    let isFirst = true;
    const next: Handle = () => {
      if (!isFirst) return attempt();
      isFirst = false;
      return Promise.reject(first as Error);
    };
    const handle = retries.retryMiddleware(provided(options))(next, contextOf(abortSignal));
    return (await handle({})).output;
  }

  /** Each call of the answer is one attempt with the same input, which nobody can change any more. */
  #attempts(command: Command, abortSignal: AbortSignal | undefined): () => Promise<Answered> {
    const { service, host, door } = this.#reach;
    const shape = operationShape(service.id, command.schema[2])!;
    const { input, isSound } = sentInput(shape, command.input, host.random);
    let isRead = !isSound;
    // The id of the invocation, which every client of the SDK draws before it sends.
    host.random.uuid();
    return () =>
      transmit(this.#reach, this.#attempt(command, abortSignal), {
        read() {
          if (isRead) return checkedInput(shape, input, AS_IS, door.futureFields);
          isRead = true;
          return input;
        },
        write: (_shape, output, requestId): Answered => ({
          output: Object.assign(receivedOutput(shape, output, door.futureFields), { $metadata: metadataOf(requestId) }),
          response: undefined,
        }),
      });
  }

  /** What a command brings along may look at bodies: it gets those that the wire would carry. */
  async #sendThroughMiddleware(command: Command, abortSignal: AbortSignal | undefined): Promise<Output> {
    const { service, door } = this.#reach;
    const { retries, ...options } = await this.#retriesOf();
    const serialize =
      (next: Handle, context: object): Handle =>
      async (args) =>
        next({ ...args, request: await service.serialize(command, context) });
    const deserialize =
      (next: Handle, context: object): Handle =>
      async (args) => {
        const { response } = await next(args);
        return { response, output: await service.deserialize(command, context, response as HttpResponse) };
      };
    const exchange: Handle = ({ request }) => {
      const sent = requestOf(request as HttpRequest);
      return transmit(this.#reach, this.#attempt(command, abortSignal), {
        read: (shape) => service.protocol.decode(sent, shape, door.futureFields),
        write: (shape, output, requestId) => ({
          output: NO_OUTPUT,
          response: responseOf(
            service.protocol.encode(service.id, shape, output, requestId, door.futureFields),
            requestId,
          ),
        }),
      });
    };
    const stack = new command.constructor({}).middlewareStack;
    stack.add(serialize, { step: 'serialize', name: 'serializerMiddleware' });
    stack.add(deserialize, { step: 'deserialize', name: 'deserializerMiddleware' });
    stack.add(retries.retryMiddleware(provided(options)), retries.retryMiddlewareOptions);
    const handle = stack.concat(command.middlewareStack).resolve(exchange, contextOf(abortSignal));
    return (await handle({ input: command.input })).output;
  }

  #attempt(command: Command, abortSignal: AbortSignal | undefined): Attempt {
    const isFirst = !this.#hasSent;
    this.#hasSent = true;
    return { command, abortSignal, isFirst };
  }

  async #retriesOf(): Promise<Retrying> {
    if (this.#retrying !== undefined) return this.#retrying;
    const { service } = this.#reach;
    const { baseDelayMs, ...defaults } = await service.defaults();
    const maxAttempts = this.#maxAttempts ?? defaults.maxAttempts;
    const retries = retriesIn(this.#reach.host);
    const strategy = new retries.StandardRetryStrategy({ maxAttempts, baseDelay: baseDelayMs });
    return (this.#retrying ??= { retries, strategy, maxAttempts });
  }
}

const NO_OUTPUT: Output = { $metadata: {} };

const evaluated = new WeakMap<SdkHost, Retries>();

/** Evaluated once in each sandbox that has seen a call fail. */
function retriesIn(host: SdkHost): Retries {
  const known = evaluated.get(host);
  if (known !== undefined) return known;
  const retries = host.evaluate(RETRY_FILE, { '@smithy/core/serde': { v4: () => host.random.uuid() } }) as Retries;
  evaluated.set(host, retries);
  return retries;
}

function provided({ strategy, maxAttempts }: Omit<Retrying, 'retries'>): object {
  return { retryStrategy: () => Promise.resolve(strategy), maxAttempts: () => Promise.resolve(maxAttempts) };
}

function contextOf(abortSignal: AbortSignal | undefined): object {
  return { __smithy_context: { abortSignal } };
}

/** The input as it would arrive, with the idempotency token that the SDK fills in. */
function sentInput(shape: OperationShape, given: object, random: Random): { input: object; isSound: boolean } {
  const sound = soundInput(shape.service, shape.input, given);
  const isSound = sound !== UNSOUND;
  const input = (isSound ? sound : knownMembers(shape.input, given)) as Record<string, unknown>;
  const token = shape.input.kind === 'structure' ? shape.input.idempotencyToken : undefined;
  if (token !== undefined) input[token] ??= random.uuid();
  return { input, isSound };
}

/** What a service answers, as it would come out of the SDK. */
function receivedOutput(shape: OperationShape, output: object, futureFields: ReadonlySet<string>): object {
  const sound = soundOutput(shape.output, output);
  if (sound !== UNSOUND) return sound as object;
  return knownMembers(shape.output, checkedOutput(shape, output, AS_IS, futureFields)) as object;
}

function metadataOf(requestId: string): Record<string, unknown> {
  return { httpStatusCode: 200, requestId, extendedRequestId: undefined, cfId: undefined };
}

/** The SDK looks at a call that is not answered by then: twice, to no effect that a function could see. */
const WATCHED_AFTER_MS = 3_000;

/** Sends once; rejects with the SDK's exceptions, and never settles when the answer is lost or the instance has died. */
function transmit(
  { door, host, service }: Reach,
  { command, abortSignal, isFirst }: Attempt,
  content: Pick<DirectCall<Answered>, 'read' | 'write'>,
): Promise<Answered> {
  return new Promise((resolve, reject) => {
    if (host.isDead) return;
    if (abortSignal?.aborted === true) return reject(abortError(abortSignal));
    const watches = [host.after(WATCHED_AFTER_MS, () => undefined), host.after(WATCHED_AFTER_MS, () => undefined)];
    let isOver = false;
    const end = (act: () => void): void => {
      if (isOver) return;
      isOver = true;
      for (const cancel of watches) cancel();
      abortSignal?.removeEventListener('abort', abort);
      act();
    };
    const abort = (): void => end(() => reject(abortError(abortSignal!)));
    abortSignal?.addEventListener('abort', abort);
    // Not within the function's own turn: whatever strikes it then must not find it at work.
    const later = (act: () => void): void => {
      const release = host.hold();
      process.nextTick(() => (release(), act()));
    };
    // The first call of a client finds nothing prepared, and arrives after those that are sent beside it.
    const afterPreparation = isFirst ? (act: () => void): void => later(() => later(act)) : later;
    afterPreparation(() =>
      door.send<Answered>({
        ...content,
        service: service.id,
        operation: command.schema[2],
        accessKeyId: host.environment['AWS_ACCESS_KEY_ID'] ?? '',
        isGone: () => host.isDead || isOver,
        onAnswer(answer, requestId) {
          if (!(answer instanceof Fault)) return later(() => host.enter(() => end(() => resolve(answer))));
          const release = host.hold();
          void exceptionFor(service, command, answer, requestId).then((exception) => {
            release();
            host.enter(() => end(() => reject(exception as Error)));
          });
        },
        onCut: () => later(() => host.enter(() => end(() => reject(connectionReset())))),
      }),
    );
  });
}

/** What the SDK makes of a connection that is cut. */
function connectionReset(): Error {
  const error = new Error('read ECONNRESET');
  return Object.assign(error, { name: 'TimeoutError', code: 'ECONNRESET', errno: -104, syscall: 'read' });
}

function abortError({ reason }: AbortSignal): Error {
  const error = Object.assign(new Error('Request aborted'), { name: 'AbortError' });
  return reason instanceof Error ? Object.assign(error, { cause: reason }) : error;
}
