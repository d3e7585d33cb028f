import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll } from 'vitest';
import { imageManifest } from '../../../region/ecr/image-manifests.ts';
import { createRegion, type Region } from '../../../region/region.ts';
import type { Caller, CreatedResource, InvocationResult } from '../../../region/service.ts';
import type * as careless from './careless-functions.ts';

export type CarelessFunction = keyof typeof careless;

const OPERATOR: Caller = { kind: 'operator' };
const ACCOUNT = '123456789012';
const ROLE = `arn:aws:iam::${ACCOUNT}:role/careless`;
export const QUEUE_URL = `https://sqs.us-east-1.amazonaws.com/${ACCOUNT}/sent`;
const TIMEOUT_SECONDS = 20;

/** Bundles the careless functions once for a file; each call of the answer opens a region with them. */
export function carelessRegions(): (seed?: number) => Promise<CarelessRegion> {
  const directory = mkdtempSync(join(tmpdir(), 'careless-'));
  beforeAll(async () => {
    const { outputFiles } = await build({
      entryPoints: [join(import.meta.dirname, 'careless-functions.ts')],
      bundle: true,
      format: 'cjs',
      platform: 'node',
      target: 'node20',
      minify: true,
      mainFields: ['module', 'main'],
      write: false,
    });
    writeFileSync(join(directory, 'index.js'), outputFiles[0]!.text);
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  return (seed) => openCareless(directory, seed);
}

/** A region with the careless functions, a table of facts, a queue, a service `prod/api` that runs steadily, and their role. */
export interface CarelessRegion {
  readonly region: Region;
  readonly trace: readonly string[];
  /** Invokes a function as the operator, once; answers its payload, or the name of its error. */
  invoke(name: CarelessFunction, payload?: object): Promise<unknown>;
  /** Runs a state machine of one Task, which tries a failed function again three times or not at all; answers its error. */
  runTask(name: CarelessFunction, retries: 'retries' | 'no-retries', payload?: object): Promise<string | undefined>;
  /** Sends events of the source `shop` to a function by a rule. */
  listen(name: CarelessFunction): Promise<void>;
  put(...values: readonly string[]): Promise<void>;
  fact(name: string): Promise<string | undefined>;
  messages(): Promise<number>;
  /** A task definition that runs an image of its own. */
  register(seedText: string, behaviour?: string): Promise<string>;
  createMachine(): Promise<string>;
}

const NAMES: readonly CarelessFunction[] = [
  'count',
  'send',
  'progress',
  'setLive',
  'withLock',
  'lookOnce',
  'look',
  'roll',
  'countTasks',
  'startAndLook',
];

async function openCareless(directory: string, seed = 1): Promise<CarelessRegion> {
  const trace: string[] = [];
  const region = createRegion({ seed, onTrace: ({ at, kind, label }) => trace.push(`${at} ${kind} ${label}`) });
  const create = (type: string, id: string, properties: object): Promise<CreatedResource> =>
    Promise.resolve(region.resources[`AWS::${type}`]!(id, properties as never, 'stack'));
  region.registerAsset('careless.zip', directory);
  await createFoundation(create);
  for (const name of NAMES) {
    await create('Logs::LogGroup', `${name}Logs`, { LogGroupName: `/aws/lambda/${name}` });
    await create('Lambda::Function', name, functionNamed(name));
  }
  const register = registerIn(region);
  region.ecr.createRepository({ repositoryName: 'api' });
  region.ecs.createCluster('prod');
  region.ecs.createService({
    cluster: 'prod',
    serviceName: 'api',
    taskDefinition: await register('first'),
    desiredCount: 2,
  });
  await region.kernel.runFor(180_000);
  let machines = 0;
  const createMachine = async (name: CarelessFunction, retries: 'retries' | 'no-retries'): Promise<string> =>
    (await create('StepFunctions::StateMachine', `machine${++machines}`, machineOf(name, retries, machines))).ref;
  return {
    region,
    trace,
    register,
    createMachine: () => createMachine('count', 'no-retries'),
    invoke: (name, payload = {}) => invoke(region, name, payload),
    async runTask(name, retries, payload = {}) {
      const stateMachineArn = await createMachine(name, retries);
      const { executionArn } = await region.call<{ executionArn: string }>(OPERATOR, 'states', 'StartExecution', {
        stateMachineArn,
        input: JSON.stringify(payload),
      });
      const isOver = (): boolean => region.states.view(executionArn).status !== 'RUNNING';
      await region.kernel.runUntil(isOver, 'the end of the execution', 3_600_000);
      await region.kernel.runFor(60_000);
      return region.states.view(executionArn).error;
    },
    listen: (name) => listen(create, name),
    put: (...values) => put(region, values),
    fact: (name) => factOf(region, name),
    async messages() {
      const answer = await region.call<{ Attributes?: Record<string, string> }>(OPERATOR, 'sqs', 'GetQueueAttributes', {
        QueueUrl: QUEUE_URL,
        AttributeNames: ['ApproximateNumberOfMessages'],
      });
      return Number(answer.Attributes?.['ApproximateNumberOfMessages']);
    },
  };
}

type Create = (type: string, id: string, properties: object) => Promise<CreatedResource>;

async function createFoundation(create: Create): Promise<void> {
  const trusted = ['lambda', 'states', 'events', 'ecs-tasks'].map((service) => `${service}.amazonaws.com`);
  await create('IAM::Role', 'Role', {
    RoleName: 'careless',
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: trusted }, Action: 'sts:AssumeRole' }],
    },
    Policies: [
      {
        PolicyName: 'everything',
        PolicyDocument: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] },
      },
    ],
  });
  await create('DynamoDB::Table', 'Facts', {
    TableName: 'facts',
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [{ AttributeName: 'name', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'name', KeyType: 'HASH' }],
  });
  await create('SQS::Queue', 'Sent', { QueueName: 'sent' });
}

