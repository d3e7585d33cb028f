import { keep, type Openings } from '../rehearsal/openings.ts';
import { openWorld } from '../rehearsal/world.ts';
import type { Measurement } from './measurement.ts';

const WARM_UPS = 20;
const WORLDS = 60;
const YARDSTICKS_MAX = 10;
/** What worlds need that do not begin with kept ones is told, and not bound. */
const ANEW = 10;

/** What it costs to open a world whose services are steady, as processor time in multiples of the yardstick. */
export async function measureOpeningWorlds(assembly: string, yardstick: number): Promise<Measurement[]> {
  const settled: Openings = { deployed: keep(1), settled: keep(1) };
  await open(assembly, settled, WARM_UPS);
  return [
    {
      name: 'opening a settled world, by the yardstick',
      value: (await open(assembly, settled, WORLDS)) / yardstick,
      unit: 'x',
      bound: YARDSTICKS_MAX,
    },
    {
      name: '… whose stacks are deployed',
      value: (await open(assembly, { deployed: keep(1) }, WORLDS)) / yardstick,
      unit: 'x',
    },
    { name: '… that is opened anew', value: (await open(assembly, 'anew', ANEW)) / yardstick, unit: 'x' },
  ];
}

/** Processor time, milliseconds a world. */
async function open(assembly: string, openings: Openings | 'anew', worlds: number): Promise<number> {
  const before = process.cpuUsage();
  for (let seed = 1; seed <= worlds; seed++) {
    const world = await openWorld({ assembly, seed, openings, hasTicks: true });
    await world.close();
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / worlds;
}
