import { AsyncLocalStorage } from 'node:async_hooks';
import { Duplex } from 'node:stream';
import type { TimerId } from '../kernel/kernel.ts';
import { seededRandom } from '../kernel/random.ts';
import { NotModelled, type InvocationResult } from '../service.ts';
import { exited, failure, failureOf, timedOut, unhandledRejection } from './failures.ts';
import { failureWord, jsonOfFailure, textOfFailure, type FailureWord } from './failure-lines.ts';
import { importHandler, ImportFailure, type Handler } from './handler.ts';
import type { InstanceSetup } from './instance-setup.ts';
import type { Host } from './sandbox/host.ts';
import { ANSWER_MS } from './timing.ts';

/** One invocation, as an instance gets it. */
export interface Invocation {
  readonly requestId: string;
  /** JSON text. */
  readonly payload: string;
  /** The members of `context` that depend on the invocation's function. */
  readonly context: Readonly<Record<string, unknown>>;
  /** `_X_AMZN_TRACE_ID` */
  readonly traceId: string;
  /** Called exactly once, by the kernel. */
  readonly onSettled: (result: InvocationResult) => void;
}

interface VirtualTimer {
  readonly dueAt: number;
  readonly callback: () => void;
  /** Undefined while the instance is frozen. */
  id: TimerId | undefined;
}

/** Tells to which instance an unhandled rejection belongs, where connections resume its code. */
const running = new AsyncLocalStorage<Instance>();
/**
 * The same where only the kernel resumes code, one instance at a time: as long as no storage is in use, promises cost half.
 * Rejections are told before the event loop turns.
 */
let latest: Instance | undefined;
let isForgotten = true;

function remember(instance: Instance): void {
  latest = instance;
  if (isForgotten) setImmediate(forgetLatest);
  isForgotten = false;
}

function forgetLatest(): void {
  latest = undefined;
  isForgotten = true;
}

/**
 * An execution environment: one evaluation of a bundle, which serves one invocation at a time. Between invocations it
 * is frozen: its timers stand still. A dead one does nothing any more, whatever still happens inside it.
 */
export class Instance {
  readonly #setup: InstanceSetup;
  readonly #host: Host;
  readonly #timers = new Set<VirtualTimer>();
  readonly #sockets = new Set<Duplex>();
  #handler: Handler | undefined;
  #phase: 'idle' | 'reserved' | 'running' | 'answering' = 'idle';
  #isDead = false;
  #isRetired = false;
  #held = 0;
  #invocation: Invocation | undefined;
  #stopWatching: () => void = () => undefined;
  #defect: Error | undefined;
  #tail = '';
  /** Under what the runtime logs the latest failure, and of which invocation; none while it starts. */
  #failed: { readonly word: FailureWord; readonly isStart: boolean } = { word: 'Invoke Error', isStart: false };

  constructor(setup: InstanceSetup) {
    this.#setup = setup;
    this.#host = this.#createHost(setup.kernel.now);
    listenForRejections();
  }

  get accessKeyId(): string {
    return this.#setup.accessKeyId;
  }

  get logStreamName(): string {
    return this.#setup.logStreamName;
  }

