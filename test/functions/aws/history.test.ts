import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  type AttributeValue,
  type QueryCommandInput,
} from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { ledger as client } from '../../../functions/aws/clients.ts';
import { everyRecord, newestRecords, readRecord, stateAndNewest, writeRecord } from '../../../functions/aws/history.ts';
import type { ShownLedger } from '../../../functions/aws/ledger-table.ts';
import { historyKey } from '../../../functions/rollout/history-key.ts';
import type { RolloutRecord } from '../../../functions/rollout/ledger.ts';
import { SHOWN_ATTRIBUTES } from '../../../functions/rollout/shown-attributes.ts';
import { ledger as ledgerOf, NOW, record as recordOf } from '../rollout/given.ts';
import { useEnvironment } from './environment.ts';

type Item = Record<string, AttributeValue>;

const table = mockClient(DynamoDBClient);
useEnvironment();
afterAll(() => table.restore());

/** Items that DynamoDB puts on one page. */
const PAGE = 200;

/** DynamoDB with these entries: in the order of their keys, within the range that is asked for, page by page. */
function holds(records: readonly RolloutRecord[]): void {
  const items = records.map((each) => marshall({ ...each, entry: historyKey(each) }, { removeUndefinedValues: true }));
  items.sort((a, b) => (a['entry']!.S! < b['entry']!.S! ? -1 : 1));
  table.on(QueryCommand).callsFake((asked: QueryCommandInput) => pageOf(items, asked));
}

function pageOf(items: readonly Item[], asked: QueryCommandInput): object {
  const { ':from': from, ':to': to } = asked.ExpressionAttributeValues!;
  const inRange = items.filter(({ entry }) => entry!.S! >= from!.S! && entry!.S! <= to!.S!);
  const ordered = asked.ScanIndexForward === false ? inRange.toReversed() : inRange;
  const start = ordered.findIndex(({ entry }) => entry!.S === asked.ExclusiveStartKey?.['entry']?.S) + 1;
  const end = start + Math.min(asked.Limit ?? PAGE, PAGE);
  const Items = ordered.slice(start, end);
  return { Items, LastEvaluatedKey: end < ordered.length ? { entry: Items.at(-1)!['entry'] } : undefined };
}

const ended = (count: number): RolloutRecord[] =>
  Array.from({ length: count }, (_, index) =>
    recordOf({ rolloutId: `r${index}`, startedAt: NOW + index * 60_000, endedAt: NOW + index * 60_000 + 30_000 }),
  );
/** And one, so that they are more than fifty pages. */
const TEN_THOUSAND = ended(10_001);
const queries = (): QueryCommandInput[] => table.commandCalls(QueryCommand).map(({ args }) => args[0].input);

beforeEach(() => table.reset());

describe('a history entry', () => {
  it('has a key that begins with when its rollout ended', async () => {
    table.on(PutItemCommand).resolves({});
    await writeRecord(client, recordOf({ rolloutId: 'r1', endedAt: Date.UTC(2027, 2, 1, 12) }));
    expect(table.commandCalls(PutItemCommand)[0]!.args[0].input.Item).toMatchObject({
      service: { S: 'default/web' },
      entry: { S: 'ended#2027-03-01T12:00:00.000Z#r1' },
    });
  });

  it('stays as it was written first, as one that waited to be told may have lost its log lines', async () => {
    const isThere = new ConditionalCheckFailedException({ message: 'no', $metadata: {} });
    table.on(PutItemCommand, { ConditionExpression: 'attribute_not_exists(#entry)' }).rejects(isThere);
    await writeRecord(client, recordOf({ rolloutId: 'r1' }));
    expect(table.commandCalls(PutItemCommand)[0]!.args[0].input.ExpressionAttributeNames).toEqual({
      '#entry': 'entry',
    });
  });

  it('is found by its rollout among ten thousand in one page, however many are older', async () => {
    holds(TEN_THOUSAND);
    const sought = recordOf({ rolloutId: 'r9900', startedAt: NOW + 9900 * 60_000 });
    expect(await readRecord(client, sought)).toMatchObject({
      rolloutId: 'r9900',
      endedAt: NOW + 9900 * 60_000 + 30_000,
    });
    expect(queries()).toHaveLength(1);
    expect(queries()[0]).toMatchObject({ ConsistentRead: true });
  });

  it('is found though its rollout took days, and many ended before it', async () => {
    holds([
      ...TEN_THOUSAND.slice(0, 3000),
      recordOf({ rolloutId: 'slow', startedAt: NOW, endedAt: NOW + 2999 * 60_000 + 31_000 }),
    ]);
    expect(await readRecord(client, { rolloutId: 'slow', startedAt: NOW })).toMatchObject({ rolloutId: 'slow' });
  });

  it('is found though the clock that ended it was minutes behind the one that started it', async () => {
    holds([recordOf({ rolloutId: 'r1', endedAt: NOW - 5 * 60_000 })]);
    expect(await readRecord(client, { rolloutId: 'r1', startedAt: NOW })).toMatchObject({ rolloutId: 'r1' });
  });

  it('is absent for a rollout that never ended', async () => {
    holds(ended(5));
    expect(await readRecord(client, { rolloutId: 'r9', startedAt: NOW })).toBeUndefined();
  });
});

