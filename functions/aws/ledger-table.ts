import { DynamoDBClient, GetItemCommand, PutItemCommand, type AttributeValue } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall, type NativeAttributeValue } from '@aws-sdk/util-dynamodb';
import { LedgerContended, LedgerUnreadable } from '../rollout/errors.ts';
import { EMPTY_LEDGER, ledgerTime, LEDGER_SCHEMA, type LedgerState, type RolloutRecord } from '../rollout/ledger.ts';
import { environment } from './environment.ts';
import { isFault } from './faults.ts';

const client = new DynamoDBClient({});

/** Compare-and-swap attempts before the step is given back to the state machine's Retry. */
const ATTEMPTS = 4;

/** The service's state item, read consistently; the empty ledger when nothing was ever written. */
export async function readState(): Promise<LedgerState> {
  const item = await read('state');
  if (item === undefined) return EMPTY_LEDGER;
  if (item['schema'] !== LEDGER_SCHEMA) {
    throw new LedgerUnreadable(
      `The ledger has schema ${String(item['schema'])}, this release reads ${LEDGER_SCHEMA}: deploy the newer release.`,
    );
  }
  return item as unknown as LedgerState;
}

/**
 * Applies a pure change by compare-and-swap, reading again when another writer was faster. `change` gets the state and the
 * time, and answers the next state or undefined to leave it; answered is the state that then stands. `known` is a state that
 * was just read: the first attempt starts from it.
 */
export async function changeState(
  change: (state: LedgerState, now: number) => LedgerState | undefined,
  known?: LedgerState,
): Promise<LedgerState> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const state = attempt === 0 && known ? known : await readState();
    const now = ledgerTime(Date.now(), state);
    const next = change(state, now);
    if (next === undefined || next === state) return state;
    const written = { ...next, version: state.version + 1, updatedAt: now };
    if (await swap(written, state.version)) return written;
  }
  throw new LedgerContended(`The ledger changed ${ATTEMPTS} times under this step; it will be tried again.`);
}

/** Writes a history entry; writing the same one again changes nothing. */
export async function writeRecord(record: RolloutRecord): Promise<void> {
  await client.send(
    new PutItemCommand({ TableName: environment('LEDGER_TABLE'), Item: toItem(`rollout#${record.rolloutId}`, record) }),
  );
}

/** The history entry of a rollout, or undefined. */
export async function readRecord(rolloutId: string): Promise<RolloutRecord | undefined> {
  return (await read(`rollout#${rolloutId}`)) as unknown as RolloutRecord | undefined;
}

async function read(entry: string): Promise<Record<string, unknown> | undefined> {
  const Key = toItem(entry, {});
  const { Item } = await client.send(
    new GetItemCommand({ TableName: environment('LEDGER_TABLE'), Key, ConsistentRead: true }),
  );
  return Item && unmarshall(Item);
}

async function swap(state: LedgerState, expectedVersion: number): Promise<boolean> {
  const isFirst = expectedVersion === 0;
  try {
    await client.send(
      new PutItemCommand({
        TableName: environment('LEDGER_TABLE'),
        Item: toItem('state', state),
        ConditionExpression: isFirst ? 'attribute_not_exists(#version)' : '#version = :expected',
        ExpressionAttributeNames: { '#version': 'version' },
        ...(!isFirst && { ExpressionAttributeValues: { ':expected': { N: String(expectedVersion) } } }),
      }),
    );
    return true;
  } catch (error) {
    if (isFault(error, 'ConditionalCheckFailedException')) return false;
    throw error;
  }
}

function toItem(entry: string, members: object): Record<string, AttributeValue> {
  const item: Record<string, NativeAttributeValue> = { service: environment('SERVICE'), entry, ...members };
  return marshall(item, { removeUndefinedValues: true });
}
