import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DescribeTaskDefinitionCommand, ECSClient } from '@aws-sdk/client-ecs';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { imageManifest } from '../../region/ecr/image-manifests.ts';
import type { TraceLine } from '../../region/kernel/kernel.ts';
import { createRegion, type Region, type RegionOptions } from '../../region/region.ts';
import type { Caller, CreatedResource } from '../../region/service.ts';
import { clientConfiguration, driven, operator } from './wire/endpoint.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 0, 5, 9) }));
afterEach(() => void vi.useRealTimers());

type Properties = Readonly<Record<string, unknown>>;

function create(region: Region, type: string, logicalId: string, properties: Properties): Promise<CreatedResource> {
  const creator = region.resources[`AWS::${type}`];
  if (creator === undefined) throw new Error(`the region creates no AWS::${type}`);
  return Promise.resolve(creator(logicalId, properties, 'stack'));
}

function policy(Action: string | string[], Resource: string | string[]): object {
  return { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource }] };
}

async function createRole(region: Region, RoleName: string, service: string, document: object): Promise<string> {
  const Statement = [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }];
  const { attributes } = await create(region, 'IAM::Role', RoleName, {
    RoleName,
    AssumeRolePolicyDocument: { Version: '2012-10-17', Statement },
    Policies: [{ PolicyName: 'own', PolicyDocument: document }],
  });
  return attributes['Arn']!;
}

it('tells of every call that it applied, with what it said and was answered, and of none that it refused', async () => {
  const region = createRegion();
  const told: object[] = [];
  const stop = region.onApplied((call) => void told.push(call));
  const put = { Name: '/image', Value: 'one', Type: 'String' };
  await region.call(operator, 'ssm', 'PutParameter', put);
  await expect(region.call(operator, 'ssm', 'PutParameter', put)).rejects.toThrow(/exists/);
  stop();
  await region.call(operator, 'ssm', 'GetParameter', { Name: '/image' });

  const call = { at: region.kernel.now, caller: operator, service: 'ssm', operation: 'PutParameter' };
  expect(told).toEqual([{ ...call, input: put, output: { Version: 1, Tier: 'Standard' } }]);
});

it('refuses an API that it has no operation of with a sentence, even to the operator', async () => {
  const region = createRegion();
  await expect(region.call({ kind: 'operator' }, 'application-autoscaling', 'DescribeScalableTargets', {})).rejects.toThrow(
    'The API of application-autoscaling is not modelled by this region',
  );
});

describe('callers', () => {
  async function parameterReader() {
    const region = createRegion();
    const arn = 'arn:aws:ssm:us-east-1:123456789012:parameter/image';
    const roleArn = await createRole(region, 'reader', 'lambda.amazonaws.com', policy('ssm:GetParameter', arn));
    for (const Name of ['/image', '/secret'])
      await create(region, 'SSM::Parameter', 'P', { Name, Type: 'String', Value: Name });
    const caller: Caller = { kind: 'role', roleArn, sessionName: 'session' };
    const get = (accessKeyId: string, Name: string) => {
      const client = new SSMClient(clientConfiguration(region.connect, accessKeyId));
      return driven(region.kernel, client.send(new GetParameterCommand({ Name })));
    };
    return { region, get, key: region.iam.issueAccessKey(caller) };
  }

  it('may do what the policies of their role allow, and no more', async () => {
    const { get, key } = await parameterReader();
    expect((await get(key, '/image')).Parameter?.Value).toBe('/image');
    await expect(get(key, '/secret')).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message:
        'User: arn:aws:sts::123456789012:assumed-role/reader/session is not authorized to perform: ssm:GetParameter ' +
        'on resource: arn:aws:ssm:us-east-1:123456789012:parameter/secret because no identity-based policy allows the ssm:GetParameter action',
    });
  });

  it('are nobody with a key that IAM did not issue', async () => {
    const { get, key } = await parameterReader();
    await expect(get(`${key}X`, '/image')).rejects.toMatchObject({ name: 'UnrecognizedClientException' });
  });

  it('with the operator’s key may do everything, under the name that the options give that key', async () => {
    const { get } = await parameterReader();
    expect((await get('OPERATOR', '/secret')).Parameter?.Value).toBe('/secret');
    const other = createRegion({ operatorAccessKeyId: 'OTHER' });
    const client = new SSMClient(clientConfiguration(other.connect, 'OPERATOR'));
    const call = driven(other.kernel, client.send(new GetParameterCommand({ Name: '/image' })));
    await expect(call).rejects.toMatchObject({ name: 'UnrecognizedClientException' });
  });
});

