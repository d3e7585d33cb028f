import { readState } from '../../../functions/aws/ledger-table.ts';
import { FUNCTION_TIMEOUT_SECONDS, type LedgerState } from '../../../functions/rollout/ledger.ts';
import type { DeployedCell } from '../../account/deployed-cell.ts';
import { startExecution } from '../../account/executions.ts';
import type { Clock } from '../../terminal/clock.ts';

/** A little longer than any function runs: then a change that was in flight has been made, or never will be. */
const IN_FLIGHT_MS = (FUNCTION_TIMEOUT_SECONDS + 1) * 1000;
/** Successors that are started before the rest is left to the tick. */
const ATTEMPTS = 4;

/** How a stopped rollout is closed. */
export interface Closing {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Follows a successor to its end. */
  readonly follow: (executionArn: string) => Promise<void>;
}

/**
 * Has the flow close a stopped rollout and put back what was proven: its own recovery, which whoever is started next begins
 * with. Answers whether the stopped rollout owns the service no more.
 */
export async function closeAborted(
  cell: DeployedCell,
  abortedId: string,
  { clock, signal, follow }: Closing,
): Promise<boolean> {
  for (let attempt = 0; attempt < ATTEMPTS && !signal.aborted; attempt++) {
    const state = await readState(cell.ledger);
    const successor = successorOf(state, abortedId);
    if (successor === 'none') return true;
    if (successor === 'wanted' && state.owner?.phase.name === 'mutating') await clock.sleep(IN_FLIGHT_MS, signal);
    await follow(successor === 'wanted' ? await startExecution(cell, { tick: true }) : successor.executionArn);
  }
  return successorOf(await readState(cell.ledger), abortedId) === 'none';
}

/** Who closes the stopped rollout: nobody yet, somebody who puts things back already, or nobody any more. */
function successorOf({ owner }: LedgerState, abortedId: string): 'wanted' | 'none' | { readonly executionArn: string } {
  if (owner?.rolloutId === abortedId) return 'wanted';
  return owner?.purpose === 'recover' ? { executionArn: owner.executionArn } : 'none';
}
