import {
  DynamoDBClient,
  DescribeTableCommand,
  GetItemCommand,
  ListTablesCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  UpdateItemCommand,
  type PutItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createDynamoDb } from '../../../region/dynamodb/dynamodb.ts';
import { NotModelled, type PermissionRequest } from '../../../region/service.ts';
import { clientConfiguration, driven, endpointWith, operator } from '../wire/endpoint.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 0, 5, 9) }));
afterEach(() => void vi.useRealTimers());

const LEDGER = {
  TableName: 'ledger',
  KeySchema: [
    { AttributeName: 'service', KeyType: 'HASH' },
    { AttributeName: 'entry', KeyType: 'RANGE' },
  ],
  AttributeDefinitions: [
    { AttributeName: 'service', AttributeType: 'S' },
    { AttributeName: 'entry', AttributeType: 'S' },
  ],
  BillingMode: 'PAY_PER_REQUEST',
};
const ARN = 'arn:aws:dynamodb:us-east-1:123456789012:table/ledger';

async function ledger() {
  const { kernel, endpoint } = endpointWith((context) => [createDynamoDb(context)]);
  const created = await endpoint.resources['AWS::DynamoDB::Table']!('Ledger', LEDGER, 'cell');
  const client = new DynamoDBClient(clientConfiguration(endpoint.connect));
  const send = <Output>(command: object) => driven(kernel, client.send(command as never) as Promise<Output>);
  const put = (entry: string, version: number, condition: Partial<PutItemCommandInput> = {}) =>
    send(
      new PutItemCommand({
        TableName: 'ledger',
        Item: { service: { S: 'web' }, entry: { S: entry }, version: { N: `${version}` } },
        ...condition,
      }),
    );
  const get = (entry: string) =>
    send<{ Item?: object }>(
      new GetItemCommand({
        TableName: 'ledger',
        Key: { service: { S: 'web' }, entry: { S: entry } },
        ConsistentRead: true,
      }),
    );
  return { kernel, endpoint, created, send, put, get };
}

describe('items', () => {
  it('come back as they were put, binary values and nested ones included', async () => {
    const { send } = await ledger();
    const Item = {
      service: { S: 'web' },
      entry: { S: 'state' },
      blob: { B: new Uint8Array([0, 255]) },
      blobs: { BS: [new Uint8Array([1]), new Uint8Array([2])] },
      nested: {
        M: { B: { S: 'an attribute called B' }, list: { L: [{ NULL: true as const }, { BOOL: false }, { N: '1.5' }] } },
      },
    };
    await send(new PutItemCommand({ TableName: 'ledger', Item }));
    const answer = await send<object>(
      new GetItemCommand({ TableName: 'ledger', Key: { service: Item.service, entry: Item.entry } }),
    );
    expect(answer).toMatchObject({ Item });
  });

  it('that are absent come back as nothing', async () => {
    const { get } = await ledger();
    expect((await get('state')).Item).toBeUndefined();
  });

  it('are put by compare-and-swap: the loser gets ConditionalCheckFailedException and changes nothing', async () => {
    const { put, get } = await ledger();
    const isNew = { ConditionExpression: 'attribute_not_exists(version)' };
    const follows = (version: number) => ({
      ConditionExpression: '#version = :seen',
      ExpressionAttributeNames: { '#version': 'version' },
      ExpressionAttributeValues: { ':seen': { N: `${version}` } },
    });
    await put('state', 1, isNew);
    await expect(put('state', 9, isNew)).rejects.toMatchObject({
      name: 'ConditionalCheckFailedException',
      message: 'The conditional request failed',
      $metadata: { httpStatusCode: 400, attempts: 1 },
    });
    await put('state', 2, follows(1));
    await expect(put('state', 9, follows(1))).rejects.toMatchObject({ name: 'ConditionalCheckFailedException' });
    expect(await get('state')).toMatchObject({ Item: { version: { N: '2' } } });
  });

  it('that are put at the same instant under one condition have exactly one winner', async () => {
    const { kernel, endpoint } = await ledger();
    const clients = [1, 2, 3].map(() => new DynamoDBClient(clientConfiguration(endpoint.connect)));
    const puts = clients.map((client, index) =>
      client.send(
        new PutItemCommand({
          TableName: 'ledger',
          Item: { service: { S: 'web' }, entry: { S: 'state' }, version: { N: `${index}` } },
          ConditionExpression: 'attribute_not_exists(version)',
        }),
      ),
    );
    const results = await driven(kernel, Promise.allSettled(puts));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
  });

  it('are queried by partition and beginning of the sort key, newest first, page by page', async () => {
    const { put, send } = await ledger();
    for (const entry of ['state', 'rollout#1', 'rollout#3', 'rollout#2']) await put(entry, 1);
    const page = (ExclusiveStartKey?: Record<string, never>) =>
      send<{ Items: { entry: { S: string } }[]; LastEvaluatedKey?: Record<string, never> }>(
        new QueryCommand({
          TableName: 'ledger',
          KeyConditionExpression: 'service = :service and begins_with(entry, :prefix)',
          ExpressionAttributeValues: { ':service': { S: 'web' }, ':prefix': { S: 'rollout#' } },
          ScanIndexForward: false,
          Limit: 2,
          ExclusiveStartKey,
        }),
      );
    const first = await page();
    const second = await page(first.LastEvaluatedKey);
    expect([first, second].map(({ Items }) => Items.map(({ entry }) => entry.S))).toEqual([
      ['rollout#3', 'rollout#2'],
      ['rollout#1'],
    ]);
    expect(await send(new ScanCommand({ TableName: 'ledger' }))).toMatchObject({ Count: 4 });
  });
});

