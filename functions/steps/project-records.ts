import type { EventBridgeClient, SNSClient } from '../aws/client-kinds.ts';
import { writeRecord } from '../aws/history.ts';
import type { LedgerTable } from '../aws/ledger-table.ts';
import { logger } from '../aws/log.ts';
import { count, emitMetrics, type MetricValue } from '../aws/metrics.ts';
import { notify, putEvent } from '../aws/publication.ts';
import type { RolloutConfig } from '../rollout/config.ts';
import { withLogLines } from '../rollout/failed-task.ts';
import {
  ledgerTime,
  type HistoryEntry,
  type LedgerState,
  type Owed,
  type RolloutRecord,
  type Undone,
  type UntoldRecord,
} from '../rollout/ledger.ts';
import { ROLLOUTS_METRIC, UNTOLD_METRIC } from '../rollout/metric-names.ts';
import { overdue, recordIn } from '../rollout/outbox.ts';
import { startChangeOf, stateChangeOf, type StateChangeEvent } from '../rollout/state-change.ts';
import { tellerOf, tellingOf, type Telling } from '../rollout/telling.ts';
import { ENDED, endedLine } from '../rollout/told-lines.ts';
import { patienceOf } from './patience.ts';

/** What records are projected through: the history, the event bus and the topic. */
interface Projecting {
  readonly ledger: LedgerTable;
  readonly events: EventBridgeClient;
  readonly sns: SNSClient;
  readonly topicArn: string;
}

/** What became of the records that wait. */
interface Projected {
  readonly projected: readonly string[];
  readonly owed: ReadonlyMap<string, Undone>;
  /** Those that nobody could be told of, and of which nobody will be told any more. */
  readonly untold: readonly RolloutRecord[];
  readonly failure: unknown;
}

/** The rollout that concludes, and how it went: of no other that waits is that known. */
interface Own {
  readonly rolloutId: string;
  readonly course: HistoryEntry['course'];
}

/** Projects each record by itself, so that one that cannot be sent holds up neither the others nor the lease. */
export async function projectAll(
  through: Projecting,
  state: LedgerState,
  { failedNaming, config, own }: Omit<Projection, 'isOverdue' | 'course'> & { readonly own: Own },
): Promise<Projected> {
  const { outbox, verified } = state;
  const unnamed = failedNaming === undefined ? undefined : verified[0]?.taskDefinition;
  const late = overdue(outbox, ledgerTime(Date.now(), state), unnamed);
  // What is told with the end of its recovery waits for that, and is through when that is.
  const due = outbox.filter((record) => tellerOf(state, record) !== undefined);
  const results = await Promise.allSettled(
    due.map((record) => {
      const isOverdue = late.has(record.rolloutId);
      const course = record.rolloutId === own.rolloutId ? own.course : undefined;
      return project(through, record, tellingOf(state, record), { isOverdue, failedNaming, course, config });
    }),
  );
  const isThrough = (record: RolloutRecord): boolean => {
    const result = results[due.indexOf(record)];
    return result?.status === 'fulfilled' && result.value.left === undefined;
  };
  const isProjected = (record: RolloutRecord): boolean => isThrough(record) && isThrough(tellerOf(state, record)!);
  const projected = due.filter(isProjected);
  projected.forEach(countRollout);
  const owed = due.flatMap((record, index): [string, Undone][] => {
    const result = results[index]!;
    const left = isThrough(record) ? 'message' : result.status === 'fulfilled' ? result.value.left : record.owes;
    return left === undefined || left === 'all' || isProjected(record) ? [] : [[record.rolloutId, left]];
  });
  const untold = due.filter((_record, index) => {
    const result = results[index]!;
    return result.status === 'fulfilled' && result.value.isGivenUp === true;
  });
  return {
    projected: projected.map(({ rolloutId }) => rolloutId),
    owed: new Map(owed),
    untold,
    failure:
      firstFailure(results) ??
      results.flatMap((result) => (result.status === 'fulfilled' ? (result.value.failure ?? []) : []))[0],
  };
}

/** Why the first of these failed that did; undefined where none did. */
export function firstFailure(results: readonly PromiseSettledResult<unknown>[]): unknown {
  return results.find((result) => result.status === 'rejected')?.reason;
}

/** How a record is projected. */
interface Projection {
  /** Whether it has waited too long to hold anything up. */
  readonly isOverdue: boolean;
  /** Why the proven images could not be named, if they could not. */
  readonly failedNaming: unknown;
  /** What its history entry says more than it; undefined where that is not known. */
  readonly course: HistoryEntry['course'];
  readonly config: Pick<RolloutConfig, 'notifiedLogLines'>;
}

