import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { imageManifest } from '../../../region/ecr/image-manifests.ts';
import { createRegion, type Region } from '../../../region/region.ts';
import { seededRandom } from '../../../region/kernel/random.ts';
import { operationShape } from '../../../region/wire/sdk-clients.ts';
import type { Member, Shape } from '../../../region/wire/sdk-shapes.ts';
import { signedBy } from './endpoint.ts';
import { served } from './over-loopback.ts';

const NAME = 'thing';

/** A region in which everything is called `thing`. */
async function furnished(): Promise<Region> {
  const region = createRegion({ defects: 'contain' });
  const trust = { Effect: 'Allow', Principal: { Service: 'states.amazonaws.com' }, Action: 'sts:AssumeRole' };
  const definition = { QueryLanguage: 'JSONata', StartAt: NAME, States: { [NAME]: { Type: 'Pass', End: true } } };
  const key = {
    AttributeDefinitions: [{ AttributeName: 'a', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'a', KeyType: 'HASH' }],
  };
  const resource = (Type: string, Properties: Record<string, unknown>) => ({ Type, Properties });
  const Resources = {
    Queue: resource('AWS::SQS::Queue', { QueueName: NAME }),
    Topic: resource('AWS::SNS::Topic', { TopicName: NAME }),
    Table: resource('AWS::DynamoDB::Table', { TableName: NAME, BillingMode: 'PAY_PER_REQUEST', ...key }),
    Logs: resource('AWS::Logs::LogGroup', { LogGroupName: NAME, RetentionInDays: 7 }),
    Rule: resource('AWS::Events::Rule', { Name: NAME, EventPattern: { source: [NAME] } }),
    Role: resource('AWS::IAM::Role', {
      RoleName: NAME,
      AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: [trust] },
    }),
    Flow: {
      DependsOn: ['Role'],
      ...resource('AWS::StepFunctions::StateMachine', {
        StateMachineName: NAME,
        RoleArn: `arn:aws:iam::123456789012:role/${NAME}`,
        DefinitionString: JSON.stringify(definition),
      }),
    },
  };
  await region.deployStack({ name: NAME, template: { Resources }, assets: new Map() });
  region.ecr.createRepository({ repositoryName: NAME });
  region.ecr.pushImage({ repositoryName: NAME, image: imageManifest({ seedText: NAME }), tag: NAME });
  region.ecs.createCluster(NAME);
  const container = { name: NAME, image: 'nginx:latest', essential: true };
  const size = { cpu: '256', memory: '512', networkMode: 'awsvpc', requiresCompatibilities: ['FARGATE'] };
  await region.call(OPERATOR, 'ecs', 'RegisterTaskDefinition', {
    family: NAME,
    ...size,
    containerDefinitions: [container],
  });
  region.ecs.createService({ cluster: NAME, serviceName: NAME, taskDefinition: NAME });
  await region.call(OPERATOR, 'ssm', 'PutParameter', { Name: NAME, Value: NAME, Type: 'String' });
  await region.kernel.runFor(60_000);
  return region;
}

const OPERATOR = { kind: 'operator' } as const;
const IN_REGION = 'us-east-1:123456789012';
/** By service: texts that name what is there, and that callers type where something else is wanted. */
const ARNS: Readonly<Record<string, readonly string[]>> = {
  ecs: [`arn:aws:ecs:${IN_REGION}:service/thing/thing`, `arn:aws:ecs:${IN_REGION}:task-definition/thing:1`],
  states: [`arn:aws:states:${IN_REGION}:stateMachine:thing`, '{"a":1}'],
  sns: [`arn:aws:sns:${IN_REGION}:thing`],
  sqs: ['https://sqs.us-east-1.amazonaws.com/123456789012/thing'],
  ecr: [imageManifest({ seedText: NAME }).digest, imageManifest({ seedText: NAME }).text],
  events: ['{}'],
  dynamodb: ['a = :a'],
};
const wordsOf = (service: string): readonly string[] => [NAME, '', '__proto__', ...(ARNS[service] ?? ['arn:aws:x'])];

/** A value of that shape; `word` is every text in it, `depth` bounds shapes that contain themselves. */
function valueOf(shape: Shape, word: string, number: number, depth = 4): unknown {
  switch (shape.kind) {
    case 'structure':
      return structureOf(shape, word, number, depth);
    case 'list':
      return depth === 0 ? [] : [valueOf(shape.item.shape, word, number, depth - 1)];
    case 'map':
      return depth === 0 ? {} : { [word]: valueOf(shape.value.shape, word, number, depth - 1) };
    case 'boolean':
      return number > 0;
    case 'number':
    case 'bigNumber':
      return number;
    case 'timestamp':
      return new Date(number);
    case 'blob':
      return Buffer.from(word);
    default:
      return word;
  }
}

function structureOf(shape: Shape & { kind: 'structure' }, word: string, number: number, depth: number): object {
  const members: (readonly [string, Member])[] = shape.isUnion ? [...shape.members].slice(0, 1) : [...shape.members];
  const isNeeded = ([name]: readonly [string, Member]): boolean => depth > 0 || shape.required.includes(name);
  return Object.fromEntries(
    members
      .filter(isNeeded)
      .map(([name, member]) => [name, valueOf(member.shape, word, number, Math.max(0, depth - 1))]),
  );
}

