import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  GetMetricStatisticsCommand,
  ListMetricsCommand,
} from '@aws-sdk/client-cloudwatch';
import { describe, expect, it } from 'vitest';
import { createCloudWatch, type CloudWatch } from '../../../region/cloudwatch/cloudwatch.ts';
import { clientConfiguration, driven, endpointWith } from '../wire/endpoint.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

function fixture() {
  let cloudwatch!: CloudWatch;
  const { kernel, endpoint } = endpointWith((context) => [
    (cloudwatch = createCloudWatch({ ...context, emit: () => {}, publish: () => {} })),
  ]);
  const client = new CloudWatchClient({ ...clientConfiguration(endpoint.connect), maxAttempts: 1 });
  const list = (input: object = {}) => driven(kernel, client.send(new ListMetricsCommand(input as never)));
  const statistics = (input: object) =>
    driven(
      kernel,
      client.send(
        new GetMetricStatisticsCommand({
          Namespace: 'App',
          MetricName: 'Latency',
          Dimensions: [{ Name: 'Service', Value: 'api' }],
          StartTime: new Date(kernel.now - 3 * MINUTE),
          EndTime: new Date(kernel.now),
          Period: 60,
          Statistics: ['Average'],
          ...input,
        }),
      ),
    );
  return { kernel, client, cloudwatch, list, statistics };
}

describe('ListMetrics', () => {
  it('lists each set of dimensions as a metric, and filters', async () => {
    const { cloudwatch, list } = fixture();
    cloudwatch.recordMetric('App', 'Latency', { Service: 'api', Zone: 'a' }, 1);
    cloudwatch.recordMetric('App', 'Latency', { Service: 'web' }, 1);
    cloudwatch.recordMetric('App', 'Latency', { Service: 'web' }, 2);
    cloudwatch.recordMetric('App', 'Errors', {}, 1);
    cloudwatch.recordMetric('Other', 'Latency', {}, 1);
    const api = [
      { Name: 'Service', Value: 'api' },
      { Name: 'Zone', Value: 'a' },
    ];
    const web = { Namespace: 'App', MetricName: 'Latency', Dimensions: [{ Name: 'Service', Value: 'web' }] };
    expect((await list()).Metrics).toHaveLength(4);
    expect((await list({ Namespace: 'App', MetricName: 'Latency' })).Metrics).toEqual([
      { Namespace: 'App', MetricName: 'Latency', Dimensions: api },
      web,
    ]);
    expect((await list({ Dimensions: [{ Name: 'Service', Value: 'web' }] })).Metrics).toEqual([web]);
    expect((await list({ Dimensions: [{ Name: 'Service' }] })).Metrics).toHaveLength(2);
    expect((await list({ Dimensions: [{ Name: 'Service' }, { Name: 'Zone' }] })).Metrics).toHaveLength(1);
    expect((await list({ Namespace: 'Nothing' })).Metrics ?? []).toEqual([]);
  });

  it('forgets after two weeks, and after three hours when asked', async () => {
    const { kernel, cloudwatch, list } = fixture();
    cloudwatch.recordMetric('App', 'Latency', {}, 1);
    await kernel.runFor(4 * HOUR);
    expect((await list({ RecentlyActive: 'PT3H' })).Metrics ?? []).toEqual([]);
    expect((await list()).Metrics).toHaveLength(1);
    await kernel.runFor(14 * 24 * HOUR);
    expect((await list()).Metrics ?? []).toEqual([]);
  });

  it('pages by five hundred', async () => {
    const { cloudwatch, list } = fixture();
    for (let number = 0; number < 501; number++) cloudwatch.recordMetric('App', `m${number}`, {}, 1);
    const first = await list();
    const second = await list({ NextToken: first.NextToken });
    expect([first.Metrics!.length, second.Metrics!.length, second.NextToken]).toEqual([500, 1, undefined]);
    await expect(list({ NextToken: 'nonsense' })).rejects.toMatchObject({ name: 'InvalidParameterValueException' });
  });

  it('refuses what it does not read', async () => {
    const { list } = fixture();
    await expect(list({ OwningAccount: '123456789012' })).rejects.toThrow(
      'OwningAccount of ListMetrics is not modelled',
    );
    await expect(list({ IncludeLinkedAccounts: true })).rejects.toThrow('IncludeLinkedAccounts');
    expect((await list({ IncludeLinkedAccounts: false })).Metrics ?? []).toEqual([]);
    await expect(list({ RecentlyActive: 'PT1H' })).rejects.toMatchObject({ name: 'ValidationException' });
  });
});

describe('GetMetricStatistics', () => {
  it('answers a datapoint for every period that has values', async () => {
    const { kernel, cloudwatch, statistics } = fixture();
    const start = kernel.now;
    for (const values of [[10, 20], [], [5]]) {
      for (const value of values) cloudwatch.recordMetric('App', 'Latency', { Service: 'api' }, value);
      await kernel.runFor(MINUTE);
    }
    const all = ['Average', 'Sum', 'Minimum', 'Maximum', 'SampleCount'];
    expect(await statistics({ StartTime: new Date(start), Statistics: all })).toMatchObject({
      Label: 'Latency',
      Datapoints: [
        { Timestamp: new Date(start), Average: 15, Sum: 30, Minimum: 10, Maximum: 20, SampleCount: 2 },
        { Timestamp: new Date(start + 2 * MINUTE), Average: 5, Sum: 5, Minimum: 5, Maximum: 5, SampleCount: 1 },
      ],
    });
    expect((await statistics({ Dimensions: [] })).Datapoints ?? []).toEqual([]);
  });

  it.each<[object, string, string | RegExp]>([
    [{ Statistics: [] }, 'ValidationException', 'Member must have length greater than or equal to 1'],
    [
      { Statistics: undefined },
      'InvalidParameterCombinationException',
      'Must specify either Statistics or ExtendedStatistics',
    ],
    [{ Statistics: ['Median'] }, 'ValidationException', 'Median'],
    [{ ExtendedStatistics: ['p99'] }, 'NotModelled', 'ExtendedStatistics of GetMetricStatistics'],
    [{ Unit: 'Count' }, 'NotModelled', 'Unit of GetMetricStatistics'],
    [{ Period: 90 }, 'InvalidParameterValueException', 'multiple of 60'],
    [{ Period: 0 }, 'ValidationException', 'Member must have value greater than or equal to 1'],
    [{ StartTime: new Date(Date.UTC(2027, 0)) }, 'InvalidParameterValueException', 'StartTime must be less'],
    [
      { StartTime: new Date(Date.UTC(2026, 0, 1)) },
      'InvalidParameterCombinationException',
      /up to \d+ datapoints, which exceeds the limit of 1440/,
    ],
  ])('refuses %j', async (input, name, message) => {
    const { statistics } = fixture();
    const expected = message instanceof RegExp ? expect.stringMatching(message) : expect.stringContaining(message);
    await expect(statistics(input)).rejects.toMatchObject({ name, message: expected as string });
  });
});

it.each([
  [{ NextToken: 'nonsense' }, 'InvalidNextToken'],
  [{ MaxRecords: 0 }, 'ValidationException'],
  [{ MaxRecords: 101 }, 'ValidationException'],
])('DescribeAlarms refuses %j', async (input, name) => {
  const { kernel, client } = fixture();
  await expect(driven(kernel, client.send(new DescribeAlarmsCommand(input)))).rejects.toMatchObject({ name });
});
