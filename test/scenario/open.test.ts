import type { DescribeAlarmsOutput } from '@aws-sdk/client-cloudwatch';
import type { DescribeTaskDefinitionResponse } from '@aws-sdk/client-ecs';
import type { DescribeLoadBalancersOutput } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { z } from 'zod';
import { expect, it } from 'vitest';
import type { openSchema } from '../../cli/verbs/open/open-json.ts';
import type { ServiceConfiguration } from '../../configuration/configuration.ts';
import { operate } from '../../rehearsal/cell/operator.ts';
import { listedPermissions, openSandbox, type Sandbox } from './verbs-setting.ts';

type Open = z.infer<typeof openSchema>;

const CONSOLE = 'https://us-east-1.console.aws.amazon.com';
const certificateArn = 'arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555';

/** A provisioned service with an image that runs. */
function provisioned(provision: Partial<ServiceConfiguration['provision']> = {}): Promise<Sandbox> {
  return openSandbox({}, { registry: {}, provision: { port: 8000, desiredCount: 2, ...provision } }, 1);
}

async function dnsName({ world }: Sandbox): Promise<string> {
  const answer = await operate<DescribeLoadBalancersOutput>(
    world.region,
    'elasticloadbalancing',
    'DescribeLoadBalancers',
    {},
  );
  return answer.LoadBalancers![0]!.DNSName!;
}

/** What the verb asks for: every action that the operator's calls need. */
async function askedBy({ world }: Sandbox, act: () => Promise<unknown>): Promise<string[]> {
  const before = world.region.calls.length;
  await act();
  const calls = world.region.calls.slice(before).filter(({ caller }) => caller?.kind === 'operator');
  return calls.flatMap(({ permissions }) => permissions.map(({ action }) => action));
}

it('prints the address of the load balancer, and a link to every page, each in a line of its own', async () => {
  const sandbox = await provisioned({ loadBalancer: {} });
  const { code, out, err } = await sandbox.rollouts(['open']);
  const definition = { taskDefinition: 'api' };
  const { taskDefinition } = await operate<DescribeTaskDefinitionResponse>(
    sandbox.world.region,
    'ecs',
    'DescribeTaskDefinition',
    definition,
  );
  const { 'awslogs-group': logGroup } = taskDefinition!.containerDefinitions![0]!.logConfiguration!.options!;
  const { rollouts } = await sandbox.json<{ rollouts: { executionArn: string }[] }>('history');
  const { executionArn } = rollouts[0]!;
  expect([code, err]).toEqual([0, '']);
  const machine = 'arn:aws:states:us-east-1:123456789012:stateMachine:rollouts-api';
  expect(out).toBe(
    [
      'prod/api in us-east-1, account 123456789012',
      '',
      `Address     http://${await dnsName(sandbox)}`,
      `Service     ${CONSOLE}/ecs/v2/clusters/prod/services/api/health?region=us-east-1`,
      `Rollout     ${CONSOLE}/states/home?region=us-east-1#/v2/executions/details/${executionArn}`,
      `Rollouts    ${CONSOLE}/states/home?region=us-east-1#/statemachines/view/${machine}`,
      `Logs        ${CONSOLE}/cloudwatch/home?region=us-east-1#logsV2:log-groups/log-group/${logGroup}`,
      `Dashboard   ${CONSOLE}/cloudwatch/home?region=us-east-1#dashboards/dashboard/rollouts-api-us-east-1`,
      `Alarms      ${CONSOLE}/cloudwatch/home?region=us-east-1#alarmsV2:?~(search~'rollouts-api-)`,
      '',
    ].join('\n'),
  );
});

it('leads to alarms that there are', async () => {
  const { world, json } = await openSandbox();
  const [, search] = /search~'([^)]+)\)/.exec((await json<Open>('open')).console!.alarms)!;
  const { MetricAlarms } = await operate<DescribeAlarmsOutput>(world.region, 'monitoring', 'DescribeAlarms', {});
  expect(MetricAlarms!.map(({ AlarmName }) => AlarmName!.startsWith(search!))).toEqual(MetricAlarms!.map(() => true));
  expect(MetricAlarms!.length).toBeGreaterThan(0);
});

it('names the listener that forwards to the service, not the one that redirects to it', async () => {
  const sandbox = await provisioned({ loadBalancer: { certificateArn }, internal: true, allowFrom: ['10.0.0.0/8'] });
  const host = await dnsName(sandbox);
  expect((await sandbox.json<Open>('open')).addresses).toEqual([
    { url: `https://${host}`, host, port: 443, protocol: 'HTTPS', isPublic: false, isByRule: false, taskArn: null },
  ]);
  expect((await sandbox.rollouts(['open'])).out).toContain(`Address     https://${host}  (inside its network only)\n`);
});

it('prints the public address of each task where there is no load balancer', async () => {
  const sandbox = await provisioned();
  const { addresses } = await sandbox.json<Open>('open');
  expect(addresses.map(({ url, port, isPublic }) => [url, port, isPublic])).toEqual([
    [null, 8000, true],
    [null, 8000, true],
  ]);
  expect(new Set(addresses.map(({ host }) => host)).size).toBe(2);
  for (const { host } of addresses) expect(host).toMatch(/^198\.1[89]\./);
  const { out } = await sandbox.rollouts(['open']);
  const [first, second] = addresses.map(({ host, taskArn }) => `${host}:8000  (task ${taskArn!.split('/').at(-1)})`);
  expect(out).toContain(`\nAddress     ${first}\n            ${second}\nService `);
});

it('leads to the rollout that runs, and says which addresses are no use outside', async () => {
  const sandbox = await openSandbox({}, {}, 1);
  await sandbox.world.push();
  await sandbox.until(() => sandbox.world.rollouts().at(-1)?.path.at(-1) === 'Bake');
  const { addresses, console: links } = await sandbox.json<Open>('open');
  const running = sandbox.world.rollouts().at(-1)!;
  expect(links?.rollout).toContain(`#/v2/executions/details/${running.executionArn}`);
  expect(addresses.map(({ isPublic }) => isPublic)).toEqual([false, false]);
  const interfaces = sandbox.world.region.ecs.networkInterfaces().map(({ privateIp }) => privateIp);
  for (const { host } of addresses) expect(interfaces).toContain(host);
  expect((await sandbox.rollouts(['open'])).out).toMatch(
    /^Address {5}10\.0\.\d+\.\d+.* {2}\(inside its network only, task [0-9a-f]{32}\)$/m,
  );
});

it('says why there is no address, and links all the same', async () => {
  const sandbox = await openSandbox();
  const { cluster, serviceName: service } = sandbox.world.config;
  await operate(sandbox.world.region, 'ecs', 'UpdateService', { cluster, service, desiredCount: 0 });
  await sandbox.pass(300);
  const { code, out } = await sandbox.rollouts(['open']);
  expect(code).toBe(0);
  expect(out).toMatch(/^Service {5}https:/m);
  expect(out).not.toMatch(/^(Address|Rollout) /m);
  expect(out).toMatch(/\n\nNo address: no task runs\.\n$/);
});

it('needs the permissions that README lists, and no other', async () => {
  const asked = new Set<string>();
  for (const provision of [{ loadBalancer: {} }, {}]) {
    const sandbox = await provisioned(provision);
    for (const action of await askedBy(sandbox, () => sandbox.rollouts(['open']))) asked.add(action);
  }
  asked.delete('sts:GetCallerIdentity');
  expect(asked).toEqual(new Set(listedPermissions((verbs) => /`(?:open|--service)`/.test(verbs))));
});
