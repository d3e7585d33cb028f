import { expect, it } from 'vitest';
import { setting } from './setting.ts';

const openWorld = setting();

/** The trace of a life with a good image, a bad one, and one that waits for its turn. */
async function traceOf(seed: number): Promise<string> {
  const lines: string[] = [];
  const world = await openWorld({ seed, onTrace: ({ at, kind, label }) => lines.push(`${at} ${kind} ${label}`) });
  await world.push({ isIndex: true });
  await world.advance(30);
  await world.push({ behaviour: 'crash' });
  await world.untilIdle();
  return [...lines, ...world.logLines(), JSON.stringify(world.rollouts())].join('\n');
}

it('gives the same trace for the same seed, byte for byte', async () => {
  const first = await traceOf(7);
  expect(first.split('\n').length).toBeGreaterThan(500);
  expect(await traceOf(7)).toBe(first);
});

it('gives another trace for another seed', async () => {
  expect(await traceOf(8)).not.toBe(await traceOf(7));
});
