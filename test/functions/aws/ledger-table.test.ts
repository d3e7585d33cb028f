import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  type AttributeValue,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ledger as client } from '../../../functions/aws/clients.ts';
import { changeState, readState, type ShownLedger } from '../../../functions/aws/ledger-table.ts';
import { EMPTY_LEDGER, type LedgerState } from '../../../functions/rollout/ledger.ts';
import { digest, image, ledger, NOW, owner, pending, proven, waiting } from '../rollout/given.ts';
import { useEnvironment } from './environment.ts';

type Item = Record<string, AttributeValue>;

/** What asks for some attributes. */
interface Asked {
  readonly ProjectionExpression: string;
  readonly ExpressionAttributeNames: Readonly<Record<string, string>>;
}

const table = mockClient(DynamoDBClient);
useEnvironment();
afterAll(() => table.restore());
const lost = new ConditionalCheckFailedException({ message: 'The conditional request failed', $metadata: {} });
const stored = (state: LedgerState): { Item: Item } => ({
  Item: marshall({ service: 'default/web', entry: 'state', ...state }, { removeUndefinedValues: true }),
});
const bump = (state: LedgerState): LedgerState => ({ ...state, generation: state.generation + 1 });
const puts = (): Record<string, unknown>[] =>
  table.commandCalls(PutItemCommand).map(({ args }) => args[0].input as unknown as Record<string, unknown>);

beforeEach(() => {
  table.reset();
  vi.useFakeTimers({ now: NOW });
});
afterEach(() => vi.useRealTimers());

describe('reading the ledger', () => {
  it('is consistent and finds the empty ledger where nothing was ever written', async () => {
    table.on(GetItemCommand).resolves({});
    expect(await readState(client)).toBe(EMPTY_LEDGER);
    expect(table.commandCalls(GetItemCommand)[0]?.args[0].input).toEqual({
      TableName: 'ledger',
      Key: { service: { S: 'default/web' }, entry: { S: 'state' } },
      ConsistentRead: true,
    });
  });

  it.each([2, 0, undefined])('refuses the schema %s, and tells what to do', async (schema) => {
    table
      .on(GetItemCommand)
      .resolves({ Item: marshall({ service: 'x', ...(schema !== undefined && { schema }) }, {}) });
    await expect(readState(client)).rejects.toMatchObject({
      name: 'LedgerUnreadable',
      message: expect.stringMatching(/reads 1: deploy the newer release/) as unknown,
    });
  });

  it('survives the trip through DynamoDB as it was', async () => {
    const state = ledger({ owner: owner(), seen: image('b'), pin: { since: 1, rolloutId: 'r0', digest: digest('c') } });
    table.on(GetItemCommand).resolves(stored(state));
    expect(await readState(client)).toEqual({ ...state, service: 'default/web', entry: 'state' });
  });
});

describe('a ledger that is shown to people', () => {
  const shown: ShownLedger = {
    client: client.client,
    tableName: 'ledger',
    service: 'default/web',
    sees: 'all-but-tokens',
  };

  it('is read by the names of its attributes, and the tokens are none of them', async () => {
    const state = ledger({ owner: owner({ phase: waiting() }), pending: pending('r2') });
    table.on(GetItemCommand).callsFake(({ ProjectionExpression, ExpressionAttributeNames: names }: Asked) => {
      const asked = ProjectionExpression.split(',').map((name) => names[name]!);
      return { Item: Object.fromEntries(Object.entries(stored(state).Item).filter(([name]) => asked.includes(name))) };
    });
    expect(await readState(shown)).toEqual({ ...state, tokens: {}, service: 'default/web', entry: 'state' });
    expect(JSON.stringify(await readState(shown))).not.toContain('token-1');
  });
});

