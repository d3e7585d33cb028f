import type { Duplex } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { NotModelled, type Authorize, type Service } from '../../../region/service.ts';
import type { OnPark, ParkedCall } from '../../../region/wire/parks.ts';
import { RegionDefect } from '../../../region/wire/protocol.ts';
import { WIRE_LATENCY_MS } from '../../../region/wire/timing.ts';
import {
  asJson,
  atRest,
  clientConfiguration,
  deployer,
  driven,
  endpointWith,
  oneParameter,
  operator,
  raw,
  signedBy,
} from './endpoint.ts';

// Handlers live in virtual time; the clients of these tests do so too, or they would correct their clocks and try again.
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 0, 5, 9) }));
afterEach(() => void vi.useRealTimers());

function parameterStore(overrides: Parameters<typeof endpointWith>[1] = {}) {
  const applied: string[] = [];
  const world = endpointWith(() => [oneParameter(applied)], overrides);
  const client = new SSMClient(clientConfiguration(world.endpoint.connect));
  const get = (Name: string) => driven(world.kernel, client.send(new GetParameterCommand({ Name })));
  return { ...world, applied, client, get };
}

describe('the door', () => {
  it('answers an unmodified SDK client, with dates as dates', async () => {
    const { get } = parameterStore();
    const { Parameter } = await get('/image');
    expect(Parameter).toEqual({
      Name: '/image',
      Value: 'tag',
      Version: 3,
      LastModifiedDate: new Date(1_767_603_600_250),
    });
  });

  it('parks every call twice and lets virtual time pass by both parks', async () => {
    const { kernel, get, trace } = parameterStore();
    const start = kernel.now;
    await get('/image');
    expect(kernel.now - start).toBe(2 * WIRE_LATENCY_MS);
    expect(trace.map(({ at, kind, label }) => [at - start, kind, label])).toEqual([
      [WIRE_LATENCY_MS, 'arrive', '1 ssm:GetParameter'],
      [2 * WIRE_LATENCY_MS, 'answer', '1 ssm:GetParameter'],
    ]);
  });

  it('dates its answers in virtual time and numbers them from the seed', async () => {
    const send = async () => {
      const { kernel, endpoint } = parameterStore();
      const headers = { ...signedBy('KEY', 'ssm'), 'x-amz-target': 'AmazonSSM.GetParameter' };
      return (await driven(kernel, raw(endpoint.connect, { headers, body: '{"Name":"/image"}' }))).headers;
    };
    const [first, second] = [await send(), await send()];
    expect(first['date']).toBe('Mon, 05 Jan 2026 09:00:00 GMT');
    expect(first['x-amzn-requestid']).toMatch(/^[0-9a-f-]{36}$/);
    expect(second['x-amzn-requestid']).toBe(first['x-amzn-requestid']);
  });

  it('applies two calls that arrive together one after the other, in the order of their arrival', async () => {
    const { kernel, client, applied } = parameterStore();
    const send = (Name: string) => client.send(new GetParameterCommand({ Name })).catch(() => undefined);
    await driven(kernel, Promise.all([send('/one'), send('/two'), send('/three')]));
    expect(applied).toEqual(['/one', '/two', '/three']);
  });

  it('gives the same trace twice', async () => {
    const run = async () => {
      const { kernel, client, trace } = parameterStore();
      const send = (Name: string) => client.send(new GetParameterCommand({ Name })).catch(() => undefined);
      await driven(kernel, Promise.all(['/a', '/b', '/image'].map(send)));
      return trace;
    };
    expect(await run()).toEqual(await run());
  });
});

