import type {
  DescribeTableInput,
  DescribeTableOutput,
  GetItemInput,
  GetItemOutput,
  ListTablesInput,
  ListTablesOutput,
  PutItemInput,
  PutItemOutput,
  QueryInput,
  QueryOutput,
  ScanInput,
  ScanOutput,
  TableDescription,
} from '@aws-sdk/client-dynamodb';
import {
  NotModelled,
  operation,
  type Operation,
  type PermissionRequest,
  type RegionContext,
  type Service,
} from '../service.ts';
import { withBase64, withBytes } from './attribute-blobs.ts';
import { conditionKeys, type Requested } from './condition-keys.ts';
import { createDynaliteStore, type DynaliteAction, type DynaliteStore } from './dynalite-store.ts';
import { newDynamoDbState, type DynamoDb, type DynamoDbState } from './model.ts';
import { tableCreator, tableDeleter, tableUpdater } from './table-resource.ts';
import { partitionOf } from '../partition.ts';

/**
 * DynamoDB: tables come from templates; items are read, queried and put conditionally. Expired items stay (AWS, too, may keep them for days).
 * Items are kept in the state, unless told to keep them in dynalite's own LevelDB.
 */
export function createDynamoDb(
  context: RegionContext,
  state: DynamoDbState = newDynamoDbState(),
  kept: 'in-state' | 'leveldb' = 'in-state',
): Service {
  const { account, region } = context;
  const store = createDynaliteStore(account, region, kept === 'leveldb' ? kept : state.stored);
  const dynamoDb: DynamoDb = { ...context, store, state };
  return {
    id: 'dynamodb',
    state,
    operations: operations(dynamoDb),
    resources: { 'AWS::DynamoDB::Table': tableCreator(dynamoDb) },
    updaters: { 'AWS::DynamoDB::Table': tableUpdater(dynamoDb) },
    deleters: { 'AWS::DynamoDB::Table': tableDeleter(dynamoDb) },
  };
}

function operations(dynamoDb: DynamoDb): Record<string, Operation> {
  const { store } = dynamoDb;
  const on = permissionsOf(dynamoDb);
  return {
    GetItem: operation<GetItemInput, GetItemOutput>({
      permissions: (input) => on.items('dynamodb:GetItem', 'read', input),
      apply: (input) => run(store, 'getItem', input),
    }),
    PutItem: operation<PutItemInput, PutItemOutput>({
      permissions: (input) => on.items('dynamodb:PutItem', 'write', input),
      apply: (input) => put(store, input),
    }),
    Query: operation<QueryInput, QueryOutput>({
      permissions: (input) => on.items('dynamodb:Query', 'read', input),
      apply: (input) => run(store, 'query', input),
    }),
    Scan: operation<ScanInput, ScanOutput>({
      permissions: (input) => on.items('dynamodb:Scan', 'read', input),
      apply: (input) => run(store, 'scan', input),
    }),
    DescribeTable: operation<DescribeTableInput, DescribeTableOutput>({
      permissions: (input) => on.table('dynamodb:DescribeTable', input.TableName),
      apply: (input) => describe(dynamoDb, input),
    }),
    ListTables: operation<ListTablesInput, ListTablesOutput>({
      permissions: () => [{ action: 'dynamodb:ListTables', resource: '*' }],
      apply: (input) => run(store, 'listTables', input),
    }),
  };
}

async function run<Output>(store: DynaliteStore, action: DynaliteAction, input: object): Promise<Output> {
  const answer = await store.run(action, withBase64(input) as Record<string, unknown>);
  return withBytes(answer) as Output;
}

function put(store: DynaliteStore, input: PutItemInput): Promise<PutItemOutput> {
  const { ReturnValuesOnConditionCheckFailure: returned } = input;
  if (returned === 'ALL_OLD') throw new NotModelled('ReturnValuesOnConditionCheckFailure of dynamodb:PutItem');
  return run(store, 'putItem', input);
}

async function describe({ store, state }: DynamoDb, input: DescribeTableInput): Promise<DescribeTableOutput> {
  const { Table } = await run<{ Table: TableDescription & { TableThroughputModeSummary?: object } }>(
    store,
    'describeTable',
    input,
  );
  const { TableThroughputModeSummary: _onlyInDynalite, ...table } = Table;
  const { createdAt, isDeletionProtected } = state.tables.get(table.TableName!)!;
  const billing = { BillingMode: 'PAY_PER_REQUEST', LastUpdateToPayPerRequestDateTime: createdAt } as const;
  return {
    Table: {
      ...table,
      CreationDateTime: createdAt,
      BillingModeSummary: billing,
      DeletionProtectionEnabled: isDeletionProtected,
    },
  };
}

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html */
function permissionsOf({ account, region, state: { tables } }: DynamoDb) {
  const arnOf = (tableName: string | undefined): string => {
    if (tableName?.startsWith('arn:')) throw new NotModelled('An ARN in the place of a DynamoDB table name');
    return `arn:${partitionOf(region)}:dynamodb:${region}:${account}:table/${tableName}`;
  };
  return {
    table(action: string, tableName: string | undefined): PermissionRequest[] {
      return [{ action, resource: arnOf(tableName) }];
    },
    items(action: string, kind: 'read' | 'write', requested: Requested): PermissionRequest[] {
      const { TableName, IndexName } = requested;
      const resource = arnOf(TableName) + (IndexName === undefined ? '' : `/index/${IndexName}`);
      return [{ action, resource, context: conditionKeys(kind, requested, tables.get(TableName ?? '')?.partitionKey) }];
    },
  };
}
