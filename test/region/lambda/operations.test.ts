import {
  GetFunctionConfigurationCommand,
  InvokeCommand,
  LambdaClient,
  ListFunctionsCommand,
  waitUntilFunctionUpdated,
  type InvokeCommandInput,
} from '@aws-sdk/client-lambda';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { newLambdaState } from '../../../region/lambda/model.ts';
import type { Caller } from '../../../region/service.ts';
import { clientConfiguration, driven } from '../wire/endpoint.ts';
import { functionProperties, LOG_GROUP_ARN, MAY_LOG, ROLE_ARN } from './lambda-fixture.ts';
import { createRegion, type Region } from '../../../region/region.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 0, 5, 9) }));
afterEach(() => void vi.useRealTimers());

const INLINE = `
  exports.handler = async (event, context) => {
    console.log('event', JSON.stringify(event));
    if (event.fails) throw new TypeError('no such luck');
    if (event.waits) await new Promise((resolve) => setTimeout(resolve, 120_000));
    return { event, version: context.invokedFunctionArn.split(':').slice(7).join() };
  };
`;

const trustOf = (service: string) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }],
});

async function world(properties: Readonly<Record<string, unknown>> = {}) {
  const region = createRegion();
  const create = async (type: string, of: object): Promise<void> => {
    await region.resources[type]!('Resource', { ...of }, 'stack');
  };
  await create('AWS::IAM::Role', {
    RoleName: 'handler',
    AssumeRolePolicyDocument: trustOf('lambda.amazonaws.com'),
    Policies: [{ PolicyName: 'logs', PolicyDocument: MAY_LOG }],
  });
  await create('AWS::Logs::LogGroup', { LogGroupName: LOG_GROUP_ARN.split(':').at(-1) });
  await create('AWS::Lambda::Function', functionProperties({ Code: { ZipFile: INLINE }, ...properties }));
  const client = new LambdaClient({ ...clientConfiguration(region.connect, 'OPERATOR'), maxAttempts: 1 });
  const invoke = (input: Partial<InvokeCommandInput> & { event?: unknown } = {}) => {
    const { event, ...others } = input;
    const Payload = event === undefined ? {} : { Payload: Buffer.from(JSON.stringify(event)) };
    return driven(region.kernel, client.send(new InvokeCommand({ FunctionName: 'handler', ...Payload, ...others })));
  };
  return { region, client, invoke, create };
}

const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString();
const logged = ({ logs }: Region): string[] => logs.eventsOf('/aws/lambda/handler').map(({ message }) => message);