/** What of a record could not be done, and why; nothing where all is. */
interface Unsent {
  readonly left?: Undone | 'all' | undefined;
  /** What someone has to know; that an event was not taken holds nothing up, and is made good for as long as records wait. */
  readonly failure?: unknown;
  /** After hours nobody is told any more. */
  readonly isGivenUp?: true;
}

/** Everything that follows from a committed record; each part may be repeated without harm. */
async function project(
  through: Projecting,
  waiting: UntoldRecord,
  telling: Telling | undefined,
  { isOverdue, failedNaming, course, config }: Projection,
): Promise<Unsent> {
  const record = recordIn(waiting);
  await writeRecord(through.ledger, { ...record, course });
  const naming = record.outcome === 'SUCCEEDED' ? failedNaming : undefined;
  const unsent = await send(through, waiting, telling, config);
  const undone: Unsent = naming === undefined ? unsent : { failure: naming, left: unsent.left ?? 'name' };
  if (undone.left === undefined || !isOverdue) return undone;
  if (undone.left !== 'message' && undone.left !== 'all') return {};
  // The history has it: whoever waits for word of it is told by the alarm that there was none.
  emitMetrics({ Service: record.service }, { [UNTOLD_METRIC]: count(1) }, Date.now());
  return { isGivenUp: true };
}

/** Sends what is owed of a record, people first: neither waits for the other for long, and none is sent again for the other's sake. */
async function send(
  { events, sns, topicArn }: Projecting,
  waiting: UntoldRecord,
  telling: Telling | undefined,
  config: Projection['config'],
): Promise<Unsent> {
  const { owes, started } = waiting;
  const isOwed = (what: Owed): boolean => owes === undefined || owes === what;
  const end = stateChangeOf(toldPart(recordIn(waiting), config));
  const changes = started ? [startChangeOf(started), end] : [end];
  const message =
    telling && isOwed('message')
      ? await failureOf('SNS', notify(sns, topicArn, toldParts(telling, config)))
      : undefined;
  const event = isOwed('event') ? await failureOf('EventBridge', putEvents(events, changes)) : undefined;
  if (event !== undefined) logger.warn('the event was not taken', { errorName: nameOf(event) });
  if (message !== undefined) return { left: event === undefined ? 'message' : 'all', failure: message };
  return event === undefined ? {} : { left: 'event' };
}

/** One after the other, so that who is told of an end was told of the start. */
async function putEvents(events: EventBridgeClient, changes: readonly StateChangeEvent[]): Promise<void> {
  for (const change of changes) await putEvent(events, change);
}

/** Milliseconds after which a service is taken for silent: the rest of a step must not die with it. */
const ANSWERS_WITHIN_MS = 5000;

/** Why the act failed, as far as that is known within seconds; undefined where it did not. */
async function failureOf(whose: string, act: Promise<void>): Promise<unknown> {
  try {
    await patienceOf(ANSWERS_WITHIN_MS).within(whose, act);
    return undefined;
  } catch (error) {
    return error;
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}

function toldParts({ record, aftermath }: Telling, config: Projection['config']): Telling {
  return { record: toldPart(record, config), aftermath: aftermath && toldPart(aftermath, config) };
}

/** Of what a container wrote others are told what the configuration allows: anybody may be subscribed, and read the bus. */
function toldPart(record: RolloutRecord, { notifiedLogLines = 0 }: Projection['config']): RolloutRecord {
  return withLogLines(record, notifiedLogLines);
}

/** What is tried again by itself is counted when that has ended, too. */
function countRollout(record: RolloutRecord): void {
  if (record.triedAgainAt !== undefined) return;
  logger.info(ENDED, { ended: endedLine(record) });
  emitRollout(record);
}

function emitRollout(record: RolloutRecord): void {
  const { service: Service, outcome: Outcome, endedAt } = record;
  emitMetrics({ Service, Outcome }, { [ROLLOUTS_METRIC]: count(1) }, endedAt);
  const lag = record.detectionLagSeconds;
  // The image of a rollback was live before: the time since then is nobody's waiting time.
  const isLive = record.outcome === 'SUCCEEDED' && record.image !== undefined && !record.request?.rollback;
  emitMetrics(
    { Service },
    {
      DurationSeconds: seconds((endedAt - record.startedAt) / 1000),
      PushToLiveSeconds: isLive ? seconds((endedAt - record.image.selectedAt) / 1000) : undefined,
      DetectionLagSeconds: lag === undefined ? undefined : seconds(lag),
    },
    endedAt,
  );
}

function seconds(value: number): MetricValue {
  return { value, unit: 'Seconds' };
}