describe('a call that is dropped', () => {
  const dropAt = (phase: ParkedCall['phase']): OnPark => {
    return (call) => (call.phase === phase ? 'drop' : 'proceed');
  };

  it('is never applied when it is dropped on arrival, and its connection stays silent', async () => {
    const { kernel, endpoint, client, applied } = parameterStore();
    endpoint.onPark(dropAt('arrive'));
    const events: string[] = [];
    client.send(new GetParameterCommand({ Name: '/image' })).then(
      () => events.push('answered'),
      () => events.push('failed'),
    );
    await atRest(kernel);
    expect({ applied, events }).toEqual({ applied: [], events: [] });
  });

  it('is applied once and never answered when it is dropped at its answer', async () => {
    const { kernel, endpoint, client, applied } = parameterStore();
    endpoint.onPark(dropAt('answer'));
    const events: string[] = [];
    client.send(new GetParameterCommand({ Name: '/image' })).then(
      () => events.push('answered'),
      () => events.push('failed'),
    );
    await atRest(kernel);
    expect({ applied, events }).toEqual({ applied: ['/image'], events: [] });
  });

  it.each(['arrive', 'answer'] as const)('at its %s keeps nothing of its client alive', async (phase) => {
    const { kernel, endpoint } = parameterStore();
    endpoint.onPark(dropAt(phase));
    const waiting = Array.from({ length: 5 }, () => waitingCall(endpoint.connect));
    await atRest(kernel);
    await collectGarbage();
    expect(waiting.filter((handler) => handler.deref() !== undefined)).toEqual([]);
  });

  it('is not needed for a client that was severed meanwhile: its call is applied and its answer goes nowhere', async () => {
    const { kernel, endpoint, applied, get } = parameterStore();
    const ends: Duplex[] = [];
    const connect = () => (ends.push(endpoint.connect()), ends.at(-1)!);
    const waiting = waitingCall(connect);
    endpoint.onPark((call) => {
      if (call.phase === 'answer') for (const end of ends.splice(0)) end.removeAllListeners().resume();
      return 'proceed';
    });
    await atRest(kernel);
    await collectGarbage();
    expect([applied, waiting.deref()]).toEqual([['/image'], undefined]);
    expect((await get('/image')).Parameter?.Value).toBe('tag');
  });

  it('is known to the listener by number, caller, service, operation and phase', async () => {
    const { endpoint, get } = parameterStore();
    const seen: ParkedCall[] = [];
    const answered: ParkedCall[] = [];
    endpoint.onPark((call) => (seen.push(call), 'proceed'));
    endpoint.onAnswered((call) => void answered.push(call));
    await get('/image');
    const call = { sequence: 1, service: 'ssm', operation: 'GetParameter', accessKeyId: 'KEY', caller: deployer };
    expect(seen).toEqual([
      { ...call, phase: 'arrive' },
      { ...call, phase: 'answer' },
    ]);
    expect(answered).toEqual([{ ...call, phase: 'answer' }]);
  });
});

/** Something that only the answer to a call would need. */
function waitingCall(connect: () => Duplex): WeakRef<object> {
  const handler = { name: 'a handler that waits for its answer' };
  const headers = { ...signedBy('KEY', 'ssm'), 'x-amz-target': 'AmazonSSM.GetParameter' };
  void raw(connect, { headers, body: '{"Name":"/image"}' }).then(() => handler.name);
  return new WeakRef(handler);
}

async function collectGarbage(): Promise<void> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let round = 0; round < 20; round++) {
    await new Promise<void>((resolve) => setImmediate(resolve));
    collect();
  }
}

describe('a refusal', () => {
  it('reaches the SDK as the fault that the service threw', async () => {
    const { get } = parameterStore();
    await expect(get('/absent')).rejects.toMatchObject({
      name: 'ParameterNotFound',
      message: 'Parameter /absent not found.',
      $metadata: { httpStatusCode: 400, attempts: 1 },
    });
  });

  it('of an unknown access key is AWS’s own', async () => {
    const { kernel, endpoint, applied } = parameterStore();
    const stranger = new SSMClient(clientConfiguration(endpoint.connect, 'STRANGER'));
    const call = driven(kernel, stranger.send(new GetParameterCommand({ Name: '/image' })));
    await expect(call).rejects.toMatchObject({ name: 'UnrecognizedClientException' });
    expect(applied).toEqual([]);
  });

  it('by IAM names principal, action and resource, and nothing is applied', async () => {
    const sentence = 'User: arn:… is not authorized to perform: ssm:GetParameter on resource: arn:…';
    const asked: unknown[] = [];
    const authorize: Authorize = (caller, request) => (
      asked.push([caller, request]),
      { isAllowed: false, reason: sentence }
    );
    const { get, applied, endpoint } = parameterStore({ authorize });
    await expect(get('/image')).rejects.toMatchObject({ name: 'AccessDeniedException', message: sentence });
    const request = { action: 'ssm:GetParameter', resource: 'arn:aws:ssm:us-east-1:123456789012:parameter/image' };
    expect(asked).toEqual([[deployer, request]]);
    expect(applied).toEqual([]);
    expect(endpoint.calls.map(({ outcome, permissions }) => [outcome, permissions])).toEqual([
      ['AccessDeniedException', [request]],
    ]);
  });

  it.each([
    [
      'an operation that the region lacks',
      new PutParameterCommand({ Name: '/image', Value: 'x' }),
      'The operation ssm:PutParameter',
    ],
    [
      'an input that a service does not model',
      new GetParameterCommand({ Name: '/unmodelled' }),
      'A parameter of that name',
    ],
  ])('of %s is one clear sentence and is not tried again', async (_case, command, subject) => {
    const { kernel, client } = parameterStore();
    await expect(driven(kernel, client.send(command as GetParameterCommand))).rejects.toMatchObject({
      name: 'NotModelled',
      message: `${subject} is not modelled by this region`,
      $metadata: { httpStatusCode: 400, attempts: 1 },
    });
  });

  it.each([
    ['an unsigned request', {}, 403, 'MissingAuthenticationTokenException'],
    ['a credential for another region', signedBy('KEY', 'ssm', 'eu-west-1'), 400, 'InvalidSignatureException'],
    ['a service that the region lacks', signedBy('KEY', 'kinesis'), 400, 'NotModelled'],
  ])('of %s is a JSON fault', async (_case, headers, status, code) => {
    const { kernel, endpoint } = parameterStore();
    const request = { headers: { ...headers, 'x-amz-target': 'AmazonSSM.GetParameter' }, body: '{"Name":"/image"}' };
    const answer = await driven(kernel, raw(endpoint.connect, request));
    expect([answer.status, asJson(answer).__type]).toEqual([status, code]);
  });

  it('of an operation that AWS does not have is AWS’s own', async () => {
    const { kernel, endpoint } = parameterStore();
    const headers = { ...signedBy('KEY', 'ssm'), 'x-amz-target': 'AmazonSSM.GetParametre' };
    const answer = await driven(kernel, raw(endpoint.connect, { headers, body: '{}' }));
    expect(asJson(answer).__type).toBe('UnknownOperationException');
  });
});

