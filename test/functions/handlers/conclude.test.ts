import {
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type AttributeValue,
} from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { logger } from '../../../functions/aws/log.ts';
import { handler } from '../../../functions/conclude.ts';
import type { RolloutRecord, UntoldRecord } from '../../../functions/rollout/ledger.ts';
import { EVERY_OUTCOME, OUTCOMES, type Outcome } from '../../../functions/rollout/outcomes.ts';
import { arnElsewhere, repositoryElsewhere } from '../../elsewhere.ts';
import { useEnvironment } from '../aws/environment.ts';
import { config, decision, digest, execution, ledger, NOW, proven, record, revision } from '../rollout/given.ts';

const table = mockClient(DynamoDBClient);
const topics = mockClient(SNSClient);
const parameters = mockClient(SSMClient);
const bus = mockClient(EventBridgeClient);
useEnvironment();
beforeAll(() => void vi.useFakeTimers({ now: NOW }));
beforeAll(() => void vi.spyOn(logger, 'info').mockReturnValue());
afterAll(() => void vi.useRealTimers());
afterAll(() => void vi.restoreAllMocks());
afterAll(() => [table, topics, parameters, bus].forEach((client) => client.restore()));

const committed = (outcome: Outcome): RolloutRecord => record({ outcome, startedAt: NOW - 60_000 });

/** What becomes of a record that was committed and not announced yet: the next Conclude, of whatever rollout, sees to it. */
async function projected(outcome: Outcome, provenLast = 'b') {
  for (const client of [table, topics, parameters, bus]) client.reset();
  const state = marshall(
    {
      service: 'default/web',
      entry: 'state',
      ...ledger({ outbox: [committed(outcome)], verified: [proven(provenLast, 2)] }),
    },
    { removeUndefinedValues: true },
  );
  bus.on(PutEventsCommand).resolves({});
  table.on(QueryCommand).resolves({}).on(PutItemCommand).resolves({});
  table.on(GetItemCommand, { Key: marshall({ service: 'default/web', entry: 'state' }) }).resolves({ Item: state });
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  try {
    const ending = { step: 'RollService', word: 'lost', reason: 'LeaseLost', message: 'It was lost.' } as const;
    const started = { rolloutId: 'r2', executionArn: execution('r2'), startedAt: new Date(NOW).toISOString() };
    await handler({ config: config(), ...started, ending, cause: null, decision: decision(), rolled: null });
    return {
      told: topics.commandCalls(PublishCommand).map(({ args }) => args[0].input.Subject),
      live: parameters.commandCalls(PutParameterCommand).map(({ args }) => args[0].input.Value),
      counted: log.mock.calls
        .map(([line]) => JSON.parse(String(line)) as MetricLine)
        .filter(({ Rollouts }) => Rollouts),
    };
  } finally {
    log.mockRestore();
  }
}

interface MetricLine extends Record<string, unknown> {
  readonly _aws: { readonly CloudWatchMetrics: readonly { readonly Dimensions: readonly (readonly string[])[] }[] };
}

describe.each(EVERY_OUTCOME)('of a rollout that ended %s', (outcome) => {
  it('people are told exactly where the table of outcomes says so', async () => {
    const { told } = await projected(outcome);
    expect(told).toEqual(OUTCOMES[outcome].isAnnounced ? [`${outcome}: default/web`] : []);
  });

  it('the metric is counted that the alarm and the dashboard read', async () => {
    const { counted } = await projected(outcome);
    expect(counted).toEqual([expect.objectContaining({ Rollouts: 1, Service: 'default/web', Outcome: outcome })]);
    expect(counted[0]!._aws.CloudWatchMetrics[0]!.Dimensions).toEqual([['Service', 'Outcome']]);
  });

  it('the image is live when it was proven, and else not', async () => {
    const { live } = await projected(outcome);
    expect(live).toEqual(outcome === 'SUCCEEDED' ? [`${repositoryElsewhere('team/web')}@${digest('b')}`] : []);
  });
});

it('an image that was proven before another one does not become the live one again', async () => {
  expect(await projected('SUCCEEDED', 'c')).toMatchObject({ told: ['SUCCEEDED: default/web'], live: [] });
});

