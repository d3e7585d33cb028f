import { describe, expect, it } from 'vitest';
import { Kernel, type ActKind } from '../../../region/kernel/kernel.ts';

/** Longer than it takes the kernel to believe that a world is at rest. */
const ACTS = 100;

describe('the turns of the event loop that an act costs', () => {
  it('are none where it only changes data', async () => {
    const kernel = running();

    expect(await turnsOf(kernel, 'timer', () => undefined)).toBeLessThan(ACTS / 10);
  });

  it.each<readonly [string, ActKind, (kernel: Kernel) => void]>([
    ['it answers a call', 'answer', () => undefined],
    ['it says that it resumed code', 'timer', (kernel) => kernel.resumed()],
    ['it starts an activity', 'delivery', (kernel) => void kernel.track({ label: 'new', isSettled: () => true })],
  ])('are enough for code in process where %s', async (_what, kind, act) => {
    const kernel = running();

    expect(await turnsOf(kernel, kind, () => act(kernel))).toBeGreaterThan(ACTS);
  });
});

it('lets what an act resumed come to its end before the next act, which is due at the same instant', async () => {
  const kernel = running();
  const order: string[] = [];
  kernel.after(5, 'timer', 'resumes', () => {
    kernel.resumed();
    setImmediate(() => setImmediate(() => order.push('resumed code')));
  });
  kernel.after(5, 'timer', 'next', () => void order.push('next act'));

  await kernel.runFor(10);

  expect(order).toEqual(['resumed code', 'next act']);
});

it('lets code that ran before come to its end when somebody lets time pass', async () => {
  const kernel = running();
  const order: string[] = [];
  await kernel.runFor(10);
  kernel.after(0, 'timer', 'first', () => void order.push('first act'));
  setImmediate(() => order.push('what was begun outside'));

  await kernel.runFor(10);

  expect(order).toEqual(['what was begun outside', 'first act']);
});

/** A kernel with a handler that waits for something. */
function running(): Kernel {
  const kernel = new Kernel();
  kernel.track({ label: 'a handler', isSettled: () => true });
  return kernel;
}

/** How often the event loop turns while so many acts of that kind run, each at its own instant. */
async function turnsOf(kernel: Kernel, kind: ActKind, act: () => void): Promise<number> {
  let turns = 0;
  let next = setImmediate(function turn() {
    turns++;
    next = setImmediate(turn);
  });
  for (let nth = 0; nth < ACTS; nth++) kernel.after(nth, kind, 'an act', act);
  await kernel.runFor(ACTS);
  clearImmediate(next);
  return turns;
}
