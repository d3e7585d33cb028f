import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createRegion, type Region } from '../../../region/region.ts';
import type { Caller, CreatedResource, InvocationResult, UpdatedResource } from '../../../region/service.ts';
import { operator } from '../wire/endpoint.ts';

type Properties = Readonly<Record<string, unknown>>;

interface Created {
  readonly type: string;
  readonly properties: Properties;
  readonly current: CreatedResource;
}

async function create(region: Region, type: string, properties: Properties): Promise<Created> {
  return { type, properties, current: await region.resources[type]!('Thing', properties, 'stack') };
}

async function change(
  region: Region,
  { type, properties, current }: Created,
  to: Properties,
): Promise<UpdatedResource> {
  const updater = region.updaters[type]!;
  const after = { ...properties, ...to };
  return await updater.update({ logicalId: 'Thing', type, stackName: 'stack', current, before: properties, after });
}

const trusting = (service: string): object => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }],
});
const allowing = (Action: string | string[]): object => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action, Resource: '*' }],
});

function role(region: Region, service: string, action: string | string[], RoleName = 'role'): Promise<Created> {
  return create(region, 'AWS::IAM::Role', {
    RoleName,
    AssumeRolePolicyDocument: trusting(service),
    Policies: [{ PolicyName: 'own', PolicyDocument: allowing(action) }],
  });
}

describe('a changed role', () => {
  const caller: Caller = { kind: 'role', roleArn: 'arn:aws:iam::123456789012:role/role', sessionName: 'session' };
  const mayIn = (region: Region) => (action: string) =>
    region.iam.authorize(caller, { action, resource: '*' }).isAllowed;

  it('may what its new policies allow, keeps its attached ones, and trusts whom it now names', async () => {
    const region = createRegion();
    const may = mayIn(region);
    const created = await role(region, 'lambda.amazonaws.com', 'ssm:GetParameter');
    const attached = { PolicyName: 'attached', PolicyDocument: allowing('sns:Publish'), Roles: ['role'] };
    await create(region, 'AWS::IAM::Policy', attached);
    const answer = await change(region, created, {
      AssumeRolePolicyDocument: trusting('states.amazonaws.com'),
      Policies: [{ PolicyName: 'own', PolicyDocument: allowing('ssm:PutParameter') }],
    });
    expect(answer).toEqual(created.current);
    expect(['ssm:GetParameter', 'ssm:PutParameter', 'sns:Publish'].map(may)).toEqual([false, true, true]);
    const assume = (principal: string) => () => region.iam.assumeRole(caller.roleArn, { principal });
    expect(assume('states.amazonaws.com')).not.toThrow();
    expect(assume('lambda.amazonaws.com')).toThrow('not authorized to perform: sts:AssumeRole');
  });

  it('loses what a policy of its own resource no longer allows', async () => {
    const region = createRegion();
    const may = mayIn(region);
    await role(region, 'lambda.amazonaws.com', 'ssm:GetParameter');
    const attached = { PolicyName: 'attached', PolicyDocument: allowing('sns:Publish'), Roles: ['role'] };
    const policy = await create(region, 'AWS::IAM::Policy', attached);
    await change(region, policy, { PolicyDocument: allowing('sqs:SendMessage') });
    expect(['ssm:GetParameter', 'sns:Publish', 'sqs:SendMessage'].map(may)).toEqual([true, false, true]);
  });
});