describe('a defect of the region', () => {
  it('stops whoever runs the kernel when an answer is not what the API answers', async () => {
    const { get } = parameterStore();
    await expect(get('/defect')).rejects.toThrow(
      new RegionDefect(
        'the answer of GetParameter is not what the API answers: Parameter.Version: expected a number, got "one"',
      ),
    );
  });

  it('is found when two services claim one name or one resource type', () => {
    const creator = () => ({ ref: '', attributes: {} });
    const service = (id: string): Service => ({
      id,
      state: {},
      operations: {},
      resources: { 'AWS::SNS::Topic': creator },
    });
    expect(() => endpointWith(() => [oneParameter(), oneParameter()])).toThrow('two parts of the region claim ssm');
    expect(() => endpointWith(() => [service('sns'), service('sqs')])).toThrow(
      'two parts of the region claim AWS::SNS::Topic',
    );
  });
});

describe('a call in process', () => {
  it('goes through schemas and IAM like one on the wire, without parks', async () => {
    const { kernel, endpoint } = parameterStore();
    const start = kernel.now;
    const answer = await endpoint.call(operator, 'ssm', 'GetParameter', { Name: '/image' });
    expect(answer).toMatchObject({ Parameter: { LastModifiedDate: new Date(1_767_603_600_250) } });
    expect(kernel.now).toBe(start);
    expect(endpoint.counters).toEqual({ wireCalls: 0, iamEvaluations: 1, schemaChecks: 2 });
  });

  it('throws faults, and what is not modelled under the code that the wire would send', async () => {
    const { endpoint } = parameterStore();
    const get = (input: object) => endpoint.call(operator, 'ssm', 'GetParameter', input);
    await expect(get({ Name: '/absent' })).rejects.toMatchObject({ code: 'ParameterNotFound' });
    await expect(get({ Nmae: '/image' })).rejects.toMatchObject({ code: 'SerializationException' });
    await expect(get({ Name: '/unmodelled' })).rejects.toMatchObject({ code: 'NotModelled' });
    expect(endpoint.calls.map((call) => call.outcome)).toEqual([
      'ParameterNotFound',
      'SerializationException',
      'NotModelled',
    ]);
    expect(new NotModelled('x').message).toBe('x is not modelled by this region');
  });
});

it('counts wire calls, IAM evaluations and schema checks, and logs each call', async () => {
  const { kernel, endpoint, get } = parameterStore();
  const start = kernel.now;
  await get('/image');
  await get('/absent').catch(() => undefined);
  expect(endpoint.counters).toEqual({ wireCalls: 2, iamEvaluations: 2, schemaChecks: 3 });
  expect(endpoint.calls.map(({ at, outcome }) => [at - start, outcome])).toEqual([
    [WIRE_LATENCY_MS, 'ok'],
    [3 * WIRE_LATENCY_MS, 'ParameterNotFound'],
  ]);
  endpoint.forgetCalls();
  expect(endpoint.calls).toEqual([]);
});
