import { describe, expect, it } from 'vitest';
import { Kernel } from '../../../region/kernel/kernel.ts';
import { createLogs, type Logs } from '../../../region/logs/logs.ts';

async function fixture() {
  const kernel = new Kernel();
  const metrics: unknown[] = [];
  const recordMetric = (...of: unknown[]): void => void metrics.push(of);
  const logs = createLogs({ kernel, account: '123456789012', region: 'us-east-1', recordMetric });
  const group = await addGroup(logs, { LogGroupName: '/aws/lambda/api', RetentionInDays: 30 });
  return { kernel, logs, metrics, group };
}

async function addGroup(logs: Logs, properties: Readonly<Record<string, unknown>>) {
  return logs.resources['AWS::Logs::LogGroup']!('Group', properties, 'stack');
}

async function call(logs: Logs, name: string, input: object): Promise<Record<string, unknown>> {
  const answer = await logs.operations[name]!.apply(input as never, { kind: 'operator' });
  return answer as Record<string, unknown>;
}

function messages(answer: Record<string, unknown>): string[] {
  return (answer['events'] as { message: string }[]).map(({ message }) => message);
}

describe('a log group', () => {
  it('is named by its template and known by the ARN that ends with a star', async () => {
    const { group, logs } = await fixture();
    expect(group).toEqual({
      ref: '/aws/lambda/api',
      attributes: { Arn: 'arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/api:*' },
    });
    const { logGroups } = await call(logs, 'DescribeLogGroups', { logGroupNamePrefix: '/aws' });
    expect(logGroups).toMatchObject([{ logGroupName: '/aws/lambda/api', retentionInDays: 30, storedBytes: 0 }]);
  });

  it.each([
    [{ KmsKeyId: 'arn:aws:kms:us-east-1:123456789012:key/1' }, /KmsKeyId of AWS::Logs::LogGroup Group is not modelled/],
    [{ RetentionInDays: 31 }, /RetentionInDays/],
    [{ LogGroupName: '/aws/lambda/api' }, /already exists/],
  ])('is refused with %j', async (properties, message) => {
    const { logs } = await fixture();
    expect(() => logs.resources['AWS::Logs::LogGroup']!('Group', properties, 'stack')).toThrow(message);
  });

  it('stores as many bytes as its lines have', async () => {
    const { logs } = await fixture();
    logs.writeLog('/aws/lambda/api', 's', 'état');
    const { logGroups } = await call(logs, 'DescribeLogGroups', {});
    expect(logGroups).toMatchObject([{ storedBytes: 5 }]);
  });

  it('must exist to be written to', async () => {
    const { logs } = await fixture();
    expect(() => logs.writeLog('/aws/lambda/web', 's', 'x')).toThrow('The specified log group does not exist.');
  });
});

describe('lines', () => {
  const DAY_MS = 24 * 3_600_000;
  const group = '/aws/lambda/api';

  it('go when the retention of their group is over', async () => {
    const { kernel, logs } = await fixture();
    logs.writeLog(group, 's', 'old');
    await kernel.runFor(15 * DAY_MS);
    logs.writeLog(group, 's', 'new');
    await kernel.runFor(15 * DAY_MS - 1);
    expect(messages(await call(logs, 'FilterLogEvents', { logGroupName: group }))).toEqual(['old', 'new']);
    await kernel.runFor(1);
    expect(messages(await call(logs, 'FilterLogEvents', { logGroupName: group }))).toEqual(['new']);
    expect(logs.eventsOf(group).map(({ message }) => message)).toEqual(['new']);
  });

  it('stay for ever where a group has no retention', async () => {
    const { kernel, logs } = await fixture();
    await addGroup(logs, { LogGroupName: 'kept' });
    logs.writeLog('kept', 's', 'old');
    await kernel.runFor(4_000 * DAY_MS);
    expect(logs.eventsOf('kept')).toHaveLength(1);
  });

  it('go, the oldest first, when a group is too heavy to remember, and only its own', async () => {
    const { logs } = await fixture();
    await addGroup(logs, { LogGroupName: 'other' });
    logs.writeLog('other', 's', 'x');
    for (let line = 0; line < 200; line++) logs.writeLog(group, 's', `${line} ${'x'.repeat(100_000)}`);
    const kept = logs.eventsOf(group);
    expect(kept.length).toBeGreaterThan(70);
    expect(kept.length).toBeLessThan(85);
    expect(kept.at(-1)!.message.startsWith('199 ')).toBe(true);
    expect(logs.eventsOf('other')).toHaveLength(1);
  });
});

