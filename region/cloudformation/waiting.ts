import type { Kernel, TimerId } from '../kernel/kernel.ts';
import type { Until } from './change-resource.ts';
import { POLL_MS } from './timing.ts';

const LABEL = 'cloudformation looks again';

/** Waits by letting the kernel run: for a deployment that whoever runs the region asks for. */
export function untilRun(kernel: Kernel): Until {
  return async (isDone, what, limitMs) => {
    // Something must be due while nothing else is, or else virtual time leaps over the end that is waited for.
    let timer: TimerId;
    const look = (): void => void (timer = kernel.after(POLL_MS, 'timer', LABEL, look));
    look();
    try {
      await kernel.runUntil(isDone, what, limitMs);
    } finally {
      kernel.cancel(timer!);
    }
  };
}

/**
 * Does work in acts of the kernel, which somebody else runs: for what is asked for over the API. An act lasts until the work
 * waits again or has ended, so nothing else comes between.
 */
export function inActs(kernel: Kernel, label: string, work: (until: Until) => Promise<void>): void {
  let rest = (): void => undefined;
  let failure: unknown;
  const act = async (go: () => void): Promise<void> => {
    await new Promise<void>((resolve) => {
      rest = resolve;
      go();
    });
    if (failure !== undefined) throw failure;
  };
  const until: Until = (isDone, what, limitMs) =>
    new Promise((resolve, reject) => {
      const deadline = kernel.now + limitMs;
      const look = (): void => {
        try {
          if (isDone()) return resolve();
        } catch (thrown) {
          return reject(thrown as Error);
        }
        if (kernel.now >= deadline) return reject(new Error(`${what} did not happen within ${limitMs / 1000} s`));
        kernel.after(POLL_MS, 'timer', LABEL, () => act(look));
        rest();
      };
      look();
    });
  const ended = (thrown?: unknown): void => {
    failure = thrown;
    rest();
  };
  kernel.after(0, 'timer', label, () => act(() => void work(until).then(() => ended(), ended)));
}
