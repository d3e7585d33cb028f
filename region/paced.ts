import type { Kernel } from './kernel/kernel.ts';

/** How long the paced clock may stand still at most, in real milliseconds; a caller from outside sees it that stale. */
const LONGEST_REST_MS = 20;

/** For how long the region may work off what is due without looking at signals and sockets, in real milliseconds. */
const LONGEST_TURN_MS = 20;

/**
 * Lets virtual time follow real time times `speed` until `signal` aborts. This is the only place where real time enters
 * the region: people and tools at the loopback door live in it.
 */
export async function runPaced(kernel: Kernel, speed: number, signal: AbortSignal): Promise<void> {
  if (!(speed > 0)) throw new Error(`the speed must be a number above 0, not ${speed}`);
  const virtualStart = kernel.now;
  const realStart = performance.now();
  const virtualNow = (): number => virtualStart + Math.floor((performance.now() - realStart) * speed);
  while (!signal.aborted) {
    await catchUp(kernel, virtualNow, signal);
    await rest(kernel, restMs(kernel, speed), signal);
  }
}

/** Runs what is due. A step may go by without a turn of the event loop, so a backlog would keep signals and sockets waiting. */
async function catchUp(kernel: Kernel, virtualNow: () => number, signal: AbortSignal): Promise<void> {
  let turnBegan = performance.now();
  while (!signal.aborted && (await kernel.step(virtualNow()))) {
    if (performance.now() - turnBegan < LONGEST_TURN_MS) continue;
    await new Promise<void>((resolve) => setImmediate(resolve));
    turnBegan = performance.now();
  }
}

function restMs(kernel: Kernel, speed: number): number {
  const untilDueMs = kernel.nextDueAt === undefined ? LONGEST_REST_MS : (kernel.nextDueAt - kernel.now) / speed;
  return Math.min(LONGEST_REST_MS, Math.max(0, untilDueMs));
}

/** Ends after `restMs`, or at once when an act is scheduled or the run is to end. */
function rest(kernel: Kernel, restMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const wake = (): void => {
      clearTimeout(timer);
      stopListening();
      signal.removeEventListener('abort', wake);
      resolve();
    };
    const timer = setTimeout(wake, restMs);
    const stopListening = kernel.onScheduled(wake);
    signal.addEventListener('abort', wake);
  });
}