describe('reading', () => {
  async function withLines() {
    const of = await fixture();
    for (const [stream, line] of [
      ['a', 'task 1 started'],
      ['b', 'task 2 started'],
      ['a', 'task 1 failed'],
    ] as const) {
      of.logs.writeLog('/aws/lambda/api', stream, line);
      await of.kernel.runFor(1000);
    }
    return of;
  }

  it('filters by term, stream and time, page by page', async () => {
    const { logs, kernel } = await withLines();
    const filter = (input: object) => call(logs, 'FilterLogEvents', { logGroupName: '/aws/lambda/api', ...input });
    expect(messages(await filter({ filterPattern: 'started "task 1"' }))).toEqual(['task 1 started']);
    expect(messages(await filter({ logStreamNames: ['b'] }))).toEqual(['task 2 started']);
    expect(messages(await filter({ startTime: kernel.now - 1000 }))).toEqual(['task 1 failed']);
    const first = await filter({ limit: 2 });
    expect(messages(await filter({ limit: 2, nextToken: first['nextToken'] }))).toEqual(['task 1 failed']);
    await expect(filter({ filterPattern: '[a, b]' })).rejects.toThrow(/filter pattern .* is not modelled/);
    await expect(filter({ logStreamNames: ['a'], logStreamNamePrefix: 'a' })).rejects.toThrow('Cannot specify both');
    await expect(filter({ nextToken: '-1' })).rejects.toThrow('nextToken is invalid');
    await expect(filter({ unmask: true })).rejects.toThrow('the parameter unmask of FilterLogEvents is not modelled');
  });

  it('ends with what happened at endTime when it filters, and before it when it reads a stream', async () => {
    const { logs, kernel } = await withLines();
    const of = { logGroupName: '/aws/lambda/api', startTime: kernel.now - 3000, endTime: kernel.now - 1000 };
    const all = ['task 1 started', 'task 2 started', 'task 1 failed'];
    expect(messages(await call(logs, 'FilterLogEvents', of))).toEqual(all);
    expect(messages(await call(logs, 'FilterLogEvents', { ...of, endTime: of.endTime - 1 }))).toEqual(all.slice(0, 2));
    expect(messages(await call(logs, 'GetLogEvents', { ...of, logStreamName: 'a' }))).toEqual(['task 1 started']);
  });

  it('filters by conditions on JSON', async () => {
    const { logs } = await withLines();
    logs.writeLog('/aws/lambda/api', 'c', '{"level":"ERROR","status":500}');
    logs.writeLog('/aws/lambda/api', 'c', '{"level":"ERROR","status":404}');
    const filterPattern = '{ $.level = "ERROR" && $.status >= 500 }';
    const answer = await call(logs, 'FilterLogEvents', { logGroupName: '/aws/lambda/api', filterPattern });
    expect(messages(answer)).toEqual(['{"level":"ERROR","status":500}']);
  });

  it('takes the ARN of a group, but no second name', async () => {
    const { logs } = await withLines();
    const logGroupIdentifier = 'arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/api';
    expect(messages(await call(logs, 'FilterLogEvents', { logGroupIdentifier }))).toHaveLength(3);
    const both = call(logs, 'FilterLogEvents', { logGroupIdentifier, logGroupName: '/aws/lambda/api' });
    await expect(both).rejects.toThrow('cannot have both');
    await expect(call(logs, 'FilterLogEvents', {})).rejects.toThrow('needs either');
  });

  it('gets the tail of a stream, then what came before, then nothing new', async () => {
    const { logs } = await withLines();
    const get = (input: object) =>
      call(logs, 'GetLogEvents', { logGroupName: '/aws/lambda/api', logStreamName: 'a', limit: 1, ...input });
    const tail = await get({});
    expect(messages(tail)).toEqual(['task 1 failed']);
    expect(messages(await get({ nextToken: tail['nextBackwardToken'] }))).toEqual(['task 1 started']);
    const end = await get({ nextToken: tail['nextForwardToken'] });
    expect([messages(end), end['nextForwardToken']]).toEqual([[], tail['nextForwardToken']]);
    expect(messages(await get({ startFromHead: true }))).toEqual(['task 1 started']);
    await expect(get({ nextToken: 'f/x' })).rejects.toThrow('The specified nextToken is invalid.');
    await expect(get({ logStreamName: 'c' })).rejects.toThrow('The specified log stream does not exist.');
  });

  it('finds a line only once it was ingested, by any operation', async () => {
    const { logs, kernel } = await withLines();
    const of = { logGroupName: '/aws/lambda/api' };
    const written = kernel.now;
    expect(logs.openStream('/aws/lambda/api', 'c')).toBe(true);
    logs.writeLog('/aws/lambda/api', 'c', 'late', 6_000);
    const read = async () => ({
      got: messages(await call(logs, 'GetLogEvents', { ...of, logStreamName: 'c' })),
      filtered: messages(await call(logs, 'FilterLogEvents', { ...of, logStreamNames: ['c'] })),
      ...((await call(logs, 'DescribeLogStreams', { ...of, logStreamNamePrefix: 'c' })) as { logStreams: object[] }),
      ...((await call(logs, 'DescribeLogGroups', {})) as { logGroups: { storedBytes: number }[] }),
    });
    const bytes = 3 * 'task 1 started'.length - 1;
    await kernel.runFor(5_999);
    const early = await read();
    expect([early.got, early.filtered, early.logGroups[0]!.storedBytes]).toEqual([[], [], bytes]);
    expect(early.logStreams[0]).not.toHaveProperty('lastEventTimestamp');
    await kernel.runFor(1);
    const late = await read();
    expect([late.got, late.filtered, late.logGroups[0]!.storedBytes]).toEqual([['late'], ['late'], bytes + 4]);
    expect(late.logStreams).toMatchObject([{ lastEventTimestamp: written, lastIngestionTime: kernel.now }]);
  });

  it('creates no stream in a group that is not there', async () => {
    expect((await withLines()).logs.openStream('/aws/lambda/web', 'c')).toBe(false);
  });

  it('lists streams by name', async () => {
    const { logs } = await withLines();
    const { logStreams } = await call(logs, 'DescribeLogStreams', { logGroupName: '/aws/lambda/api' });
    expect(logStreams).toMatchObject([{ logStreamName: 'a' }, { logStreamName: 'b' }]);
  });

  it('lists streams by their last event, the newest first, page by page', async () => {
    const { logs, kernel } = await withLines();
    const list = (input: object) =>
      call(logs, 'DescribeLogStreams', { logGroupName: '/aws/lambda/api', orderBy: 'LastEventTime', ...input });
    const names = ({ logStreams }: Record<string, unknown>) =>
      (logStreams as { logStreamName: string }[]).map(({ logStreamName }) => logStreamName);
    expect(names(await list({}))).toEqual(['b', 'a']);
    const first = await list({ descending: true, limit: 1 });
    expect(first['logStreams']).toEqual([
      expect.objectContaining({
        logStreamName: 'a',
        firstEventTimestamp: expect.any(Number) as number,
        lastEventTimestamp: kernel.now - 1000,
        storedBytes: 0,
      }),
    ]);
    expect(names(await list({ descending: true, limit: 1, nextToken: first['nextToken'] }))).toEqual(['b']);
  });

  it.each([
    [
      { orderBy: 'LastEventTime', logStreamNamePrefix: 'a' },
      'Cannot order by LastEventTime with a logStreamNamePrefix',
    ],
    [{ nextToken: 'x' }, 'nextToken is invalid'],
  ])('refuses to list streams with %j', async (input, message) => {
    const { logs } = await withLines();
    const listed = call(logs, 'DescribeLogStreams', { logGroupName: '/aws/lambda/api', ...input });
    await expect(listed).rejects.toThrow(message);
  });
});

