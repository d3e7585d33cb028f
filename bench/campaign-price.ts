import { join } from 'node:path';
import { assembliesIn } from '../campaign/assemblies.ts';
import { planOf } from '../campaign/generate-plan.ts';
import { playPlan } from '../campaign/play-plan.ts';
import { keepOpenings } from '../rehearsal/openings.ts';
import type { Measurement } from './measurement.ts';

/** Worlds that come before: they synthesize every setting, and what is compiled then stays. */
const WARM_UPS = 60;
const WORLDS = 60;
const YARDSTICKS_MAX = 15;

/**
 * What one execution of a campaign costs, world and audit included, as processor time in multiples of the yardstick:
 * milliseconds of one SDK call. The seeds are always the same ones.
 */
export async function measureCampaignPrice(scratch: string, yardstick: number): Promise<Measurement[]> {
  const assemblyOf = assembliesIn(join(scratch, 'campaign'));
  const openings = keepOpenings();
  const spent = { opening: 0, playing: 0, auditing: 0 };
  let rollouts = 0;
  for (let seed = 1; seed <= WARM_UPS + WORLDS; seed++) {
    const { cpuMs, rollouts: played } = await playPlan(planOf(seed), { assemblyOf, openings });
    if (seed <= WARM_UPS) continue;
    rollouts += played;
    spent.opening += cpuMs.opening;
    spent.playing += cpuMs.playing;
    spent.auditing += cpuMs.auditing;
  }
  const each = (name: string, ms: number, count: number, bound?: number): Measurement => ({
    name,
    value: ms / count / yardstick,
    unit: 'x',
    ...(bound !== undefined && { bound }),
  });
  const all = spent.opening + spent.playing + spent.auditing;
  return [
    each('an execution of a campaign, world and audit included, by the yardstick', all, rollouts, YARDSTICKS_MAX),
    each('… of it opening the world', spent.opening, rollouts),
    each('… auditing it', spent.auditing, rollouts),
  ];
}
