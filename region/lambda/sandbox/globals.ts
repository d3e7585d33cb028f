import { virtualAbortSignal, virtualDate, virtualPerformance } from './clock.ts';
import type { Host } from './host.ts';
import { outputStream, patchedConsole, type LogFormat } from './output.ts';
import { sandboxProcess } from './runtime.ts';
import { seededCrypto, seededMath } from './randomness.ts';
import { virtualTimers, type Timers } from './timers.ts';

/** The stand-ins of one sandbox for what is global in Node.js. */
export interface SandboxGlobals {
  readonly timers: Timers;
  readonly process: object;
  readonly console: Console;
  readonly performance: object;
  readonly cryptoModule: object;
  /** Every name of `SANDBOX_NAMES` that is not a module's own. */
  readonly values: Readonly<Record<string, unknown>>;
}

export function sandboxGlobals(host: Host, env: Record<string, string>, logFormat: LogFormat): SandboxGlobals {
  const out = outputStream((line) => host.writeLine(line));
  const timers = virtualTimers(host);
  const process = sandboxProcess(host, env, out);
  const console = patchedConsole(host, out, logFormat);
  const performance = virtualPerformance(host);
  const cryptoModule = seededCrypto(host);
  const replaced = {
    ...timers,
    ...refused(host),
    process,
    console,
    performance,
    crypto: (cryptoModule as { webcrypto: unknown }).webcrypto,
    Date: virtualDate(host),
    Math: seededMath(host.random),
    AbortSignal: virtualAbortSignal(host),
    queueMicrotask: (callback: () => void) => queueMicrotask(() => host.enter(callback)),
  };
  const own = ownGlobal(replaced);
  return { timers, process, console, performance, cryptoModule, values: { ...replaced, globalThis: own, global: own } };
}

/** Network and threads that pass by the door. */
function refused(host: Host): Record<string, unknown> {
  const names = ['fetch', 'WebSocket', 'EventSource', 'MessageChannel', 'BroadcastChannel'];
  const refusal = (name: string) =>
    function refused(): never {
      return host.refuse(`${name} in a Lambda function`);
    };
  return Object.fromEntries(names.map((name) => [name, refusal(name)]));
}

/**
 * What Node.js itself defines so that it is enumerated. Whatever else is enumerated a program has put there: clients of the
 * SDK in this process keep their `awslambda` there, and a function that found it would share it with every other one.
 */
const ENUMERATED = new Set([
  ...['global', 'clearImmediate', 'setImmediate', 'clearInterval', 'clearTimeout', 'setInterval', 'setTimeout'],
  ...['queueMicrotask', 'structuredClone', 'atob', 'btoa', 'performance', 'fetch', 'navigator', 'crypto'],
]);

/** A global object of its own: what a function puts there, no other instance sees, and it sees nothing of this process. */
function ownGlobal(replaced: Readonly<Record<string, unknown>>): object {
  const own = Object.defineProperties({}, (ofNode ??= globalsOfNode()));
  const define = (name: string, value: unknown): void => {
    Object.defineProperty(own, name, { value, writable: true, configurable: true });
  };
  for (const name in replaced) define(name, replaced[name]);
  define('globalThis', own);
  define('global', own);
  return own;
}

/** The same for every function. */
let ofNode: PropertyDescriptorMap | undefined;

function globalsOfNode(): PropertyDescriptorMap {
  const own = Object.entries(Object.getOwnPropertyDescriptors(globalThis)).filter(
    ([name, { enumerable }]) => enumerable !== true || ENUMERATED.has(name),
  );
  return Object.fromEntries(
    own.map(([name, { get, value }]): [string, PropertyDescriptor] => [
      name,
      get === undefined
        ? { value: value as unknown, writable: true, configurable: true }
        : { get: get.bind(globalThis) as () => unknown, configurable: true },
    ]),
  );
}