describe('refusals', () => {
  it('are AWS’s own for a table that is not there and for a malformed key', async () => {
    const { send } = await ledger();
    const get = (TableName: string, Key: Record<string, { S: string }>) => send(new GetItemCommand({ TableName, Key }));
    await expect(get('absent', { service: { S: 'a' } })).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await expect(get('ledger', { service: { S: 'a' } })).rejects.toMatchObject({ name: 'ValidationException' });
  });

  it.each([
    ['an operation beyond reading, querying and putting', new UpdateItemCommand({ TableName: 'ledger', Key: {} })],
    ['an ARN for a name', new GetItemCommand({ TableName: ARN, Key: {} })],
    [
      'the old item on a failed condition',
      new PutItemCommand({
        TableName: 'ledger',
        Item: { service: { S: 'a' }, entry: { S: 'b' } },
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      }),
    ],
  ])('name what is not modelled: %s', async (_case, command) => {
    const { send } = await ledger();
    await expect(send(command)).rejects.toMatchObject({ name: 'NotModelled' });
  });
});

describe('permissions', () => {
  it('are asked for the table, or its index, with the leading key where the request names one', async () => {
    const asked: unknown[] = [];
    const { endpoint } = endpointWith((context) => [createDynamoDb(context)], {
      authorize: (_caller, request) => (asked.push(request), { isAllowed: true, reason: '' }),
    });
    await endpoint.resources['AWS::DynamoDB::Table']!('Ledger', LEDGER, 'cell');
    const call = (operation: string, input: object) =>
      endpoint.call(operator, 'dynamodb', operation, input).catch(() => undefined);
    const key = { service: { S: 'web' }, entry: { S: 'state' } };
    const keys = { 'dynamodb:LeadingKeys': ['web'], 'dynamodb:Attributes': ['service', 'entry'] };
    await call('GetItem', { TableName: 'ledger', Key: key });
    await call('PutItem', { TableName: 'ledger', Item: key });
    await call('Query', { TableName: 'ledger', IndexName: 'by-time' });
    await call('ListTables', {});
    expect(asked).toEqual([
      { action: 'dynamodb:GetItem', resource: ARN, context: { ...keys, 'dynamodb:Select': 'ALL_ATTRIBUTES' } },
      { action: 'dynamodb:PutItem', resource: ARN, context: { ...keys, 'dynamodb:ReturnValues': 'NONE' } },
      {
        action: 'dynamodb:Query',
        resource: `${ARN}/index/by-time`,
        context: { 'dynamodb:Attributes': [], 'dynamodb:Select': 'ALL_PROJECTED_ATTRIBUTES' },
      },
      { action: 'dynamodb:ListTables', resource: '*' },
    ]);
  });

  const KEY = { service: { S: 'web' }, entry: { S: 'state' } };
  const QUERY = {
    KeyConditionExpression: '#service = :service AND begins_with (entry, :entry)',
    ExpressionAttributeNames: { '#service': 'service', '#b': 'b' },
    ExpressionAttributeValues: { ':service': { S: 'web' }, ':entry': { S: 'x' }, ':n': { N: '1' } },
  };
  const LEADING = { 'dynamodb:LeadingKeys': ['web'] };
  const SPECIFIC = { 'dynamodb:Select': 'SPECIFIC_ATTRIBUTES' };

  it.each<[string, string, object, object]>([
    [
      'the attributes of a projection, of whichever depth',
      'GetItem',
      { Key: KEY, ProjectionExpression: 'a.x, #b[0].y,c [1]', ExpressionAttributeNames: { '#b': 'b' } },
      { ...LEADING, ...SPECIFIC, 'dynamodb:Attributes': ['service', 'entry', 'a', 'b', 'c'] },
    ],
    [
      'the attributes of an old projection',
      'GetItem',
      { Key: KEY, AttributesToGet: ['a'] },
      { ...LEADING, ...SPECIFIC, 'dynamodb:Attributes': ['service', 'entry', 'a'] },
    ],
    [
      'what a query asks for and what it is chosen by',
      'Query',
      { ...QUERY, ProjectionExpression: '#b', FilterExpression: 'NOT attribute_exists(d.e) and f BETWEEN :n AND :n' },
      { ...LEADING, ...SPECIFIC, 'dynamodb:Attributes': ['b', 'service', 'entry', 'd', 'f'] },
    ],
    [
      'that a query wants all attributes',
      'Query',
      QUERY,
      { ...LEADING, 'dynamodb:Attributes': ['service', 'entry'], 'dynamodb:Select': 'ALL_ATTRIBUTES' },
    ],
    [
      'that it only counts',
      'Query',
      { ...QUERY, Select: 'COUNT' },
      { ...LEADING, 'dynamodb:Attributes': ['service', 'entry'], 'dynamodb:Select': 'COUNT' },
    ],
    [
      'the key of an old query',
      'Query',
      { KeyConditions: { service: { ComparisonOperator: 'EQ', AttributeValueList: [{ S: 'web' }] } } },
      { ...LEADING, 'dynamodb:Attributes': ['service'], 'dynamodb:Select': 'ALL_ATTRIBUTES' },
    ],
    ['no key of a scan', 'Scan', {}, { 'dynamodb:Attributes': [], 'dynamodb:Select': 'ALL_ATTRIBUTES' }],
    [
      'all attributes of an item that is put, and those of its condition',
      'PutItem',
      { Item: { ...KEY, a: { S: 'b' } }, ConditionExpression: 'attribute_not_exists(c)', ReturnValues: 'ALL_OLD' },
      { ...LEADING, 'dynamodb:Attributes': ['service', 'entry', 'a', 'c'], 'dynamodb:ReturnValues': 'ALL_OLD' },
    ],
  ])('say %s', async (_what, operation, input, context) => {
    const asked: PermissionRequest[] = [];
    const { endpoint } = endpointWith((region) => [createDynamoDb(region)], {
      authorize: (_caller, request) => (asked.push(request), { isAllowed: true, reason: '' }),
    });
    await endpoint.resources['AWS::DynamoDB::Table']!('Ledger', LEDGER, 'cell');
    await endpoint.call(operator, 'dynamodb', operation, { TableName: 'ledger', ...input }).catch(() => undefined);
    expect(asked).toEqual([{ action: `dynamodb:${operation}`, resource: ARN, context }]);
  });
});