describe('a changed function', () => {
  const SOURCE = `let served = 0;
    exports.handler = async ({ waitMs = 0 }) => {
      await new Promise((resolve) => setTimeout(resolve, waitMs));
      return [VERSION, process.env.WORD, ++served].join(' ');
    };`;

  async function functionIn(region: Region): Promise<Created> {
    for (const version of ['one', 'two']) {
      const directory = mkdtempSync(join(tmpdir(), 'function-'));
      writeFileSync(join(directory, 'index.js'), SOURCE.replace('VERSION', `'${version}'`));
      region.registerAsset(`${version}.zip`, directory);
    }
    const { current } = await role(region, 'lambda.amazonaws.com', ['logs:CreateLogStream', 'logs:PutLogEvents']);
    await create(region, 'AWS::Logs::LogGroup', { LogGroupName: '/aws/lambda/handler' });
    return create(region, 'AWS::Lambda::Function', {
      FunctionName: 'handler',
      Handler: 'index.handler',
      Runtime: 'nodejs24.x',
      Role: current.attributes['Arn'],
      Code: { S3Bucket: 'assets', S3Key: 'one.zip' },
      Environment: { Variables: { WORD: 'old' } },
      Timeout: 60,
    });
  }

  function invoke(region: Region, { current }: Created, payload: object): InvocationResult[] {
    const ended: InvocationResult[] = [];
    const onEnd = (result: InvocationResult) => void ended.push(result);
    region.lambda.invoke({ functionArn: current.attributes['Arn']!, payload, caller: operator, onEnd });
    return ended;
  }

  it('lets what runs end as it was and serves every later invocation from a new instance', async () => {
    const region = createRegion();
    const created = await functionIn(region);
    const earlier = invoke(region, created, {});
    await region.kernel.runFor(5_000);
    const running = invoke(region, created, { waitMs: 20_000 });
    await region.kernel.runFor(1_000);
    const to = { Code: { S3Bucket: 'assets', S3Key: 'two.zip' }, Environment: { Variables: { WORD: 'new' } } };
    await change(region, created, to);
    const later = invoke(region, created, {});
    await region.kernel.runFor(30_000);
    const payloads = [earlier, running, later].map(([result]) => (result as { payload?: unknown }).payload);
    expect(payloads).toEqual(['one old 1', 'one old 2', 'two new 1']);
    expect(region.lambda.instancesOf('handler')).toHaveLength(1);
  });

  it('is refused with a version, which would have to stay as it is', async () => {
    const region = createRegion();
    const created = await functionIn(region);
    await create(region, 'AWS::Lambda::Version', { FunctionName: 'handler' });
    await expect(change(region, created, { Timeout: 30 })).rejects.toThrow(
      'handler, which has versions, is not modelled',
    );
  });
});

describe('a changed state machine', () => {
  const definition = (Output: string): string =>
    JSON.stringify({
      QueryLanguage: 'JSONata',
      StartAt: 'Rest',
      States: { Rest: { Type: 'Wait', Seconds: 60, Next: 'Answer' }, Answer: { Type: 'Pass', Output, End: true } },
    });

  it('runs its new definition in executions that start later, and both are executions of the one machine', async () => {
    const region = createRegion();
    const { current } = await role(region, 'states.amazonaws.com', 'states:SendTaskSuccess');
    const machine = await create(region, 'AWS::StepFunctions::StateMachine', {
      StateMachineName: 'machine',
      RoleArn: current.attributes['Arn'],
      DefinitionString: definition('old'),
    });
    const stateMachineArn = machine.current.ref;
    const start = () => region.states.startExecution({ stateMachineArn, input: '{}', caller: operator });
    start();
    await region.kernel.runFor(10_000);
    const changed = await change(region, machine, { DefinitionString: definition('new') });
    expect(changed.ref).toBe(stateMachineArn);
    expect(changed.attributes['StateMachineRevisionId']).not.toBe(machine.current.attributes['StateMachineRevisionId']);
    start();
    await region.kernel.runFor(120_000);
    expect(region.states.executions().map(({ output }) => output)).toEqual(['"old"', '"new"']);
    const listed = await region.call<{ executions: object[] }>(operator, 'states', 'ListExecutions', {
      stateMachineArn,
    });
    expect(listed.executions).toHaveLength(2);
  });
});