it('an image that is proven while an older one is named stands in the end', async () => {
  for (const client of [table, topics, parameters, bus]) client.reset();
  const item = (provenLast: string): { Item: Record<string, AttributeValue> } => {
    const state = ledger({
      outbox: [committed('SUCCEEDED')],
      verified: [proven(provenLast, provenLast === 'b' ? 2 : 3)],
    });
    return { Item: marshall({ service: 'default/web', entry: 'state', ...state }, { removeUndefinedValues: true }) };
  };
  bus.on(PutEventsCommand).resolves({});
  table.on(QueryCommand).resolves({}).on(PutItemCommand).resolves({});
  const ofState = table.on(GetItemCommand, { Key: marshall({ service: 'default/web', entry: 'state' }) });
  ofState.resolvesOnce(item('b')).resolves(item('c'));
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  const ending = { step: 'RollService', word: 'lost', reason: 'LeaseLost', message: 'It was lost.' } as const;
  const started = { rolloutId: 'r2', executionArn: execution('r2'), startedAt: new Date(NOW).toISOString() };
  await handler({ config: config(), ...started, ending, cause: null, decision: decision(), rolled: null });
  log.mockRestore();
  const live = parameters.commandCalls(PutParameterCommand).map(({ args }) => args[0].input.Value);
  expect(live).toEqual(['b', 'c'].map((digit) => `${repositoryElsewhere('team/web')}@${digest(digit)}`));
});

it('what could not be told for hours is kept as history and counted, and holds nothing up', async () => {
  const waited = record({ outcome: 'ROLLED_BACK', endedAt: NOW - 6 * 3_600_000 });
  const { counted, left, failure } = await untold(waited);
  expect({ left, failure }).toEqual({ left: [], failure: undefined });
  expect(counted).toContainEqual(expect.objectContaining({ UntoldOutcomes: 1, Service: 'default/web' }));
  expect(counted).toContainEqual(expect.objectContaining({ NeedsSomeone: 1, Service: 'default/web' }));
  expect(counted).toContainEqual(expect.objectContaining({ Rollouts: 1, Outcome: 'ROLLED_BACK' }));
});

it('the image proven last is named for as long as it takes', async () => {
  const waited = record({ taskDefinition: revision(2), endedAt: NOW - 48 * 3_600_000 });
  const { left, failure, counted } = await untold(waited, () => {
    parameters.on(PutParameterCommand).rejects(new Error('no parameter'));
  });
  expect(left).toMatchObject([{ rolloutId: waited.rolloutId }]);
  expect(failure).toMatchObject({ message: 'no parameter' });
  expect(counted).toEqual(NOTHING_TOLD);
  const told = await untold(waited);
  expect(told).toMatchObject({ left: [], failure: undefined });
});

it('what could not be told for minutes is tried again', async () => {
  const { counted, left, failure } = await untold(record({ outcome: 'ROLLED_BACK', endedAt: NOW - 600_000 }));
  expect(left).toHaveLength(1);
  expect(failure).toBeInstanceOf(Error);
  expect(counted).toEqual(NOTHING_TOLD);
});

it('a stopped rollout waits with its recovery for the message that tells of both', async () => {
  const endedAt = NOW - 600_000;
  const stopped = record({ rolloutId: 'stopped', outcome: 'ABORTED', settledBy: 'recovery', endedAt });
  const recovery = record({ rolloutId: 'recovery', outcome: 'ROLLED_BACK', endedAt });
  const { left, failure } = await untold([stopped, recovery]);
  expect(failure).toMatchObject({ message: 'no topic' });
  expect(left).toMatchObject([
    { rolloutId: 'stopped', owes: 'message' },
    { rolloutId: 'recovery', owes: 'message' },
  ]);
  expect(topics.commandCalls(PublishCommand).map(({ args }) => args[0].input.Subject)).toEqual([
    'ABORTED: default/web',
  ]);
});
/** What is said of a service whose rollout waits to be told of. */
const NOTHING_TOLD = [
  expect.objectContaining({ NeedsSomeone: 0 }) as object,
  expect.objectContaining({ FunctionErrors: 1 }) as object,
];

it('an event that is not taken keeps no message back, and sends none again', async () => {
  const waiting = record({ outcome: 'ROLLED_BACK', endedAt: NOW - 600_000 });
  const withoutBus = (): void => {
    bus.on(PutEventsCommand).rejects(new Error('no bus'));
    topics.on(PublishCommand).resolves({});
  };
  const { left, failure } = await untold(waiting, withoutBus);
  expect(failure).toBeUndefined();
  expect(left).toMatchObject([{ rolloutId: waiting.rolloutId, owes: 'event' }]);
  expect(topics.commandCalls(PublishCommand)).toHaveLength(1);
  const again = await untold({ ...waiting, owes: 'event' }, () => void topics.on(PublishCommand).resolves({}));
  expect(again).toMatchObject({ left: [], failure: undefined });
  expect(topics.commandCalls(PublishCommand)).toEqual([]);
  expect(bus.commandCalls(PutEventsCommand)).toHaveLength(1);
  const history = table.commandCalls(PutItemCommand).map(({ args }) => unmarshall(args[0].input.Item!));
  expect(history.find(({ entry }) => entry !== 'state')).not.toHaveProperty('owes');
});