describe('ten thousand rollouts', () => {
  it.each([1, 5])('have their newest %i read in one page of no more than that takes', async (count) => {
    holds(TEN_THOUSAND);
    const { records } = await newestRecords(client, { count });
    expect(records.map(({ rolloutId }) => rolloutId)).toEqual(
      Array.from({ length: count }, (_, index) => `r${10_000 - index}`),
    );
    expect(queries()).toHaveLength(1);
    expect(queries()[0]!.Limit).toBeLessThanOrEqual(count + 2);
  });

  it('are read one part after the other, none twice and none left out, though several ended at one moment', async () => {
    const all = ended(100).map((each, index) => ({ ...each, endedAt: NOW + Math.floor(index / 7) }));
    holds(all);
    const seen: string[] = [];
    for (let before, part = 0; part < 20; part++) {
      const { records, next } = await newestRecords(client, { count: 9, before });
      seen.push(...records.map(({ rolloutId }) => rolloutId));
      before = next;
      if (!next) break;
    }
    expect(seen.toSorted()).toEqual(all.map(({ rolloutId }) => rolloutId).toSorted());
  });

  it('say where to go on, and nothing when there is nothing more', async () => {
    holds(ended(5));
    expect((await newestRecords(client, { count: 5 })).next).toBeUndefined();
    expect((await newestRecords(client, { count: 4 })).next).toBe(historyKey(ended(5)[1]!).slice('ended#'.length));
  });

  it('are searched to the last page for those whose id begins so', async () => {
    holds(TEN_THOUSAND.slice(0, 1000));
    const [only] = (await newestRecords(client, { count: 20, idPrefix: 'r0' })).records;
    expect(only?.rolloutId).toBe('r0');
  });

  it('are all read, beyond fifty pages', async () => {
    holds(TEN_THOUSAND);
    let count = 0;
    for await (const page of everyRecord(client)) count += page.length;
    expect(count).toBe(10_001);
    expect(queries()).toHaveLength(51);
  });
});

it('who may not see task tokens reads a history by the names of its attributes', async () => {
  const { client: inner } = client;
  const shown: ShownLedger = { client: inner, tableName: 'ledger', service: 'default/web', sees: 'all-but-tokens' };
  holds(ended(3));
  await newestRecords(shown, { count: 1 });
  await readRecord(shown, { rolloutId: 'r1', startedAt: NOW });
  for (const { ProjectionExpression, ExpressionAttributeNames: names } of queries())
    expect(ProjectionExpression!.split(',').map((name) => names![name])).toEqual(SHOWN_ATTRIBUTES);
  expect(queries()).toHaveLength(2);
});

describe('the state and the newest of a history', () => {
  const STATE = { ...ledgerOf({ version: 7 }), entry: 'state' };
  const entries = (count: number, more: readonly object[]) =>
    [...ended(count).map((each) => ({ ...each, entry: historyKey(each) })), ...more].map((item) =>
      marshall(item, { removeUndefinedValues: true }),
    );
  const answer = (items: readonly Item[]) =>
    table.on(QueryCommand).callsFake((asked: QueryCommandInput) => pageOf(items, asked));

  it('are read in one call, consistently, past what stands between them', async () => {
    answer(entries(9, [{ entry: 'inventory' }, STATE]));
    const { state, records } = await stateAndNewest(client, 2);
    expect([state.version, records.map(({ rolloutId }) => rolloutId)]).toEqual([7, ['r8', 'r7']]);
    expect(queries()).toMatchObject([{ ConsistentRead: true, ScanIndexForward: false, Limit: 4 }]);
  });

  it('are none where nothing was ever written, and no record where no rollout has ended', async () => {
    answer([]);
    expect(await stateAndNewest(client, 2)).toMatchObject({ state: { version: 0 }, records: [] });
    answer(entries(0, [STATE]));
    expect(await stateAndNewest(client, 2)).toMatchObject({ state: { version: 7 }, records: [] });
  });
});
