import { readCorpus, type Remembered } from './corpus.ts';
import { planOf } from './generate-plan.ts';
import type { Plan } from './plan.ts';
import { playPlan, type Played } from './play-plan.ts';
import { NOTHING_MET, withPlayed, type Reach } from './reach.ts';
import type { AssemblyOf } from './stage.ts';

/** How a campaign went. */
export interface Campaign {
  readonly worlds: number;
  readonly rollouts: number;
  readonly virtualHours: number;
  /** Processor time, milliseconds, over all worlds. */
  readonly cpuMs: { readonly opening: number; readonly playing: number; readonly auditing: number };
  readonly reach: Reach;
  /** Worlds that broke a rule, in the order in which they were played. */
  readonly broken: readonly Played[];
}

const NOTHING_PLAYED: Campaign = {
  worlds: 0,
  rollouts: 0,
  virtualHours: 0,
  cpuMs: { opening: 0, playing: 0, auditing: 0 },
  reach: NOTHING_MET,
  broken: [],
};

export interface CampaignOptions {
  readonly rollouts: number;
  readonly seed: number;
  readonly assemblyOf: AssemblyOf;
  /** Played first. @default the corpus */
  readonly remembered?: readonly Remembered[];
  /** Whether nobody wants more; asked before each world. @default never */
  readonly isOver?: () => boolean;
  /** After each world. */
  readonly onPlayed?: (soFar: Campaign, played: Played) => void | Promise<void>;
}

/** Plays the corpus, and then one seed after the other until so many rollouts have ended. */
export async function runCampaign({
  rollouts,
  seed,
  assemblyOf,
  onPlayed,
  ...options
}: CampaignOptions): Promise<Campaign> {
  const remembered = options.remembered ?? readCorpus();
  let soFar = NOTHING_PLAYED;
  const play = async (plan: Plan): Promise<void> => {
    const played = await playPlan(plan, { assemblyOf });
    soFar = withWorld(soFar, played);
    await onPlayed?.(soFar, played);
  };
  const isOver = options.isOver ?? ((): boolean => false);
  for (const { plan } of remembered) if (!isOver()) await play(plan);
  for (let next = seed; soFar.rollouts < rollouts && !isOver(); next++) await play(planOf(next));
  return soFar;
}

function withWorld(soFar: Campaign, played: Played): Campaign {
  const { opening, playing, auditing } = soFar.cpuMs;
  return {
    worlds: soFar.worlds + 1,
    rollouts: soFar.rollouts + played.rollouts,
    virtualHours: soFar.virtualHours + played.virtualSeconds / 3600,
    cpuMs: {
      opening: opening + played.cpuMs.opening,
      playing: playing + played.cpuMs.playing,
      auditing: auditing + played.cpuMs.auditing,
    },
    reach: withPlayed(soFar.reach, played),
    broken: played.violations.length > 0 ? [...soFar.broken, played] : soFar.broken,
  };
}
