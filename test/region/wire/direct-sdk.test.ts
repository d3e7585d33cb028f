import { build } from 'esbuild';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createRegion, type Region } from '../../../region/region.ts';
import type { FaultRule } from '../../../region/faults/model.ts';

/** What a function sees of an SDK, one case a name. */
const HANDLER = `
  import { DescribeServicesCommand, ECSClient, ServiceNotFoundException, DescribeTaskDefinitionCommand,
    RegisterTaskDefinitionCommand, paginateListTasks, ClusterNotFoundException } from '@aws-sdk/client-ecs';
  import { DynamoDBClient, GetItemCommand, PutItemCommand, ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
  import { SSMClient, GetParameterCommand, PutParameterCommand, ParameterNotFound } from '@aws-sdk/client-ssm';
  import { SNSClient, PublishCommand } from '@aws-sdk/client-sns';
  import { RedriveExecutionCommand, SFNClient } from '@aws-sdk/client-sfn';
  const ecs = new ECSClient({});
  const once = new ECSClient({ maxAttempts: 1 });
  const dynamodb = new DynamoDBClient({});
  const ssm = new SSMClient({});
  const seen = (error: any) => ({
    name: error.name, message: error.message, fault: error.$fault, metadata: error.$metadata, code: error.code,
    kinds: Object.entries({ ServiceNotFoundException, ClusterNotFoundException, ConditionalCheckFailedException, ParameterNotFound })
      .filter(([, kind]) => error instanceof kind).map(([name]) => name),
  });
  const sent = async (client: any, command: any, options?: any) => {
    const startedAt = Date.now();
    const told = await client.send(command, options).then((output: any) => ({ output }), (error: any) => ({ error: seen(error) }));
    return { ...told, took: Date.now() - startedAt, random: Math.random() };
  };
  const cases: Record<string, () => Promise<unknown>> = {
    unknownCluster: () => sent(ecs, new DescribeServicesCommand({ cluster: 'nowhere', services: ['api'] })),
    missingMember: () => sent(ecs, new DescribeServicesCommand({ cluster: 'main' } as never)),
    unknownMember: () => sent(ssm, new GetParameterCommand({ Name: '/a', Nonsense: 1, WithDecryption: undefined } as never)),
    unknownParameter: () => sent(ssm, new GetParameterCommand({ Name: '/missing' })),
    query: () => sent(new SNSClient({}), new PublishCommand({ TopicArn: 'arn:aws:sns:us-east-1:123456789012:none', Message: 'x' })),
    denied: () => sent(new SFNClient({}), new RedriveExecutionCommand({ executionArn: 'arn:aws:states:us-east-1:123456789012:execution:a:b' })),
    parameter: async () => {
      const put = await sent(ssm, new PutParameterCommand({ Name: '/a', Value: '1', Type: 'String' }));
      const got: any = await sent(ssm, new GetParameterCommand({ Name: '/a' }));
      const at = got.output?.Parameter.LastModifiedDate;
      return { put, got, isDate: at instanceof Date, at: at?.getTime() };
    },
    item: async () => {
      const put = await sent(dynamodb, new PutItemCommand({ TableName: 'table', Item: { id: { S: 'a' }, bytes: { B: new Uint8Array([1, 2]) } } }));
      const again = await sent(dynamodb, new PutItemCommand({ TableName: 'table', Item: { id: { S: 'a' } }, ConditionExpression: 'attribute_not_exists(id)' }));
      const got: any = await sent(dynamodb, new GetItemCommand({ TableName: 'table', Key: { id: { S: 'a' } } }));
      const bytes = got.output?.Item?.bytes.B;
      return { put, again, got: JSON.stringify(got), bytes: bytes && [...bytes], isBytes: bytes instanceof Uint8Array };
    },
    changedMeanwhile: () => {
      const input: any = { Name: '/changed', Value: 'before', Type: 'String' };
      const sending = sent(ssm, new PutParameterCommand(input));
      setTimeout(() => (input.Value = 'after'), 1);
      return sending.then(async (put: any) => [put, await sent(ssm, new GetParameterCommand({ Name: '/changed' }))]);
    },
    once: () => sent(once, new DescribeServicesCommand({ cluster: 'main', services: ['api'] })),
    retried: () => sent(ecs, new DescribeServicesCommand({ cluster: 'main', services: ['api'] })),
    aborted: async () => {
      const controller = new AbortController();
      setTimeout(() => controller.abort(), 2);
      const late = await sent(ssm, new GetParameterCommand({ Name: '/missing' }), { abortSignal: controller.signal });
      return [late, await sent(ssm, new GetParameterCommand({ Name: '/missing' }), { abortSignal: controller.signal })];
    },
    pages: async () => {
      const pages = [];
      for await (const page of paginateListTasks({ client: ecs }, { cluster: 'main' })) pages.push(page);
      return pages;
    },
    raw: async () => {
      const register: any = new RegisterTaskDefinitionCommand({ family: 'typed' } as never);
      register.middlewareStack.add((next: any) => (args: any) => {
        args.request.body = JSON.stringify({ family: 'raw', futureField: 7, containerDefinitions: [{ name: 'a', image: 'public.ecr.aws/a', memory: 64, essential: true }] });
        return next(args);
      }, { step: 'build', name: 'replaceBody', priority: 'high' });
      let text = '';
      register.middlewareStack.add((next: any) => async (args: any) => {
        const result = await next(args);
        const chunks = [];
        if (result.response.body instanceof Uint8Array) chunks.push(result.response.body);
        else for await (const chunk of result.response.body) chunks.push(chunk);
        text = Buffer.concat(chunks).toString();
        result.response.body = new Uint8Array(Buffer.from(text));
        return result;
      }, { step: 'deserialize', name: 'captureBody', priority: 'low' });
      const typed = await sent(ecs, register);
      return { typed, text };
    },
    callback: () => new Promise((resolve) => ssm.send(new GetParameterCommand({ Name: '/missing' }), (error, output) => resolve([seen(error), output]))),
    unhandled: async () => {
      await sent(ssm, new GetParameterCommand({ Name: '/missing' }));
      void Promise.reject(new Error('nobody listens'));
      return sent(ssm, new GetParameterCommand({ Name: '/missing' }));
    },
    together: () => Promise.all([1, 2, 3].map((n) => sent(ssm, new GetParameterCommand({ Name: '/missing-' + n })))),
  };
  export const handler = async ({ what }: { what: string }) => JSON.parse(JSON.stringify({ told: await cases[what]!() }));
`;
const REFUSED = `
  import { SSMClient } from '@aws-sdk/client-ssm';
  export const handler = async ({ options }: { options: object }) => { new SSMClient(options); return 'made'; };
`;

