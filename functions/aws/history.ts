import { PutItemCommand, QueryCommand, type QueryCommandOutput } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import {
  endedSince,
  historyKey,
  historyRange,
  placeOf,
  type HistoryPlace,
  type KeyRange,
} from '../rollout/history-key.ts';
import { LEDGER_KEYS, type HistoryEntry, type LedgerState, type RolloutRecord } from '../rollout/ledger.ts';
import { isFault } from './faults.ts';
import { projectionOf, stateIn, toItem, type LedgerTable, type ShownLedger } from './ledger-table.ts';

/** Pages that are followed before the reading is given up aloud; one is at most 1 MB, some thousand rollouts. */
const PAGES_MAX = 10_000;

/** Which history entries are meant. */
export interface Wanted {
  /** At most so many. */
  readonly count: number;
  /** Only those that ended before this place. */
  readonly before?: HistoryPlace | undefined;
  /** Only those of rollouts whose id begins so. */
  readonly idPrefix?: string | undefined;
}

/** History entries, the rollout that ended last first. */
export interface Found {
  readonly records: HistoryEntry[];
  /** Where to go on, when there are more. */
  readonly next: HistoryPlace | undefined;
}

/** Writes a history entry, unless it is there: the record of a rollout never changes, and one that waits may have lost its log lines. */
export async function writeRecord(table: LedgerTable, record: HistoryEntry): Promise<void> {
  const Item = toItem(table, historyKey(record), record);
  const isNew = {
    ConditionExpression: 'attribute_not_exists(#entry)',
    ExpressionAttributeNames: { '#entry': LEDGER_KEYS.sort },
  };
  try {
    await table.client.send(new PutItemCommand({ TableName: table.tableName, Item, ...isNew }));
  } catch (error) {
    if (!isFault(error, 'ConditionalCheckFailedException')) throw error;
  }
}

/** The history entry of a rollout that started at this time, or undefined. Only what has ended since is read. */
export async function readRecord(
  table: LedgerTable | ShownLedger,
  { rolloutId, startedAt }: Pick<RolloutRecord, 'rolloutId' | 'startedAt'>,
): Promise<RolloutRecord | undefined> {
  for await (const page of pages(table, endedSince(startedAt), { ScanIndexForward: true, ConsistentRead: true })) {
    const found = page.find((record) => record.rolloutId === rolloutId);
    if (found) return found;
  }
  return undefined;
}

/** The newest history entries that are wanted: reads until there are enough, and as little as that takes. */
export async function newestRecords(table: LedgerTable | ShownLedger, wanted: Wanted): Promise<Found> {
  const { count, before, idPrefix = '' } = wanted;
  const records: HistoryEntry[] = [];
  // One more tells whether there are more; another one is the place itself.
  const Limit = idPrefix === '' ? count + 2 : undefined;
  for await (const page of pages(table, historyRange(before), { ScanIndexForward: false, Limit })) {
    records.push(...page.filter((record) => record.rolloutId.startsWith(idPrefix) && placeOf(record) !== before));
    if (records.length > count) break;
  }
  const shown = records.slice(0, count);
  const last = shown.at(-1);
  return { records: shown, next: records.length > count && last ? placeOf(last) : undefined };
}

/** What the ledger says now and what it says of the rollouts that ended last, the newest first: as a rule in one call. */
export async function stateAndNewest(
  table: LedgerTable | ShownLedger,
  count: number,
): Promise<{ readonly state: LedgerState; readonly records: readonly RolloutRecord[] }> {
  // The key of the state comes after every other, and the inventory between it and the history.
  const { from, to } = historyRange();
  const found: Readonly<Record<string, unknown>>[] = [];
  const reading = { ScanIndexForward: false, ConsistentRead: true, Limit: count + 2 };
  for await (const page of itemPages(table, { from, to: STATE }, reading)) {
    found.push(...page);
    if (found.length >= count + 2) break;
  }
  const records = found.filter(({ entry }) => String(entry) < to).slice(0, count);
  return { state: stateIn(found.find(({ entry }) => entry === STATE)), records: records as unknown as RolloutRecord[] };
}

/** The key of the ledger's state. */
const STATE = 'state';

/** The whole history, page by page, the rollout that ended last first. */
export function everyRecord(table: LedgerTable | ShownLedger): AsyncGenerator<HistoryEntry[], void, undefined> {
  return pages(table, historyRange(), { ScanIndexForward: false });
}

/** Records of rollouts that ended after this time, the last first, as they are at this moment: none that was written before is missed. */
export function recordsSince(
  table: LedgerTable | ShownLedger,
  since: number,
): AsyncGenerator<HistoryEntry[], void, undefined> {
  return pages(table, endedSince(since), { ScanIndexForward: false, ConsistentRead: true });
}

interface Reading {
  readonly ScanIndexForward: boolean;
  readonly ConsistentRead?: boolean;
  readonly Limit?: number | undefined;
}

async function* pages(
  table: LedgerTable | ShownLedger,
  range: KeyRange,
  reading: Reading,
): AsyncGenerator<HistoryEntry[], void, undefined> {
  for await (const page of itemPages(table, range, reading)) yield page as unknown as HistoryEntry[];
}

async function* itemPages(
  table: LedgerTable | ShownLedger,
  { from, to }: KeyRange,
  reading: Reading,
): AsyncGenerator<Record<string, unknown>[], void, undefined> {
  const { client, tableName, service } = table;
  const { ExpressionAttributeNames, ...projection } = projectionOf(table);
  let after: QueryCommandOutput['LastEvaluatedKey'];
  for (let page = 0; page < PAGES_MAX; page++) {
    const answer: QueryCommandOutput = await client.send(
      new QueryCommand({
        ...projection,
        ...reading,
        TableName: tableName,
        KeyConditionExpression: '#service = :service AND #entry BETWEEN :from AND :to',
        ExpressionAttributeNames: {
          ...ExpressionAttributeNames,
          '#service': LEDGER_KEYS.partition,
          '#entry': LEDGER_KEYS.sort,
        },
        ExpressionAttributeValues: { ':service': { S: service }, ':from': { S: from }, ':to': { S: to } },
        ExclusiveStartKey: after,
      }),
    );
    yield (answer.Items ?? []).map((item) => unmarshall(item));
    after = answer.LastEvaluatedKey;
    if (!after) return;
  }
  throw new Error(
    `The history of ${service} has more than ${PAGES_MAX} pages, and no more are read: delete its oldest entries from the table ${tableName}.`,
  );
}
