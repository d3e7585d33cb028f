import { z } from 'zod';
import { Fault, NotModelled, type ResourceCreator, type ResourceDeleter, type ResourceUpdater } from '../service.ts';
import type { DynamoDb } from './model.ts';
import { partitionOf } from '../partition.ts';

/** What `AWS::DynamoDB::Table` may say here: an on-demand table without indexes or streams. */
const TABLE = z.strictObject({
  TableName: z.string().optional(),
  AttributeDefinitions: z.array(z.strictObject({ AttributeName: z.string(), AttributeType: z.enum(['S', 'N', 'B']) })),
  KeySchema: z.array(z.strictObject({ AttributeName: z.string(), KeyType: z.enum(['HASH', 'RANGE']) })).min(1),
  BillingMode: z.literal('PAY_PER_REQUEST'),
  PointInTimeRecoverySpecification: z
    .strictObject({ PointInTimeRecoveryEnabled: z.boolean(), RecoveryPeriodInDays: z.number().optional() })
    .optional(),
  DeletionProtectionEnabled: z.boolean().optional(),
  SSESpecification: z.strictObject({ SSEEnabled: z.boolean() }).optional(),
  TimeToLiveSpecification: z.strictObject({ AttributeName: z.string(), Enabled: z.boolean() }).optional(),
  Tags: z.array(z.strictObject({ Key: z.string(), Value: z.string() })).optional(),
});

/** Creates `AWS::DynamoDB::Table`; any property beyond an on-demand table with a primary key is refused. */
export function tableCreator(dynamoDb: DynamoDb): ResourceCreator {
  const { kernel, account, region, store, state } = dynamoDb;
  return async (logicalId, properties, stackName) => {
    const table = parsed(logicalId, properties);
    // CloudFormation names what the template does not: stack, logical id, a random end.
    const name = table.TableName ?? `${stackName}-${logicalId}-${kernel.random.hex(12).toUpperCase()}`;
    const { AttributeDefinitions, KeySchema, BillingMode } = table;
    const { TableDescription } = await store.run('createTable', {
      TableName: name,
      AttributeDefinitions,
      KeySchema,
      BillingMode,
    });
    await becomeActive(dynamoDb, name, TableDescription as Record<string, unknown>);
    state.tables.set(name, {
      partitionKey: KeySchema.find((key) => key.KeyType === 'HASH')!.AttributeName,
      createdAt: new Date(kernel.now),
      isDeletionProtected: table.DeletionProtectionEnabled ?? false,
    });
    return { ref: name, attributes: { Arn: `arn:${partitionOf(region)}:dynamodb:${region}:${account}:table/${name}` } };
  };
}

/** Protection changes in place; so does what is held and not acted upon. */
export function tableUpdater({ state }: DynamoDb): ResourceUpdater {
  return {
    changeable: [
      'DeletionProtectionEnabled',
      'PointInTimeRecoverySpecification',
      'SSESpecification',
      'Tags',
      'TimeToLiveSpecification',
    ],
    replacing: ['KeySchema', 'TableName'],
    update: ({ logicalId, current, after }) => {
      const { DeletionProtectionEnabled: isDeletionProtected = false } = parsed(logicalId, after);
      state.tables.set(current.ref, { ...state.tables.get(current.ref)!, isDeletionProtected });
      return current;
    },
  };
}

/** Deletes a table with its items, unless it is protected. */
export function tableDeleter({ store, state }: DynamoDb): ResourceDeleter {
  return async ({ current: { ref: TableName } }) => {
    const table = state.tables.get(TableName);
    if (table === undefined) return;
    if (table.isDeletionProtected) {
      const protection = 'Resource cannot be deleted as it is currently protected against deletion.';
      throw new Fault('ValidationException', `${protection} Disable deletion protection first.`);
    }
    await store.run('deleteTable', { TableName });
    await store.forgetTable(TableName);
    state.tables.delete(TableName);
  };
}

/** Dynalite would make the table active on a real timer, with a date and an id of its own. */
async function becomeActive({ kernel, store }: DynamoDb, name: string, table: Record<string, unknown>): Promise<void> {
  Object.assign(table, { TableStatus: 'ACTIVE', TableId: kernel.random.uuid(), CreationDateTime: kernel.now / 1000 });
  await store.putTable(name, table);
}

function parsed(logicalId: string, properties: unknown): z.infer<typeof TABLE> {
  const result = TABLE.safeParse(properties);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `${issue.path.join('.') || 'properties'}: ${issue.message}`);
  throw new NotModelled(`AWS::DynamoDB::Table ${logicalId} (${problems.join('; ')})`);
}