const scratch = mkdtempSync(join(tmpdir(), 'region-direct-sdk-'));

async function bundle(name: string, contents: string, external: readonly string[]): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, loader: 'ts', resolveDir: process.cwd() },
    ...{
      bundle: true,
      format: 'cjs',
      platform: 'node',
      target: 'node20',
      mainFields: ['module', 'main'],
      write: false,
    },
    external: [...external],
  });
  mkdirSync(join(scratch, name));
  writeFileSync(join(scratch, name, 'index.js'), outputFiles![0]!.text);
  return join(scratch, name);
}

beforeAll(async () => {
  await bundle('whole', HANDLER, []);
  await bundle('slim', HANDLER, ['@aws-sdk/client-*']);
  await bundle('refused', REFUSED, ['@aws-sdk/client-*']);
});

const regions: Region[] = [];
afterEach(async () => {
  for (const region of regions.splice(0)) await region.close();
});

/** A region with one function, which may do everything but redrive. */
async function regionWith(code: string, hasRuntimeSdk: boolean, onTrace: (line: string) => void): Promise<Region> {
  const region = createRegion({
    seed: 5,
    hasRuntimeSdk,
    futureFields: ['futureField'],
    onTrace: ({ at, kind, label }) => onTrace(`${at} ${kind} ${label}`),
  });
  regions.push(region);
  region.registerAsset('code.zip', join(scratch, code));
  const allow = { Effect: 'Allow', Action: ['ecs:*', 'dynamodb:*', 'ssm:*', 'sns:*', 'logs:*'], Resource: '*' };
  await region.deployStack({
    name: 'stack',
    parameters: {},
    tags: {},
    assets: new Map(),
    template: {
      Resources: {
        Role: {
          Type: 'AWS::IAM::Role',
          Properties: {
            AssumeRolePolicyDocument: {
              Version: '2012-10-17',
              Statement: [
                { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
              ],
            },
            Policies: [{ PolicyName: 'all', PolicyDocument: { Version: '2012-10-17', Statement: [allow] } }],
          },
        },
        Cluster: { Type: 'AWS::ECS::Cluster', Properties: { ClusterName: 'main' } },
        Table: {
          Type: 'AWS::DynamoDB::Table',
          Properties: {
            TableName: 'table',
            BillingMode: 'PAY_PER_REQUEST',
            AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
            KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
          },
        },
        Group: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: '/aws/lambda/handler' } },
        Function: {
          Type: 'AWS::Lambda::Function',
          Properties: {
            FunctionName: 'handler',
            Code: { S3Bucket: 'assets', S3Key: 'code.zip' },
            Handler: 'index.handler',
            Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
            Runtime: 'nodejs24.x',
            Timeout: 20,
          },
        },
      },
    },
  });
  return region;
}

/** Invokes the function once and answers what became of it. */
async function invoked(region: Region, payload: object): Promise<string> {
  let told: string | undefined;
  region.lambda.invoke({
    functionArn: `arn:aws:lambda:us-east-1:${region.account}:function:handler`,
    payload,
    caller: { kind: 'operator' },
    onEnd: (result) => (told = JSON.stringify(result)),
  });
  await region.kernel.runUntil(() => told !== undefined, 'an answer', 60_000);
  return told!;
}

