import { describe, expect, it } from 'vitest';
import type { FaultyCall } from '../../../region/faults/call-faults.ts';
import { createFaults, type Faults } from '../../../region/faults/faults.ts';
import {
  newFaultsState,
  type CallFault,
  type CallMatch,
  type FaultRule,
  type When,
} from '../../../region/faults/model.ts';
import { Kernel } from '../../../region/kernel/kernel.ts';
import { operation, type Caller, type Operation } from '../../../region/service.ts';

const ROLE: Caller = { kind: 'role', roleArn: 'arn:aws:iam::123456789012:role/one', sessionName: 'one' };
const OPERATOR: Caller = { kind: 'operator' };
const SERVICE: Caller = { kind: 'service', principal: 'events.amazonaws.com', sourceArn: 'arn:aws:events:x' };

/** A clock that counts tenths of a second is the only service. */
interface ClockState {
  tenths: number;
}

const readsOf = (state: ClockState): Record<string, Operation> => {
  const apply = (): ClockState => ({ tenths: state.tenths });
  const read = operation({ permissions: () => [], apply });
  return { GetTime: read, GetDate: read, SetTime: operation({ permissions: () => [], apply }) };
};

function mechanism(seed = 1) {
  const kernel = new Kernel({ seed });
  const killed: string[] = [];
  const state: ClockState = { tenths: 0 };
  const faults = createFaults(
    { kernel, state: newFaultsState(seed) },
    {
      killInstance: (accessKeyId) => killed.push(accessKeyId),
      stateOf: () => state,
      serviceAt: (id, past) => ({ id, state: past, operations: readsOf(past as ClockState), resources: {} }),
    },
  );
  const tick = (): void => void (state.tenths++, kernel.after(100, 'timer', 'tick', tick));
  kernel.after(100, 'timer', 'tick', tick);
  /** What the service says when it is asked. */
  const asked = (name: string): number => {
    const present = readsOf(state)[name]!;
    const { apply } = faults.beforeApply({ service: 'clock', operation: name, caller: ROLE }, present);
    return (apply({} as never, ROLE) as ClockState).tenths;
  };
  return { kernel, faults, killed, state, asked };
}

function on(match: CallMatch, does: CallFault, when: When = {}): FaultRule {
  return { at: 'call', match, when, does };
}

const error = (code: string): CallFault => ({
  kind: 'error',
  error: { code, message: 'as told', status: 400 },
  isApplied: false,
});

/** The code that a call is answered with; `ok` for none. */
function answer(faults: Faults, call: Partial<FaultyCall> = {}): string {
  const present = operation({ permissions: () => [], apply: () => ({}) });
  try {
    faults.beforeApply({ service: 'sqs', operation: 'SendMessage', caller: ROLE, ...call }, present);
    return 'ok';
  } catch (fault) {
    return (fault as { code: string }).code;
  }
}

const fateAt = (faults: Faults, phase: 'arrive' | 'answer') =>
  faults.atPark({ service: 'sqs', operation: 'SendMessage', caller: ROLE, accessKeyId: 'ASIA', phase });

describe('a rule about calls', () => {
  it.each<[string, CallMatch, Partial<FaultyCall>[]]>([
    ['one service', { service: 'sns' }, [{ service: 'sns' }]],
    ['one operation', { operation: 'Publish' }, [{ operation: 'Publish' }]],
    ['several', { operation: ['A', 'B'] }, [{ operation: 'A' }, { operation: 'B' }]],
    ['services as callers', { caller: 'service' }, [{ caller: SERVICE }]],
    ['the operator', { caller: 'operator' }, [{ caller: OPERATOR }]],
  ])('of %s is about that and nothing else', (_what, match, calls) => {
    const { faults } = mechanism();
    faults.start(on(match, error('Struck')));
    for (const call of calls) expect(answer(faults, call)).toBe('Struck');
    expect(answer(faults)).toBe('ok');
  });

  it('of anyone is also about who has not signed', () => {
    const { faults } = mechanism();
    faults.start(on({ caller: 'anyone' }, error('Struck')));
    for (const caller of [ROLE, OPERATOR, SERVICE, undefined]) expect(answer(faults, { caller })).toBe('Struck');
  });

  it('that was started first goes first; each stops alone, with all that was started together', () => {
    const { faults } = mechanism();
    const first = faults.start(on({ service: 'sqs' }, error('First')), on({ service: 'sns' }, error('FirstToo')));
    faults.start(on({}, error('Second')));
    expect([answer(faults), answer(faults, { service: 'sns' })]).toEqual(['First', 'FirstToo']);
    first.stop();
    expect([answer(faults), answer(faults, { service: 'sns' })]).toEqual(['Second', 'Second']);
  });

  it('lasts up to its end, exclusively, and stays what it was when it was started', async () => {
    const { kernel, faults } = mechanism();
    const does = { kind: 'error', error: { code: 'Struck', message: '', status: 400 }, isApplied: false } as const;
    const rule = { at: 'call', match: { service: 'sqs' }, when: { lastsSeconds: 10 }, does } satisfies FaultRule;
    faults.start(rule);
    rule.match.service = 'sns';
    await kernel.runFor(9_999);
    expect(answer(faults)).toBe('Struck');
    await kernel.runFor(1);
    expect(answer(faults)).toBe('ok');
  });
});