const EMBEDDED = {
  _aws: {
    Timestamp: 1_767_603_600_000,
    CloudWatchMetrics: [
      {
        Namespace: 'Rollouts',
        Dimensions: [['Service'], ['Service', 'Outcome']],
        Metrics: [{ Name: 'Duration', Unit: 'Seconds' }, { Name: 'Count' }],
      },
    ],
  },
  Service: 'api',
  Outcome: 'SUCCEEDED',
  Duration: [3, 4],
  Count: 1,
};

describe('embedded metrics', () => {
  it('are recorded for every dimension set and every value', async () => {
    const { logs, metrics } = await fixture();
    logs.writeLog('/aws/lambda/api', 's', JSON.stringify(EMBEDDED));
    const both = { Service: 'api', Outcome: 'SUCCEEDED' };
    expect(metrics).toEqual([
      ['Rollouts', 'Duration', { Service: 'api' }, 3],
      ['Rollouts', 'Duration', { Service: 'api' }, 4],
      ['Rollouts', 'Duration', both, 3],
      ['Rollouts', 'Duration', both, 4],
      ['Rollouts', 'Count', { Service: 'api' }, 1],
      ['Rollouts', 'Count', both, 1],
    ]);
  });

  it('are found behind the prefix that the console of Lambda writes', async () => {
    const { logs, metrics } = await fixture();
    logs.writeLog('/aws/lambda/api', 's', `2026-01-05T09:00:00.000Z\tid\tINFO\t${JSON.stringify(EMBEDDED)}`);
    expect(metrics).toHaveLength(6);
  });

  it.each([
    ['a dimension without value', { Outcome: undefined }, 'the dimension Outcome has no string value'],
    ['a dimension that is a number', { Service: 7 }, 'the dimension Service has no string value'],
    ['a metric without value', { Count: undefined }, 'the metric Count has no numeric value'],
    ['a metric that is text', { Duration: '3' }, 'the metric Duration has no numeric value'],
    ['no time', { _aws: { ...EMBEDDED._aws, Timestamp: undefined } }, '_aws.Timestamp must be an integer'],
    [
      'no dimension sets',
      {
        _aws: {
          ...EMBEDDED._aws,
          CloudWatchMetrics: [{ Namespace: 'R', Dimensions: [], Metrics: [{ Name: 'Count' }] }],
        },
      },
      'Dimensions must be a list that is not empty',
    ],
  ])('with %s are a defect', async (_, change, problem) => {
    const { logs } = await fixture();
    const line = JSON.stringify({ ...EMBEDDED, ...change });
    expect(() => logs.writeLog('/aws/lambda/api', 's', line)).toThrow(problem);
  });

  it('are not looked for in lines that only speak of them', async () => {
    const { logs, metrics } = await fixture();
    logs.writeLog('/aws/lambda/api', 's', 'the key "_aws" marks metrics');
    expect(metrics).toEqual([]);
  });
});
