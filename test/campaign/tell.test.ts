import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { readCorpus, remember } from '../../campaign/corpus.ts';
import { planOf } from '../../campaign/generate-plan.ts';
import { lostPlan, type Played } from '../../campaign/play-plan.ts';
import { createTeller, type Shorten } from '../../campaign/tell.ts';
import { scratchDirectory } from '../scenario/setting.ts';

const broke = (seed: number, ...violations: readonly string[]): Played => ({
  ...lostPlan(planOf(seed), ''),
  violations,
});

/** Keeps the last step only. */
const shorten: Shorten = (plan) => Promise.resolve({ ...plan, steps: plan.steps.slice(-1) });

it('says which world broke what, each sentence once, and how it is played again', async () => {
  const directory = scratchDirectory();
  const tell = createTeller({ directory });
  const { what, remembered } = tell(broke(7, 'rest: It does not.', 'rest: It does not.', 'end: Never.'));
  expect(what).toEqual(['seed 7 broke rules 3 times:', '  rest: It does not.', '  end: Never.']);
  expect(await remembered()).toMatch(
    /^play it again: npm run campaign -- --replay \S+\/rest-7\.json; add --shrink to shorten it$/,
  );
  expect(readCorpus(directory)).toEqual([{ why: 'rest: It does not.', plan: planOf(7) }]);
});

it('shows a stack once', () => {
  const tell = createTeller({ directory: scratchDirectory() });
  const thrown = (at: number): string => `end: It broke.\n    at play.ts:${at}`;
  const shown = [1, 1, 2].map((at, seed) => tell(broke(seed, thrown(at))).what[1]);
  expect(shown).toEqual([`  ${thrown(1)}`, '  end: It broke.', `  ${thrown(2)}`]);
});

it('remembers three worlds of each rule, and says of the others by which seed they are played again', async () => {
  const directory = scratchDirectory();
  const tell = createTeller({ directory });
  for (const seed of [1, 2, 3]) await tell(broke(seed, 'rest: It does not.')).remembered();
  const fourth = await tell(broke(4, 'rest: It does not.')).remembered();
  expect(fourth).toBe('play it again: npm run campaign -- --replay 4; add --shrink to shorten it');
  await tell(broke(5, 'end: Never.')).remembered();
  expect(readdirSync(directory)).toEqual(['end-5.json', 'rest-1.json', 'rest-2.json', 'rest-3.json']);
});

it('shortens the first world of each rule, and no other', async () => {
  const directory = scratchDirectory();
  const tell = createTeller({ shorten, directory });
  const first = planOf(11);
  expect(first.steps.length).toBeGreaterThan(1);
  const told = await tell(broke(11, 'rest: It does not.')).remembered();
  expect(told).toMatch(
    new RegExp(`^1 of ${first.steps.length} steps still break it, in (\\S+/rest-11.json); play it again: .* \\1$`),
  );
  await tell(broke(12, 'rest: It does not.')).remembered();
  await tell(broke(13, 'end: Never.')).remembered();
  const steps = readCorpus(directory).map(({ plan }) => [plan.seed, plan.steps.length]);
  expect(steps).toEqual([
    [13, 1],
    [11, 1],
    [12, planOf(12).steps.length],
  ]);
});

it('calls a plan of the corpus by its file, and remembers it once more only where it was shortened, without what it was to meet', async () => {
  const directory = scratchDirectory();
  const plan = { ...planOf(11), reaches: ['outcome HELD'] };
  const file = remember({ why: 'reach: It is here to meet HELD.', plan }, directory);
  const played = { ...broke(11, 'rest: It does not.'), plan };
  const { what, remembered } = createTeller({ directory })(played);
  expect(what[0]).toMatch(/\/reach-11\.json broke a rule:$/);
  expect(await remembered()).toMatch(/ --replay \S+\/reach-11\.json; add --shrink/);
  expect(readdirSync(directory)).toHaveLength(1);
  await createTeller({ shorten, directory })(played).remembered();
  const [, short] = readCorpus(directory);
  expect(short?.plan).toEqual({ ...planOf(11), steps: plan.steps.slice(-1) });
  const strayed = createTeller({ shorten, directory })({ ...played, violations: ['reach: It missed HELD.'] });
  expect(strayed.what).toEqual([expect.stringMatching(/reach-11\.json went astray: reach: It missed HELD\.$/)]);
  expect(await strayed.remembered()).toMatch(/reach-11\.json$/);
  expect(file).toContain('reach-11');
});

it.each([
  ['door: It plays otherwise.', 'both'],
  ['rest: It does not.', undefined],
] as const)('plays again on both doors only what differs there: %s', async (violation, doors) => {
  const directory = scratchDirectory();
  const plan = { ...planOf(11), doors: 'both' } as const;
  await createTeller({ directory })({ ...broke(11, violation), plan }).remembered();
  expect(readCorpus(directory).map((one) => one.plan.doors)).toEqual([doors]);
});
