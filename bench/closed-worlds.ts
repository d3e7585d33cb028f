import { openWorld } from '../rehearsal/world.ts';
import type { Measurement } from './measurement.ts';

/** What the first worlds leave behind is code that is compiled, and kept for those that follow. */
const WARM_UPS = 8;
const WORLDS = 24;
const MB_PER_WORLD_MAX = 1;

/** What stays in memory of a world that was closed, in which handlers were killed and calls never answered. */
export async function measureClosedWorlds(assembly: string): Promise<Measurement[]> {
  for (let nth = 0; nth < WARM_UPS; nth++) await playAndClose(assembly, nth);
  const before = heapMb();
  for (let nth = 0; nth < WORLDS; nth++) await playAndClose(assembly, nth);
  const value = (heapMb() - before) / WORLDS;
  return [{ name: 'memory that a closed world keeps', value, unit: 'MB', bound: MB_PER_WORLD_MAX }];
}

async function playAndClose(assembly: string, nth: number): Promise<void> {
  const world = await openWorld({ assembly, seed: nth + 1 });
  world.region.faults.start(
    { at: 'call', when: { nth: 20 + nth, times: 1 }, does: { kind: 'kill', applied: 'never' } },
    { at: 'call', when: { nth: 30 + nth, times: 1 }, does: { kind: 'kill', applied: 'at-once' } },
    { at: 'call', when: { nth: 40, times: 1 }, does: { kind: 'lost', connection: 'silent', isApplied: true } },
  );
  await world.push();
  await world.untilRolloutEnds();
  await world.close();
}

function heapMb(): number {
  globalThis.gc!();
  return process.memoryUsage().heapUsed / 1e6;
}