const SOURCE = `exports.handler = async (event) => {
  console.log('pushed ' + event.detail['image-tag']);
  return { tag: event.detail['image-tag'] };
};`;

/** A push starts a state machine, which invokes a function, which logs: every service's ports are used. */
async function pushedPipeline(options: RegionOptions = {}) {
  const region = createRegion(options);
  const functionArn = await createFunction(region);
  const { ref: stateMachineArn } = await createStateMachine(region, functionArn);
  await createRule(region, stateMachineArn);
  region.ecr.createRepository({ repositoryName: 'web' });
  region.ecr.pushImage({ repositoryName: 'web', image: imageManifest({ seedText: 'one' }), tag: 'v1' });
  const hasEnded = () => region.states.executions()[0]?.stoppedAt !== undefined;
  await region.kernel.runUntil(hasEnded, 'the end of the execution', 60_000);
  return region;
}

async function createFunction(region: Region): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'asset-'));
  writeFileSync(join(directory, 'index.js'), SOURCE);
  region.registerAsset('abc.zip', directory);
  await create(region, 'Logs::LogGroup', 'Logs', { LogGroupName: '/aws/lambda/echo' });
  const Role = await createRole(
    region,
    'echo',
    'lambda.amazonaws.com',
    policy(
      ['logs:CreateLogStream', 'logs:PutLogEvents'],
      'arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/echo:*',
    ),
  );
  const { attributes } = await create(region, 'Lambda::Function', 'Echo', {
    FunctionName: 'echo',
    Role,
    Handler: 'index.handler',
    Runtime: 'nodejs24.x',
    Architectures: ['arm64'],
    Code: { S3Bucket: 'assets', S3Key: 'abc.zip' },
    Timeout: 10,
  });
  return attributes['Arn']!;
}

async function createStateMachine(region: Region, functionArn: string): Promise<CreatedResource> {
  const RoleArn = await createRole(
    region,
    'machine',
    'states.amazonaws.com',
    policy('lambda:InvokeFunction', functionArn),
  );
  const Look = {
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke',
    Arguments: { FunctionName: functionArn, Payload: '{% $states.input %}' },
    Output: '{% $states.result.Payload %}',
    End: true,
  };
  return create(region, 'StepFunctions::StateMachine', 'Machine', {
    StateMachineName: 'machine',
    RoleArn,
    DefinitionString: JSON.stringify({ QueryLanguage: 'JSONata', StartAt: 'Look', States: { Look } }),
  });
}

async function createRule(region: Region, Arn: string): Promise<void> {
  const RoleArn = await createRole(region, 'rule', 'events.amazonaws.com', policy('states:StartExecution', Arn));
  await create(region, 'Events::Rule', 'Pushed', {
    Name: 'pushed',
    EventPattern: { source: ['aws.ecr'], 'detail-type': ['ECR Image Action'], detail: { 'action-type': ['PUSH'] } },
    State: 'ENABLED',
    Targets: [{ Id: 'machine', Arn, RoleArn }],
  });
}

