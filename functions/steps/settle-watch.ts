import { judgeSteadiness } from '../rollout/judge-steadiness.ts';
import { recordProgress, recordVerdict, waitingOf } from '../rollout/lease.ts';
import { ledgerTime, type LedgerState, type Owner } from '../rollout/ledger.ts';
import { AwsUnavailable } from '../rollout/errors.ts';
import { advance } from '../rollout/progress.ts';
import type { Observation } from '../rollout/service-facts.ts';
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
  const { judged, seen } = await look(ecs, watch, owner, known);
  if (judged.word === 'wait') {
    if (seen) await changeState(ledger, (current, now) => recordProgress(current, watch.token, seen, now), known);
    return judged;
  }
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

/** A verdict, and what it was judged by where that shows that the watch has come further. */
interface Looked {
  readonly judged: Verdict;
  readonly seen?: Observation;
}

/**
 * A look that AWS does not allow for a while is repeated, whether or not there was progress meanwhile; the first after the last
 * deadline is the last, whatever came of it.
 */
async function look(ecs: EcsReader, watch: Watch, owner: Owner, known: LedgerState): Promise<Looked> {
  try {
    const seen = await observe(ecs, watch);
    const now = ledgerTime(Date.now(), known);
    const advanced = advance(watch, seen, owner, now);
    const judged = judgeSteadiness(seen, advanced, owner, now);
    return advanced === watch ? { judged } : { judged, seen };
  } catch (error) {
    const fault = translateFault(error);
    if (!(fault instanceof AwsUnavailable) || ledgerTime(Date.now(), known) < lastDeadline(watch, owner)) throw error;
    const message = `Nobody could look at the service by the deadline: ${fault.message}`;
    return { judged: verdict('failed', 'NobodyCouldLook', message) };
  }
}

/** Nobody who cannot look knows whether there is progress, and the way back would need the same look. */
function lastDeadline({ progressSeconds, deadline }: Watch, owner: Owner): number {
  return progressSeconds === undefined ? deadline : Math.max(deadline, owner.deadline);
}

async function answer(sfn: SFNClient, watch: Watch, judged: Verdict): Promise<Verdict> {
  await answerToken(sfn, watch.token, judged);
  return judged;
}
