import { DISPLACED_KEPT, type LedgerState, type PendingRollout } from './ledger.ts';
import { withoutLettingFinish } from './let-finish.ts';

/** A rollout that lost its place, or did not get it, and the task token by which it is told. */
interface Displaced extends PendingRollout {
  readonly token: string | undefined;
}

/**
 * Lets a rollout wait; answers the state and whoever lost the place: the pending rollout, or the newcomer itself. A person's
 * goes before any push, the newer before the older.
 */
export function queue(
  state: LedgerState,
  newcomer: PendingRollout,
  token: string,
): { readonly state: LedgerState; readonly displaced: Displaced | undefined } {
  const { pending, tokens } = state;
  const isOther = pending !== undefined && pending.rolloutId !== newcomer.rolloutId;
  if (isOther && goesBefore(pending, newcomer))
    return { state: displace(state, newcomer), displaced: { ...newcomer, token } };
  const displaced = state.displaced.filter((rolloutId) => rolloutId !== newcomer.rolloutId);
  const waiting = withoutLettingFinish(state, newcomer.rolloutId);
  const next = { ...waiting, pending: newcomer, tokens: { ...tokens, turn: token }, displaced };
  if (!isOther) return { state: next, displaced: undefined };
  return { state: displace(next, pending), displaced: { ...pending, token: tokens.turn } };
}

/** Remembers that a rollout lost its place, which its task token alone does not prove. */
function displace(state: LedgerState, { rolloutId }: PendingRollout): LedgerState {
  if (state.displaced.includes(rolloutId)) return state;
  return { ...state, displaced: [rolloutId, ...state.displaced].slice(0, DISPLACED_KEPT) };
}

function goesBefore(pending: PendingRollout, newcomer: PendingRollout): boolean {
  return pending.isPersons === newcomer.isPersons ? pending.startedAt > newcomer.startedAt : pending.isPersons;
}
