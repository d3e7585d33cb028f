import { describe, expect, it } from 'vitest';
import type {
  FaultRule,
  InvocationError,
  InvocationFault,
  InvocationMatch,
  When,
} from '../../../region/faults/model.ts';
import { carelessRegions } from './careless-region.ts';

const world = carelessRegions();

function on(match: InvocationMatch, does: InvocationFault, when: When = { times: 1 }): FaultRule {
  return { at: 'invocation', match, when, does };
}

/** "Handle transient Lambda service exceptions" of the Step Functions developer guide names them all. */
const ERRORS: readonly InvocationError[] = [
  'ServiceException',
  'AWSLambdaException',
  'SdkClientException',
  'TooManyRequestsException',
  'ClientExecutionTimeoutException',
  'Unknown',
];

describe.each(ERRORS)('Lambda.%s', (error) => {
  it('ends a state machine without Retry, whether or not the function has run', async () => {
    for (const [runs, counted] of [
      ['never', undefined],
      ['before', '1'],
    ] as const) {
      const { region, runTask, fact } = await world();
      region.faults.start(on({ functionName: 'count' }, { kind: 'error', error, runs }));
      expect(await runTask('count', 'no-retries')).toBe(`Lambda.${error}`);
      expect(await fact('count')).toBe(counted);
    }
  });
});

describe('an invocation whose answer is lost', () => {
  it('is tried again by Step Functions, and a function that is not safe to run twice counts twice', async () => {
    const { region, runTask, fact } = await world();
    const fault = region.faults.start(on({}, { kind: 'error', error: 'ServiceException', runs: 'before' }));
    expect(await runTask('count', 'retries')).toBeUndefined();
    expect([await fact('count'), fault.acted]).toEqual(['2', 1]);
  });

  it('is told of once, though the function ends later', async () => {
    const { region } = await world();
    const told: unknown[] = [];
    region.faults.start(on({}, { kind: 'error', error: 'ClientExecutionTimeoutException', runs: 'meanwhile' }));
    region.lambda.invoke({
      functionArn: 'arn:aws:lambda:us-east-1:123456789012:function:look',
      payload: {},
      caller: { kind: 'operator' },
      onEnd: (result) => told.push(result),
    });
    await region.kernel.runFor(60_000);
    expect(told).toMatchObject([{ kind: 'failed', error: 'Lambda.ClientExecutionTimeoutException' }]);
  });

  it('may run on while the next attempt has begun: what it writes comes after', async () => {
    const { region, invoke, fact } = await world();
    region.faults.start(
      {
        at: 'call',
        match: { operation: 'PutItem' },
        when: { times: 1 },
        does: { kind: 'latency', way: 'arrive', spread: { minMs: 9_000, maxMs: 9_000 } },
      },
      on({}, { kind: 'error', error: 'ClientExecutionTimeoutException', runs: 'meanwhile', toldAfterMs: 400 }),
    );
    expect(await invoke('setLive', { detail: { value: 'old' } })).toBe('Lambda.ClientExecutionTimeoutException');
    expect(await invoke('setLive', { detail: { value: 'new' } })).toBeNull();
    expect(await fact('live')).toBe('new');
    await region.kernel.runFor(10_000);
    expect(await fact('live')).toBe('old');
  });
});

describe('a rule', () => {
  it('is about the functions and the kind of invocation that it names', async () => {
    const { region, invoke } = await world();
    const others = region.faults.start(
      on({ functionName: 'look' }, { kind: 'timeout' }),
      on({ mode: 'asynchronous' }, { kind: 'timeout' }),
    );
    expect(await invoke('count')).toBeNull();
    expect(others.matched).toBe(0);
    expect(await invoke('look')).toBe('Sandbox.Timedout');
  });
});

describe('a function that times out', () => {
  it('has not got to its first line, and has taken its whole time', async () => {
    const { region, invoke, fact } = await world();
    region.faults.start(on({ functionName: 'count', mode: 'synchronous' }, { kind: 'timeout' }));
    const before = region.kernel.now;
    expect(await invoke('count')).toBe('Sandbox.Timedout');
    expect([region.kernel.now - before, await fact('count')]).toEqual([20_000, undefined]);
    expect(await invoke('count')).toBeNull();
  });
});

describe('an event for a function', () => {
  it('that is throttled goes back to its queue and comes later than the next one', async () => {
    const { region, listen, put, fact } = await world();
    await listen('setLive');
    await put('first', 'second');
    expect(await fact('live')).toBe('second');
    const fault = region.faults.start(
      on({ mode: 'asynchronous' }, { kind: 'error', error: 'TooManyRequestsException', runs: 'never' }, { times: 2 }),
    );
    await put('third', 'fourth');
    expect([await fact('live'), fault.acted]).toEqual(['third', 2]);
  });

  it('that is handed over twice is counted twice', async () => {
    const { region, listen, put, fact } = await world();
    await listen('count');
    await put('sold');
    expect(await fact('count')).toBe('1');
    region.faults.start(on({ functionName: 'count' }, { kind: 'twice', laterMs: 3_000 }));
    await put('sold');
    expect(await fact('count')).toBe('3');
  });

  it('that finds its function without time is tried again a minute later', async () => {
    const { region, listen, put, fact, trace } = await world();
    await listen('count');
    region.faults.start(on({}, { kind: 'timeout' }));
    await put('sold');
    expect(await fact('count')).toBe('1');
    expect(trace.filter((line) => line.endsWith('lambda count times out without a line'))).toHaveLength(1);
  });
});
