import { waitingOf } from '../../../functions/rollout/lease.ts';
import type { Owner } from '../../../functions/rollout/ledger.ts';

/** When the wait for the steady state turns into failure. Progress moves the end of a wait; a bake has its own. */
export function dueOf(owner: Owner): number {
  const watch = waitingOf(owner)?.watch;
  return watch && watch.kind !== 'bake' ? watch.deadline : owner.deadline;
}
