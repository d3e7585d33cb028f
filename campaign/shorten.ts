import { playOnBothDoors } from './both-doors.ts';
import { ruleOf } from './corpus.ts';
import { playPlan, type PlayOptions } from './play-plan.ts';
import { shrink } from './shrink.ts';
import type { Shorten } from './tell.ts';

export interface ShortenOptions extends Pick<PlayOptions, 'assemblyOf' | 'openings'> {
  /** Whether nobody wants to wait any longer: what is shortest by then will do. */
  readonly isOver: () => boolean;
  /** Receives a line before each world. */
  readonly onTry: (line: string) => void;
}

/** Shortens plans by playing them again with less in them. */
export function shortenBy({ isOver, onTry, ...options }: ShortenOptions): Shorten {
  return (plan, rule) => {
    let tries = 0;
    const played = rule === 'door' ? playOnBothDoors : playPlan;
    return shrink(plan, async (tried) => {
      if (isOver()) return false;
      const steps = `${tried.steps.length} of ${plan.steps.length} steps`;
      onTry(`shortening what breaks ${rule}: world ${++tries}, ${steps} · Ctrl-C: short enough`);
      const { violations } = await played(tried, options);
      return violations.some((sentence) => ruleOf(sentence) === rule);
    });
  };
}
