import { DescribeParametersCommand, SSMClient } from '@aws-sdk/client-ssm';
import { describe, expect, it } from 'vitest';
import type { CallFault, CallMatch, FaultRule, When } from '../../../region/faults/model.ts';
import { NotModelled } from '../../../region/service.ts';
import { notPlain } from '../not-plain.ts';
import { carelessRegions, QUEUE_URL } from './careless-region.ts';

const world = carelessRegions();

function on(match: CallMatch, does: CallFault, when: When = {}): FaultRule {
  return { at: 'call', match, when, does };
}

const PUT = { service: 'dynamodb', operation: 'PutItem' };
const LOOK = { service: 'ecs', operation: 'DescribeServices' };

describe('an answer that is lost after the call was applied', () => {
  it.each<{ how: string; does: CallFault }>([
    { how: 'with its connection', does: { kind: 'lost', connection: 'cut', isApplied: true } },
    { how: 'for a 5xx', does: { kind: 'error', error: 'server-error', isApplied: true } },
  ])('$how makes the SDK send a message twice', async ({ does }) => {
    const { region, invoke, messages } = await world();
    await invoke('send', { queueUrl: QUEUE_URL });
    expect(await messages()).toBe(1);
    const fault = region.faults.start(on({ service: 'sqs' }, does, { times: 1 }));
    expect(await invoke('send', { queueUrl: QUEUE_URL })).toBeNull();
    expect([await messages(), fault.acted]).toEqual([3, 1]);
  });

  it('is sent once when the call was not applied', async () => {
    const { region, invoke, messages } = await world();
    const cut: CallFault = { kind: 'lost', connection: 'cut', isApplied: false };
    const fault = region.faults.start(on({ service: 'sqs' }, cut, { times: 1 }));
    expect(await invoke('send', { queueUrl: QUEUE_URL })).toBeNull();
    expect([await messages(), fault.acted]).toEqual([1, 1]);
  });
});

describe('a service that throttles or fails', () => {
  it('looks like no service to who asks once', async () => {
    const { region, invoke } = await world();
    expect(await invoke('lookOnce')).toBe('ACTIVE');
    region.faults.start(on(LOOK, { kind: 'error', error: 'throttling', isApplied: false }, { nth: 2, times: 1 }));
    expect([await invoke('lookOnce'), await invoke('lookOnce'), await invoke('lookOnce')]).toEqual([
      'ACTIVE',
      'absent',
      'ACTIVE',
    ]);
  });

  it('is not asked for long by the SDK: an outage outlasts its three attempts', async () => {
    const { region, invoke } = await world();
    const outage = region.faults.start(
      on(
        { service: 'ecs' },
        { kind: 'error', error: 'server-error', isApplied: false },
        { afterSeconds: 30, lastsSeconds: 60 },
      ),
    );
    expect(await invoke('look')).toBe('ACTIVE');
    await region.kernel.runFor(30_000);
    expect(await invoke('look')).toBe('ServerException');
    expect(outage.acted).toBe(3);
    await region.kernel.runFor(60_000);
    expect(await invoke('look')).toBe('ACTIVE');
  });

  it.each([
    ['dynamodb', 'PutItem', 'count', 'ThrottlingException', 'InternalServerError'],
    ['sqs', 'SendMessage', 'send', 'ThrottlingException', 'InternalFailure'],
    ['states', 'StartExecution', 'startAndLook', 'ThrottlingException', 'InternalFailure'],
    ['ecs', 'DescribeServices', 'look', 'ThrottlingException', 'ServerException'],
  ] as const)('says so in the words of %s', async (service, operation, name, throttling, serverError) => {
    const { region, invoke, createMachine } = await world();
    const payload = { queueUrl: QUEUE_URL, stateMachineArn: await createMachine() };
    for (const [error, word] of [
      ['throttling', throttling],
      ['server-error', serverError],
    ] as const) {
      const fault = region.faults.start(on({ service, operation }, { kind: 'error', error, isApplied: false }));
      expect(await invoke(name, payload)).toBe(word);
      fault.stop();
    }
  });
});

describe('a call that is never answered', () => {
  it('leaves the lock taken when the function is stopped at its time-out', async () => {
    const { region, invoke, fact } = await world();
    expect([await invoke('withLock'), await fact('lock')]).toEqual(['done', 'free']);
    region.faults.start(on(LOOK, { kind: 'lost', connection: 'silent', isApplied: false }, { times: 1 }));
    const before = region.kernel.now;
    expect(await invoke('withLock')).toBe('Sandbox.Timedout');
    expect(region.kernel.now - before).toBeGreaterThanOrEqual(20_000);
    expect(await invoke('withLock')).toBe('busy');
  });
});

