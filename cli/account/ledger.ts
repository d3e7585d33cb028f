import { GetItemCommand, QueryCommand, type QueryCommandOutput } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { EMPTY_LEDGER, LEDGER_SCHEMA, type LedgerState, type RolloutRecord } from '../../functions/rollout/ledger.ts';
import type { DeployedCell } from './deployed-cell.ts';

type LedgerPlace = Pick<DeployedCell, 'clients' | 'config' | 'ledgerTable'>;

/** Query pages that are followed, 1 MB each: some thousand rollouts a page. */
const PAGES_MAX = 50;

/** The service's state item, read consistently; the empty ledger when no rollout ever was. */
export async function readLedger(place: LedgerPlace): Promise<LedgerState> {
  const item = await readEntry(place, 'state');
  if (item === undefined) return EMPTY_LEDGER;
  if (item['schema'] === LEDGER_SCHEMA) return item as unknown as LedgerState;
  throw new Error(
    `the ledger has schema ${String(item['schema'])}, this release reads ${LEDGER_SCHEMA}: use the release that was deployed`,
  );
}

/** The record of a rollout; undefined before it ended. */
export async function readRecord(place: LedgerPlace, rolloutId: string): Promise<RolloutRecord | undefined> {
  return (await readEntry(place, `rollout#${rolloutId}`)) as unknown as RolloutRecord | undefined;
}

/** The records of all finished rollouts, the one that ended last first. */
export async function readRecords({ clients, config, ledgerTable }: LedgerPlace): Promise<RolloutRecord[]> {
  const records: RolloutRecord[] = [];
  let after: QueryCommandOutput['LastEvaluatedKey'];
  for (let page = 0; page < PAGES_MAX; page++) {
    const answer: QueryCommandOutput = await clients.dynamodb.send(
      new QueryCommand({
        TableName: ledgerTable,
        KeyConditionExpression: '#service = :service AND begins_with(#entry, :entry)',
        ExpressionAttributeNames: { '#service': 'service', '#entry': 'entry' },
        ExpressionAttributeValues: { ':service': { S: config.service }, ':entry': { S: 'rollout#' } },
        ...(after && { ExclusiveStartKey: after }),
      }),
    );
    records.push(...(answer.Items ?? []).map((item) => unmarshall(item) as unknown as RolloutRecord));
    after = answer.LastEvaluatedKey;
    if (!after) break;
  }
  return records.sort((a, b) => b.endedAt - a.endedAt);
}

async function readEntry(
  { clients, config, ledgerTable }: LedgerPlace,
  entry: string,
): Promise<Record<string, unknown> | undefined> {
  const Key = marshall({ service: config.service, entry });
  const { Item } = await clients.dynamodb.send(
    new GetItemCommand({ TableName: ledgerTable, Key, ConsistentRead: true }),
  );
  return Item && unmarshall(Item);
}
