import { expect, it } from 'vitest';
import { keep, type Openings } from '../../rehearsal/openings.ts';
import type { World } from '../../rehearsal/world.ts';
import { setting } from '../scenario/setting.ts';

const openWorld = setting();

it('opens worlds from what was kept that play, act by act, what one plays that is opened anew', async () => {
  const deployed = { deployed: keep(1) };
  const settled = { deployed: keep(1), settled: keep(1) };
  const anew = await played('anew', 5);
  expect(anew.lines.length).toBeGreaterThan(200);
  for (const openings of [deployed, deployed, settled, settled]) expect(await played(openings, 5)).toEqual(anew);
  expect((await played(settled, 6)).lines).not.toEqual(anew.lines);
});

it('tells nobody of what came before a world that begins with what was kept', async () => {
  const openings = { deployed: keep(1), settled: keep(1) };
  const lines: string[] = [];
  await openWorld({ openings, onTrace: ({ label }) => void lines.push(label) });
  expect(lines).toEqual([]);
});

it('keeps so many, those that were asked for last', async () => {
  const opened: string[] = [];
  const kept = keep(2);
  const ask = (name: string): Promise<unknown> =>
    kept(name, () => {
      opened.push(name);
      return Promise.resolve({} as never);
    });
  for (const name of ['a', 'b', 'a', 'c', 'a', 'b']) await ask(name);
  expect(opened).toEqual(['a', 'b', 'c', 'b']);
});

it('keeps nothing that could not be opened', async () => {
  const kept = keep(2);
  await expect(kept('a', () => Promise.reject(new Error('no room')))).rejects.toThrow('no room');
  expect(await kept('a', () => Promise.resolve({ now: 7 } as never))).toEqual({ now: 7 });
});

/** What happens in a world once it is open, and what it knows in the end. */
async function played(openings: Openings | 'anew', seed: number): Promise<{ lines: string[]; end: unknown }> {
  const lines: string[] = [];
  let isOpen = false;
  const world = await openWorld({
    openings,
    seed,
    hasTicks: true,
    service: { desiredCount: 3, circuitBreaker: 'rollback' },
    onTrace: ({ at, kind, label }) => isOpen && lines.push(`${at} ${kind} ${label}`),
  });
  isOpen = true;
  await story(world);
  return { lines, end: [world.rollouts(), await world.history(), await world.ledgerState(), world.notifications()] };
}

/** A good image, a bad one, and ticks and alarms that were scheduled before. */
async function story(world: World): Promise<void> {
  world.region.faults.start({
    at: 'call',
    when: { probability: 0.05, lastsSeconds: 60 },
    does: { kind: 'error', error: 'throttling', isApplied: false },
  });
  await world.push();
  await world.untilRolloutEnds();
  await world.push({ behaviour: 'crash' });
  await world.untilRolloutEnds();
  await world.untilIdle();
}
