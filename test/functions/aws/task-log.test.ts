import { CloudWatchLogsClient, GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { logs } from '../../../functions/aws/clients.ts';
import { lastMessages } from '../../../functions/aws/task-log.ts';
import { useEnvironment } from './environment.ts';

const client = mockClient(CloudWatchLogsClient);
useEnvironment();
beforeEach(() => client.reset());
afterAll(() => client.restore());

const LAST = { group: '/ecs/web', stream: 'ecs/app/1', count: 3 };
const page = (messages: string[], nextBackwardToken: string) => ({
  events: messages.map((message) => ({ message })),
  nextBackwardToken,
});
const asked = () => client.commandCalls(GetLogEventsCommand).map(({ args }) => args[0].input);

it('reads no further than it takes', async () => {
  client.on(GetLogEventsCommand).resolves(page(['b', 'c', 'd'], 'b/1'));
  expect(await lastMessages(logs, LAST)).toEqual(['b', 'c', 'd']);
  expect(asked()).toEqual([{ logGroupName: '/ecs/web', logStreamName: 'ecs/app/1', limit: 3, nextToken: undefined }]);
});

it('follows pages that are empty or short, until the token stays the same', async () => {
  const answers = client.on(GetLogEventsCommand);
  answers
    .resolvesOnce(page([], 'b/2'))
    .resolvesOnce(page(['c'], 'b/1'))
    .resolvesOnce(page(['b'], 'b/0'));
  answers.resolves(page([], 'b/0'));
  expect(await lastMessages(logs, LAST)).toEqual(['b', 'c']);
  expect(asked().map(({ nextToken, limit }) => [nextToken, limit])).toEqual([
    [undefined, 3],
    ['b/2', 3],
    ['b/1', 2],
    ['b/0', 1],
  ]);
});

it('gives up after ten pages, however often the token changes', async () => {
  let count = 0;
  client.on(GetLogEventsCommand).callsFake(() => page([], `b/${count++}`));
  expect(await lastMessages(logs, LAST)).toEqual([]);
  expect(count).toBe(10);
});
