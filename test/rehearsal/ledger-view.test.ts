import { expectTypeOf, it } from 'vitest';
import type { LedgerState, Owner, Phase, RolloutRecord } from '../../functions/rollout/ledger.ts';
import type { LedgerView, OwnerView, PhaseView, RecordView } from '../../rehearsal/cell/ledger-view.ts';

/** The members of all variants. */
type MemberOf<Union> = Union extends unknown ? keyof Union : never;

// The rehearsal sees only what AWS would see, so it spells the ledger a second time. A member that the ledger no longer has
// would be absent for ever, and whatever the auditor concludes from it could not fail any more.
it('is looked at as it is written, by members that it has', () => {
  expectTypeOf<LedgerState>().toExtend<LedgerView>();
  expectTypeOf<RolloutRecord>().toExtend<RecordView>();
  expectTypeOf<Exclude<keyof LedgerView, keyof LedgerState>>().toBeNever();
  expectTypeOf<Exclude<keyof OwnerView, keyof Owner>>().toBeNever();
  expectTypeOf<Exclude<keyof PhaseView, MemberOf<Phase>>>().toBeNever();
  expectTypeOf<Exclude<keyof RecordView, keyof RolloutRecord>>().toBeNever();
});
