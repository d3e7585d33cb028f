import { isThrottled } from '../aws/faults.ts';
import { changeState, type LedgerTable } from '../aws/ledger-table.ts';
import { AwsThrottled } from '../rollout/errors.ts';
import { plainText } from '../rollout/identifiers.ts';
import { ownedBy, waitingInTurn } from '../rollout/lease.ts';
import type { LedgerState } from '../rollout/ledger.ts';

/** Who waits, and for how long. */
export interface Waiting {
  readonly ledger: LedgerTable;
  readonly rolloutId: string;
  /** Until the owner's deadline, or for as long as the state machine tries again. */
  readonly until: 'deadline' | 'tried-enough';
  /** What the step read of the ledger, if it did: many may wait, and each read is a call. */
  readonly known?: () => LedgerState | undefined;
  /** Hears how the ledger stands when the wait begins. */
  readonly onWait?: (state: LedgerState) => void;
}

/**
 * Runs a step whose calls AWS may throttle because many services change at the same moment. It then waits for its turn, which is
 * the state machine's Retry of AwsThrottled, and keeps its lease meanwhile.
 */
export async function inTurn<Result>(waiting: Waiting, run: () => Promise<Result>): Promise<Result> {
  try {
    return await run();
  } catch (error) {
    if (!isThrottled(error) || !(await mayWait(waiting))) throw error;
    throw new AwsThrottled(plainText(`${error.name}: ${error.message}`), { cause: error });
  }
}

async function mayWait({ ledger, rolloutId, until, known, onWait }: Waiting): Promise<boolean> {
  let may = true;
  try {
    const stands = await changeState(
      ledger,
      (state, now) => {
        const owner = ownedBy(state, rolloutId);
        may = until === 'tried-enough' || (owner !== undefined && now < owner.deadline);
        return owner && may ? waitingInTurn(state, owner, now) : undefined;
      },
      known?.(),
    );
    if (may) onWait?.(stands);
    return may;
  } catch (error) {
    // Where the ledger is what AWS throttles, nobody else comes by the lease either.
    return isThrottled(error);
  }
}