describe('latency', () => {
  const seven = { minMs: 7, maxMs: 7 };

  it('is that of each way unless one is named', () => {
    const { faults } = mechanism();
    const both = faults.start(on({}, { kind: 'latency', spread: seven }));
    expect([fateAt(faults, 'arrive'), fateAt(faults, 'answer')]).toEqual([{ delayMs: 7 }, { delayMs: 7 }]);
    both.stop();
    faults.start(on({}, { kind: 'latency', way: 'answer', spread: seven }));
    expect([fateAt(faults, 'arrive'), fateAt(faults, 'answer')]).toEqual(['proceed', { delayMs: 7 }]);
  });

  it('is spread over all of its milliseconds, or as long as its tail', () => {
    const { faults } = mechanism();
    const even = faults.start(on({}, { kind: 'latency', spread: { minMs: 3, maxMs: 5 } }));
    const seen = Array.from({ length: 60 }, () => (fateAt(faults, 'arrive') as { delayMs: number }).delayMs);
    expect(new Set(seen)).toEqual(new Set([3, 4, 5]));
    even.stop();
    const tail = { minMs: 3, maxMs: 5, tailProbability: 1 };
    const long = faults.start(on({}, { kind: 'latency', spread: { ...tail, tailMs: 900 } }));
    expect(fateAt(faults, 'arrive')).toEqual({ delayMs: 900 });
    long.stop();
    faults.start(on({}, { kind: 'latency', spread: tail }));
    expect(fateAt(faults, 'arrive')).toEqual({ delayMs: 5 });
  });
});

it('a zombie is applied five seconds after its function died, unless it is told otherwise', () => {
  const { faults, killed } = mechanism();
  faults.start(on({}, { kind: 'kill', applied: 'later' }, { times: 1 }));
  expect(fateAt(faults, 'answer')).toBe('proceed');
  expect(killed).toEqual([]);
  expect([fateAt(faults, 'arrive'), fateAt(faults, 'arrive')]).toEqual([{ delayMs: 5_000 }, 'proceed']);
  expect(killed).toEqual(['ASIA']);
});

it('an error after a function has run is of no event, for which nobody waits', () => {
  const { faults } = mechanism();
  const fault = faults.start({ at: 'invocation', does: { kind: 'error', error: 'Unknown', runs: 'before' } });
  expect(faults.ofAttempt({ functionName: 'count', mode: 'asynchronous' })).toBeUndefined();
  expect(fault.matched).toBe(0);
  expect(faults.ofAttempt({ functionName: 'count', mode: 'synchronous' })).toMatchObject({ kind: 'error' });
});

describe('an event that is doubled', () => {
  it('comes at its time and once more, as much later as is told', () => {
    const { faults } = mechanism();
    const delivery = { source: 'shop', detailType: 'Sold', ruleName: 'rule' };
    expect(faults.copiesOf(delivery)).toEqual([0]);
    faults.start({ at: 'delivery', does: { kind: 'double', later: { minMs: 3_000, maxMs: 3_000 } } });
    expect(faults.copiesOf(delivery)).toEqual([0, 3_000]);
  });
});

describe('chance', () => {
  const half = on({}, error('Struck'), { probability: 1 / 2 });
  const struck = (faults: Faults): string => Array.from({ length: 40 }, () => answer(faults)).join(' ');

  it("is drawn from the faults' own seed: what else is random stays what it was", () => {
    const { kernel, faults } = mechanism(7);
    faults.start(half, on({}, { kind: 'latency', spread: { minMs: 0, maxMs: 9 } }));
    struck(faults);
    fateAt(faults, 'arrive');
    expect(kernel.random.next()).toBe(new Kernel({ seed: 7 }).random.next());
  });

  it('is drawn by nobody who needs none', () => {
    const { faults } = mechanism();
    struck(faults);
    faults.start(on({}, error('Struck')), on({}, { kind: 'latency', spread: { minMs: 5, maxMs: 5 } }));
    struck(faults);
    fateAt(faults, 'arrive');
    expect(faults.state.draws).toBe(0);
  });

  it('strikes the same for the same seed, otherwise for another, and goes on where a copy was taken', () => {
    const { faults } = mechanism(3);
    faults.start(half);
    const first = struck(faults);
    const other = mechanism(4);
    other.faults.start(half);
    expect(struck(other.faults)).not.toBe(first);
    const again = mechanism(3);
    again.faults.start(half);
    expect(struck(again.faults)).toBe(first);
    expect(again.faults.state).toEqual(faults.state);
  });
});

describe('the past', () => {
  const aged = (name: string, spread: { minMs: number; maxMs: number; tailProbability?: number; tailMs?: number }) =>
    on({ service: 'clock', operation: name }, { kind: 'stale', spread });

  it('is that of so long ago, to a quarter of a second, for each rule its own', async () => {
    const { kernel, faults, state, asked } = mechanism();
    faults.start(aged('GetDate', { minMs: 0, maxMs: 0, tailProbability: 1, tailMs: 6_000 }));
    faults.start(aged('GetTime', { minMs: 2_000, maxMs: 2_000 }));
    await kernel.runFor(20_000);
    for (let look = 0; look < 20; look++) {
      await kernel.runFor(130);
      const ages = [state.tenths - asked('GetTime'), state.tenths - asked('GetDate')];
      for (const [index, tenths] of [20, 60].entries()) {
        expect(ages[index]).toBeGreaterThanOrEqual(tenths - 3);
        expect(ages[index]).toBeLessThanOrEqual(tenths + 1);
      }
    }
  });

  it('is only ever read: what changes something meets the present', async () => {
    const { kernel, faults, state, asked } = mechanism();
    const fault = faults.start(on({ service: 'clock' }, { kind: 'stale', spread: { minMs: 2_000, maxMs: 2_000 } }));
    await kernel.runFor(5_000);
    expect(asked('SetTime')).toBe(state.tenths);
    expect(fault.matched).toBe(0);
    expect(asked('GetTime')).toBeLessThan(state.tenths);
  });
});