describe('changing the ledger', () => {
  it('swaps against the version that was read, one higher', async () => {
    table.on(GetItemCommand).resolves(stored(ledger())).on(PutItemCommand).resolves({});
    const written = await changeState(client, bump);
    expect(written).toMatchObject({ version: 8, generation: 5, updatedAt: NOW });
    expect(puts()[0]).toMatchObject({
      ConditionExpression: '#version = :expected',
      ExpressionAttributeNames: { '#version': 'version' },
      ExpressionAttributeValues: { ':expected': { N: '7' } },
      Item: { service: { S: 'default/web' }, entry: { S: 'state' }, version: { N: '8' } },
    });
  });

  it('writes the first state only where there is none', async () => {
    table.on(GetItemCommand).resolves({}).on(PutItemCommand).resolves({});
    await changeState(client, bump);
    expect(puts()[0]).toMatchObject({ ConditionExpression: 'attribute_not_exists(#version)' });
    expect(puts()[0]).not.toHaveProperty('ExpressionAttributeValues');
  });

  it('decides afresh on what another writer left', async () => {
    table
      .on(GetItemCommand)
      .resolvesOnce(stored(ledger()))
      .resolves(stored(ledger({ version: 9, generation: 40 })));
    table.on(PutItemCommand).rejectsOnce(lost).resolves({});
    const seen: number[] = [];
    const written = await changeState(client, (state) => (seen.push(state.version), bump(state)));
    expect(seen).toEqual([7, 9]);
    expect(written).toMatchObject({ version: 10, generation: 41 });
  });

  it('starts from a state that was just read, and reads only when that was overtaken', async () => {
    table
      .on(GetItemCommand)
      .resolves(stored(ledger({ version: 9 })))
      .on(PutItemCommand)
      .rejectsOnce(lost)
      .resolves({});
    expect(await changeState(client, bump, ledger({ version: 3 }))).toMatchObject({ version: 10 });
    expect(puts().map((put) => put['ExpressionAttributeValues'])).toEqual([
      { ':expected': { N: '3' } },
      { ':expected': { N: '9' } },
    ]);
    expect(table.commandCalls(GetItemCommand)).toHaveLength(1);
  });

  it('drops the tokens that nobody waits with any more, in the same write', async () => {
    const watched = ledger({ owner: owner({ phase: waiting() }), tokens: { watch: 'token-1', turn: 'token-2' } });
    table.on(GetItemCommand).resolves(stored(watched)).on(PutItemCommand).resolves({});
    expect(await changeState(client, bump)).toMatchObject({ tokens: { watch: 'token-1' } });
    expect(unmarshall(puts()[0]!['Item'] as Item)['tokens']).toEqual({ watch: 'token-1' });
  });

  it('gives the step back after four lost races', async () => {
    table.on(GetItemCommand).resolves(stored(ledger())).on(PutItemCommand).rejects(lost);
    await expect(changeState(client, bump)).rejects.toMatchObject({ name: 'LedgerContended' });
    expect(puts()).toHaveLength(4);
  });

  it.each<[string, (state: LedgerState) => LedgerState | undefined]>([
    ['refuses', () => undefined],
    ['changes nothing', (state) => state],
  ])('writes nothing when the change %s', async (_case, change) => {
    table.on(GetItemCommand).resolves(stored(ledger()));
    expect(await changeState(client, change)).toMatchObject(ledger());
    expect(puts()).toHaveLength(0);
  });

  it('passes every other fault on and does not try again', async () => {
    table.on(GetItemCommand).resolves(stored(ledger())).on(PutItemCommand).rejects(new Error('socket hang up'));
    await expect(changeState(client, bump)).rejects.toThrow('socket hang up');
    expect(puts()).toHaveLength(1);
  });

  it('passes on what the change throws, and writes nothing', async () => {
    table.on(GetItemCommand).resolves(stored(ledger()));
    const refuse = (): never => {
      throw new RangeError('no');
    };
    await expect(changeState(client, refuse)).rejects.toThrow(RangeError);
    expect(puts()).toHaveLength(0);
  });

  it('writes back what it does not know, wherever it stands', async () => {
    const unknown = { fromTheFuture: { since: [1] } };
    const state = {
      ...ledger({ owner: { ...owner(), ...unknown }, verified: [{ ...proven('a', 1), ...unknown }] }),
      ...unknown,
    };
    const { Item } = stored(state);
    table.on(GetItemCommand).resolves({ Item }).on(PutItemCommand).resolves({});
    await changeState(client, bump);
    const written = unmarshall(puts()[0]!['Item'] as Item);
    expect(written).toEqual({ ...unmarshall(Item), generation: 5, version: 8, updatedAt: NOW });
  });

  it('never lets time run backwards', async () => {
    const ahead = ledger({ updatedAt: NOW + 5000 });
    table.on(GetItemCommand).resolves(stored(ahead)).on(PutItemCommand).resolves({});
    const told: number[] = [];
    const written = await changeState(client, (state, now) => (told.push(now), bump(state)));
    expect(told).toEqual([NOW + 5000]);
    expect(written.updatedAt).toBe(NOW + 5000);
  });
});
