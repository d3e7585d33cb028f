import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createDynamoDb } from '../../../region/dynamodb/dynamodb.ts';
import { newDynamoDbState } from '../../../region/dynamodb/model.ts';
import { Kernel } from '../../../region/kernel/kernel.ts';
import { Fault, type Service } from '../../../region/service.ts';

const OPERATOR = { kind: 'operator' } as const;
const TABLES = {
  ledger: { partition: 'S', sort: 'S' },
  counts: { partition: 'N', sort: 'N' },
  bytes: { partition: 'B', sort: undefined },
} as const;

/** A call, as plain data. */
interface Call {
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** Whether it goes on where the last page of a query or a scan ended. */
  readonly goesOn?: boolean;
}

it('answers from its state what it answers from dynalite, call by call', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(calls(), { minLength: 20, maxLength: 60 }), async (sequence) => {
      const [inState, twin] = [await store('in-state'), await store('leveldb')];
      expect(await answers(inState, sequence)).toEqual(await answers(twin, sequence));
    }),
    { numRuns: 25, seed: 7 },
  );
});

it('answers the same after its state was copied', async () => {
  const state = newDynamoDbState();
  const first = await store('in-state', state);
  const put = {
    operation: 'PutItem',
    input: { TableName: 'ledger', Item: { service: { S: 'a' }, entry: { S: 'b' } } },
  };
  await answers(first, [put]);
  const copy = createDynamoDb(context(), structuredClone(state));
  await answers(first, [{ ...put, input: { ...put.input, Item: { service: { S: 'a' }, entry: { S: 'c' } } } }]);

  const scan = { operation: 'Scan', input: { TableName: 'ledger', Select: 'COUNT' } };
  const describe = { operation: 'DescribeTable', input: { TableName: 'ledger' } };
  expect(await answers(copy, [scan])).toMatchObject([{ Count: 1 }]);
  expect(await answers(first, [scan])).toMatchObject([{ Count: 2 }]);
  expect(await answers(copy, [describe])).toEqual(await answers(first, [describe]));
});

function context() {
  return { kernel: new Kernel(), account: '123456789012', region: 'us-east-1' };
}

async function store(kept: 'in-state' | 'leveldb', state = newDynamoDbState()): Promise<Service> {
  const service = createDynamoDb(context(), state, kept);
  for (const [name, { partition, sort }] of Object.entries(TABLES)) {
    const keys = [
      { name: 'service', key: 'HASH', type: partition },
      ...(sort === undefined ? [] : [{ name: 'entry', key: 'RANGE', type: sort }]),
    ];
    const table = {
      TableName: name,
      KeySchema: keys.map((each) => ({ AttributeName: each.name, KeyType: each.key })),
      AttributeDefinitions: keys.map((each) => ({ AttributeName: each.name, AttributeType: each.type })),
      BillingMode: 'PAY_PER_REQUEST',
    };
    await service.resources['AWS::DynamoDB::Table']!(name, table as never, 'stack');
  }
  return service;
}

/** What each call is answered, or which fault it meets. */
async function answers({ operations }: Service, sequence: readonly Call[]): Promise<unknown[]> {
  const told: unknown[] = [];
  let lastKey: unknown;
  for (const { operation, input, goesOn } of sequence) {
    try {
      const start = goesOn && lastKey !== undefined ? { ExclusiveStartKey: lastKey } : {};
      const output = await operations[operation]!.apply({ ...input, ...start } as never, OPERATOR);
      lastKey = (output as { LastEvaluatedKey?: unknown }).LastEvaluatedKey ?? lastKey;
      told.push(output);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      told.push(`${error.code}: ${error.message}`);
    }
  }
  return told;
}

