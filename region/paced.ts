import type { Kernel } from './kernel/kernel.ts';

/** Real time, as the region is to keep it. */
export interface RealClock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Ends after `ms` milliseconds, or at once when `signal` aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export interface PaceOptions {
  /** What virtual time keeps to while the region is idle. @default real time, as it passes from where virtual time stands */
  readonly clock?: RealClock;
  /** Whether somebody waits for the region, beside who waits for an answer. @default always */
  readonly isBusy?: () => boolean;
}

/** How long the paced clock may stand still at most, in real milliseconds; a caller from outside sees it that stale. */
const LONGEST_REST_MS = 20;

/** A clock that went on for as long between two looks at it has been set, or its machine was asleep. */
const ASLEEP_MS = 5_000;

/** For how long the region may work off what is due without looking at signals and sockets, in real milliseconds. */
const LONGEST_TURN_MS = 20;

/**
 * Lets time pass until `signal` aborts. While the region is busy, virtual time passes `speed` times as fast as the clock; while it
 * is idle, it is the clock's time, and where it has run ahead, it waits for the clock. This is the only place where real
 * time enters the region: people and tools at the loopback door live in it.
 */
export async function runPaced(
  kernel: Kernel,
  speed: number,
  signal: AbortSignal,
  { clock = realTimeSince(kernel.now), isBusy = () => true }: PaceOptions = {},
): Promise<void> {
  if (!(speed > 0)) throw new Error(`the speed must be a number above 0, not ${speed}`);
  let seenAt = clock.now();
  let target = kernel.now;
  while (!signal.aborted) {
    await catchUp(kernel, Math.floor(target), signal);
    // Who is idle now was idle throughout the rest, even when a call ended it.
    const isFast = kernel.isCarrying || isBusy();
    const untilDueMs = isFast ? (dueAt(kernel) - kernel.now) / speed : dueAt(kernel) - seenAt;
    await rest(kernel, Math.min(LONGEST_REST_MS, Math.max(0, untilDueMs)), clock, signal);
    const now = clock.now();
    const elapsedMs = now - seenAt;
    const hasRun = elapsedMs >= 0 && elapsedMs < ASLEEP_MS;
    target = isFast && hasRun ? Math.max(kernel.now, target) + elapsedMs * speed : Math.max(kernel.now, now);
    seenAt = now;
  }
}

function dueAt(kernel: Kernel): number {
  return kernel.nextDueAt ?? Number.POSITIVE_INFINITY;
}

/** Runs what is due. A step may go by without a turn of the event loop, so a backlog would keep signals and sockets waiting. */
async function catchUp(kernel: Kernel, untilMs: number, signal: AbortSignal): Promise<void> {
  let turnBegan = performance.now();
  while (!signal.aborted && (await kernel.step(untilMs))) {
    if (performance.now() - turnBegan < LONGEST_TURN_MS) continue;
    await new Promise<void>((resolve) => setImmediate(resolve));
    turnBegan = performance.now();
  }
}

/** Ends after `restMs`, or at once when an act is scheduled or the run is to end. */
async function rest(kernel: Kernel, restMs: number, clock: RealClock, signal: AbortSignal): Promise<void> {
  const waking = new AbortController();
  const wake = (): void => waking.abort();
  const stopListening = kernel.onScheduled(wake);
  signal.addEventListener('abort', wake);
  if (!signal.aborted) await clock.sleep(restMs, waking.signal);
  signal.removeEventListener('abort', wake);
  stopListening();
}

/** Real time by a clock that nobody sets, told from `startAt` on. */
function realTimeSince(startAt: number): RealClock {
  const realStart = performance.now();
  return {
    now: () => startAt + performance.now() - realStart,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        const end = (): void => {
          clearTimeout(timer);
          signal.removeEventListener('abort', end);
          resolve();
        };
        const timer = setTimeout(end, ms);
        signal.addEventListener('abort', end);
      }),
  };
}
