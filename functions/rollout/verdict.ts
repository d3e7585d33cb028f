import type { FailedTask } from './failed-task.ts';

/**
 * Words of a watch: `wait` keeps watching, all others end it; `lost` means that another rollout took the lease, `unjudged` that a
 * bake was begun of what nobody judged, `again` that an event of ECS contradicts the look: no verdict either.
 */
export type WatchWord =
  'wait' | 'again' | 'steady' | 'staged' | 'failed' | 'rolled-back-by-ecs' | 'foreign' | 'lost' | 'unjudged';

/** What was judged, for the machine (`word`, `reason`) and for people (`message`). */
export interface Verdict {
  readonly word: WatchWord;
  /** CamelCase, stable. */
  readonly reason: string;
  /** One sentence, plain text. */
  readonly message: string;
  /** From ECS's time stamp on the deciding event to the verdict; absent when no event decided. */
  readonly detectionLagSeconds?: number | undefined;
  /** When it was judged, milliseconds since the epoch; the bake counts from here. */
  readonly at?: number | undefined;
  /** The task that it rests on, where one decided; earlier releases do not say. */
  readonly task?: FailedTask | undefined;
}

/** A verdict in one line. */
export function verdict(word: WatchWord, reason: string, message: string, task?: FailedTask): Verdict {
  return task ? { word, reason, message, task } : { word, reason, message };
}

/** Whether it takes what was rolled back. */
export function isFailure({ word }: Pick<Verdict, 'word'>): boolean {
  return word === 'failed' || word === 'rolled-back-by-ecs';
}
