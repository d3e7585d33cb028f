import { promisify } from 'node:util';
import type { Host } from './host.ts';

/** The longest delay that Node.js knows; more than that becomes 1 ms, as there. */
const TIMEOUT_MS_MAX = 2 ** 31 - 1;

/** What `setTimeout` answers: of Node.js's Timeout, what programs use. */
interface Timer {
  ref(): Timer;
  unref(): Timer;
  hasRef(): boolean;
  refresh(): Timer;
  close(): Timer;
  [Symbol.toPrimitive](): number;
}

/** The timer functions of one sandbox; delays are virtual, immediates are turns of the real event loop. */
export interface Timers {
  readonly setTimeout: (callback: (...given: unknown[]) => void, delayMs?: number, ...given: unknown[]) => Timer;
  readonly clearTimeout: (timer: unknown) => void;
  readonly setInterval: (callback: (...given: unknown[]) => void, delayMs?: number, ...given: unknown[]) => Timer;
  readonly clearInterval: (timer: unknown) => void;
  readonly setImmediate: (callback: (...given: unknown[]) => void, ...given: unknown[]) => NodeJS.Immediate;
  readonly clearImmediate: (immediate: unknown) => void;
}

export function virtualTimers(host: Host): Timers {
  const cancels = new Map<number, () => void>();
  let lastId = 0;
  const clear = (timer: unknown): void => {
    const id = Number(timer);
    cancels.get(id)?.();
    cancels.delete(id);
  };
  const start = (callback: () => void, delayMs: unknown, isRepeated: boolean): Timer => {
    const id = ++lastId;
    const delay = validDelay(delayMs);
    const arm = (): void => void cancels.set(id, host.after(delay, fire));
    const fire = (): void => {
      if (isRepeated) arm();
      else cancels.delete(id);
      callback();
    };
    arm();
    return timer(
      id,
      () => (clear(id), arm()),
      () => clear(id),
    );
  };
  const setTimeout: Timers['setTimeout'] = (callback, delayMs, ...given) =>
    start(() => callback(...given), delayMs, false);
  Object.defineProperty(setTimeout, promisify.custom, {
    value: (delayMs?: number, value?: unknown) => new Promise((resolve) => start(() => resolve(value), delayMs, false)),
  });
  return {
    setTimeout,
    clearTimeout: clear,
    setInterval: (callback, delayMs, ...given) => start(() => callback(...given), delayMs, true),
    clearInterval: clear,
    ...immediates(host),
  };
}

function immediates(host: Host): Pick<Timers, 'setImmediate' | 'clearImmediate'> {
  const releases = new Map<NodeJS.Immediate, () => void>();
  const release = (immediate: NodeJS.Immediate): void => {
    releases.get(immediate)?.();
    releases.delete(immediate);
  };
  return {
    setImmediate: (callback, ...given) => {
      const immediate = setImmediate(() => {
        release(immediate);
        host.enter(() => callback(...given));
      });
      releases.set(immediate, host.hold());
      return immediate;
    },
    clearImmediate: (immediate) => {
      clearImmediate(immediate as NodeJS.Immediate);
      release(immediate as NodeJS.Immediate);
    },
  };
}

function timer(id: number, refresh: () => void, close: () => void): Timer {
  let isReferenced = true;
  const self: Timer = {
    ref: () => ((isReferenced = true), self),
    unref: () => ((isReferenced = false), self),
    hasRef: () => isReferenced,
    refresh: () => (refresh(), self),
    close: () => (close(), self),
    [Symbol.toPrimitive]: () => id,
  };
  return self;
}

function validDelay(delayMs: unknown): number {
  const delay = Number(delayMs);
  return delay >= 1 && delay <= TIMEOUT_MS_MAX ? Math.ceil(delay) : 1;
}

/** `timers/promises` on the same clock. */
export function timersPromises(timers: Timers, host: Host): object {
  return {
    setTimeout: (delayMs?: number, value?: unknown) =>
      new Promise((resolve) => timers.setTimeout(() => resolve(value), delayMs)),
    setImmediate: (value?: unknown) => new Promise((resolve) => timers.setImmediate(() => resolve(value))),
    setInterval: () => host.refuse('timers/promises.setInterval in a Lambda function'),
    scheduler: {
      wait: (delayMs?: number) => new Promise<void>((resolve) => timers.setTimeout(() => resolve(), delayMs)),
      yield: () => new Promise<void>((resolve) => timers.setImmediate(() => resolve())),
    },
  };
}
