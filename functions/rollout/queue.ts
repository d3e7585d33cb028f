import type { LedgerState, PendingRollout } from './ledger.ts';

/**
 * Lets a rollout wait; answers the state and whoever lost the place: the pending rollout, or the newcomer itself. A person's
 * goes before any push, the newer before the older.
 */
export function queue(
  state: LedgerState,
  newcomer: PendingRollout,
): { readonly state: LedgerState; readonly displaced: PendingRollout | undefined } {
  const { pending } = state;
  const isOther = pending !== undefined && pending.rolloutId !== newcomer.rolloutId;
  if (isOther && goesBefore(pending, newcomer)) return { state, displaced: newcomer };
  const next = { ...state, pending: newcomer };
  return { state: next, displaced: isOther ? pending : undefined };
}

function goesBefore(pending: PendingRollout, newcomer: PendingRollout): boolean {
  return pending.isPersons === newcomer.isPersons ? pending.startedAt > newcomer.startedAt : pending.isPersons;
}
