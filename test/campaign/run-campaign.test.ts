import { expect, it } from 'vitest';
import { assembliesIn } from '../../campaign/assemblies.ts';
import { missing, OUTCOMES } from '../../campaign/reach.ts';
import { readCorpus } from '../../campaign/corpus.ts';
import { runCampaign } from '../../campaign/run-campaign.ts';
import { scratchDirectory } from '../scenario/setting.ts';

it('plays the corpus first, and seeds until so many rollouts have ended, unless nobody wants more', async () => {
  const [remembered] = readCorpus().filter(({ why }) => why.includes('REJECTED'));
  const seeds: number[] = [];
  const told = await runCampaign({
    rollouts: 5,
    seed: 4,
    assemblyOf: assembliesIn(scratchDirectory()),
    remembered: [remembered!],
    isOver: () => seeds.length === 3,
    onPlayed: (_soFar, { plan }) => void seeds.push(plan.seed),
  });
  expect(seeds.slice(0, 2)).toEqual([remembered!.plan.seed, 4]);
  expect(told).toMatchObject({ worlds: seeds.length, broken: [] });
  expect(told.rollouts).toBeGreaterThanOrEqual(5);
  expect(missing(told.reach)).not.toContain('outcome REJECTED');
});

it('has a plan in the corpus for each outcome that random histories seldom reach', () => {
  const reached = readCorpus().flatMap(({ why }) => /^reaches (\w+):/.exec(why)?.[1] ?? []);
  expect(OUTCOMES.filter((outcome) => !reached.includes(outcome))).toEqual(['SUCCEEDED', 'NO_CHANGE', 'ROLLED_BACK']);
});