function calls(): fc.Arbitrary<Call> {
  return fc.oneof(
    { weight: 5, arbitrary: puts() },
    { weight: 2, arbitrary: gets() },
    { weight: 3, arbitrary: queries() },
    { weight: 1, arbitrary: scans() },
    fc.constantFrom<Call>(
      { operation: 'ListTables', input: {} },
      { operation: 'ListTables', input: { Limit: 1, ExclusiveStartTableName: 'bytes' } },
      { operation: 'DescribeTable', input: { TableName: 'ledger' } },
      { operation: 'DescribeTable', input: { TableName: 'none' } },
      { operation: 'GetItem', input: { TableName: 'none', Key: { service: { S: 'a' } } } },
    ),
  );
}

/** Few, so that calls meet each other; some sort differently by characters than by bytes. */
const TEXTS = ['a', 'b', 'ab', 'state', 'history#1', 'history#12', 'history#2', 'ä', '\u{1F600}', '\uFF5E', '~', ''];
const NUMBERS = ['0', '1', '-1', '10', '2', '-0.5', '1e3', '12345678901234567890'];

const texts = fc.constantFrom(...TEXTS).map((S) => ({ S }));
const numbers = fc.constantFrom(...NUMBERS).map((N) => ({ N }));
const blobs = fc.constantFrom([], [0], [255], [1, 2]).map((bytes) => ({ B: new Uint8Array(bytes) }));
const OF_TYPE = { S: texts, N: numbers, B: blobs };

const values = fc.oneof(
  texts,
  numbers,
  blobs,
  fc.constantFrom(
    { BOOL: true },
    { NULL: true },
    { SS: ['a', 'b'] },
    { L: [{ S: 'a' }, { N: '1' }] },
    { M: { in: { S: 'a' }, deep: { M: { er: { N: '2' } } } } },
  ),
);

const tables = fc.constantFrom(...(Object.keys(TABLES) as (keyof typeof TABLES)[]));

function keysOf(name: keyof typeof TABLES): fc.Arbitrary<Record<string, object>> {
  const { partition, sort } = TABLES[name];
  return fc.record<Record<string, object>>({
    service: OF_TYPE[partition],
    ...(sort !== undefined && { entry: OF_TYPE[sort] }),
  });
}

/** The product's own first. */
const CONDITIONS = [
  'attribute_not_exists(#version)',
  '#version = :one',
  '#version <> :one AND attribute_exists(#version)',
  'NOT (#version < :one OR #x > :text)',
  '#version BETWEEN :one AND :many',
  '#x IN (:text, :one)',
  'begins_with(#x, :text)',
  'contains(#x, :text)',
  'size(#x) > :one',
  'attribute_type(#x, :type)',
  '#x.#in = :text',
  '#x[0] = :text',
  'nonsense(',
];
const NAMES = { '#version': 'version', '#x': 'x', '#in': 'in' };
const VALUES = { ':one': { N: '1' }, ':many': { N: '9' }, ':text': { S: 'a' }, ':type': { S: 'M' } };

/** An expression with those names and values alone that are in it, for others are refused. */
function withExpression(member: string, expression: string): Record<string, unknown> {
  return { [member]: expression, ...placeholders([expression]) };
}

function placeholders(expressions: readonly string[]): Record<string, unknown> {
  const all = expressions.join(' ');
  const used = (known: object): object =>
    Object.fromEntries(Object.entries(known).filter(([name]) => new RegExp(`${name}\\b`).test(all)));
  const [names, given] = [used({ ...NAMES, ...KEY_NAMES }), used({ ...VALUES, ...KEY_VALUES })];
  return {
    ...(Object.keys(names).length > 0 && { ExpressionAttributeNames: names }),
    ...(Object.keys(given).length > 0 && { ExpressionAttributeValues: given }),
  };
}

function puts(): fc.Arbitrary<Call> {
  return fc
    .record({
      TableName: tables,
      rest: fc.dictionary(fc.constantFrom('version', 'x', 'in'), values, { maxKeys: 3 }),
      condition: fc.option(fc.constantFrom(...CONDITIONS), { nil: undefined }),
      returned: fc.constantFrom({}, { ReturnValues: 'ALL_OLD' }, { ReturnConsumedCapacity: 'TOTAL' }),
    })
    .chain(({ TableName, rest, condition, returned }) =>
      keysOf(TableName).map((key) => ({
        operation: 'PutItem',
        input: {
          TableName,
          Item: { ...rest, ...key },
          ...(condition !== undefined && withExpression('ConditionExpression', condition)),
          ...returned,
        },
      })),
    );
}

