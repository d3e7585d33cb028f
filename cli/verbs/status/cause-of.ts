import type { Owner, StepFault } from '../../../functions/rollout/ledger.ts';

/** Why what ran before is put back; undefined while an image is rolled, and when the ledger does not know. */
export function causeOf({ purpose, accepted, failure }: Owner): StepFault | undefined {
  return purpose === 'recover' ? accepted : failure;
}