  get isIdle(): boolean {
    return this.#phase === 'idle' && !this.#isDead;
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  /** Something that the region does not model, or a defect of what it was told; to be thrown where all can see it. */
  get defect(): Error | undefined {
    return this.#defect;
  }

  /** The last lines of the latest invocation, at most 4 KB of them. */
  get tail(): string {
    return lastBytes(this.#tail, TAIL_BYTES_MAX);
  }

  /** Keeps it for an invocation that is on its way. */
  reserve(): void {
    this.#phase = 'reserved';
  }

  /** Ready for the next invocation. */
  release(): void {
    this.#phase = 'idle';
    if (this.#isRetired) this.#leave();
  }

  /** Its function has changed: it serves no further invocation. */
  retire(): void {
    this.#isRetired = true;
    if (this.isIdle) this.#leave();
  }

  /** Starts an invocation at the present instant. */
  run(invocation: Invocation): void {
    if (this.#isDead) return invocation.onSettled(exited(invocation.requestId, KILLED));
    this.#phase = 'running';
    this.#tail = '';
    this.#invocation = invocation;
    this.#setup.environment['_X_AMZN_TRACE_ID'] = invocation.traceId;
    const untrack = this.#setup.kernel.track({
      label: `lambda ${this.#setup.functionName}`,
      // Without a thread pool or sockets of its own, code runs only in immediates, ticks and microtasks.
      isSettled: () => this.#held === 0,
    });
    const timeout = this.#scheduleTimeout(invocation);
    this.#stopWatching = () => (untrack(), this.#setup.kernel.cancel(timeout));
    this.#thaw();
    this.#within(() => void this.#handle(invocation));
  }

  /** Ends it as the end of its machine would: silence on the wire, no timer, no answer of its own. */
  kill(): void {
    if (this.#phase === 'running') this.#settle(exited(this.#invocation!.requestId, KILLED), 'dies');
    else this.#die();
  }

  /** A rejection that nobody handled: the runtime reports it and exits. */
  rejected(reason: unknown): void {
    this.#settle(unhandledRejection(reason), 'dies');
  }

  /** The line that is logged when an invocation failed, by the runtime or, where that is gone, by Lambda; `cause` is its JSON. */
  logFailure(requestId: string, cause: string): void {
    const { kernel, logFormat } = this.#setup;
    const at = new Date(kernel.now).toISOString();
    const { word, isStart } = this.#failed;
    const failed = { at, word, requestId, loggedId: isStart ? undefined : requestId, cause };
    this.#writeLine(logFormat.format === 'Text' ? textOfFailure(failed) : jsonOfFailure(failed));
  }

  async #handle(invocation: Invocation): Promise<void> {
    try {
      this.#handler ??= importHandler(this.#setup, this.#host, () => this.#invocation?.requestId);
      const context = { ...invocation.context, getRemainingTimeInMillis: this.#remainingTime() };
      const result = await this.#handler(JSON.parse(invocation.payload), context);
      this.#settle(answerOf(result), 'lives');
    } catch (thrown) {
      const failed = thrown instanceof ImportFailure ? thrown.failure : failureOf(thrown);
      this.#settle(failed, this.#handler === undefined ? 'dies' : 'lives');
    }
  }

  #remainingTime(): () => number {
    const endsAt = this.#setup.kernel.now + this.#setup.timeoutSeconds * 1000;
    return () => Math.max(0, endsAt - this.#setup.kernel.now);
  }

  #scheduleTimeout({ requestId }: Invocation): TimerId {
    const { kernel, functionName, timeoutSeconds } = this.#setup;
    return kernel.after(timeoutSeconds * 1000, 'timer', `lambda ${functionName} times out`, () =>
      this.#settle(timedOut(requestId, timeoutSeconds), 'dies'),
    );
  }

  #settle(result: InvocationResult, then: 'lives' | 'dies'): void {
    if (this.#phase !== 'running' || this.#isDead) return;
    const { kernel, functionName } = this.#setup;
    const { onSettled } = this.#invocation!;
    this.#phase = 'answering';
    this.#invocation = undefined;
    if (result.kind === 'failed')
      this.#failed = { word: failureWord(result, then), isStart: this.#handler === undefined };
    this.#stopWatching();
    if (then === 'dies') this.#die();
    else for (const timer of this.#timers) kernel.cancel(timer.id);
    kernel.after(ANSWER_MS, 'delivery', `lambda ${functionName} answers`, () => onSettled(result));
  }

  /** Ends between two invocations: connections on which nothing is under way are closed, which the door must hear to forget them. */
  #leave(): void {
    for (const socket of this.#sockets) {
      if (isBusy(socket)) continue;
      this.#sockets.delete(socket);
      socket.end();
    }
    this.#die();
  }

  #die(): void {
    this.#isDead = true;
    for (const timer of this.#timers) this.#setup.kernel.cancel(timer.id);
    this.#timers.clear();
    for (const socket of this.#sockets) sever(socket);
    this.#sockets.clear();
    this.#handler = undefined;
  }

  #createHost(createdAt: number): Host {
    const { kernel } = this.#setup;
    const hasDied = (): boolean => this.#isDead;
    return {
      random: seededRandom(Math.floor(kernel.random.next() * 2 ** 32)),
      get now() {
        return kernel.now;
      },
      get ageMs() {
        return kernel.now - createdAt;
      },
      get isDead() {
        return hasDied();
      },
      enter: (callback) => this.#enter(callback),
      after: (delayMs, callback) => this.#after(delayMs, callback),
      hold: () => this.#hold(),
      exit: (code) => this.#exit(code),
      writeLine: (line) => {
        if (!this.#isDead) this.#writeLine(line);
      },
      refuse: (what) => this.#refuse(what),
      connect: () => this.#connect(),
    };
  }

  #enter(callback: () => void): void {
    if (this.#isDead) return;
    this.#setup.kernel.resumed();
    this.#within(() => {
      try {
        callback();
      } catch (thrown) {
        // As the runtime does with an uncaught exception: report it, then exit.
        if (this.#phase === 'running') this.#settle(failureOf(thrown), 'dies');
        else this.#die();
      }
    });
  }

  #within(run: () => void): void {
    if (this.#setup.sdk === undefined) return running.run(this, run);
    remember(this);
    run();
  }

  #after(delayMs: number, callback: () => void): () => void {
    const timer: VirtualTimer = { dueAt: this.#setup.kernel.now + delayMs, callback, id: undefined };
    if (this.#isDead) return () => undefined;
    this.#timers.add(timer);
    if (this.#phase === 'running') this.#arm(timer);
    return () => {
      this.#setup.kernel.cancel(timer.id);
      this.#timers.delete(timer);
    };
  }

  #arm(timer: VirtualTimer): void {
    const { kernel, functionName } = this.#setup;
    timer.id = kernel.after(timer.dueAt - kernel.now, 'timer', `timer of lambda ${functionName}`, () => {
      this.#timers.delete(timer);
      this.#enter(timer.callback);
    });
  }

  /** After a freeze, what should have fired meanwhile fires at once, as it does on AWS. */
  #thaw(): void {
    for (const timer of this.#timers) this.#arm(timer);
  }

  #hold(): () => void {
    let isHeld = true;
    this.#held++;
    this.#setup.kernel.resumed();
    return () => {
      if (isHeld) this.#held--;
      isHeld = false;
    };
  }

  #exit(code: number): never {
    const reason = code === 0 ? 'without providing a reason' : `with error: exit status ${code}`;
    if (this.#phase === 'running') this.#settle(exited(this.#invocation!.requestId, reason), 'dies');
    throw new Error(`exit status ${code}`);
  }

  #writeLine(line: string): void {
    // Cut to bytes only when somebody asks: no character has less than one.
    this.#tail = `${this.#tail}${line}\n`.slice(-TAIL_BYTES_MAX);
    try {
      this.#setup.writeLine(line);
    } catch (thrown) {
      this.#defect ??= thrown as Error;
    }
  }

  #connect(): Duplex {
    if (this.#isDead) return new Duplex({ read: () => undefined, write: () => undefined });
    const socket = this.#setup.connect();
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    return socket;
  }

  #refuse(what: string): never {
    this.#defect ??= new NotModelled(what);
    throw this.#defect;
  }
}