describe('a function that is killed in a call', () => {
  it('counts twice when the call was applied, for Step Functions tries it again', async () => {
    const { region, runTask, fact } = await world();
    region.faults.start(on(PUT, { kind: 'kill', applied: 'at-once' }, { times: 1 }));
    expect(await runTask('count', 'retries')).toBeUndefined();
    expect(await fact('count')).toBe('2');
  });

  it('fails a state machine without Retry, and nothing was counted when the call was never applied', async () => {
    const { region, runTask, fact } = await world();
    region.faults.start(on(PUT, { kind: 'kill', applied: 'never' }, { times: 1 }));
    expect(await runTask('count', 'no-retries')).toBe('Runtime.ExitError');
    expect(await fact('count')).toBeUndefined();
  });

  it('dies at the nth call of its role only', async () => {
    const { region, invoke } = await world();
    const roleArn = 'arn:aws:iam::123456789012:role/careless';
    const other = region.faults.start(on({ ...LOOK, roleArn: `${roleArn}-2` }, { kind: 'kill', applied: 'never' }));
    const second = region.faults.start(
      on({ ...LOOK, roleArn }, { kind: 'kill', applied: 'never' }, { nth: 2, times: 1 }),
    );
    expect([await invoke('look'), await invoke('look'), await invoke('look')]).toEqual([
      'ACTIVE',
      'Runtime.ExitError',
      'ACTIVE',
    ]);
    expect([other.matched, second.matched, second.acted]).toEqual([0, 2, 1]);
  });
});

describe('a zombie', () => {
  const live = (value: string): object => ({ detail: { value } });

  it('overwrites what came after it, seconds after its function was reported dead', async () => {
    const { region, invoke, fact } = await world();
    region.faults.start(on(PUT, { kind: 'kill', applied: 'later', laterMs: 5_000 }, { times: 1 }));
    expect(await invoke('setLive', live('old'))).toBe('Runtime.ExitError');
    expect(await invoke('setLive', live('new'))).toBeNull();
    expect(await fact('live')).toBe('new');
    await region.kernel.runFor(5_000);
    expect(await fact('live')).toBe('old');
  });

  it('may as well be a call on its way for longer than its function has time', async () => {
    const { region, invoke, fact } = await world();
    const spread = { minMs: 30_000, maxMs: 30_000 };
    region.faults.start(on(PUT, { kind: 'latency', way: 'arrive', spread }, { times: 1 }));
    expect(await invoke('setLive', live('old'))).toBe('Sandbox.Timedout');
    expect(await invoke('setLive', live('new'))).toBeNull();
    await region.kernel.runFor(30_000);
    expect(await fact('live')).toBe('old');
  });
});

describe('latency', () => {
  const spread = { minMs: 1, maxMs: 40, tailProbability: 0.2, tailMs: 600 };
  const progressOf = async (seed: number, isSpread: boolean): Promise<[string | undefined, string]> => {
    const { region, invoke, fact, trace } = await world(seed);
    if (isSpread) region.faults.start(on({}, { kind: 'latency', spread }));
    await invoke('progress');
    return [await fact('progress'), trace.join('\n')];
  };

  it('that is always the same hides what runs in parallel; a spread shows it', async () => {
    for (const seed of [1, 2, 3]) expect((await progressOf(seed, false))[0]).toBe('done');
    const seen = new Set<string | undefined>();
    for (let seed = 1; seed <= 12; seed++) seen.add((await progressOf(seed, true))[0]);
    expect(seen).toEqual(new Set(['begun', 'done']));
  });

  it('gives the same trace for the same seed, and another for another', async () => {
    const [, first] = await progressOf(4, true);
    expect((await progressOf(4, true))[1]).toBe(first);
    expect((await progressOf(5, true))[1]).not.toBe(first);
  });
});