describe('Invoke', () => {
  it('waits for the answer of the function', async () => {
    const { invoke } = await world();
    const answer = await invoke({ event: { a: [1, null] } });
    expect(answer).toMatchObject({ StatusCode: 200, ExecutedVersion: '$LATEST' });
    expect(answer).not.toHaveProperty('FunctionError');
    expect(answer).not.toHaveProperty('LogResult');
    expect(JSON.parse(text(answer.Payload))).toEqual({ event: { a: [1, null] }, version: '' });
  });

  it('hands an empty object to the function when there is no payload', async () => {
    const { invoke } = await world();
    expect(JSON.parse(text((await invoke()).Payload))).toEqual({ event: {}, version: '' });
  });

  it('tells a failure of the function in a header, and what it reported in the payload', async () => {
    const { invoke } = await world();
    const answer = await invoke({ event: { fails: true } });
    expect(answer).toMatchObject({ StatusCode: 200, FunctionError: 'Unhandled' });
    expect(JSON.parse(text(answer.Payload))).toMatchObject({ errorType: 'TypeError', errorMessage: 'no such luck' });
  });

  it('tells a time-out as Lambda does', async () => {
    const { invoke } = await world({ Timeout: 3 });
    const answer = await invoke({ event: { waits: true } });
    expect(answer.FunctionError).toBe('Unhandled');
    expect(JSON.parse(text(answer.Payload))).toMatchObject({
      errorType: 'Sandbox.Timedout',
      errorMessage: expect.stringMatching(/Task timed out after 3\.00 seconds$/) as string,
    });
  });

  it('answers the last 4 KB of the log on demand', async () => {
    const { invoke } = await world();
    const answer = await invoke({ event: { name: 'x'.repeat(5000), last: 'é' }, LogType: 'Tail' });
    const tail = Buffer.from(answer.LogResult!, 'base64').toString();
    expect(tail).toMatch(/x{3000}","last":"é"}\n$/);
    expect(Buffer.byteLength(tail)).toBeLessThanOrEqual(4096);
  });

  it('answers no line of an invocation before', async () => {
    const { invoke } = await world();
    await invoke({ event: { name: 'first' } });
    const { LogResult } = await invoke({ event: { name: 'second' }, LogType: 'Tail' });
    const tail = Buffer.from(LogResult!, 'base64').toString();
    expect(tail).toContain('second');
    expect(tail).not.toContain('first');
  });

  it('only queues an event', async () => {
    const { region, invoke } = await world();
    const answer = await invoke({ event: { late: 1 }, InvocationType: 'Event' });
    expect([answer.StatusCode, text(answer.Payload), logged(region)]).toEqual([202, '', []]);
    await region.kernel.runFor(1_000);
    expect(logged(region)).toEqual([expect.stringContaining('{"late":1}')]);
  });

  it('runs nothing when dry', async () => {
    const { region, invoke } = await world();
    expect((await invoke({ event: {}, InvocationType: 'DryRun' })).StatusCode).toBe(204);
    await region.kernel.runFor(1_000);
    expect(logged(region)).toEqual([]);
  });

  it('takes a name, an ARN, parts of one, a version and an alias', async () => {
    const { invoke, create } = await world();
    await create('AWS::Lambda::Version', { FunctionName: 'handler' });
    await create('AWS::Lambda::Alias', { FunctionName: 'handler', FunctionVersion: '1', Name: 'live' });
    const arn = 'arn:aws:lambda:us-east-1:123456789012:function:handler';
    const executed = async (input: Partial<InvokeCommandInput>) => {
      const { ExecutedVersion, Payload } = await invoke({ event: {}, ...input });
      return [ExecutedVersion, (JSON.parse(text(Payload)) as { version: string }).version];
    };
    expect(await executed({ FunctionName: arn })).toEqual(['$LATEST', '']);
    expect(await executed({ FunctionName: '123456789012:function:handler', Qualifier: '$LATEST' })).toEqual([
      '$LATEST',
      '',
    ]);
    expect(await executed({ FunctionName: 'handler', Qualifier: '1' })).toEqual(['1', '1']);
    expect(await executed({ FunctionName: 'handler:live' })).toEqual(['1', 'live']);
    expect(await executed({ FunctionName: `${arn}:live`, Qualifier: 'live' })).toEqual(['1', 'live']);
  });

  it('knows nothing of an alias whose function is gone', async () => {
    const { region, invoke, create } = await world();
    await create('AWS::Lambda::Version', { FunctionName: 'handler' });
    await create('AWS::Lambda::Alias', { FunctionName: 'handler', FunctionVersion: '1', Name: 'live' });
    const Arn = 'arn:aws:lambda:us-east-1:123456789012:function:handler';
    const current = { ref: 'handler', attributes: { Arn } };
    await region.lambda.deleters!['AWS::Lambda::Function']!({ current } as never);
    await expect(invoke({ Qualifier: 'live' })).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    expect(region.lambda.state).toEqual(newLambdaState());
  });

  it.each([
    [
      'a function that is not there',
      { FunctionName: 'nobody' },
      'ResourceNotFoundException',
      /^Function not found: arn:aws:lambda:us-east-1:123456789012:function:nobody$/,
    ],
    ['another account', { FunctionName: '999999999999:function:handler' }, 'ResourceNotFoundException', /999999999999/],
    ['a version that is not there', { Qualifier: '9' }, 'ResourceNotFoundException', /handler:9$/],
    [
      'two qualifiers',
      { FunctionName: 'handler:1', Qualifier: '2' },
      'InvalidParameterValueException',
      /derived qualifier/,
    ],
    ['a name that is none', { FunctionName: 'no name' }, 'ValidationException', /functionName/],
    [
      'a payload that is no JSON',
      { Payload: Buffer.from('{') },
      'InvalidRequestContentException',
      /parse payload into json/,
    ],
    [
      'a payload of 6 MB',
      { Payload: Buffer.from(`"${'x'.repeat(6_291_456)}"`) },
      'RequestEntityTooLargeException',
      /6291456 bytes/,
    ],
    ['a client context', { ClientContext: 'e30=' }, 'NotModelled', /Invoke with ClientContext/],
  ])('refuses %s', async (_case, input, name, message) => {
    const { invoke } = await world();
    await expect(invoke(input)).rejects.toMatchObject({ name, message: expect.stringMatching(message) as string });
  });

  it('refuses one invocation too many at once', async () => {
    const { region, client } = await world({ ReservedConcurrentExecutions: 1 });
    const Payload = Buffer.from('{"waits":true}');
    const both = [1, 2].map(() => client.send(new InvokeCommand({ FunctionName: 'handler', Payload })));
    const outcomes = await driven(region.kernel, Promise.allSettled(both));
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { name: 'TooManyRequestsException', $metadata: { httpStatusCode: 429 } },
    });
  });

  it('asks IAM for lambda:InvokeFunction on the function', async () => {
    const { region, create } = await world();
    const allow = (Resource: string) => ({
      PolicyName: 'invoke',
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource }],
      },
    });
    await create('AWS::IAM::Role', {
      RoleName: 'caller',
      AssumeRolePolicyDocument: trustOf('ecs-tasks.amazonaws.com'),
      Policies: [allow('arn:aws:lambda:us-east-1:123456789012:function:other')],
    });
    const caller: Caller = { kind: 'role', roleArn: ROLE_ARN.replace('handler', 'caller'), sessionName: 'x' };
    const call = (FunctionName: string) =>
      driven(region.kernel, region.call(caller, 'lambda', 'Invoke', { FunctionName }));
    // Whether there is a function is told to those only who may invoke it.
    for (const name of ['handler', 'nobody'])
      await expect(call(name)).rejects.toMatchObject({
        code: 'AccessDeniedException',
        message: expect.stringContaining('lambda:InvokeFunction') as string,
      });
    await expect(call('other')).rejects.toMatchObject({ code: 'ResourceNotFoundException' });
  });
});