describe('a changed rule', () => {
  it('matches by its new pattern and sends to its new targets', async () => {
    const region = createRegion();
    const heard: string[] = [];
    region.events.setDelivery((event, ruleName) => (heard.push(`${ruleName} ${event.source}`), 'never'));
    const rule = await create(region, 'AWS::Events::Rule', { Name: 'rule', EventPattern: { source: ['one'] } });
    await change(region, rule, { EventPattern: { source: ['two'] } });
    for (const source of ['one', 'two']) region.events.emit({ source, 'detail-type': 'x', resources: [], detail: {} });
    expect(heard).toEqual(['rule two']);
  });

  it('ticks by its new schedule only, and falls silent when it is disabled', async () => {
    const region = createRegion();
    const ticks: number[] = [];
    const openedAt = region.kernel.now;
    region.events.setDelivery(() => (ticks.push((region.kernel.now - openedAt) / 60_000), 'never'));
    const rule = await create(region, 'AWS::Events::Rule', { Name: 'rule', ScheduleExpression: 'rate(1 minute)' });
    await region.kernel.runFor(90_000);
    await change(region, rule, { ScheduleExpression: 'rate(5 minutes)' });
    await region.kernel.runFor(600_000);
    expect(ticks).toEqual([1, 6.5, 11.5]);
    await change(region, rule, { State: 'DISABLED' });
    await region.kernel.runFor(600_000);
    expect(ticks).toHaveLength(3);
  });

  it('goes on ticking as before when something else of it changes', async () => {
    const region = createRegion();
    const ticks: number[] = [];
    const openedAt = region.kernel.now;
    region.events.setDelivery(() => (ticks.push((region.kernel.now - openedAt) / 60_000), 'never'));
    const rule = await create(region, 'AWS::Events::Rule', { Name: 'rule', ScheduleExpression: 'rate(2 minutes)' });
    await region.kernel.runFor(180_000);
    await change(region, { ...rule }, { Description: 'another' });
    await region.kernel.runFor(180_000);
    expect(ticks).toEqual([2, 4, 6]);
  });
});

it('keeps a log group with its lines and shows its new retention', async () => {
  const region = createRegion();
  const group = await create(region, 'AWS::Logs::LogGroup', { LogGroupName: '/group', RetentionInDays: 7 });
  region.logs.writeLog('/group', 'stream', 'a line');
  await change(region, group, { RetentionInDays: 30 });
  const described = await region.call(operator, 'logs', 'DescribeLogGroups', {});
  expect(described).toMatchObject({ logGroups: [{ logGroupName: '/group', retentionInDays: 30 }] });
  expect(region.logs.eventsOf('/group')).toHaveLength(1);
});

it('takes another lifecycle policy of a repository, and refuses one that is broken', async () => {
  const region = createRegion();
  const repository = await create(region, 'AWS::ECR::Repository', { RepositoryName: 'web' });
  const policy = (LifecyclePolicyText: string) => ({ LifecyclePolicy: { LifecyclePolicyText } });
  const selection = { tagStatus: 'any', countType: 'imageCountMoreThan', countNumber: 1 };
  const rules = [{ rulePriority: 1, selection, action: { type: 'expire' } }];
  expect(await change(region, repository, policy(JSON.stringify({ rules })))).toEqual(repository.current);
  await expect(change(region, repository, policy('{}'))).rejects.toThrow();
});

describe('a changed alarm', () => {
  const alarm = (region: Region) =>
    create(region, 'AWS::CloudWatch::Alarm', {
      Namespace: 'Shop',
      MetricName: 'Errors',
      Statistic: 'Sum',
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    });

  it('keeps its name and its state until it is evaluated by its new threshold', async () => {
    const region = createRegion();
    const created = await alarm(region);
    region.cloudwatch.recordMetric('Shop', 'Errors', {}, 5);
    await region.kernel.runFor(120_000);
    const state = () => region.cloudwatch.alarmState(created.current.ref).value;
    expect(state()).toBe('ALARM');
    expect(await change(region, created, { Threshold: 10 })).toEqual(created.current);
    expect(state()).toBe('ALARM');
    region.cloudwatch.recordMetric('Shop', 'Errors', {}, 5);
    await region.kernel.runFor(120_000);
    expect(state()).toBe('OK');
  });

  it('looks at another metric when it names one, and its dashboard takes another body', async () => {
    const region = createRegion();
    const created = await alarm(region);
    await change(region, created, { MetricName: 'Faults' });
    region.cloudwatch.recordMetric('Shop', 'Faults', {}, 5);
    await region.kernel.runFor(120_000);
    expect(region.cloudwatch.alarmState(created.current.ref).value).toBe('ALARM');
    const dashboard = await create(region, 'AWS::CloudWatch::Dashboard', { DashboardBody: '{"widgets":[]}' });
    expect(await change(region, dashboard, { DashboardBody: '{"widgets":[{"type":"text"}]}' })).toEqual(
      dashboard.current,
    );
    await expect(change(region, dashboard, { DashboardBody: 'no JSON' })).rejects.toThrow(
      'must be a valid JSON object',
    );
  });
});