function functionNamed(name: CarelessFunction): object {
  return {
    FunctionName: name,
    Code: { S3Bucket: 'assets', S3Key: 'careless.zip' },
    Handler: `index.${name}`,
    Runtime: 'nodejs24.x',
    Architectures: ['arm64'],
    Role: ROLE,
    Timeout: TIMEOUT_SECONDS,
    MemorySize: 256,
  };
}

function machineOf(name: CarelessFunction, retries: 'retries' | 'no-retries', number: number): object {
  const Retry = [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 2, MaxAttempts: 3, BackoffRate: 1 }];
  const Task = {
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke',
    Arguments: { FunctionName: name, Payload: '{% $states.input %}' },
    ...(retries === 'retries' && { Retry }),
    End: true,
  };
  return {
    StateMachineName: `machine-${number}`,
    RoleArn: ROLE,
    DefinitionString: JSON.stringify({ QueryLanguage: 'JSONata', StartAt: 'Task', States: { Task } }),
  };
}

function registerIn(region: Region): CarelessRegion['register'] {
  return async (seedText, behaviour = 'healthy') => {
    const image = imageManifest({ seedText, annotations: { 'rehearsal.behaviour': behaviour } });
    const name = `${ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/api:${seedText}`;
    region.ecr.pushImage({ repositoryName: 'api', image, tag: seedText });
    const { taskDefinition } = await region.call<{ taskDefinition: { taskDefinitionArn: string } }>(
      OPERATOR,
      'ecs',
      'RegisterTaskDefinition',
      {
        family: 'api',
        requiresCompatibilities: ['FARGATE'],
        networkMode: 'awsvpc',
        cpu: '256',
        memory: '512',
        executionRoleArn: ROLE,
        containerDefinitions: [{ name: 'api', image: name, essential: true }],
      },
    );
    return taskDefinition.taskDefinitionArn;
  };
}

async function invoke(region: Region, name: CarelessFunction, payload: object): Promise<unknown> {
  const results: InvocationResult[] = [];
  const functionArn = `arn:aws:lambda:us-east-1:${ACCOUNT}:function:${name}`;
  region.lambda.invoke({ functionArn, payload, caller: OPERATOR, onEnd: (result) => results.push(result) });
  await region.kernel.runUntil(() => results.length > 0, 'the end of the invocation', 600_000);
  const [result] = results;
  return result!.kind === 'answered' ? result!.payload : result!.error;
}

async function listen(create: Create, name: CarelessFunction): Promise<void> {
  const Arn = `arn:aws:lambda:us-east-1:${ACCOUNT}:function:${name}`;
  await create('Events::Rule', 'Rule', {
    Name: 'to-function',
    EventPattern: { source: ['shop'] },
    Targets: [{ Id: 'function', Arn }],
  });
  await create('Lambda::Permission', 'Permission', {
    Action: 'lambda:InvokeFunction',
    FunctionName: Arn,
    Principal: 'events.amazonaws.com',
  });
}

async function put(region: Region, values: readonly string[]): Promise<void> {
  for (const value of values) {
    await region.call(OPERATOR, 'events', 'PutEvents', {
      Entries: [{ Source: 'shop', DetailType: 'Sold', Detail: JSON.stringify({ value }) }],
    });
    await region.kernel.runFor(1_000);
  }
  await region.kernel.runFor(900_000);
}

async function factOf(region: Region, name: string): Promise<string | undefined> {
  const { Item } = await region.call<{ Item?: Record<string, { S: string }> }>(OPERATOR, 'dynamodb', 'GetItem', {
    TableName: 'facts',
    Key: { name: { S: name } },
  });
  return Item?.['value']?.S;
}
