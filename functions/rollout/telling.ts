import type { LedgerState, RolloutRecord } from './ledger.ts';
import { recordIn } from './outbox.ts';
import { OUTCOMES } from './outcomes.ts';

/** What one message tells of. */
export interface Telling {
  readonly record: RolloutRecord;
  /** The end of the recovery that put right what the rollout had left. */
  readonly aftermath?: RolloutRecord | undefined;
}

/** What is committed and was not told yet, and who owns the service. */
type Untold = Pick<LedgerState, 'outbox' | 'owner'>;

/**
 * With whose end people are told of a record: its own, or that of the recovery that puts right what its rollout left, or of whoever
 * recovered from that one's death. Undefined while that has not ended: then nobody could say what runs, and a second message
 * would have to.
 */
export function tellerOf({ outbox, owner }: Untold, record: RolloutRecord): RolloutRecord | undefined {
  let teller = record;
  for (let step = 0; step < outbox.length; step++) {
    const { settledBy } = teller;
    if (settledBy === undefined) return teller;
    const next = outbox.find(({ rolloutId }) => rolloutId === settledBy);
    if (!next) return owner?.rolloutId === settledBy ? undefined : teller;
    teller = next;
  }
  return teller;
}

/** What is told with the end of a record; undefined where nothing is, or it is told with another one's. */
export function tellingOf(untold: Untold, record: RolloutRecord): Telling | undefined {
  const [first = record] = untold.outbox.filter((each) => tellerOf(untold, each) === record);
  if (tellerOf(untold, record) !== record) return undefined;
  if (first === record || (isAnnounced(record) && !isBackAsBefore(record)))
    return isAnnounced(record) ? { record: recordIn(record) } : undefined;
  return { record: { ...recordIn(first), runs: record.runs }, aftermath: record };
}

/** What is tried again by itself is told of when that has failed, too. */
function isAnnounced({ outcome, triedAgainAt }: RolloutRecord): boolean {
  return OUTCOMES[outcome].isAnnounced && triedAgainAt === undefined;
}

/** Whether a recovery did what it was for: the message is about the rollout that it put right. */
function isBackAsBefore({ outcome, runs }: RolloutRecord): boolean {
  return OUTCOMES[outcome].isBack || runs?.kind === 'nothing';
}
