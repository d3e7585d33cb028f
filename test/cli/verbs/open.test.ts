import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { open } from '../../../cli/verbs/open.ts';
import { BALANCED, PUBLIC_TASKS } from './canned-addresses.ts';
import { cannedCell, session, type Answers } from './canned-cell.ts';

/** The lines below the first two, which say whose they are. */
async function told(answers: Answers): Promise<string[]> {
  const answer = await open.runIn(cannedCell(answers).cell, {}, session());
  if (answer.document === 'told-before' || typeof answer.lines === 'function') throw new Error('it tells lines');
  return answer.lines.slice(2);
}

const CONSOLE = 'https://eu-west-1.console.aws.amazon.com';

it('says that a rule of the listener picks what comes to the service, and which protocol is none of HTTP’s', async () => {
  expect((await told(BALANCED)).slice(0, 2)).toEqual([
    'Address     http://web.elb  (inside its network only, what a rule of the listener picks)',
    '            web.elb:81  (TCP, inside its network only, what a rule of the listener picks)',
  ]);
});

it('links to the log group of each container once, in the Region that it logs to', async () => {
  const logging = (name: string, group: string, region: string) => ({
    name,
    logConfiguration: { logDriver: 'awslogs', options: { 'awslogs-group': group, 'awslogs-region': region } },
  });
  const containerDefinitions = [
    logging('app', '/ecs/web', 'eu-west-1'),
    logging('proxy', '/ecs/web', 'eu-west-1'),
    logging('agent', 'agents', 'eu-central-1'),
    { name: 'router', logConfiguration: { logDriver: 'awsfirelens', options: { 'awslogs-group': 'no' } } },
  ];
  const lines = await told({ 'ecs:DescribeTaskDefinition': () => ({ taskDefinition: { containerDefinitions } }) });
  const logs = lines.slice(lines.findIndex((line) => line.startsWith('Logs'))).slice(0, 3);
  expect(logs).toEqual([
    `Logs        ${CONSOLE}/cloudwatch/home?region=eu-west-1#logsV2:log-groups/log-group/$252Fecs$252Fweb`,
    `            ${CONSOLE.replace('west-1', 'central-1')}/cloudwatch/home?region=eu-central-1#logsV2:log-groups/log-group/agents`,
    expect.stringMatching(/^Dashboard /),
  ]);
});

it('shows five of many addresses and counts the others', async () => {
  const tasks = Array.from({ length: 7 }, (_, index) => ({
    taskArn: `arn:aws:ecs:eu-west-1:111122223333:task/default/${index}`,
    lastStatus: 'RUNNING',
    attachments: [
      { type: 'ElasticNetworkInterface', details: [{ name: 'privateIPv4Address', value: `10.0.0.${index}` }] },
    ],
  }));
  const stopping = { ...tasks[0], lastStatus: 'DEACTIVATING' };
  const lines = await told({ 'ecs:DescribeTasks': () => ({ tasks: [stopping, ...tasks] }) });
  expect(lines.slice(0, 6)).toEqual([
    'Address     10.0.0.0  (inside its network only, task 0)',
    ...[1, 2, 3, 4].map((index) => `            10.0.0.${index}  (inside its network only, task ${index})`),
    '            and 2 more',
  ]);
});

const DENIED = 'someone may not';
const PLEASE = 'ask for that permission, or use another AWS_PROFILE.';

it.each<[string, Answers, string]>([
  [
    'the addresses of tasks',
    { ...PUBLIC_TASKS, 'ec2:DescribeNetworkInterfaces': () => undefined },
    `No address: ${DENIED} ec2:DescribeNetworkInterfaces: ${PLEASE}`,
  ],
  [
    'load balancers',
    { ...BALANCED, 'elasticloadbalancing:DescribeListeners': () => undefined },
    `No address: ${DENIED} elasticloadbalancing:DescribeListeners: ${PLEASE}`,
  ],
  ['the service', { 'ecs:DescribeServices': () => undefined }, `No address: ${DENIED} ecs:DescribeServices: ${PLEASE}`],
  [
    'the running revision',
    { 'ecs:DescribeTaskDefinition': () => undefined },
    `No port and no logs: ${DENIED} ecs:DescribeTaskDefinition: ${PLEASE}`,
  ],
  ['rollouts', { 'dynamodb:GetItem': () => undefined }, `No rollout: ${DENIED} dynamodb:GetItem: ${PLEASE}`],
])('says that nobody may look at %s, and links to what it can', async (_what, answers, note) => {
  const lines = await told(answers);
  expect(lines).toContain(`Service     ${CONSOLE}/ecs/v2/clusters/default/services/web/health?region=eu-west-1`);
  expect(lines.join(' ')).toContain(note);
});

it('says so where the target group is not there any more', async () => {
  const gone = {
    ...BALANCED,
    'elasticloadbalancing:DescribeTargetGroups': () =>
      '<DescribeTargetGroupsResponse><DescribeTargetGroupsResult><TargetGroups/></DescribeTargetGroupsResult></DescribeTargetGroupsResponse>',
  };
  expect((await told(gone)).at(-1)).toBe('No address: no load balancer forwards to its target group.');
});

it('is the only verb for which the clients of EC2 and load balancers are loaded', () => {
  const script = `
    const { allCommands } = await import('./cli/main.ts');
    await allCommands();
    const { default: { _cache } } = await import('node:module');
    const clients = new Set(Object.keys(_cache).flatMap((file) => /client-(ecs|ec2|elastic-load-balancing-v2)/.exec(file)?.[1] ?? []));
    console.log([...clients].join());`;
  const root = join(import.meta.dirname, '../../..');
  const loaded = execFileSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    cwd: root,
  });
  expect(loaded.toString().trim()).toBe('ecs');
});
