import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { DescribeServicesCommand, DescribeTaskDefinitionCommand, ECSClient } from '@aws-sdk/client-ecs';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, expect, it } from 'vitest';
import type { Terminal } from '../../../cli/terminal/command.ts';
import { main } from '../../../cli/main.ts';

const [ecs, metrics] = [mockClient(ECSClient), mockClient(CloudWatchClient)];
const scratch = mkdtempSync(join(tmpdir(), 'rollouts-size-account-'));
afterAll(() => {
  ecs.restore();
  metrics.restore();
  rmSync(scratch, { recursive: true, force: true });
});

const CONFIGURATION = join(scratch, 'adopted.config.mjs');
writeFileSync(
  CONFIGURATION,
  `export default { services: [{ repository: 'team/api', container: 'api', cluster: 'prod' }] };`,
);

const SERVICE = {
  status: 'ACTIVE',
  taskDefinition: 'api:7',
  desiredCount: 3,
  deploymentConfiguration: { maximumPercent: 150 },
  networkConfiguration: { awsvpcConfiguration: { subnets: ['a', 'b', 'c'], assignPublicIp: 'ENABLED' as const } },
  loadBalancers: [{ targetGroupArn: 'arn', containerName: 'api', containerPort: 80 }],
};
const TASK_DEFINITION = {
  family: 'api',
  revision: 7,
  cpu: '2048',
  memory: '8192',
  runtimePlatform: { cpuArchitecture: 'ARM64' as const },
  ephemeralStorage: { sizeInGiB: 30 },
};

/** So many hours of the same values. */
function publish(hours: number, values: Readonly<Record<string, number>>): void {
  const Timestamps = Array.from({ length: hours }, (_, hour) => new Date(hour * 3_600_000));
  const MetricDataResults = Object.entries(values).map(([Id, value]) => ({
    Id,
    Timestamps,
    Values: Timestamps.map(() => value),
  }));
  metrics.on(GetMetricDataCommand).resolves({ MetricDataResults });
}

beforeEach(() => {
  ecs.reset();
  metrics.reset();
  ecs.on(DescribeServicesCommand).resolves({ services: [SERVICE] });
  ecs.on(DescribeTaskDefinitionCommand).resolves({ taskDefinition: TASK_DEFINITION });
  publish(48, { cpuAverage: 20, cpuMaximum: 95, memoryAverage: 15, memoryMaximum: 20 });
});

async function live(...flags: string[]) {
  let [out, err] = ['', ''];
  const terminal: Terminal = {
    out: { write: (text) => (out += text) },
    err: { write: (text) => (err += text) },
    env: { AWS_REGION: 'us-east-1' },
    interrupted: () => new Promise(() => {}),
  };
  return { code: await main(['size', '--live', '--config', CONFIGURATION, ...flags], terminal), out, err };
}

it('reads an adopted service as it runs, with everything that it is paid for', async () => {
  const { code, out } = await live('--json');
  const { services } = JSON.parse(out) as { services: Record<string, { x86_64: { items: Record<string, number> } }>[] };
  expect(code).toBe(0);
  expect(services[0]).toMatchObject({
    service: 'prod/api',
    source: 'account',
    architecture: 'arm64',
    cpu: 2048,
    memoryMiB: 8192,
    ephemeralStorageGiB: 30,
    count: 3,
    rollout: { extraTasks: 1 },
    size: {
      word: 'over',
      fitting: { cpu: 1024, memoryMiB: 2048 },
      hours: 48,
      cpuPercent: { average: 20, busiestHour: 20, peak: 95 },
    },
  });
  const { publicIpv4, loadBalancer, ephemeralStorage } = services[0]!['monthly']!.x86_64.items;
  expect(publicIpv4).toBeCloseTo(3 * 3.65);
  expect(loadBalancer).toBeCloseTo(730 * (0.0225 + 0.008 + 3 * 0.005));
  expect(ephemeralStorage).toBeCloseTo(3 * 730 * 10 * 0.000111);
});

it('asks for the metrics of this very service', async () => {
  await live();
  const [call] = metrics.commandCalls(GetMetricDataCommand);
  const { MetricDataQueries, StartTime, EndTime } = call!.args[0].input;
  expect(MetricDataQueries?.map(({ MetricStat }) => [MetricStat?.Metric?.MetricName, MetricStat?.Stat])).toEqual([
    ['CPUUtilization', 'Average'],
    ['CPUUtilization', 'Maximum'],
    ['MemoryUtilization', 'Average'],
    ['MemoryUtilization', 'Maximum'],
  ]);
  expect(MetricDataQueries?.[0]?.MetricStat?.Metric).toMatchObject({
    Namespace: 'AWS/ECS',
    Dimensions: [
      { Name: 'ClusterName', Value: 'prod' },
      { Name: 'ServiceName', Value: 'api' },
    ],
  });
  expect(EndTime!.getTime() - StartTime!.getTime()).toBe(14 * 86_400_000);
});

it('judges the size that runs, also when another one is priced', async () => {
  const { out } = await live('--cpu', '256', '--memory', '512');
  expect(out).toContain('3 tasks of 0.25 vCPU and 0.5 GiB, arm64');
  expect(out).toContain('The size that runs: too large; CPU 20 % in its busiest hour');
  expect(out.replace(/\n +/g, ' ')).toMatch(/What would fit: 1 vCPU and 2 GiB .* instead of \$\d+\.\d\d a month\./);
});

it('refuses a service whose tasks have no size', async () => {
  ecs.on(DescribeTaskDefinitionCommand).resolves({ taskDefinition: { family: 'api', revision: 7 } });
  const { code, err } = await live();
  expect(code).toBe(1);
  expect(err).toMatch(/prod\/api runs api:7, which has no CPU and memory for the task: only Fargate/);
});

it('names the permission that is missing', async () => {
  const denied = Object.assign(new Error('User x is not authorized to perform: cloudwatch:GetMetricData'), {
    name: 'AccessDeniedException',
    $fault: 'client',
  });
  metrics.on(GetMetricDataCommand).rejects(denied);
  const { code, err } = await live();
  expect(code).toBe(1);
  expect(err).toBe(
    'rollouts: x may not cloudwatch:GetMetricData: ask for that permission, or use another AWS_PROFILE\n',
  );
});
