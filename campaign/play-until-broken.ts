import { keepOpenings } from '../rehearsal/openings.ts';
import { ruleOf, type Remembered } from './corpus.ts';
import type { Found } from './found.ts';
import { playPlan } from './play-plan.ts';
import { missing } from './reach.ts';
import { runCampaign } from './run-campaign.ts';
import type { AssemblyOf } from './stage.ts';

/** A mutant, and how long it is looked for. */
export interface Play {
  /** Of the mutant. */
  readonly name: string;
  readonly rollouts: number;
  readonly seed: number;
}

/** Plays a mutant's stacks until a world breaks a rule. Throws what they cannot be synthesized for: no rule finds that. */
export async function playUntilBroken(
  { name, rollouts, seed }: Play,
  synthesized: AssemblyOf,
  remembered: readonly Remembered[],
): Promise<Found> {
  let isBroken = false;
  const unsynthesized: unknown[] = [];
  const assemblyOf: AssemblyOf = (setting) =>
    synthesized(setting).catch((error: unknown) => {
      unsynthesized.push(error);
      throw error;
    });
  const openings = keepOpenings();
  const told = await runCampaign({
    rollouts,
    seed,
    remembered: [...remembered].sort(byLength),
    play: (plan) => playPlan(plan, { assemblyOf, openings }),
    isOver: () => isBroken,
    onPlayed: ({ broken }) => void (isBroken = broken.length > 0),
  });
  if (unsynthesized.length > 0) throw unsynthesized[0];
  const [broken] = told.broken;
  const [sentence] = broken?.violations ?? [];
  const [unmet] = isBroken ? [] : missing(told.reach).filter((thing) => thing.startsWith('outcome '));
  return {
    name,
    worlds: told.worlds,
    rollouts: told.rollouts,
    cpuMs: told.cpuMs.opening + told.cpuMs.playing + told.cpuMs.auditing,
    ...(sentence !== undefined && { rule: ruleOf(sentence), sentence, seed: broken?.plan.seed }),
    ...(unmet !== undefined && { rule: 'reach', sentence: `reach: No world met the ${unmet}.` }),
  };
}

/** What is short is soon played, and most mutants die of little. */
function byLength(one: Remembered, other: Remembered): number {
  return one.plan.steps.length - other.plan.steps.length;
}
