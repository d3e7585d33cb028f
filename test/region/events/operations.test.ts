import {
  EventBridgeClient,
  ListRulesCommand,
  ListTargetsByRuleCommand,
  TestEventPatternCommand,
} from '@aws-sdk/client-eventbridge';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { checkRequest } from '../../../region/iam/iam.ts';
import { createRegion } from '../../../region/region.ts';
import { clientConfiguration, driven } from '../wire/endpoint.ts';

const functionArn = 'arn:aws:lambda:us-east-1:123456789012:function:wake';
const stateMachineArn = 'arn:aws:states:us-east-1:123456789012:stateMachine:rollout';
const roleArn = 'arn:aws:iam::123456789012:role/start';

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 0, 5, 9) }));
afterEach(() => void vi.useRealTimers());

async function world(targets: readonly object[] = [{ Id: 'T', Arn: functionArn }]) {
  const region = createRegion();
  const createRule = async (Name: string) => {
    const rule = { Name, EventPattern: { source: ['aws.ecr'] }, Targets: targets };
    await region.resources['AWS::Events::Rule']!('Rule', rule, 'stack');
  };
  await createRule('pushes');
  const client = new EventBridgeClient({ ...clientConfiguration(region.connect, 'OPERATOR'), maxAttempts: 1 });
  const targetsOf = (input: object = {}) =>
    driven(region.kernel, client.send(new ListTargetsByRuleCommand({ Rule: 'pushes', ...input })));
  return { region, client, createRule, targetsOf };
}

describe('ListTargetsByRule', () => {
  it('shows targets as they were configured, and no more', async () => {
    const full = {
      Id: 'Start',
      Arn: stateMachineArn,
      RoleArn: roleArn,
      InputTransformer: { InputPathsMap: { tag: '$.detail.image-tag' }, InputTemplate: '{"tag": <tag>}' },
      DeadLetterConfig: { Arn: 'arn:aws:sqs:us-east-1:123456789012:lost' },
      RetryPolicy: { MaximumRetryAttempts: 3, MaximumEventAgeInSeconds: 600 },
    };
    const { targetsOf } = await world([{ Id: 'Wake', Arn: functionArn, Input: '{}' }, full]);
    expect((await targetsOf()).Targets).toEqual([{ Id: 'Wake', Arn: functionArn, Input: '{}' }, full]);
  });

  it('pages', async () => {
    const targets = ['A', 'B', 'C'].map((Id) => ({ Id, Arn: functionArn }));
    const { targetsOf } = await world(targets);
    const first = await targetsOf({ Limit: 2 });
    expect(first.Targets).toHaveLength(2);
    const second = await targetsOf({ Limit: 2, NextToken: first.NextToken });
    expect([second.Targets, second.NextToken]).toEqual([[{ Id: 'C', Arn: functionArn }], undefined]);
  });

  it.each([
    [{ Rule: 'nothing' }, 'ResourceNotFoundException'],
    [{ Limit: 101 }, 'ValidationException'],
    [{ Limit: 0 }, 'ValidationException'],
    [{ NextToken: 'nonsense' }, 'ValidationException'],
    [{ EventBusName: 'other' }, 'NotModelled'],
  ])('refuses %j', async (input, name) => {
    const { targetsOf } = await world();
    await expect(targetsOf(input)).rejects.toMatchObject({ name });
  });

  it('asks IAM about the rule', async () => {
    const { region } = await world();
    const { permissions } = region.events.operations['ListTargetsByRule']!;
    const asked = permissions({ Rule: 'pushes' } as never, { kind: 'operator' });
    const resource = 'arn:aws:events:us-east-1:123456789012:rule/pushes';
    const context = { 'events:creatorAccount': '123456789012' };
    expect(asked).toEqual([{ action: 'events:ListTargetsByRule', resource, context }]);
    expect(await checkRequest(asked[0]!)).toBeUndefined();
  });
});

it('ListRules pages', async () => {
  const { region, client, createRule } = await world();
  await createRule('pulls');
  const list = (input: object) => driven(region.kernel, client.send(new ListRulesCommand(input)));
  const first = await list({ Limit: 1 });
  expect(first.Rules).toMatchObject([{ Name: 'pushes' }]);
  expect(await list({ Limit: 1, NextToken: first.NextToken })).toMatchObject({ Rules: [{ Name: 'pulls' }] });
  await expect(list({ NextToken: 'nonsense' })).rejects.toMatchObject({ name: 'ValidationException' });
});

describe('TestEventPattern', () => {
  const event = {
    id: '1',
    account: '123456789012',
    source: 'aws.ecr',
    time: '2026-01-05T09:00:00Z',
    region: 'us-east-1',
    resources: [],
    'detail-type': 'ECR Image Action',
    detail: { 'image-tag': 'v1' },
  };
  const test = async (EventPattern: unknown, Event: unknown) => {
    const { region, client } = await world();
    const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
    const input = { EventPattern: text(EventPattern), Event: text(Event) };
    return (await driven(region.kernel, client.send(new TestEventPatternCommand(input)))).Result;
  };

  it('tells whether the pattern matches', async () => {
    expect(await test({ detail: { 'image-tag': [{ prefix: 'v' }] } }, event)).toBe(true);
    expect(await test({ detail: { 'image-tag': [{ prefix: 'w' }] } }, event)).toBe(false);
  });

  it.each([
    ['a pattern that is no JSON', '{', event, 'InvalidEventPatternException'],
    ['a pattern that is no object', 'null', event, 'InvalidEventPatternException'],
    ['a pattern with text for a list', { source: 'aws.ecr' }, event, 'InvalidEventPatternException'],
    ['an event that is no JSON', { source: ['x'] }, '{', 'ValidationException'],
    ['an event that is a list', { source: ['x'] }, [], 'ValidationException'],
    ['an event without its members', { source: ['x'] }, { source: 'x' }, 'ValidationException'],
    ['an operator that is not modelled', { source: [{ cidr: '10.0.0.0/24' }] }, event, 'NotModelled'],
  ])('refuses %s', async (_case, pattern, given, name) => {
    await expect(test(pattern, given)).rejects.toMatchObject({ name });
  });
});
