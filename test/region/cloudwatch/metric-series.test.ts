import { CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { describe, expect, it } from 'vitest';
import { createCloudWatch, type CloudWatch } from '../../../region/cloudwatch/cloudwatch.ts';
import { clientConfiguration, driven, endpointWith } from '../wire/endpoint.ts';

const HOUR = 3_600_000;
const DIMENSIONS = { ClusterName: 'prod', ServiceName: 'api' };

function fixture() {
  let cloudwatch: CloudWatch;
  const { kernel, endpoint } = endpointWith((context) => [
    (cloudwatch = createCloudWatch({ ...context, emit: () => {}, publish: () => {} })),
  ]);
  const client = new CloudWatchClient(clientConfiguration(() => endpoint.connect()));
  const publish = (cpu: number): void => cloudwatch.recordMetric('AWS/ECS', 'CPUUtilization', DIMENSIONS, cpu);
  return { kernel, client, publish };
}

describe('GetMetricData', () => {
  const query = (Stat: string, more: object = {}) => ({
    Id: 'asked',
    MetricStat: {
      Metric: {
        Namespace: 'AWS/ECS',
        MetricName: 'CPUUtilization',
        Dimensions: Object.entries(DIMENSIONS).map(([Name, Value]) => ({ Name, Value })),
      },
      Period: 3600,
      Stat,
      ...more,
    },
  });

  it('answers newest first, and what it does not model it refuses', async () => {
    const { kernel, client, publish } = fixture();
    await kernel.runFor(HOUR - (kernel.now % HOUR));
    const StartTime = new Date(kernel.now);
    publish(10);
    await kernel.runFor(HOUR);
    publish(30);
    publish(50);
    const EndTime = new Date(kernel.now + HOUR);
    const ask = (Stat: string, more: object = {}) =>
      driven(
        kernel,
        client.send(new GetMetricDataCommand({ MetricDataQueries: [query(Stat, more)], StartTime, EndTime })),
      );

    expect((await ask('Average')).MetricDataResults).toEqual([
      {
        Id: 'asked',
        Label: 'CPUUtilization',
        StatusCode: 'Complete',
        Timestamps: [new Date(StartTime.getTime() + HOUR), StartTime],
        Values: [40, 10],
      },
    ]);
    await expect(ask('p99')).rejects.toThrow('the statistic "p99" is not modelled');
    await expect(ask('Average', { Unit: 'Percent' })).rejects.toThrow('the parameter Unit of MetricStat');
  });

  it('refuses a span that ends before it starts', async () => {
    const { kernel, client } = fixture();
    const at = new Date(kernel.now);
    const input = { MetricDataQueries: [query('Average')], StartTime: at, EndTime: at };
    await expect(driven(kernel, client.send(new GetMetricDataCommand(input)))).rejects.toThrow(
      'StartTime must be less than EndTime',
    );
  });
});
