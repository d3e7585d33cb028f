import type { RolloutConfig } from './config.ts';
import type { LedgerState, SelectedImage } from './ledger.ts';
import { isOlder } from './select-image.ts';
import { isRetryDue } from './try-again.ts';
import { isRollbackDue } from './unsettled.ts';

/** Whether the flow has to be started to repair something, and what. */
export interface TickDecision {
  readonly word: 'start' | 'idle';
  readonly reason:
    | 'FirstLook'
    | 'RetryDue'
    | 'RollbackDue'
    | 'SelectionChanged'
    | 'OwnerDied'
    | 'OutboxUnsent'
    | 'ServiceEmptied'
    | 'RevisionsFailed'
    | 'KeepTagsMoved'
    | 'WaiterDied'
    | 'NothingToRepair';
}

/**
 * Compares ECR with what was last seen, not with what runs: a rollback, a retag backwards or a fix by hand is not undone.
 * `isOwnerRunning` is whether the execution of the recorded rollout is RUNNING; undefined when none is recorded.
 * `now`, in milliseconds since the epoch, may be when an image is due that came to nothing through no fault of its own.
 * `owed` is the image that the service is without because it was emptied behind it, the one state of it that nobody chose.
 */
export function decideTick(
  state: LedgerState,
  selected: SelectedImage | undefined,
  isOwnerRunning: boolean | undefined,
  config: Pick<RolloutConfig, 'tagPolicy'>,
  now: number,
  owed?: SelectedImage,
): TickDecision {
  if (isOwnerRunning === false) return { word: 'start', reason: 'OwnerDied' };
  if (isOwnerRunning === true) return { word: 'idle', reason: 'NothingToRepair' };
  if (state.outbox.length > 0) return { word: 'start', reason: 'OutboxUnsent' };
  if (isRollbackDue(state, now)) return { word: 'start', reason: 'RollbackDue' };
  if (owed) return { word: 'start', reason: 'ServiceEmptied' };
  // Also when nothing is selected yet: what comes after the first look is news, and its event may be lost.
  if (!state.seen && !state.firstLook) return { word: 'start', reason: 'FirstLook' };
  if (selected && isRetryDue(state, selected, now)) return { word: 'start', reason: 'RetryDue' };
  if (!selected || selected.digest === state.seen?.digest) return { word: 'idle', reason: 'NothingToRepair' };
  if (!state.seen) return { word: 'start', reason: 'SelectionChanged' };
  if (isOlder(selected, state.seen, config.tagPolicy, false)) return { word: 'idle', reason: 'NothingToRepair' };
  return { word: 'start', reason: 'SelectionChanged' };
}
