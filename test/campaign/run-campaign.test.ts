import { expect, it } from 'vitest';
import { assembliesIn } from '../../campaign/assemblies.ts';
import { missing, NOTHING_MET, statesAndEdges } from '../../campaign/reach.ts';
import { readCorpus } from '../../campaign/corpus.ts';
import { planOf } from '../../campaign/generate-plan.ts';
import { lostPlan, playPlan, type Played } from '../../campaign/play-plan.ts';
import { isForBothDoors, type Plan } from '../../campaign/plan.ts';
import { LOST_MOST, runCampaign, type Campaign } from '../../campaign/run-campaign.ts';
import { readDefinition } from '../../infra/definition.ts';
import { scratchDirectory } from '../scenario/setting.ts';

it('plays the corpus first, and seeds until so many rollouts have ended, unless nobody wants more', async () => {
  const [remembered] = readCorpus().filter(({ why }) => why.includes('REJECTED'));
  const seeds: number[] = [];
  const assemblyOf = assembliesIn(scratchDirectory());
  const told = await runCampaign({
    rollouts: 5,
    seed: 4,
    play: (plan) => playPlan(plan, { assemblyOf }),
    remembered: [remembered!],
    isOver: () => seeds.length === 3,
    onPlayed: (_soFar, { plan }) => void seeds.push(plan.seed),
  });
  expect(seeds.slice(0, 2)).toEqual([remembered!.plan.seed, 4]);
  expect(told).toMatchObject({ worlds: seeds.length, broken: [] });
  expect(told.rollouts).toBeGreaterThanOrEqual(5);
  expect(missing(told.reach)).not.toContain('outcome REJECTED');
});

it('tells the same however many worlds are played at once, and whichever ends first', async () => {
  const alone = await told(1);
  expect(alone.worlds).toBe(8);
  expect(alone.broken.map(({ plan }) => plan.seed)).toEqual([3, 6]);
  expect(await told(3)).toEqual(alone);
});

it('plays the first seed of any run, however short, and every hundredth on both doors', async () => {
  const plans: Plan[] = [];
  const play = async (plan: Plan): Promise<Played> => {
    plans.push(plan);
    return played(plan, []);
  };
  const remembered = [7, 8].map((seed) => ({ why: 'rest: It does not.', plan: planOf(seed) }));
  const short = await runCampaign({ rollouts: 10, seed: 4711, play, remembered });
  expect(plans.map(({ seed }) => seed)).toEqual([7, 8, 4711]);
  expect(plans.filter(isForBothDoors)).toEqual([{ ...planOf(4711), doors: 'both' }]);
  expect(short).toMatchObject({ worlds: 3, seeds: 1, wired: 1, rollouts: 15 });
  const long = await runCampaign({ rollouts: 1_000, seed: 4711, play, remembered: [] });
  const wired = plans.slice(3).filter(isForBothDoors);
  expect(wired.map(({ seed }) => seed)).toEqual([4711, 4800, 4900]);
  expect(long).toMatchObject({ worlds: 200, seeds: 200, wired: 3 });
});

it('goes on with seed 0 after the largest', async () => {
  const seeds: number[] = [];
  const play = async (plan: Plan): Promise<Played> => {
    seeds.push(plan.seed);
    return played(plan, []);
  };
  await runCampaign({ rollouts: 15, seed: 0xffff_fffe, play, remembered: [] });
  expect(seeds).toEqual([0xffff_fffe, 0xffff_ffff, 0]);
});

/** Each world has five rollouts; odd seeds take longer, and each third breaks something. */
async function told(jobs: number): Promise<Campaign> {
  const play = async (plan: Plan): Promise<Played> => {
    await new Promise((resolve) => setTimeout(resolve, plan.seed % 2 === 1 ? 20 : 1));
    return played(plan, plan.seed % 3 === 0 ? ['rest: it does not.'] : []);
  };
  return runCampaign({ rollouts: 40, seed: 1, jobs, play, remembered: [] });
}

function played(plan: Plan, violations: readonly string[]): Played {
  const cpuMs = { opening: 1, playing: 1, auditing: 1 };
  const met = new Map([[`outcome ${plan.seed}`, 1]]);
  return { plan, violations, rollouts: 5, met, meetable: [], traceDigest: '', virtualSeconds: 3600, cpuMs };
}

it('ends where no world can be played any more, and not where some of them cannot', async () => {
  const lost = (isLost: (seed: number) => boolean): Promise<Campaign> =>
    runCampaign({
      rollouts: 20,
      seed: 1,
      remembered: [],
      play: async (plan) => (isLost(plan.seed) ? lostPlan(plan, 'end: It broke.') : played(plan, [])),
    });
  expect(await lost((seed) => seed >= 3)).toMatchObject({ worlds: 2 + LOST_MOST, rollouts: 10, lostInARow: LOST_MOST });
  const some = await lost((seed) => seed % LOST_MOST > 0);
  expect(some).toMatchObject({ rollouts: 20, lostInARow: 0 });
  expect(some.broken).toHaveLength(4 * (LOST_MOST - 1));
});

it('has a plan in the corpus for each outcome, state, edge and fault', () => {
  const reached = readCorpus().flatMap(({ plan }) => plan.reaches ?? []);
  const things = [...NOTHING_MET.keys(), ...statesAndEdges(JSON.stringify(readDefinition()))];
  const due = things.filter((thing) => !/^(deed|race) /.test(thing));
  expect(due.length).toBeGreaterThan(100);
  expect(due.filter((thing) => !reached.includes(thing))).toEqual([]);
  expect(reached.filter((thing) => !due.includes(thing))).toEqual([]);
});
