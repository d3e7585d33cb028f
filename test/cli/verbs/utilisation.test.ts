import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { describe, expect, it } from 'vitest';
import { readUtilisation } from '../../../cli/verbs/size/utilisation.ts';
import { createCloudWatch, type CloudWatch } from '../../../region/cloudwatch/cloudwatch.ts';
import { clientConfiguration, driven, endpointWith } from '../../region/wire/endpoint.ts';

const HOUR = 3_600_000;
const SERVICE = { cluster: 'prod', serviceName: 'api' };
const DIMENSIONS = { ClusterName: 'prod', ServiceName: 'api' };

function fixture() {
  let cloudwatch: CloudWatch;
  const { kernel, endpoint } = endpointWith((context) => [
    (cloudwatch = createCloudWatch({ ...context, emit: () => {}, publish: () => {} })),
  ]);
  const client = new CloudWatchClient(clientConfiguration(() => endpoint.connect()));
  const record = (name: string, value: number, dimensions: Record<string, string> = DIMENSIONS): void =>
    cloudwatch.recordMetric('AWS/ECS', name, dimensions, value);
  const publish = (cpu: number, memory: number, dimensions?: Record<string, string>): void => {
    record('CPUUtilization', cpu, dimensions);
    record('MemoryUtilization', memory, dimensions);
  };
  const utilisation = (now = kernel.now) => driven(kernel, readUtilisation(client, SERVICE, new Date(now)));
  return { kernel, publish, record, utilisation };
}

describe('what a service used', () => {
  it('is unknown when nothing was ever published for it', async () => {
    const { publish, utilisation, kernel } = fixture();
    publish(50, 50, { ClusterName: 'prod', ServiceName: 'web' });
    await kernel.runFor(HOUR);
    expect(await utilisation()).toEqual({ hoursAsked: 336, hours: 0 });
  });

  it('is the average, the busiest hour and the peak of the full hours', async () => {
    const { kernel, publish, utilisation } = fixture();
    await kernel.runFor(HOUR - (kernel.now % HOUR));
    for (const values of [
      [10, 40],
      [90, 60],
      [20, 50],
    ] as const) {
      publish(values[0], values[1]);
      await kernel.runFor(HOUR / 2);
      publish(20, 50);
      await kernel.runFor(HOUR / 2);
    }
    publish(100, 100);
    const { hours, shares } = await utilisation();

    expect(hours).toBe(3);
    expect(shares).toEqual({
      cpu: { average: 30, busiestHour: 55, peak: 90 },
      memory: { average: 50, busiestHour: 55, peak: 60 },
    });
  });

  it('ends with fourteen days', async () => {
    const { kernel, publish, utilisation } = fixture();
    publish(50, 50);
    await kernel.runFor(HOUR);
    expect((await utilisation(kernel.now + 335 * HOUR)).hours).toBe(1);
    expect((await utilisation(kernel.now + 337 * HOUR)).hours).toBe(0);
  });

  it('counts only the hours of which both are known', async () => {
    const { kernel, publish, record, utilisation } = fixture();
    await kernel.runFor(HOUR - (kernel.now % HOUR));
    record('CPUUtilization', 90);
    await kernel.runFor(HOUR);
    publish(20, 30);
    await kernel.runFor(HOUR);
    expect(await utilisation()).toMatchObject({ hours: 1, shares: { cpu: { peak: 20 }, memory: { peak: 30 } } });
  });
});
