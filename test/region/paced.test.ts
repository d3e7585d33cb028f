import { expect, it } from 'vitest';
import { Kernel } from '../../region/kernel/kernel.ts';
import { runPaced, type RealClock } from '../../region/paced.ts';

const NOON = Date.UTC(2026, 5, 1, 12);

/** A clock on which only sleeping takes time; `pass` adds to it what nobody sleeps through. */
function fakeClock(): RealClock & { pass(ms: number): void } {
  let now = NOON;
  return {
    now: () => now,
    async sleep(ms) {
      await new Promise((resolve) => setImmediate(resolve));
      now += Math.max(1, Math.ceil(ms));
    },
    pass: (ms) => void (now += ms),
  };
}

/** A region at noon whose pace ends at that second of the clock, and what happened by then: when by the clock, and when by the region. */
function paced(speed: number, isBusy: () => boolean = () => false) {
  const kernel = new Kernel({ startAt: NOON });
  const clock = fakeClock();
  const happened: Record<string, { readonly clock: number; readonly region: number }> = {};
  const seconds = (ms: number): number => Math.round((ms - NOON) / 100) / 10;
  const note = (what: string): void => {
    happened[what] = { clock: seconds(clock.now()), region: seconds(kernel.now) };
  };
  const until = async (second: number): Promise<void> => {
    const ending = new AbortController();
    const endingClock: RealClock = {
      now: clock.now,
      async sleep(ms, signal) {
        await clock.sleep(ms, signal);
        if (seconds(clock.now()) >= second) ending.abort();
      },
    };
    await runPaced(kernel, speed, ending.signal, { clock: endingClock, isBusy });
  };
  const at = (second: number, what: string, act: () => void = () => {}): void =>
    void kernel.after(second * 1000, 'timer', what, () => {
      note(what);
      act();
    });
  return { kernel, clock, happened, note, at, until, secondsNow: () => seconds(kernel.now) };
}

it('an idle region keeps to the clock, at any speed', async () => {
  const { at, happened, until, secondsNow } = paced(3600);
  at(5, 'early');
  at(30, 'late');
  await until(20);
  expect(happened).toEqual({ early: { clock: 5, region: 5 } });
  expect(secondsNow()).toBeCloseTo(20, 0);
});

it('a busy region runs ahead, then waits for the clock', async () => {
  let isBusy = true;
  const { at, happened, until } = paced(60, () => isBusy);
  at(120, 'done', () => (isBusy = false));
  at(130, 'next');
  await until(200);
  expect(happened).toEqual({ done: { clock: 2, region: 120 }, next: { clock: 130, region: 130 } });
});

it('a region that is ahead answers at once, and goes no further for it than the call takes', async () => {
  let isBusy = true;
  const { kernel, at, happened, until, note, secondsNow } = paced(60, () => isBusy);
  at(120, 'done', () => (isBusy = false));
  at(122, 'next');
  await until(10);
  for (let call = 0; call < 20; call++) {
    kernel.after(5, 'arrive', 'call', () => void kernel.after(5, 'answer', 'call', () => note('answered')));
    await until(10 + (call + 1) / 10);
  }
  expect(happened['answered']!.clock).toBeLessThanOrEqual(12.1);
  expect(secondsNow()).toBeLessThan(122);
  expect(secondsNow() - 120).toBeLessThan(2);
  expect(happened).not.toHaveProperty('next');
});

it('a region that is ahead starts at once what a call sets off, at a low speed too', async () => {
  let isBusy = true;
  const { kernel, at, happened, until, note } = paced(2, () => isBusy);
  at(120, 'done', () => (isBusy = false));
  await until(61);
  const deliver = (afterMs: number, what: string) => kernel.after(afterMs, 'delivery', what, () => note(what));
  kernel.after(5, 'arrive', 'push', () => {
    deliver(100, 'started');
    deliver(60_000, 'tried again');
  });
  await until(62);
  expect(happened['started']?.clock).toBeLessThanOrEqual(61.2);
  await until(100);
  expect(happened).not.toHaveProperty('tried again');
});

it.each([true, false])('a region whose machine sleeps for hours wakes where the clock is; busy: %s', async (isBusy) => {
  const { clock, at, happened, until, secondsNow } = paced(60, () => isBusy);
  at(1, 'asleep', () => clock.pass(7_200_000));
  at(3600, 'meanwhile');
  await until(7205);
  expect(happened['meanwhile']!.region).toBe(3600);
  expect(secondsNow()).toBeGreaterThan(7199);
  expect(secondsNow()).toBeLessThan(7600);
});

it('a speed of 1 keeps to the clock whatever happens', async () => {
  const { at, happened, until } = paced(1, () => true);
  at(5, 'then');
  await until(8);
  expect(happened).toEqual({ then: { clock: 5, region: 5 } });
});