/** Every member alone beside the required ones, all of them together, and none. */
function* inputsOf(shape: Shape, words: readonly string[]): Generator<object> {
  yield {};
  if (shape.kind !== 'structure') return;
  const required = (word: string, number: number): object =>
    Object.fromEntries(shape.required.map((name) => [name, valueOf(shape.members.get(name)!.shape, word, number)]));
  for (const word of words) {
    yield required(word, 1);
    yield structureOf(shape, word, -1, 4);
    yield structureOf(shape, word, 1e9, 4);
    for (const [name, member] of shape.members) yield { ...required(word, 1), [name]: valueOf(member.shape, word, 0) };
  }
}

const services = [...createRegion().services.values()].filter(({ operations }) => Object.keys(operations).length > 0);

describe('no call that its schema lets through is more than its operation can take, and what it refuses changes nothing', () => {
  it.each(services.map(({ id }) => id))(
    'of %s',
    async (service) => {
      const region = await furnished();
      const struck: string[] = [];
      region.kernel.onDefect(({ where, reason }) => struck.push(`${where}: ${reason}`));
      for (const operation of Object.keys(region.services.get(service)!.operations)) {
        for (const input of inputsOf(operationShape(service, operation)!.input, wordsOf(service))) {
          const problem = await problemOf(region, service, operation, input);
          if (problem !== undefined) struck.push(`${operation} ${JSON.stringify(input).slice(0, 300)}: ${problem}`);
          // The buckets of request limits fill again, and what the call has started goes on.
          await region.kernel.runFor(1_000);
        }
      }
      expect(struck.slice(0, 12)).toEqual([]);
    },
    30_000,
  );
});

async function problemOf(
  region: Region,
  service: string,
  operation: string,
  input: object,
): Promise<string | undefined> {
  const before = stateOf(region, service);
  try {
    await region.call(OPERATOR, service, operation, input);
    return undefined;
  } catch (error) {
    const { name, message, stack } = error as Error;
    if (name === 'Fault' && !isDeepStrictEqual(before, stateOf(region, service)))
      return `refused, but something has changed: ${message}`;
    return name === 'Fault' ? undefined : stack!.split('\n').slice(0, 3).join(' | ');
  }
}

/** A copy, without the buckets of request limits, which every call draws from. DynamoDB's is the store of dynalite. */
function stateOf(region: Region, service: string): object | undefined {
  if (service === 'dynamodb') return undefined;
  return structuredClone({ ...(region.services.get(service)!.state as object), buckets: undefined });
}

describe('no request that is HTTP is more than the door can take', () => {
  const NAMES = ['__proto__', 'constructor', 'toString', 'ssm', '*', 'a.b'];
  const QUERY = 'application/x-www-form-urlencoded';

  it.each(NAMES)('signed for %s', async (name) => {
    const door = await served(createRegion());
    for (const more of [{}, { 'content-type': QUERY }, { 'smithy-protocol': 'rpc-v2-cbor' }] as const) {
      const mode = { 'x-amzn-query-mode': 'true', 'x-amz-target': `${name}.${name}` };
      const headers = { ...signedBy('OPERATOR', name), ...mode, ...more };
      const answer = await door.send({ headers, path: `/service/x/operation/${name}`, body: `Action=${name}` });
      expect(answer.status).toBe(400);
    }
    await door.stop();
  });

  it('and a key of a map is a key, whatever it is called', async () => {
    const door = await served(createRegion());
    const container = '{"name":"a","image":"b","memory":64,"dockerLabels":{"__proto__":"c"}}';
    const body = `{"family":"f","networkMode":"awsvpc","containerDefinitions":[${container}]}`;
    const answer = await door.json('AmazonEC2ContainerServiceV20141113.RegisterTaskDefinition', body);
    expect(JSON.stringify(answer.body)).toContain('"dockerLabels":{"__proto__":"c"}');
    await door.stop();
  });

  it('whatever its body', async () => {
    const door = await served(createRegion());
    const random = seededRandom(1);
    const kinds = [
      { 'x-amz-target': 'AmazonSSM.GetParameters', ...signedBy('OPERATOR', 'ssm') },
      { 'content-type': QUERY, ...signedBy('OPERATOR', 'sns') },
      { 'smithy-protocol': 'rpc-v2-cbor', ...signedBy('OPERATOR', 'monitoring') },
    ];
    for (let round = 0; round < 100; round++) {
      const bytes = Buffer.from(Array.from({ length: 1 + Math.floor(random.next() * 40) }, () => random.next() * 256));
      const body = round % 2 === 0 ? bytes : Buffer.concat([Buffer.from('Action=Publish&TopicArn='), bytes]);
      const path = '/service/GraniteServiceVersion20100801/operation/DescribeAlarms';
      const answers = await Promise.all(kinds.map((headers) => door.send({ headers, path, body })));
      expect(answers.map(({ status }) => status < 500)).toEqual([true, true, true]);
    }
    await door.stop();
  });
});
