import { AGAIN, isBorneOut, isContradicted, recordDoubt } from '../rollout/contradiction.ts';
import { judgeSteadiness } from '../rollout/judge-steadiness.ts';
import { isToldBy, recordProgress, recordVerdict, waitingOf } from '../rollout/lease.ts';
import { ledgerTime, type LedgerState, type Owner } from '../rollout/ledger.ts';
import { AwsRefused, AwsUnavailable } from '../rollout/errors.ts';
import { advance, isWorthCounting, lastDeadline } from '../rollout/progress.ts';
import type { ServiceEvent } from '../rollout/service-event.ts';
import type { Observation } from '../rollout/service-facts.ts';
import { verdict, type Verdict } from '../rollout/verdict.ts';
import type { Watch } from '../rollout/watch.ts';
import type { EcsReader, SFNClient } from '../aws/client-kinds.ts';
import { answerToken } from '../aws/executions.ts';
import { changeState, type LedgerTable } from '../aws/ledger-table.ts';
import { translateFault } from '../aws/faults.ts';
import { count, emitMetrics } from '../aws/metrics.ts';
import { observe } from './observe.ts';

/** What a look at a watch reads and writes. */
interface WatchReach {
  readonly ledger: LedgerTable;
  readonly ecs: EcsReader;
  readonly sfn: SFNClient;
  /** Whether the step itself looks: what AWS refuses to its function stays refused, while an event's function is another one. */
  readonly isStep?: boolean;
}

/** What a look came to, and what it saw; nothing where nobody could look. */
interface Look {
  readonly judged: Verdict;
  readonly observation?: Observation;
  /** Whether the watch has come further than any look before. */
  readonly isFurther?: boolean;
}

/**
 * Looks once and, when that decides, writes the verdict and then answers the token: whoever judged first is heard, and a
 * verdict whose answer was lost is answered again. A look that ECS's own event contradicts decides nothing and is repeated.
 */
export async function settleWatch(
  reach: WatchReach,
  known: LedgerState,
  owner: Owner,
  watch: Watch,
  event?: ServiceEvent,
): Promise<Verdict> {
  const { verdict: before, doubt } = waitingOf(owner) ?? {};
  const { watch: token } = known.tokens;
  if (before) return answer(reach.sfn, token, before);
  const seen = await look(reach, watch, owner, known);
  // An event that says nothing against the look does not settle what an earlier one said.
  for (const told of [event, doubt?.event])
    if (told && (await isDoubted(reach.ledger, known, watch, told, seen))) return answer(reach.sfn, token, AGAIN);
  const eventAt = event?.at ?? (doubt && isBorneOut(doubt.event, seen.judged, watch) ? doubt.event.at : undefined);
  if (seen.judged.word !== 'wait') return settle(reach, known, seen.judged, eventAt);
  await noteProgress(reach.ledger, known, seen);
  return seen.judged;
}

async function noteProgress(ledger: LedgerTable, known: LedgerState, { observation, isFurther }: Look): Promise<void> {
  if (!observation || !isFurther) return;
  await changeState(ledger, (current, now) => recordProgress(current, known.tokens.watch, observation, now), known);
}

async function settle(
  { ledger, sfn }: WatchReach,
  known: LedgerState,
  judged: Verdict,
  eventAt: number | undefined,
): Promise<Verdict> {
  const { watch: token } = known.tokens;
  const state = await changeState(
    ledger,
    (current, now) => {
      const detectionLagSeconds = eventAt === undefined ? undefined : Math.max(0, now - eventAt) / 1000;
      return recordVerdict(current, token, { ...judged, at: now, detectionLagSeconds }, now);
    },
    known,
  );
  const waiting = waitingOf(state.owner);
  return waiting && isToldBy(state, token) ? answer(sfn, token, waiting.verdict ?? judged) : judged;
}

/** Whether the event contradicts the look and may have it repeated once more, which is counted before anybody is told. */
async function isDoubted(
  ledger: LedgerTable,
  known: LedgerState,
  watch: Watch,
  event: ServiceEvent,
  { judged, observation }: Look,
): Promise<boolean> {
  if (!observation) return false;
  if (!isContradicted(event, observation, judged, watch, ledgerTime(Date.now(), known))) return false;
  let isNoted = false;
  await changeState(
    ledger,
    (state, now) => {
      const noted = recordDoubt(state, known.tokens.watch, event, now);
      isNoted = noted !== undefined;
      return noted;
    },
    known,
  );
  return isNoted;
}

/**
 * A look that AWS does not allow for a while is repeated, whether or not there was progress meanwhile; the first after the last
 * deadline is the last, whatever came of it. One that AWS refuses for good is a verdict too: a failure of the step would prove
 * nothing, as anybody with its token can send one.
 */
async function look({ ecs, isStep }: WatchReach, watch: Watch, owner: Owner, known: LedgerState): Promise<Look> {
  try {
    const isCounted = isWorthCounting(watch, ledgerTime(Date.now(), known));
    const observation = await observe(ecs, isCounted ? watch : { ...watch, progressSeconds: undefined });
    const now = ledgerTime(Date.now(), known);
    countTasks(watch, observation, now);
    const advanced = isCounted ? advance(watch, observation, owner, now) : watch;
    return { judged: judgeSteadiness(observation, advanced, owner, now), observation, isFurther: advanced !== watch };
  } catch (error) {
    const fault = translateFault(error);
    if (fault instanceof AwsRefused && isStep)
      return { judged: verdict('failed', 'NobodyMayLook', `AWS refuses every look at the service: ${fault.message}`) };
    if (!(fault instanceof AwsUnavailable) || ledgerTime(Date.now(), known) < lastDeadline(watch, owner)) throw error;
    const message = `Nobody could look at the service by the deadline: ${fault.message}`;
    return { judged: verdict('failed', 'NobodyCouldLook', message) };
  }
}

function countTasks({ cluster, serviceName }: Watch, { service }: Observation, now: number): void {
  // A count that ECS did not tell is no number.
  if (!service || !Number.isFinite(service.runningCount + service.desiredCount)) return;
  const tasks = { RunningTasks: count(service.runningCount), DesiredTasks: count(service.desiredCount) };
  emitMetrics({ Service: `${cluster}/${serviceName}` }, tasks, now);
}

async function answer(sfn: SFNClient, token: string | undefined, judged: Verdict): Promise<Verdict> {
  await answerToken(sfn, token, judged);
  return judged;
}
