import type { RolloutRecord } from './ledger.ts';
import { OUTCOMES } from './outcomes.ts';

/**
 * What a reader does about the end of a rollout: nothing (`ended`), decides about an image that is on hold (`held`), or goes and
 * looks, because nothing proven runs or nobody knows what does (`waiting`).
 */
export type MessageKind = 'ended' | 'held' | 'waiting';

/** The kind of what is told before any end: ECS has taken the revision of a rollout. */
export const STARTED_KIND = 'started';

/** What a message or an event is about, whenever it is sent. */
export type ToldKind = MessageKind | typeof STARTED_KIND;

/** What the end of a rollout asks of whoever reads of it. */
export function kindOf({ outcome }: Pick<RolloutRecord, 'outcome'>): MessageKind {
  if (outcome === 'HELD') return 'held';
  return OUTCOMES[outcome].needs !== null ? 'waiting' : 'ended';
}
