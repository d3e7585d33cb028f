import { GetItemCommand, PutItemCommand, type AttributeValue, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall, type NativeAttributeValue } from '@aws-sdk/util-dynamodb';
import { LedgerContended, LedgerUnreadable } from '../rollout/errors.ts';
import { withoutSpentTokens } from '../rollout/lease.ts';
import type { LEDGER_KEYS } from '../rollout/ledger.ts';
import { EMPTY_LEDGER, ledgerTime, LEDGER_SCHEMA, parseLedger, type LedgerState } from '../rollout/ledger.ts';
import { SHOWN_ATTRIBUTES } from '../rollout/shown-attributes.ts';
import { isFault } from './faults.ts';

interface LedgerPlace {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  /** The partition key: `cluster/service`. */
  readonly service: string;
}

/** The table that holds a service's ledger, and the client that reaches it. */
export interface LedgerTable extends LedgerPlace {
  readonly sees: 'everything';
}

/** The same table to people, who need no task token: it asks for {@link SHOWN_ATTRIBUTES}, and cannot be written with. */
export interface ShownLedger extends LedgerPlace {
  readonly sees: 'all-but-tokens';
}

/** Compare-and-swap attempts before the step is given back to the state machine's Retry. */
const ATTEMPTS = 4;

/** The service's state item, read consistently; the empty ledger when nothing was ever written. */
export async function readState(table: LedgerTable | ShownLedger): Promise<LedgerState> {
  return stateIn(await read(table, 'state'));
}

/** The state in its item; the empty ledger when there is none. */
export function stateIn(item: Readonly<Record<string, unknown>> | undefined): LedgerState {
  if (item === undefined) return EMPTY_LEDGER;
  const state = parseLedger(item);
  if (state) return state;
  throw new LedgerUnreadable(
    `The ledger has schema ${String(item['schema'])}, this release reads ${LEDGER_SCHEMA}: deploy the newer release.`,
  );
}

/**
 * Applies a pure change by compare-and-swap, reading again when another writer was faster. `change` gets the state and the
 * time, and answers the next state or undefined to leave it; answered is the state that then stands. `known` is a state that
 * was just read: the first attempt starts from it.
 */
export async function changeState(
  table: LedgerTable,
  change: (state: LedgerState, now: number) => LedgerState | undefined,
  known?: LedgerState,
): Promise<LedgerState> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const state = attempt === 0 && known ? known : await readState(table);
    const now = ledgerTime(Date.now(), state);
    const next = change(state, now);
    if (next === undefined || next === state) return state;
    const written = { ...withoutSpentTokens(next), version: state.version + 1, updatedAt: now };
    if (await swap(table, written, state.version)) return written;
  }
  throw new LedgerContended(`The ledger changed ${ATTEMPTS} times under this step; it will be tried again.`);
}

async function read(table: LedgerTable | ShownLedger, entry: string): Promise<Record<string, unknown> | undefined> {
  const Key = toItem(table, entry, {});
  const { Item } = await table.client.send(
    new GetItemCommand({ TableName: table.tableName, Key, ConsistentRead: true, ...projectionOf(table) }),
  );
  return Item && unmarshall(Item);
}

/** The parameters that ask for what is shown only; names of attributes may be words that DynamoDB reserves. */
export function projectionOf({ sees }: LedgerTable | ShownLedger) {
  if (sees === 'everything') return {};
  return {
    ProjectionExpression: SHOWN_ATTRIBUTES.map((name) => `#${name}`).join(),
    ExpressionAttributeNames: Object.fromEntries(SHOWN_ATTRIBUTES.map((name) => [`#${name}`, name])),
  };
}

async function swap(table: LedgerTable, state: LedgerState, expectedVersion: number): Promise<boolean> {
  const isFirst = expectedVersion === 0;
  try {
    await table.client.send(
      new PutItemCommand({
        TableName: table.tableName,
        Item: toItem(table, 'state', state),
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

/** An item of a service's ledger as DynamoDB takes it. */
export function toItem({ service }: LedgerPlace, entry: string, members: object): Record<string, AttributeValue> {
  const key: Record<(typeof LEDGER_KEYS)[keyof typeof LEDGER_KEYS], string> = { service, entry };
  const item: Record<string, NativeAttributeValue> = { ...key, ...members };
  return marshall(item, { removeUndefinedValues: true });
}