const KILLED = 'with error: signal: killed';

/** Longest answer of a synchronous invocation ("Lambda quotas": 6 MB). */
const ANSWER_BYTES_MAX = 6_291_556;

/** Invoke, LogResult: "the last 4 KB of the execution log". */
const TAIL_BYTES_MAX = 4096;

/** The end of a text; a character that would be cut in two is left out. */
function lastBytes(text: string, bytesMax: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= bytesMax) return text;
  return bytes
    .subarray(bytes.length - bytesMax)
    .toString('utf8')
    .replace(/^\ufffd+/, '');
}

function answerOf(result: unknown): InvocationResult {
  const text = JSON.stringify(result) ?? 'null';
  if (Buffer.byteLength(text) <= ANSWER_BYTES_MAX) return { kind: 'answered', payload: JSON.parse(text) as unknown };
  const tooLarge = `Response payload size exceeded maximum allowed payload size (${ANSWER_BYTES_MAX} bytes).`;
  return failure('Function.ResponseSizeTooLarge', tooLarge);
}

/** Whether a request waits for its answer: node's HTTP client reads one with a parser, and takes that away afterwards. */
function isBusy(socket: Duplex & { readonly parser?: unknown }): boolean {
  return (socket.parser ?? undefined) !== undefined;
}

/** Silence: nothing that the door still says reaches the instance, and the door is not told. */
function sever(socket: Duplex): void {
  socket.removeAllListeners();
  socket.on('error', () => undefined);
  socket.resume();
}

let isListening = false;

/** One listener for all instances; a rejection outside of any keeps its usual, fatal end. */
function listenForRejections(): void {
  if (isListening) return;
  isListening = true;
  process.on('unhandledRejection', (reason) => {
    const instance = running.getStore() ?? latest;
    if (instance !== undefined) return instance.rejected(reason);
    if (process.listenerCount('unhandledRejection') === 1) throw reason;
  });
}