describe('ListFunctions', () => {
  it('shows functions as they are configured', async () => {
    const { region, client } = await world({
      Description: 'of the test',
      Environment: { Variables: { A: 'b' } },
      LoggingConfig: { LogFormat: 'JSON', SystemLogLevel: 'WARN' },
    });
    const { Functions, NextMarker } = await driven(region.kernel, client.send(new ListFunctionsCommand({})));
    expect(NextMarker).toBeUndefined();
    expect(Functions).toEqual([
      {
        FunctionName: 'handler',
        FunctionArn: 'arn:aws:lambda:us-east-1:123456789012:function:handler',
        Runtime: 'nodejs24.x',
        Role: ROLE_ARN,
        Handler: 'index.handler',
        Description: 'of the test',
        Timeout: 60,
        MemorySize: 256,
        LastModified: '2026-01-05T09:00:00.000+0000',
        Version: '$LATEST',
        Environment: { Variables: { A: 'b' } },
        TracingConfig: { Mode: 'PassThrough' },
        PackageType: 'Zip',
        Architectures: ['arm64'],
        EphemeralStorage: { Size: 512 },
        SnapStart: { ApplyOn: 'None', OptimizationStatus: 'Off' },
        LoggingConfig: {
          LogFormat: 'JSON',
          LogGroup: '/aws/lambda/handler',
          ApplicationLogLevel: 'INFO',
          SystemLogLevel: 'WARN',
        },
      },
    ]);
  });

  it('pages, 50 at most, and lists versions on demand', async () => {
    const { region, client, create } = await world();
    for (let number = 1; number <= 60; number++) {
      await create(
        'AWS::Lambda::Function',
        functionProperties({ FunctionName: `f${number}`, Code: { ZipFile: INLINE } }),
      );
    }
    const list = (input: object) => driven(region.kernel, client.send(new ListFunctionsCommand(input)));
    const first = await list({ MaxItems: 10_000 });
    const second = await list({ Marker: first.NextMarker });
    const names = [...first.Functions!, ...second.Functions!].map(({ FunctionName }) => FunctionName);
    expect([first.Functions!.length, second.Functions!.length, new Set(names).size]).toEqual([50, 11, 61]);
    expect(second.NextMarker).toBeUndefined();
    expect((await list({ MaxItems: 2 })).Functions).toHaveLength(2);
    await create('AWS::Lambda::Version', { FunctionName: 'handler' });
    const all = await list({ FunctionVersion: 'ALL', MaxItems: 3 });
    expect(all.Functions!.map(({ FunctionArn }) => FunctionArn!.split(':').slice(6).join(':'))).toEqual([
      'handler:$LATEST',
      'handler:1',
      'f1:$LATEST',
    ]);
  });

  it.each([
    [{ MaxItems: 0 }, 'ValidationException'],
    [{ MaxItems: 10_001 }, 'ValidationException'],
    [{ Marker: 'nonsense' }, 'InvalidParameterValueException'],
    [{ MasterRegion: 'ALL' }, 'NotModelled'],
  ])('refuses %j', async (input, name) => {
    const { region, client } = await world();
    await expect(driven(region.kernel, client.send(new ListFunctionsCommand(input)))).rejects.toMatchObject({ name });
  });
});

describe('GetFunctionConfiguration', () => {
  const configurationOf = async (FunctionName: string, Qualifier?: string) => {
    const { region, client, create } = await world();
    await create('AWS::Lambda::Version', { FunctionName: 'handler' });
    return driven(region.kernel, client.send(new GetFunctionConfigurationCommand({ FunctionName, Qualifier })));
  };

  it('tells what lists tell, and that the function is active and up to date, for which tools wait', async () => {
    const { region, client } = await world();
    const { Functions } = await driven(region.kernel, client.send(new ListFunctionsCommand({})));
    const { $metadata: _, ...described } = await configurationOf('handler');
    expect(described).toEqual({ ...Functions![0], State: 'Active', LastUpdateStatus: 'Successful' });
    const waiting = waitUntilFunctionUpdated({ client, maxWaitTime: 60 }, { FunctionName: 'handler' });
    expect(await driven(region.kernel, waiting)).toMatchObject({ state: 'SUCCESS' });
  });

  it('tells of a version by its number, beside or behind the name', async () => {
    for (const described of [await configurationOf('handler', '1'), await configurationOf('handler:1')]) {
      expect(described).toMatchObject({
        FunctionArn: 'arn:aws:lambda:us-east-1:123456789012:function:handler:1',
        Version: '1',
      });
    }
  });

  it('refuses a function that is none', async () => {
    await expect(configurationOf('nope')).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Function not found: arn:aws:lambda:us-east-1:123456789012:function:nope',
    });
  });
});
