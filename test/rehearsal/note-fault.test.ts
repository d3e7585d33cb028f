import { expect, it } from 'vitest';
import type { Chronicler } from '../../rehearsal/chronicler.ts';
import { FAULTS } from '../../rehearsal/faults/catalogue.ts';
import type { NamedFault } from '../../rehearsal/faults/named-fault.ts';
import { noteFault } from '../../rehearsal/note-fault.ts';
import type { World } from '../../rehearsal/world.ts';
import { assemblyOf, inAnyWorld } from '../scenario/setting.ts';

const named = (name: string): NamedFault => FAULTS.find((fault) => fault.name === name)!;

function noted(fault: NamedFault, onSeconds: number): unknown[] {
  const told: unknown[][] = [];
  const chronicler: Pick<Chronicler, 'note'> = { note: (...note) => void told.push(note) };
  noteFault(chronicler, 10, fault, onSeconds);
  return told;
}

it('notes a fault for as long as it acts, and in words that do not say how long that is', () => {
  expect(noted(named('registry-outage'), 900)).toEqual([[10, 'fault', 'registry-outage: ECR is out of service.', 120]]);
  expect(noted(named('ecs-outage'), 900)).toEqual([[15, 'fault', 'ecs-outage: ECS is out of service.', 120]]);
  expect(noted(named('ecs-outage'), 60)).toEqual([[15, 'fault', 'ecs-outage: ECS is out of service.', 55]]);
  expect(noted(named('throttling'), 60)).toEqual([[10, 'fault', 'throttling: One call in eight is throttled.', 60]]);
  for (const { acts } of FAULTS) expect(acts?.title ?? '').not.toMatch(/\b(minutes?|soon|push)\b/);
});

it('notes none that is over before it acts', () => {
  expect(noted(named('ecs-interruptions'), 60)).toEqual([]);
  expect(noted(named('ecs-interruptions'), 76)).toHaveLength(1);
});

it('knows when each fault acts', async () => {
  const acts = Object.fromEntries(FAULTS.map((fault) => [fault.name, stretchOf(fault)]));
  const seen = await inAnyWorld(
    async (world) => {
      const found: Record<string, readonly [number, number]> = {};
      for (const fault of FAULTS) found[fault.name] = await actingIn(world, fault);
      return found;
    },
    { assembly: await assemblyOf({}) },
  );
  expect(seen.result).toEqual(acts);
});

/** Longer than any fault that ends by itself. */
const WATCHED_SECONDS = 1200;

function stretchOf({ acts }: NamedFault): readonly [number, number] {
  return acts ? [acts.afterSeconds, acts.afterSeconds + acts.lastsSeconds] : [0, WATCHED_SECONDS];
}

/** From when until when a fault can act, seconds after it was injected, as the region has it. */
async function actingIn(world: World, fault: NamedFault): Promise<readonly [number, number]> {
  const { region } = world;
  const began = region.kernel.now;
  const moments: number[] = [];
  const act = (at = region.kernel.now): void => void moments.push(Math.round((at - began) / 1000));
  const earlier = new Set(region.faults.state.rules.keys());
  const disturb: typeof region.ecs.disturb = (disturbance) => {
    const end = region.ecs.disturb(disturbance);
    act();
    let isOver = false;
    return () => {
      if (!isOver) act();
      isOver = true;
      end();
    };
  };
  const interrupt: typeof region.ecs.interrupt = () => (act(), []);
  const injected = fault.inject({ ...world, region: { ...region, ecs: { ...region.ecs, disturb, interrupt } } });
  for (const { id, fromMs, untilMs = began + WATCHED_SECONDS * 1000 } of region.faults.state.rules.values())
    if (!earlier.has(id)) [fromMs, untilMs].forEach((at) => act(at));
  // Rules say when they act; what ECS does shows it.
  if (moments.length < 2) await world.advance(WATCHED_SECONDS);
  injected.end();
  return [Math.min(...moments), Math.max(...moments)];
}