it('an event that nobody took for hours is let go, and nobody is called for it', async () => {
  const waiting = record({ outcome: 'ROLLED_BACK', endedAt: NOW - 6 * 3_600_000 });
  const { left, failure, counted } = await untold(waiting, () => {
    bus.on(PutEventsCommand).rejects(new Error('no bus'));
    topics.on(PublishCommand).resolves({});
  });
  expect({ left, failure }).toEqual({ left: [], failure: undefined });
  expect(counted).toContainEqual(expect.objectContaining({ NeedsSomeone: 0 }));
});

it('the bus hears of what a container wrote no more than the messages do', async () => {
  const taskArn = arnElsewhere('ecs', 'task/default/0123');
  const failedTasks = [{ taskArn, taskDefinition: revision(2), logLines: ['password=hunter2'] }];
  await untold(record({ outcome: 'ROLLED_BACK', endedAt: NOW - 600_000, failedTasks }));
  const [entry] = bus.commandCalls(PutEventsCommand)[0]!.args[0].input.Entries!;
  expect(JSON.parse(entry!.Detail!)).toMatchObject({ failedTasks: [{ taskArn }] });
  expect(entry!.Detail).not.toContain('hunter2');
});

it('a message that nobody can be sent is owed alone', async () => {
  const waiting = record({ outcome: 'ROLLED_BACK', endedAt: NOW - 600_000 });
  expect((await untold(waiting)).left).toMatchObject([{ rolloutId: waiting.rolloutId, owes: 'message' }]);
  await untold({ ...waiting, owes: 'message' });
  expect(bus.commandCalls(PutEventsCommand)).toEqual([]);
  expect(topics.commandCalls(PublishCommand)).toHaveLength(1);
});

it('what could not be written down is never given up', async () => {
  const waiting = record({ outcome: 'ROLLED_BACK', endedAt: NOW - 48 * 3_600_000 });
  const { left, failure } = await untold(waiting, () => {
    table.on(PutItemCommand).callsFake(({ Item }: { Item: Record<string, AttributeValue> }) => {
      if (unmarshall(Item)['entry'] !== 'state') throw new Error('no table');
      return {};
    });
  });
  expect(failure).toMatchObject({ message: 'no table' });
  expect(left).toMatchObject([{ rolloutId: waiting.rolloutId }]);
});

/** Concludes while nobody can be notified of that record; answers the outbox that was written, if one was. */
async function untold(
  waiting: UntoldRecord | readonly UntoldRecord[],
  breakMore = (): void => {},
): Promise<{ counted: MetricLine[]; left: unknown; failure: unknown }> {
  for (const client of [table, topics, parameters, bus]) client.reset();
  const verified = [proven('b', 2)];
  const state = { service: 'default/web', entry: 'state', ...ledger({ outbox: [waiting].flat(), verified }) };
  bus.on(PutEventsCommand).resolves({});
  table.on(QueryCommand).resolves({}).on(PutItemCommand).resolves({});
  table
    .on(GetItemCommand, { Key: marshall({ service: 'default/web', entry: 'state' }) })
    .resolves({ Item: marshall(state, { removeUndefinedValues: true }) });
  topics.on(PublishCommand).rejects(new Error('no topic'));
  breakMore();
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  const ending = { step: 'RollService', word: 'lost', reason: 'LeaseLost', message: 'It was lost.' } as const;
  const started = { rolloutId: 'r2', executionArn: execution('r2'), startedAt: new Date(NOW).toISOString() };
  const input = { config: config(), ...started, ending, cause: null, decision: decision(), rolled: null };
  const failure: unknown = await handler(input).then(
    () => undefined,
    (error: unknown) => error,
  );
  const counted = log.mock.calls.map(([line]) => JSON.parse(String(line)) as MetricLine);
  log.mockRestore();
  const written = table.commandCalls(PutItemCommand).map(({ args }) => unmarshall(args[0].input.Item!));
  return { counted, left: written.find(({ entry }) => entry === 'state')?.['outbox'], failure };
}
