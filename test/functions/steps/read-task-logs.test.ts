import { CloudWatchLogsClient, GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { afterAll, afterEach, beforeEach, expect, it, vi } from 'vitest';
import { mockClient } from 'aws-sdk-client-mock';
import { ecs, logs } from '../../../functions/aws/clients.ts';
import type { FailedTask } from '../../../functions/rollout/failed-task.ts';
import { readTaskLogs } from '../../../functions/steps/read-task-logs.ts';
import { arnElsewhere, ELSEWHERE } from '../../elsewhere.ts';
import { useEnvironment } from '../aws/environment.ts';
import { useWire } from '../aws/wire.ts';
import { revision } from '../rollout/given.ts';

const client = mockClient(CloudWatchLogsClient);
useEnvironment();
const wire = useWire();
afterAll(() => client.restore());

const TASK: FailedTask = {
  taskArn: arnElsewhere('ecs', 'task/default/0123'),
  taskDefinition: revision(2),
  container: 'app',
  exitCode: 1,
};
const READER = { ecs, logs, readableGroup: '/ecs/web' };
const COMMAND = `aws logs get-log-events --region ${ELSEWHERE.region} --log-group-name /ecs/web --log-stream-name ecs/app/0123 --limit 20 --query 'events[].message' --output text`;

function fault(name: string, message = 'no'): Error {
  return Object.assign(new Error(message), { name, $fault: 'client', $metadata: {} });
}

/** ECS describes a revision whose container logs to that group of that Region. */
function describes(group = '/ecs/web', region?: string): void {
  const options = {
    'awslogs-group': group,
    'awslogs-stream-prefix': 'ecs',
    ...(region && { 'awslogs-region': region }),
  };
  const environment = [{ name: 'TOKEN', value: 'canary' }];
  const containerDefinitions = [{ name: 'app', environment, logConfiguration: { logDriver: 'awslogs', options } }];
  wire.answers['DescribeTaskDefinition'] = [{ text: JSON.stringify({ taskDefinition: { containerDefinitions } }) }];
}

beforeEach(() => {
  client.reset();
  describes();
});
afterEach(() => vi.useRealTimers());

async function read(reader: Partial<typeof READER> = {}) {
  return (await readTaskLogs({ ...READER, ...reader }, [TASK])).get(TASK.taskArn);
}

it('reads the last lines, and names no command then', async () => {
  client.on(GetLogEventsCommand).resolves({ events: [{ message: 'no database' }] });
  expect(await read()).toEqual({ logLines: ['no database'] });
});

it('asks nobody without a task', async () => {
  expect(await readTaskLogs(READER, [])).toEqual(new Map());
  expect([client.calls(), wire.requests]).toEqual([[], []]);
});

it.each([
  ['has no stream', fault('ResourceNotFoundException'), 'CloudWatch Logs has no such log group or stream.'],
  [
    'denies it',
    fault('AccessDeniedException', 'not\nyours'),
    'CloudWatch Logs did not show it: AccessDeniedException: not yours.',
  ],
  [
    'throttles',
    fault('ThrottlingException', 'Rate exceeded'),
    'CloudWatch Logs did not show it: ThrottlingException: Rate exceeded.',
  ],
])('says that CloudWatch Logs %s, and how to read it', async (_, error, logNote) => {
  client.on(GetLogEventsCommand).rejects(error);
  expect(await read()).toEqual({ logNote, logCommand: COMMAND });
});

it('says that there is no line yet', async () => {
  client.on(GetLogEventsCommand).resolves({ events: [] });
  expect(await read()).toEqual({ logNote: 'CloudWatch Logs had no line of it by then.', logCommand: COMMAND });
});

it('waits for two seconds, for both services together', async () => {
  client.on(GetLogEventsCommand).callsFake(() => new Promise(() => {}));
  const begun = performance.now();
  expect(await read()).toEqual({ logNote: 'CloudWatch Logs did not answer within 2 seconds.', logCommand: COMMAND });
  expect(performance.now() - begun).toBeGreaterThan(1_900);
  expect(performance.now() - begun).toBeLessThan(3_500);
});

it('waits no longer for ECS', async () => {
  const silent = { send: () => new Promise(() => {}) } as unknown as typeof ecs;
  expect(await read({ ecs: silent })).toEqual({ logNote: 'ECS did not answer within 2 seconds.' });
});

it.each([
  ['none may be read', { readableGroup: undefined }],
  ['another one may be read', { readableGroup: '/ecs/we' }],
])('does not ask for a group where %s', async (_, reader) => {
  const logNote = 'The log group is not one that rollouts may read: name it as logGroup in the configuration.';
  expect(await read(reader as Partial<typeof READER>)).toEqual({ logNote, logCommand: COMMAND });
  expect(client.calls()).toEqual([]);
});

it('reads a group whose name CloudFormation has ended', async () => {
  describes('rollouts-web-service-TasksLogsAB12-x9Yz');
  client.on(GetLogEventsCommand).resolves({ events: [{ message: 'here' }] });
  expect(await read({ readableGroup: 'rollouts-web-service-TasksLogs*' })).toEqual({ logLines: ['here'] });
});

it('does not read in another Region', async () => {
  describes('/ecs/web', 'eu-west-9');
  expect(await read()).toMatchObject({
    logNote: 'The log is in eu-west-9, and is not read from another Region.',
    logCommand: COMMAND.replace(ELSEWHERE.region, 'eu-west-9'),
  });
  expect(client.calls()).toEqual([]);
});

it.each([
  [
    'has no such revision',
    'ClientException',
    'Unable to describe task definition.',
    'ECS has forgotten the task definition',
  ],
  ['denies it', 'AccessDeniedException', 'not yours', 'ECS did not show it: AccessDeniedException: not yours.'],
])('says that ECS %s', async (_, __type, message, sentence) => {
  wire.answers['DescribeTaskDefinition'] = [{ status: 400, text: JSON.stringify({ __type, message }) }];
  const { logNote, ...rest } = (await read())!;
  expect(logNote).toContain(sentence);
  expect(rest).toEqual({});
});

it('shows nothing of a task definition that is no JSON', async () => {
  wire.answers['DescribeTaskDefinition'] = [{ text: '{"taskDefinition":{"environment":[{"value":"canary"' }];
  expect(JSON.stringify(await read())).not.toContain('canary');
});
