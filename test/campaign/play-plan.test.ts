import { expect, it } from 'vitest';
import { assembliesIn } from '../../campaign/assemblies.ts';
import { planOf } from '../../campaign/generate-plan.ts';
import { playPlan, type Played } from '../../campaign/play-plan.ts';
import { scratchDirectory } from '../scenario/setting.ts';

/** What is the same when a plan is played again: everything but the processor time. */
const playedAgain = ({ cpuMs: _cpu, ...played }: Played): object => played;

it('plays the same for the same seed, act by act, and something else for another', async () => {
  const assemblyOf = assembliesIn(scratchDirectory());
  const first = await playPlan(planOf(2), { assemblyOf });
  expect(first.rollouts).toBeGreaterThan(2);
  expect(first.violations).toEqual([]);
  expect(playedAgain(await playPlan(planOf(2), { assemblyOf }))).toEqual(playedAgain(first));
  expect((await playPlan({ ...planOf(2), seed: 3 }, { assemblyOf })).traceDigest).not.toBe(first.traceDigest);
});
