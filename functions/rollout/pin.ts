import type { PersonsRequest } from './intent.ts';
import type { LedgerState, Owner, Pin } from './ledger.ts';

/** Whether a person asks for what the tag policy selects: to follow pushes. */
export function asksForSelection({ tag, digest, rollback, acknowledge }: PersonsRequest): boolean {
  return [tag, digest, rollback, acknowledge].every((named) => named === undefined);
}

/** The pin after an owner: one who asked for the selection follows pushes again, whatever became of this one. */
export function pinAfter({ pin }: Pick<LedgerState, 'pin'>, { request }: Pick<Owner, 'request'>): Pin | undefined {
  return request && asksForSelection(request) ? undefined : pin;
}

/** The pin after a rollout that never owned the service: a choice that was made after it had been asked for stays. */
export function pinBeside(
  { pin }: Pick<LedgerState, 'pin'>,
  request: PersonsRequest | undefined,
  startedAt: number,
): Pin | undefined {
  const isOlder = pin !== undefined && pin.since < startedAt;
  return isOlder && request && asksForSelection(request) ? undefined : pin;
}