/** The same invocation over the wire, with the SDK in the bundle, and past HTTP, with the runtime's; and both traces. */
async function both(what: string, faults: readonly FaultRule[] = []) {
  const play = async (code: string, hasRuntimeSdk: boolean) => {
    const trace: string[] = [];
    const region = await regionWith(code, hasRuntimeSdk, (line) => void trace.push(line));
    if (faults.length > 0) region.faults.start(...faults);
    const answered: string[] = [];
    region.onAnswered(({ operation, sequence }) => void answered.push(`${sequence} ${operation}`));
    const told = await invoked(region, { what });
    // What a function that is gone had sent is still applied.
    await region.kernel.runFor(10_000);
    return { told, trace, answered, calls: region.calls.map(({ outcome }) => outcome) };
  };
  return { wire: await play('whole', false), direct: await play('slim', true) };
}

describe('an SDK without HTTP', () => {
  it.each([
    { what: 'unknownCluster', shows: /ClusterNotFoundException/ },
    { what: 'missingMember', shows: /InvalidParameterException/ },
    { what: 'unknownMember', shows: /ParameterNotFound/ },
    { what: 'unknownParameter', shows: /"fault":"client".*"httpStatusCode":400.*"kinds":\["ParameterNotFound"\]/ },
    { what: 'query', shows: /NotFoundException/ },
    { what: 'denied', shows: /AccessDeniedException/ },
    { what: 'parameter', shows: /"isDate":true,"at":1767/ },
    { what: 'item', shows: /"kinds":\["ConditionalCheckFailedException"\].*"bytes":\[1,2\],"isBytes":true/ },
    { what: 'changedMeanwhile', shows: /"Value":"before"/ },
    { what: 'aborted', shows: /"name":"AbortError".*"took":2.*"name":"AbortError".*"took":0/ },
    { what: 'pages', shows: /\[\{"taskArns":\[\]/ },
    { what: 'raw', shows: /"family\\":\\"raw\\".*futureField\\":7/ },
    { what: 'callback', shows: /\[\{"name":"ParameterNotFound"/ },
    { what: 'unhandled', shows: /Runtime.UnhandledPromiseRejection.*nobody listens/ },
    { what: 'together', shows: /missing-1|ParameterNotFound/ },
  ])('shows a function what the wire does: $what', async ({ what, shows }) => {
    const { wire, direct } = await both(what);
    expect(wire.told).toMatch(shows);
    expect(direct).toEqual(wire);
  });

  const ecs = { at: 'call', match: { service: 'ecs' } } as const;
  it.each<{ name: string; what: string; rule: FaultRule; shows: RegExp }>([
    {
      name: 'tries a throttled call again, as long as the SDK waits',
      what: 'retried',
      rule: { ...ecs, when: { times: 1 }, does: { kind: 'error', error: 'throttling', isApplied: false } },
      shows: /"attempts":2,"totalRetryDelay":\d+.*"took":\d{2,}/,
    },
    {
      name: 'gives up after three attempts',
      what: 'retried',
      rule: { ...ecs, does: { kind: 'error', error: 'server-error', isApplied: false } },
      shows: /"fault":"server".*"httpStatusCode":50\d.*"attempts":3/,
    },
    {
      name: 'sends once where it is told to',
      what: 'once',
      rule: { ...ecs, does: { kind: 'error', error: 'throttling', isApplied: false } },
      shows: /"attempts":1/,
    },
    {
      name: 'hears that a connection is cut',
      what: 'once',
      rule: { ...ecs, does: { kind: 'lost', connection: 'cut', isApplied: true } },
      shows: /"name":"TimeoutError","message":"read ECONNRESET".*"code":"ECONNRESET"/,
    },
    {
      name: 'waits for an answer that never comes until its function times out',
      what: 'retried',
      rule: { ...ecs, does: { kind: 'lost', connection: 'silent', isApplied: true } },
      shows: /Task timed out after 20.00 seconds/,
    },
    {
      name: 'is silent once its instance was killed',
      what: 'retried',
      rule: { ...ecs, does: { kind: 'kill', applied: 'later', laterMs: 5_000 } },
      shows: /signal: killed/,
    },
  ])('$name', async ({ what, rule, shows }) => {
    const { wire, direct } = await both(what, [rule]);
    expect(wire.told).toMatch(shows);
    expect(direct).toEqual(wire);
  });

  it.each([
    [{ endpoint: 'http://127.0.0.1' }, 'The option endpoint of SSMClient without HTTP'],
    [{ region: 'eu-west-1' }, 'The Region eu-west-1 of SSMClient without HTTP'],
  ])('refuses by name what it does not know: %o', async (options, what) => {
    const region = await regionWith('refused', true, () => undefined);
    await expect(invoked(region, { options })).rejects.toThrow(`${what} is not modelled`);
  });

  it('is there only where the region was told so: a bundle must hold its own', async () => {
    const region = await regionWith('slim', false, () => undefined);
    expect(await invoked(region, { what: 'pages' })).toMatch(
      /Runtime.ImportModuleError.*Cannot find module '@aws-sdk\/client-/,
    );
  });
});