it('changes a queue, its policy, a topic, its policy and a subscription in place', async () => {
  const region = createRegion();
  const arn = 'arn:aws:sns:us-east-1:123456789012:topic';
  const queueArn = 'arn:aws:sqs:us-east-1:123456789012:queue';
  const QueueUrl = 'https://sqs.us-east-1.amazonaws.com/123456789012/queue';
  const policy = (Service: string) => ({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service }, Action: ['sqs:SendMessage', 'sns:Publish'], Resource: '*' }],
  });
  const queue = await create(region, 'AWS::SQS::Queue', { QueueName: 'queue' });
  const topic = await create(region, 'AWS::SNS::Topic', { TopicName: 'topic' });
  const queuePolicy = await create(region, 'AWS::SQS::QueuePolicy', {
    PolicyDocument: policy('events.amazonaws.com'),
    Queues: [QueueUrl],
  });
  const topicPolicy = await create(region, 'AWS::SNS::TopicPolicy', {
    PolicyDocument: policy('events.amazonaws.com'),
    Topics: [arn],
  });
  const subscription = await create(region, 'AWS::SNS::Subscription', {
    TopicArn: arn,
    Protocol: 'sqs',
    Endpoint: queueArn,
  });
  const events: Caller = { kind: 'service', principal: 'events.amazonaws.com', sourceArn: 'x' };
  const publish = () => region.sns.publish(arn, { message: 'x' }, events);
  const bodies = () => region.sqs.messagesOf(queueArn).map(({ body }) => body);
  publish();
  await region.kernel.runFor(10_000);
  expect(bodies()).toEqual([]);
  await change(region, queuePolicy, { PolicyDocument: policy('sns.amazonaws.com') });
  await change(region, subscription, { RawMessageDelivery: true });
  publish();
  await region.kernel.runFor(10_000);
  expect(bodies()).toEqual(['x']);
  await change(region, topicPolicy, { PolicyDocument: policy('other.amazonaws.com') });
  expect(publish).toThrow('not authorized');
  await change(region, topicPolicy, {});
  await change(region, topic, { KmsMasterKeyId: 'alias/aws/sns' });
  expect(publish).toThrow('may not use the key');
  await change(region, queue, { VisibilityTimeout: 77 });
  const AttributeNames = ['VisibilityTimeout'];
  expect(await region.call(operator, 'sqs', 'GetQueueAttributes', { QueueUrl, AttributeNames })).toEqual({
    Attributes: { VisibilityTimeout: '77' },
  });
});

it('gives a parameter another version only with another value, and protects a table from then on', async () => {
  const region = createRegion();
  const parameter = await create(region, 'AWS::SSM::Parameter', { Name: '/one', Type: 'String', Value: 'a' });
  const versionOf = async () => {
    const { Parameter } = await region.call<{ Parameter: object }>(operator, 'ssm', 'GetParameter', { Name: '/one' });
    return Parameter;
  };
  await change(region, parameter, { Description: 'said' });
  expect(await versionOf()).toMatchObject({ Version: 1, Value: 'a' });
  expect((await change(region, parameter, { Value: 'b' })).attributes['Value']).toBe('b');
  expect(await versionOf()).toMatchObject({ Version: 2, Value: 'b' });

  const table = await create(region, 'AWS::DynamoDB::Table', {
    TableName: 'table',
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    BillingMode: 'PAY_PER_REQUEST',
  });
  await change(region, table, { DeletionProtectionEnabled: true });
  const described = await region.call(operator, 'dynamodb', 'DescribeTable', { TableName: 'table' });
  expect(described).toMatchObject({ Table: { DeletionProtectionEnabled: true } });
});