describe('AWS::DynamoDB::Table', () => {
  const create = (properties: object) => {
    const { endpoint } = endpointWith((context) => [createDynamoDb(context)]);
    const created = endpoint.resources['AWS::DynamoDB::Table']!('Ledger', properties as never, 'cell');
    return { endpoint, created: Promise.resolve(created) };
  };

  it('becomes an active table with the properties that CDK writes for an on-demand one', async () => {
    const { send, created } = await ledger();
    expect(created).toEqual({ ref: 'ledger', attributes: { Arn: ARN } });
    expect(await send(new DescribeTableCommand({ TableName: 'ledger' }))).toMatchObject({
      Table: {
        TableName: 'ledger',
        TableArn: ARN,
        TableStatus: 'ACTIVE',
        CreationDateTime: new Date('2026-01-05T09:00:00Z'),
        BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
        DeletionProtectionEnabled: false,
        KeySchema: LEDGER.KeySchema,
      },
    });
    expect(await send(new ListTablesCommand())).toMatchObject({ TableNames: ['ledger'] });
  });

  it('takes recovery, protection, encryption, expiry and tags, and is named by CloudFormation when it has no name', async () => {
    const { TableName: _named, ...unnamed } = LEDGER;
    const { created } = create({
      ...unnamed,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      DeletionProtectionEnabled: true,
      SSESpecification: { SSEEnabled: true },
      TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
      Tags: [{ Key: 'team', Value: 'web' }],
    });
    expect((await created).ref).toMatch(/^cell-Ledger-[0-9A-F]{12}$/);
  });

  it('is the same table twice: ids and dates come from the kernel', async () => {
    const describeOne = async () => {
      const { endpoint } = await ledger();
      return endpoint.call(operator, 'dynamodb', 'DescribeTable', { TableName: 'ledger' });
    };
    expect(await describeOne()).toEqual(await describeOne());
  });

  it.each([
    ['a stream', { StreamSpecification: { StreamViewType: 'NEW_IMAGE' } }],
    ['an index', { GlobalSecondaryIndexes: [] }],
    ['provisioned capacity', { BillingMode: 'PROVISIONED' }],
    ['a key of its own', { SSESpecification: { SSEEnabled: true, KMSMasterKeyId: 'key' } }],
  ])('with %s is refused', async (_case, properties) => {
    await expect(create({ ...LEDGER, ...properties }).created).rejects.toThrow(NotModelled);
  });
});
