import { GetItemCommand, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import type { ECRClient } from '@aws-sdk/client-ecr';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { ImageDigest } from '../rollout/identifiers.ts';
import type { RolloutConfig } from '../rollout/config.ts';
import { emptyInventory, inventoryOf, withPage, type Inventory, type ListedPage } from '../rollout/inventory.ts';
import { LEDGER_KEYS, LEDGER_SCHEMA, type LedgerState } from '../rollout/ledger.ts';
import { isFault } from './faults.ts';
import { stateIn, toItem, type LedgerTable } from './ledger-table.ts';
import { listPage } from './registry.ts';

const ENTRY = 'inventory';

type Listed = Pick<RolloutConfig, 'repository' | 'tagPolicy'>;

/** The inventory of this repository by this tag policy; an empty one where there is none. */
export async function readInventory(table: LedgerTable, config: Listed): Promise<Inventory> {
  const { Item } = await table.client.send(
    new GetItemCommand({ TableName: table.tableName, Key: toItem(table, ENTRY, {}), ConsistentRead: true }),
  );
  return inventoryIn(Item && unmarshall(Item), config) ?? emptyInventory(config);
}

/** The state and, where there is one, the inventory in one call: no other key lies between theirs. */
export async function readStateAndInventory(
  table: LedgerTable,
  config: Listed,
): Promise<{ readonly state: LedgerState; readonly inventory: Inventory | undefined }> {
  const { Items = [] } = await table.client.send(
    new QueryCommand({
      TableName: table.tableName,
      ConsistentRead: true,
      KeyConditionExpression: '#service = :service AND #entry BETWEEN :inventory AND :state',
      ExpressionAttributeNames: { '#service': LEDGER_KEYS.partition, '#entry': LEDGER_KEYS.sort },
      ExpressionAttributeValues: {
        ':service': { S: table.service },
        ':inventory': { S: ENTRY },
        ':state': { S: 'state' },
      },
    }),
  );
  const items = Items.map((item) => unmarshall(item) as Readonly<Record<string, unknown>>);
  const entry = (name: string) => items.find((item) => item[LEDGER_KEYS.sort] === name);
  return { state: stateIn(entry('state')), inventory: inventoryIn(entry(ENTRY), config) };
}

/** Remembers how far the repository is listed. */
export async function writeInventory(table: LedgerTable, inventory: Inventory): Promise<void> {
  await table.client.send(new PutItemCommand({ TableName: table.tableName, Item: toItem(table, ENTRY, inventory) }));
}

/** A page, and the inventory with it. */
interface ListedOn {
  readonly page: ListedPage;
  /** Whether it is the first page, and with it a repository that has no other. */
  readonly isFirst: boolean;
  readonly inventory: Inventory;
}

/** The next page of an inventory. A place that ECR knows no more is the first page again. */
export async function listOn(
  client: ECRClient,
  config: Listed,
  inventory: Inventory,
  artifacts: readonly ImageDigest[],
): Promise<ListedOn> {
  const askedAt = Date.now();
  const { nextToken, whole } = inventory;
  try {
    const page = await listPage(client, config.repository, nextToken);
    return { page, isFirst: nextToken === undefined, inventory: withPage(inventory, page, config, askedAt, artifacts) };
  } catch (error) {
    if (nextToken === undefined || !isFault(error, 'InvalidParameterException')) throw error;
    return listOn(client, config, emptyInventory(config, whole), artifacts);
  }
}

function inventoryIn(item: Readonly<Record<string, unknown>> | undefined, config: Listed): Inventory | undefined {
  const isReadable = item?.['schema'] === LEDGER_SCHEMA && item['of'] === inventoryOf(config);
  return isReadable ? (item as unknown as Inventory) : undefined;
}
