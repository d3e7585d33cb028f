import type { Kernel } from '../kernel/kernel.ts';
import { seededRandom } from '../kernel/random.ts';
import type { FaultRule, FaultsState, Spread, StartedRule } from './model.ts';

/** What the faults are made of. */
export interface Faulty {
  readonly kernel: Kernel;
  readonly state: FaultsState;
}

/** The kinds of places at which rules act. */
type Place = FaultRule['at'];

/** A rule of that place. */
export type RuleAt<At extends Place> = Extract<FaultRule, { at: At }>;

/**
 * The first started rule of a place that `isAbout` what happens now and whose time it is; it has then acted. Without any
 * rule nothing is counted and nothing drawn.
 */
export function dueRule<At extends Place>(
  faults: Faulty,
  at: At,
  isAbout: (rule: RuleAt<At>) => boolean,
): RuleAt<At> | undefined {
  for (const started of faults.state.rules.values()) {
    if (started.rule.at !== at || !isAbout(started.rule as RuleAt<At>)) continue;
    if (acts(faults, started)) return started.rule as RuleAt<At>;
  }
  return undefined;
}

function acts(faults: Faulty, started: StartedRule): boolean {
  const { fromMs, untilMs, rule } = started;
  const { nth = 1, times, probability = 1 } = rule.when ?? {};
  const { now } = faults.kernel;
  if (now < fromMs || (untilMs !== undefined && now >= untilMs)) return false;
  if (times !== undefined && started.acted >= times) return false;
  if (++started.matched < nth) return false;
  if (probability < 1 && draw(faults.state) >= probability) return false;
  started.acted++;
  return true;
}

/** A number in [0, 1) of the faults' own seed. */
export function draw(state: FaultsState): number {
  // The source's state grows by a constant with each number, so that the nth number is the first of another seed.
  return seededRandom((state.seed + state.draws++ * MULBERRY32_STEP) >>> 0).next();
}

const MULBERRY32_STEP = 0x6d2b79f5;

/** Whole milliseconds. */
export function drawMs(state: FaultsState, { minMs, maxMs, tailProbability = 0, tailMs = maxMs }: Spread): number {
  if (tailProbability > 0 && draw(state) < tailProbability) return tailMs;
  return minMs === maxMs ? minMs : Math.floor(minMs + draw(state) * (maxMs - minMs + 1));
}
