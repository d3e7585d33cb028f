import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { keepOpenings } from '../rehearsal/openings.ts';
import { readCorpus, ruleOf, type Remembered } from './corpus.ts';
import { playPlan } from './play-plan.ts';
import { missing } from './reach.ts';
import { runCampaign } from './run-campaign.ts';
import type { AssemblyOf } from './stage.ts';
import type { Found } from './found.ts';
import { mutantNamed } from './mutants/mutants.ts';
import { plant } from './plant.ts';

process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';

/** What the process that began this one asks for. */
export interface Play {
  /** Of the mutant. */
  readonly name: string;
  readonly rollouts: number;
  readonly seed: number;
}

type Bridge = { readonly assembliesIn: (directory: string) => AssemblyOf };

/** Plays a mutant's stacks until a world breaks a rule. Each has a process of its own: what one was synthesized from is never forgotten. */
async function play({ name, rollouts, seed }: Play): Promise<Found> {
  const scratch = mkdtempSync(join(tmpdir(), 'rollouts-mutant-'));
  try {
    const bridge = plant(mutantNamed(name), join(scratch, 'copy'));
    const { assembliesIn } = (await import(pathToFileURL(bridge).href)) as Bridge;
    return await playUntilBroken({ name, rollouts, seed }, assembliesIn(join(scratch, 'assemblies')));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** What is short is soon played, and most mutants die of little. */
function byLength(one: Remembered, other: Remembered): number {
  return one.plan.steps.length - other.plan.steps.length;
}

async function playUntilBroken({ name, rollouts, seed }: Play, assemblyOf: AssemblyOf): Promise<Found> {
  let isBroken = false;
  const openings = keepOpenings();
  const told = await runCampaign({
    rollouts,
    seed,
    remembered: [...readCorpus()].sort(byLength),
    play: (plan) => playPlan(plan, { assemblyOf, openings }),
    isOver: () => isBroken,
    onPlayed: ({ broken }) => void (isBroken = broken.length > 0),
  });
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

process.once('message', (asked: Play) => {
  void play(asked).then((found) => process.send!(found, () => process.disconnect()));
});