describe('the services together', () => {
  it('carry a push from ECR over the bus to a state machine, a function and its log', async () => {
    const region = await pushedPipeline();
    expect(region.states.executions()).toMatchObject([{ status: 'SUCCEEDED', path: ['Look'], output: '{"tag":"v1"}' }]);
    const lines = region.logs.eventsOf('/aws/lambda/echo').map(({ message }) => message);
    expect(lines.filter((line) => line.includes('pushed v1'))).toHaveLength(1);
    expect(region.cloudwatch.metricValues('AWS/Events', 'TriggeredRules', { RuleName: 'pushed' })).toHaveLength(1);
  });

  it('give the same trace twice from one seed, and other identifiers from another', async () => {
    const run = async (seed: number) => {
      const trace: TraceLine[] = [];
      const region = await pushedPipeline({ seed, onTrace: (line) => trace.push(line) });
      return { trace, executionArn: region.states.executions()[0]!.executionArn };
    };
    const [first, again, other] = [await run(7), await run(7), await run(8)];
    expect(again).toEqual(first);
    expect(other.executionArn).not.toBe(first.executionArn);
  });

  it('stop a push where a permission is missing', async () => {
    const region = createRegion();
    const functionArn = await createFunction(region);
    const { ref } = await createStateMachine(region, functionArn);
    await createRule(region, ref);
    region.iam.replacePolicies('arn:aws:iam::123456789012:role/rule', []);
    region.ecr.createRepository({ repositoryName: 'web' });
    region.ecr.pushImage({ repositoryName: 'web', image: imageManifest({ seedText: 'one' }), tag: 'v1' });
    await region.kernel.runFor(60_000);
    expect(region.states.executions()).toEqual([]);
    expect(
      region.cloudwatch.metricValues('AWS/Events', 'FailedInvocations', { RuleName: 'pushed' }).length,
    ).toBeGreaterThan(0);
  });
});

it('creates every resource type that it models under one table', () => {
  const types = Object.keys(createRegion().resources);
  expect(types).toEqual(
    expect.arrayContaining([
      'AWS::CloudWatch::Alarm',
      'AWS::DynamoDB::Table',
      'AWS::ECR::Repository',
      'AWS::Events::Rule',
      'AWS::IAM::Role',
      'AWS::Lambda::Function',
      'AWS::Logs::LogGroup',
      'AWS::SNS::Topic',
      'AWS::SQS::Queue',
      'AWS::SSM::Parameter',
      'AWS::StepFunctions::StateMachine',
    ]),
  );
});

it('keeps members of the future that the options declare, from RegisterTaskDefinition to DescribeTaskDefinition', async () => {
  const region = createRegion({ futureFields: ['imagePullPolicy'] });
  const definition = {
    family: 'web',
    cpu: '256',
    memory: '512',
    networkMode: 'awsvpc',
    requiresCompatibilities: ['FARGATE'],
    containerDefinitions: [{ name: 'web', image: 'web:1', imagePullPolicy: 'Always' }],
  };
  await region.call(operator, 'ecs', 'RegisterTaskDefinition', definition);
  const described = await region.call(operator, 'ecs', 'DescribeTaskDefinition', { taskDefinition: 'web' });
  expect(described).toMatchObject({ taskDefinition: { containerDefinitions: [{ imagePullPolicy: 'Always' }] } });
  const client = new ECSClient(clientConfiguration(region.connect, 'OPERATOR'));
  await driven(region.kernel, client.send(new DescribeTaskDefinitionCommand({ taskDefinition: 'web' })));
  await expect(createRegion().call(operator, 'ecs', 'RegisterTaskDefinition', definition)).rejects.toMatchObject({
    code: 'SerializationException',
  });
});

it('is paced by real time for people and tools outside', async () => {
  const region = createRegion();
  const port = await region.listen(0);
  const ending = new AbortController();
  const pace = region.runPaced(60, ending.signal);
  const client = new ECSClient({
    region: 'us-east-1',
    endpoint: `http://127.0.0.1:${port}`,
    credentials: { accessKeyId: 'OPERATOR', secretAccessKey: 'any' },
  });
  const call = client.send(new DescribeTaskDefinitionCommand({ taskDefinition: 'absent' }));
  await expect(call).rejects.toMatchObject({ name: 'ClientException', $metadata: { attempts: 1 } });
  ending.abort();
  await pace;
  client.destroy();
  await region.close();
});