describe('a stale read', () => {
  const stale = (service: string, operation: string, ageMs = 4_000): FaultRule =>
    on({ service, operation }, { kind: 'stale', spread: { minMs: ageMs, maxMs: ageMs } });

  it('of DescribeServices shows the deployment before as COMPLETED to who has just rolled', async () => {
    const { region, invoke, register } = await world();
    const fault = region.faults.start(stale('ecs', 'DescribeServices'));
    await region.kernel.runFor(10_000);
    expect(await invoke('roll', { taskDefinition: await register('broken', 'crash') })).toBe('rolled');
    fault.stop();
    expect(await invoke('roll', { taskDefinition: await register('worse', 'crash') })).toBe('rolling');
  });

  it('of DescribeTasks misses tasks that are listed already', async () => {
    const { region, invoke } = await world();
    region.faults.start(stale('ecs', 'DescribeTasks'));
    expect(await invoke('countTasks')).toBe(2);
    await region.call({ kind: 'operator' }, 'ecs', 'UpdateService', {
      cluster: 'prod',
      service: 'api',
      desiredCount: 5,
    });
    await region.kernel.runFor(3_000);
    expect(await invoke('countTasks')).toBe(2);
    await region.kernel.runFor(60_000);
    expect(await invoke('countTasks')).toBe(5);
  });

  it('of DescribeExecution does not know the execution that was just started', async () => {
    const { region, invoke, createMachine } = await world();
    const stateMachineArn = await createMachine();
    await region.kernel.runFor(10_000);
    region.faults.start(stale('states', 'DescribeExecution'));
    await region.kernel.runFor(10_000);
    expect(await invoke('startAndLook', { stateMachineArn })).toBe('ExecutionDoesNotExist');
  });

  it('of ECS uses its rate limits up as any other read does', async () => {
    const { region, invoke } = await world();
    const caller = { kind: 'role', roleArn: 'arn:aws:iam::123456789012:role/careless', sessionName: 'reader' } as const;
    const look = () => region.call(caller, 'ecs', 'DescribeServices', { cluster: 'prod', services: ['api'] });
    const fault = region.faults.start(stale('ecs', 'DescribeServices'));
    await invoke('count');
    for (let read = 0; read < 100; read++) await look();
    expect(fault.acted).toBe(100);
    fault.stop();
    await expect(look()).rejects.toMatchObject({ code: 'ThrottlingException' });
  });

  it('keeps nothing that nobody could ask for', async () => {
    const { region, invoke } = await world();
    const fault = region.faults.start(stale('ecs', 'DescribeServices'));
    await invoke('look');
    await region.kernel.runFor(60_000);
    await invoke('look');
    const kept = region.faults.state.snapshots.get('ecs')!;
    expect(kept.length).toBeGreaterThan(0);
    expect(kept.every(({ untilMs }) => untilMs > region.kernel.now - 5_000)).toBe(true);
    expect(notPlain(region.faults.state)).toEqual([]);
    expect(structuredClone(region.faults.state)).toEqual(region.faults.state);
    fault.stop();
    await invoke('look');
    expect(region.faults.state.snapshots.size).toBe(0);
  });

  it('is refused of services whose past cannot be read, and of all at once', async () => {
    const { region } = await world();
    expect(() => region.faults.start(stale('dynamodb', 'GetItem'))).toThrow(NotModelled);
    expect(() => region.faults.start(stale('dynamodb', 'GetItem'))).toThrow(/A stale read of dynamodb/);
    const anywhere: FaultRule = on({}, { kind: 'stale', spread: { minMs: 1, maxMs: 1 } });
    expect(() => region.faults.start(anywhere)).toThrow(/needs match.service/);
    expect(region.faults.state.rules.size).toBe(0);
  });
});

it('cuts connections over loopback, too, and goes on listening', async () => {
  const { region } = await world();
  const port = await region.listen(0);
  const stop = new AbortController();
  const paced = region.runPaced(1, stop.signal);
  const client = new SSMClient({
    region: 'us-east-1',
    endpoint: `http://127.0.0.1:${port}`,
    credentials: { accessKeyId: 'OPERATOR', secretAccessKey: 'any' },
    maxAttempts: 1,
  });
  const get = (): Promise<unknown> => client.send(new DescribeParametersCommand({}));
  region.faults.start(
    on({ service: 'ssm', caller: 'anyone' }, { kind: 'lost', connection: 'cut', isApplied: true }, { times: 1 }),
  );
  await expect(get()).rejects.toMatchObject({ code: 'ECONNRESET' });
  await expect(get()).resolves.toMatchObject({ Parameters: [] });
  stop.abort();
  await paced;
  client.destroy();
  await region.close();
});

it('spares the operator, who only looks, unless told', async () => {
  const { region } = await world();
  const error = { kind: 'error', error: 'throttling', isApplied: false } as const;
  const fault = region.faults.start(on(LOOK, error));
  const look = (): Promise<unknown> =>
    region.call({ kind: 'operator' }, 'ecs', 'DescribeServices', { cluster: 'prod', services: ['api'] });
  await expect(look()).resolves.toMatchObject({ services: [{ serviceName: 'api' }], failures: [] });
  expect(fault.matched).toBe(0);
  region.faults.start(on({ ...LOOK, caller: 'anyone' }, error));
  await expect(look()).rejects.toMatchObject({ code: 'ThrottlingException' });
});