const PROJECTIONS = ['#version', '#x, #version', '#x.#in', '#x[1]', '#x, #x'];

function gets(): fc.Arbitrary<Call> {
  return fc
    .record({ TableName: tables, projection: fc.option(fc.constantFrom(...PROJECTIONS), { nil: undefined }) })
    .chain(({ TableName, projection }) =>
      keysOf(TableName).map((Key) => ({
        operation: 'GetItem',
        input: {
          TableName,
          Key,
          ConsistentRead: true,
          ...(projection !== undefined && withExpression('ProjectionExpression', projection)),
        },
      })),
    );
}

/** The product's own first. */
const KEY_CONDITIONS = [
  '#service = :service AND #entry BETWEEN :from AND :to',
  '#service = :service AND begins_with(#entry, :from)',
  '#service = :service',
  '#service = :service AND #entry = :from',
  '#service = :service AND #entry < :to',
  '#service = :service AND #entry <= :to',
  '#service = :service AND #entry > :from',
  '#service = :service AND #entry >= :from',
  '#entry = :from',
];
const KEY_NAMES = { '#service': 'service', '#entry': 'entry' };
const KEY_VALUES = { ':service': { S: 'a' }, ':from': { S: 'history#1' }, ':to': { S: 'state' } };
const KEY_NUMBERS = { ':service': { N: '1' }, ':from': { N: '-1' }, ':to': { N: '10' } };

function queries(): fc.Arbitrary<Call> {
  return fc
    .record({
      TableName: tables,
      condition: fc.constantFrom(...KEY_CONDITIONS),
      filter: fc.option(fc.constantFrom(...CONDITIONS), { nil: undefined }),
      projection: fc.option(fc.constantFrom(...PROJECTIONS), { nil: undefined }),
      goesOn: fc.boolean(),
      options: fc.record(
        {
          Limit: fc.integer({ min: 0, max: 3 }),
          ScanIndexForward: fc.boolean(),
          ConsistentRead: fc.boolean(),
          ReturnConsumedCapacity: fc.constant('TOTAL'),
        },
        { requiredKeys: [] },
      ),
    })
    .map(({ TableName, condition, filter, projection, goesOn, options }) => {
      const used = placeholders([condition, filter ?? '', projection ?? '']);
      const given = used['ExpressionAttributeValues'] as Record<string, object>;
      const numbered = Object.fromEntries(
        Object.entries(given).map(([name, value]) => [name, { ...KEY_NUMBERS }[name] ?? value]),
      );
      return {
        operation: 'Query',
        goesOn,
        input: {
          TableName,
          KeyConditionExpression: condition,
          ...(filter !== undefined && { FilterExpression: filter }),
          ...(projection !== undefined && { ProjectionExpression: projection }),
          ...used,
          ...(TableName === 'counts' && { ExpressionAttributeValues: numbered }),
          ...options,
        },
      };
    });
}

function scans(): fc.Arbitrary<Call> {
  return fc
    .record({
      TableName: tables,
      filter: fc.option(fc.constantFrom(...CONDITIONS), { nil: undefined }),
      goesOn: fc.boolean(),
      options: fc.record(
        { Limit: fc.integer({ min: 1, max: 3 }), Select: fc.constantFrom('COUNT', 'ALL_ATTRIBUTES') },
        { requiredKeys: [] },
      ),
    })
    .map(({ TableName, filter, goesOn, options }) => ({
      operation: 'Scan',
      goesOn,
      input: {
        TableName,
        ...(filter !== undefined && withExpression('FilterExpression', filter)),
        ...options,
      },
    }));
}
