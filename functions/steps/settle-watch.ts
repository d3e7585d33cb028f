import { judgeSteadiness } from '../rollout/judge-steadiness.ts';
import { recordVerdict, waitingOf } from '../rollout/lease.ts';
import { ledgerTime, type LedgerState, type Owner } from '../rollout/ledger.ts';
import { AwsUnavailable } from '../rollout/errors.ts';
import { verdict, type Verdict } from '../rollout/verdict.ts';
import type { Watch } from '../rollout/watch.ts';
import type { EcsReader, SFNClient } from '../aws/client-kinds.ts';
import { answerToken } from '../aws/executions.ts';
import { changeState, type LedgerTable } from '../aws/ledger-table.ts';
import { translateFault } from '../aws/faults.ts';
import { observe } from './observe.ts';

/** What a look at a watch reads and writes. */
interface WatchReach {
  readonly ledger: LedgerTable;
  readonly ecs: EcsReader;
  readonly sfn: SFNClient;
}

/**
 * Looks once and, when that decides, writes the verdict and then answers the token: whoever judged first is heard, and a
 * verdict whose answer was lost is answered again.
 */
export async function settleWatch(
  { ledger, ecs, sfn }: WatchReach,
  known: LedgerState,
  owner: Owner,
  watch: Watch,
  eventAt?: number,
): Promise<Verdict> {
  const before = waitingOf(owner)?.verdict;
  if (before) return answer(sfn, watch, before);
  const judged = await look(ecs, watch, owner, known);
  if (judged.word === 'wait') return judged;
  const state = await changeState(
    ledger,
    (current, now) => {
      const detectionLagSeconds = eventAt === undefined ? undefined : Math.max(0, now - eventAt) / 1000;
      return recordVerdict(current, watch.token, { ...judged, at: now, detectionLagSeconds }, now);
    },
    known,
  );
  const waiting = waitingOf(state.owner);
  return waiting?.watch.token === watch.token ? answer(sfn, watch, waiting.verdict ?? judged) : judged;
}

/** A look that AWS does not allow for a while is repeated; the first after the deadline is the last, whatever came of it. */
async function look(ecs: EcsReader, watch: Watch, owner: Owner, known: LedgerState): Promise<Verdict> {
  try {
    return judgeSteadiness(await observe(ecs, watch), watch, owner, ledgerTime(Date.now(), known));
  } catch (error) {
    const fault = translateFault(error);
    if (!(fault instanceof AwsUnavailable) || ledgerTime(Date.now(), known) < watch.deadline) throw error;
    return verdict('failed', 'NobodyCouldLook', `Nobody could look at the service by the deadline: ${fault.message}`);
  }
}

async function answer(sfn: SFNClient, watch: Watch, judged: Verdict): Promise<Verdict> {
  await answerToken(sfn, watch.token, judged);
  return judged;
}
