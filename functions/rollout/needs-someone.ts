import { isNeeded } from './acknowledge.ts';
import type { LedgerState, NeedsSomeone, Owner, RolloutRecord } from './ledger.ts';
import { OUTCOMES } from './outcomes.ts';
import { LEFT } from './take-over.ts';

/**
 * Whether someone has to look at the service after a rollout that owned it: from an outcome that leaves nothing proven in place until
 * something proven runs again, or someone acknowledges it. What is tried again by itself is left to that.
 */
export function needAfter(
  { needsSomeone }: Pick<LedgerState, 'needsSomeone'>,
  owner: Pick<Owner, 'accepted'>,
  { outcome, rolloutId, endedAt, triedAgainAt }: RolloutRecord,
): NeedsSomeone | undefined {
  const { isBack, needs } = OUTCOMES[outcome];
  if (outcome === 'SUCCEEDED' || isBack) return undefined;
  if (needs === null || triedAgainAt !== undefined || isAsAsked(owner, outcome)) return needsSomeone;
  return { since: endedAt, rolloutId, outcome };
}

/** Whether someone stopped a launch, and it was taken back as they wished. */
function isAsAsked({ accepted }: Pick<Owner, 'accepted'>, outcome: RolloutRecord['outcome']): boolean {
  return outcome === 'FAILED_NO_ROLLBACK_TARGET' && accepted?.reason === LEFT.stopped.reason;
}

/** The ledger with the newest of the records that nobody could be told of; what someone has to see to already stays. */
export function withUntold(state: LedgerState, untold: readonly RolloutRecord[], now: number): LedgerState {
  const newest = untold.at(-1);
  if (!newest || isNeeded(state)) return state;
  const { rolloutId, outcome } = newest;
  return { ...state, needsSomeone: { since: now, rolloutId, outcome, isUntold: true } };
}
