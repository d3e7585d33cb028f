import { readCorpus, type Remembered } from './corpus.ts';
import { planOf } from './generate-plan.ts';
import { isForBothDoors, type Plan } from './plan.ts';
import type { Play } from './players.ts';
import type { Played } from './play-plan.ts';
import { NOTHING_MET, withPlayed, type Reach } from './reach.ts';

/** How a campaign went. */
export interface Campaign {
  readonly worlds: number;
  /** Of them those of seeds; the others are plans of the corpus. */
  readonly seeds: number;
  /** Of them those that were played over the wire, too. */
  readonly wired: number;
  readonly rollouts: number;
  readonly virtualHours: number;
  /** Processor time, milliseconds, over all worlds. */
  readonly cpuMs: { readonly opening: number; readonly playing: number; readonly auditing: number };
  readonly reach: Reach;
  /** Worlds that broke a rule, in the order in which they were played. */
  readonly broken: readonly Played[];
  /** The last worlds, as many as there are of which none could be played at all. */
  readonly lostInARow: number;
}

const NOTHING_PLAYED: Campaign = {
  worlds: 0,
  seeds: 0,
  wired: 0,
  rollouts: 0,
  virtualHours: 0,
  cpuMs: { opening: 0, playing: 0, auditing: 0 },
  reach: NOTHING_MET,
  broken: [],
  lostInARow: 0,
};

export interface CampaignOptions {
  readonly rollouts: number;
  readonly seed: number;
  readonly play: Play;
  /** How many plans may be played at once. @default 1 */
  readonly jobs?: number;
  /** Played first. @default the corpus */
  readonly remembered?: readonly Remembered[];
  /** Whether nobody wants more; asked before each world. @default never */
  readonly isOver?: () => boolean;
  /** After each world, in the order of the plans. */
  readonly onPlayed?: (soFar: Campaign, played: Played) => void | Promise<void>;
}

/** Enough for every job to have the next one at hand while one that takes long is awaited. */
const AHEAD_PER_JOB = 4;
/** Where so many worlds after one another cannot be played at all, none can. */
export const LOST_MOST = 5;

/**
 * Plays the corpus, and then the first seed, on both doors, and one after the other until so many rollouts have ended, or nothing can be played. What is told counts plans in their order, and
 * none that comes after the last one: it is the same however many are played at once.
 */
export async function runCampaign(options: CampaignOptions): Promise<Campaign> {
  const { rollouts, jobs = 1, play, isOver = (): boolean => false, onPlayed } = options;
  const remembered = options.remembered ?? readCorpus();
  const plans = plansOf(remembered, options.seed);
  const ahead = jobs === 1 ? 1 : jobs * AHEAD_PER_JOB;
  const begun: Promise<Played>[] = [];
  let soFar = NOTHING_PLAYED;
  // The corpus alone may have had so many rollouts, and whoever gives a seed wants to see it played.
  const isDone = (): boolean => soFar.rollouts >= rollouts && soFar.seeds > 0;
  while (!isDone() && soFar.lostInARow < LOST_MOST && !isOver()) {
    while (begun.length < ahead) begun.push(play(plans.next().value));
    const played = await begun.shift()!;
    soFar = withWorld(soFar, played, soFar.worlds >= remembered.length);
    await onPlayed?.(soFar, played);
  }
  return soFar;
}

function* plansOf(remembered: readonly Remembered[], seed: number): Generator<Plan, never> {
  for (const { plan } of remembered) yield plan;
  yield { ...planOf(seed), doors: 'both' };
  // After the largest comes 0: a seed has 32 bits.
  for (let next = seed + 1; ; next++) yield planOf(next >>> 0);
}

function withWorld(soFar: Campaign, played: Played, isOfSeed: boolean): Campaign {
  const { opening, playing, auditing } = soFar.cpuMs;
  return {
    worlds: soFar.worlds + 1,
    seeds: soFar.seeds + Number(isOfSeed),
    wired: soFar.wired + Number(isForBothDoors(played.plan)),
    rollouts: soFar.rollouts + played.rollouts,
    virtualHours: soFar.virtualHours + played.virtualSeconds / 3600,
    cpuMs: {
      opening: opening + played.cpuMs.opening,
      playing: playing + played.cpuMs.playing,
      auditing: auditing + played.cpuMs.auditing,
    },
    reach: withPlayed(soFar.reach, played),
    broken: played.violations.length > 0 ? [...soFar.broken, played] : soFar.broken,
    lostInARow: played.virtualSeconds === 0 ? soFar.lostInARow + 1 : 0,
  };
}
