// @ts-expect-error: the package has no types of its own.
import aslValidator from 'asl-validator';
import jsonata from 'jsonata';
import { describe, expect, it } from 'vitest';
import type { handler as awaitTurn } from '../../functions/await-turn.ts';
import type { handler as rollService } from '../../functions/roll-service.ts';
import type { Decision } from '../../functions/rollout/accept.ts';
import { outcomeOf, type Ending } from '../../functions/rollout/outcome-of.ts';
import type { Step } from '../../functions/rollout/outcomes.ts';
import { ERRORS } from '../../functions/rollout/errors.ts';
import { FUNCTION_TIMEOUT_SECONDS, LEASE_MARGIN_SECONDS } from '../../functions/rollout/ledger.ts';
import type { Clearance } from '../../functions/rollout/preflight.ts';
import type { WatchWord } from '../../functions/rollout/verdict.ts';
import { readDefinition, type State } from '../../infra/definition.ts';
import { constructId, TASK_HANDLERS } from '../../infra/handler-table.ts';
import { arnElsewhere, ELSEWHERE } from '../elsewhere.ts';
import { evaluate } from './evaluate.ts';

const MACHINE = readDefinition();
const TEXT = JSON.stringify(MACHINE);
const STATES = Object.entries(MACHINE.States);
const TASKS = STATES.filter(([, { Type }]) => Type === 'Task');
const CATCHERS = TASKS.flatMap(([name, { Catch = [] }]) => Catch.map((catcher) => [name, catcher] as const));

/** "Error names" and "Lambda" of the Step Functions developer guide, as far as we use them; the last two are Lambda's own. */
const ERRORS_OF_AWS = [
  'States.ALL',
  'States.Timeout',
  'States.DataLimitExceeded',
  'Lambda.ClientExecutionTimeoutException',
  'Lambda.ServiceException',
  'Lambda.AWSLambdaException',
  'Lambda.SdkClientException',
  'Lambda.TooManyRequestsException',
  'Lambda.Unknown',
  'Sandbox.Timedout',
  'Runtime.ExitError',
];

describe('the definition', () => {
  it('is accepted by asl-validator once its functions and the partition are filled in', () => {
    const filled = TEXT.replaceAll('${Partition}', ELSEWHERE.partition).replace(
      /\$\{(\w+)\}/g,
      arnElsewhere('lambda', 'function:$1'),
    );
    const validate = aslValidator as unknown as (definition: unknown) => { isValid: boolean; errors: unknown[] };
    expect(validate(JSON.parse(filled))).toMatchObject({ isValid: true, errors: [] });
  });

  it('names every function that infra fills in, and the partition, and nothing else', () => {
    const named = new Set([...TEXT.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name));
    expect([...named].sort()).toEqual(['Partition', ...TASK_HANDLERS.map(constructId)].sort());
  });

  it('has a comment on every state and every Catch of everything, for whoever is woken at night', () => {
    const silent = STATES.filter(([, { Comment }]) => !/^.{10,}$/.test(Comment)).map(([name]) => name);
    const silentCatchers = CATCHERS.filter(([, { Comment }]) => !/^.{10,}$/.test(Comment ?? '')).map(([name]) => name);
    expect({ silent, silentCatchers }).toEqual({ silent: [], silentCatchers: [] });
  });

  it('reaches every state', () => {
    const reached = new Set(nextsOf(MACHINE.States).flatMap(([, next]) => next));
    expect(STATES.map(([name]) => name).filter((name) => name !== MACHINE.StartAt && !reached.has(name))).toEqual([]);
  });

  it('calls its Choice states questions, and only those', () => {
    for (const [name, { Type }] of STATES) expect(`${name} ${name.endsWith('?')}`).toBe(`${name} ${Type === 'Choice'}`);
  });
});

describe('every expression', () => {
  const expressions = [...TEXT.matchAll(/"\{% (.*?) %\}"/g)].map(([, text]) => JSON.parse(`"${text}"`) as string);

  it('is JSONata as Step Functions speaks it, and tells neither the time nor anything random', () => {
    expect(expressions.length).toBeGreaterThan(50);
    expect(TEXT.split('{%').length - 1).toBe(expressions.length);
    for (const expression of expressions) {
      expect(() => jsonata(expression)).not.toThrow();
      expect(expression).not.toMatch(/\$(?:now|millis|random|uuid|eval)\b/);
    }
  });

  it('reads no variable that is not assigned on every way to it', () => {
    expect(unassignedReads(MACHINE.States, MACHINE.StartAt)).toEqual([]);
  });

  it('would be caught if it did', () => {
    const states: Record<string, State> = {
      A: {
        Type: 'Choice',
        Comment: '',
        Choices: [{ Condition: '{% true %}', Assign: { x: 1 }, Next: 'B' }],
        Default: 'B',
      },
      B: { Type: 'Pass', Comment: '', Output: '{% $x + $y %}', Assign: { y: 1 } },
    };
    expect(unassignedReads(states, 'A')).toEqual(['B: $x', 'B: $y']);
  });
});

describe('errors', () => {
  it('that are named are ours or those of AWS', () => {
    const named = TASKS.flatMap(([, { Retry = [], Catch = [] }]) =>
      [...Retry, ...Catch].flatMap((one) => one.ErrorEquals),
    );
    const known = [...Object.keys(ERRORS), ...ERRORS_OF_AWS];
    expect([...new Set(named)].filter((name) => !known.includes(name))).toEqual([]);
    expect(known.filter((name) => !named.includes(name)).sort()).toEqual(['AwsRefused', 'LedgerUnreadable']);
  });

  it.each(TASKS)('of %s are all caught in the end, by one last Catch that stands alone', (_name, { Catch = [] }) => {
    const all = Catch.map(({ ErrorEquals }) => ErrorEquals.includes('States.ALL'));
    expect(all.indexOf(true)).toBe(Catch.length - 1);
    expect(Catch.at(-1)?.ErrorEquals).toEqual(['States.ALL']);
  });

  it.each(TASKS)('of %s are retried when a retry can help, and not otherwise', (name, { Retry = [] }) => {
    const retried = Retry.flatMap(({ ErrorEquals }) => ErrorEquals);
    expect(retried).not.toContain('AwsRefused');
    expect(retried).not.toContain('LedgerUnreadable');
    expect(retried).not.toContain('States.ALL');
    expect(retried.includes('StillMutating')).toBe(['AwaitTurn', 'RollService', 'RollBack'].includes(name));
    expect(new Set(retried).size).toBe(retried.length);
  });

  it.each(TASKS)('of %s are not retried for longer than a lease lasts', (_name, { Retry = [] }) => {
    for (const { ErrorEquals, MaxAttempts, IntervalSeconds, MaxDelaySeconds = IntervalSeconds } of Retry) {
      // The function renews the lease before each wait, or lists images before it has one.
      if (ErrorEquals.includes('AwsThrottled') || ErrorEquals.includes('ImagesNotListed')) continue;
      expect(MaxAttempts * (MaxDelaySeconds + FUNCTION_TIMEOUT_SECONDS)).toBeLessThan(LEASE_MARGIN_SECONDS);
    }
  });

  it.each(['AwaitTurn', 'RollService', 'RollBack'])(
    'of an earlier attempt that may still run outlast that attempt in %s',
    (name) => {
      const retrier = MACHINE.States[name]!.Retry!.find(({ ErrorEquals }) => ErrorEquals.includes('StillMutating'))!;
      expect(retrier.BackoffRate).toBe(1);
      expect(retrier.MaxAttempts * retrier.IntervalSeconds).toBeGreaterThan(FUNCTION_TIMEOUT_SECONDS);
    },
  );

  it('never leave an old output behind', () => {
    expect(CATCHERS.filter(([, catcher]) => !('Output' in catcher)).map(([name]) => name)).toEqual([]);
    expect(TASKS.filter(([, state]) => !('Output' in state)).map(([name]) => name)).toEqual([]);
  });

  it('are told to Conclude under the name of their state, with a bounded cause', async () => {
    const told = CATCHERS.filter(([, { ErrorEquals }]) => ErrorEquals[0] === 'States.ALL');
    for (const [name, { Assign }] of told) {
      const { ending } = Assign as { ending: Record<string, string> };
      expect(ending['word']).toBe('error');
      // $states.context can be read wherever a state has an expression, so in a Catch's Assign too:
      // https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html
      expect(await evaluate(ending['step']!, { states: { context: { State: { Name: name } } } })).toBe(name);
      const states = { errorOutput: { Error: 'AwsRefused', Cause: 'x'.repeat(9000) } };
      expect(await evaluate(ending['reason']!, { states })).toBe('AwsRefused');
      expect(await evaluate(ending['message']!, { states })).toHaveLength(2000);
      expect(await evaluate(ending['message']!, { states: { errorOutput: { Error: 'x' } } })).toBe('');
    }
  });
});

/** A word leads to a state; the compiler sees to it that no word of the core is missing. */
type Routes<Word extends string> = Readonly<Record<Word, string>>;
type RollWord = Awaited<ReturnType<typeof rollService>>['word'];
type TurnWord = Awaited<ReturnType<typeof awaitTurn>>['word'];
type EndWord = Exclude<WatchWord, 'wait'>;

const ACCEPTED: Routes<Decision['word']> = {
  roll: 'Preflight',
  recover: 'RollbackTarget?',
  busy: 'AwaitTurn',
  'let-finish': 'LetFinish',
  nothing: 'Conclude',
  stale: 'Conclude',
  held: 'Conclude',
  rejected: 'Conclude',
};
const TURN: Routes<Exclude<TurnWord, 'wait'>> = { again: 'AcceptIntent', superseded: 'Conclude' };
const CLEARED: Routes<Clearance['word']> = { go: 'RegisterRevision', reject: 'Conclude' };
const ROLLED: Routes<Exclude<RollWord, 'untouched' | 'no-target' | 'unjudged'>> = {
  rolled: 'AwaitSteadyState',
  foreign: 'Conclude',
  lost: 'Conclude',
  refused: 'Conclude',
};
const STEADY: Routes<Exclude<EndWord, 'unjudged'>> = {
  steady: 'Bake',
  staged: 'Conclude',
  foreign: 'Conclude',
  lost: 'Conclude',
  failed: 'RollbackTarget?',
  'rolled-back-by-ecs': 'RollbackTarget?',
  again: 'LookAgain',
};
const PASSED: Routes<EndWord> = { ...STEADY, steady: 'Conclude', unjudged: 'AwaitSteadyState' };
const ROLLED_BACK: Routes<RollWord> = {
  ...ROLLED,
  rolled: 'AwaitRollback',
  untouched: 'Conclude',
  'no-target': 'Conclude',
  unjudged: 'AwaitSteadyState',
};
const ROUTES: readonly (readonly [question: string, step: Step, routes: Routes<string>])[] = [
  ['Accepted?', 'AcceptIntent', ACCEPTED],
  ['Turn?', 'AwaitTurn', TURN],
  ['Cleared?', 'Preflight', CLEARED],
  ['Rolled?', 'RollService', ROLLED],
  ['Steady?', 'AwaitSteadyState', STEADY],
  ['Passed?', 'Bake', PASSED],
  ['RolledBack?', 'RollBack', ROLLED_BACK],
];

describe('words', () => {
  const cases = ROUTES.flatMap(([question, step, routes]) =>
    Object.entries(routes).map(([word, next]) => [step, word, next, question] as const),
  );

  it.each(cases)('of %s: %s leads to %s', async (step, word, next, question) => {
    expect(MACHINE.States[step]?.Next).toBe(question);
    expect(
      await choose(question, {
        ending: { step, word, at: 0 },
        clearance: { bakeTimeSeconds: 60 },
        cause: null,
        back: {},
      }),
    ).toBe(next);
  });

  it.each(ROUTES)('that nobody knows take the safe branch at %s', async (question, step) => {
    const ending = { step, word: 'of the future' };
    const next = await choose(question, { ending, clearance: { bakeTimeSeconds: 60 }, back: {} });
    expect(next).toBe(MACHINE.States[question]!.Default);
    expect(['Conclude', 'RollbackTarget?']).toContain(next);
  });

  it('that stand in a Choice are all said by somebody', () => {
    const steps = [...ROUTES.map(([, step]) => step), 'AwaitRollback'];
    const said = [...ROUTES.flatMap(([, , routes]) => Object.keys(routes)), ...steps, 'ended-well', 'error'];
    const read = STATES.flatMap(([, { Choices = [] }]) =>
      Choices.flatMap(({ Condition }) => [...Condition.matchAll(/'([^']*)'/g)]),
    );
    expect([...new Set(read.map(([, word]) => word!))].filter((word) => !said.includes(word))).toEqual([]);
  });

  it('skip the bake when none is configured', async () => {
    const variables = { ending: { word: 'steady' }, clearance: { bakeTimeSeconds: 0 } };
    expect(await choose('Steady?', variables)).toBe('Conclude');
  });

  it('go back where there is something to go back to', async () => {
    const ending = { step: 'AwaitSteadyState' };
    expect(await choose('RollbackTarget?', { ending, decision: { rollbackTarget: {} } })).toBe('RollBack');
    expect(await choose('RollbackTarget?', { ending, decision: { word: 'roll' } })).toBe('Conclude');
  });

  it('find out whether anything was rolled, where there is nothing to go back to, too', async () => {
    for (const step of ['RollService', 'AwaitSteadyState', 'Bake']) {
      const ending = { step, word: 'error' };
      expect(await choose('RollbackTarget?', { ending, decision: { word: 'roll' } })).toBe('RollBack');
    }
  });

  it('of the ledger are gone on with, where only their bell was not heard', async () => {
    const verdict = { word: 'steady', reason: 'EvidenceComplete', message: 'Fine.', at: 7 };
    const { Choices = [] } = MACHINE.States['RolledBack?']!;
    for (const [step, next] of [
      ['AwaitSteadyState', 'Steady?'],
      ['Bake', 'Passed?'],
    ] as const) {
      const variables = { ending: { word: 'unjudged' }, cause: { step, word: 'error' }, back: { verdict } };
      expect(await choose('RolledBack?', variables)).toBe(next);
      const assigned = await evaluate(Choices.find(({ Next }) => Next === next)!.Assign, variables);
      expect(assigned).toMatchObject({ cause: null, ending: { step, ...verdict, detectionLagSeconds: null } });
    }
  });

  it('that end in Conclude have an outcome of their own there, which is never success by default', () => {
    const ended = cases.filter(([, , next]) => next === 'Conclude');
    const watched = (['foreign', 'lost', 'failed', 'steady'] as const).map((word) => ['AwaitRollback', word] as const);
    const ways: (readonly [Step, string])[] = [...ended.map(([step, word]) => [step, word] as const), ...watched];
    const outcomes = ways.map(([step, word]) => [`${step} ${word}`, outcomeOf(endingOf(step, word), null)]);
    const dirty = outcomes.filter(([, outcome]) => outcome === 'FAILED_ROLLBACK').map(([way]) => way);
    expect(dirty).toEqual(['RollBack refused', 'AwaitRollback failed']);
    expect(outcomes.filter(([, outcome]) => outcome === 'SUCCEEDED').map(([way]) => way)).toEqual(['Bake steady']);
  });

  it('that fail with nothing to go back to are said so', () => {
    const failing = cases.filter(([step, , next]) => next === 'RollbackTarget?' && step !== 'AcceptIntent');
    expect(failing).toHaveLength(4);
    for (const [step, word] of failing) expect(outcomeOf(endingOf(step, word), null)).toBe('FAILED_NO_ROLLBACK_TARGET');
  });

  it('of an error that is caught on the way to Conclude have an outcome of their own', () => {
    const caught = CATCHERS.filter(
      ([, { ErrorEquals, Next }]) => ErrorEquals[0] === 'States.ALL' && Next === 'Conclude',
    );
    expect(caught.map(([step]) => [step, outcomeOf(endingOf(step as Step, 'error'), null)])).toEqual([
      ['Preflight', 'REJECTED'],
      ['RegisterRevision', 'REJECTED'],
      ['RollBack', 'FAILED_ROLLBACK'],
    ]);
  });

  it('that an event contradicts lead back to the watch that looked', async () => {
    expect(MACHINE.States['LookAgain']).toMatchObject({ Type: 'Wait', Seconds: 5, Next: 'Which watch?' });
    for (const step of ['AwaitSteadyState', 'Bake', 'AwaitRollback'] as const)
      expect(await choose('Which watch?', { ending: { step, word: 'again' } })).toBe(step);
    // On the way back no Choice reads the answer before Conclude, which finds no such verdict: healthy rollbacks cost no more.
    const ending = { step: 'AwaitRollback', word: 'again' };
    expect(await choose('Ended well?', { conclusion: { word: 'unjudged' }, ending })).toBe('LookAgain');
  });

  it('end the execution as succeeded only when Conclude says so', async () => {
    expect(await choose('Ended well?', { conclusion: { word: 'ended-well' } })).toBe('Done');
    expect(await choose('Ended well?', { conclusion: { word: 'ended-badly' } })).toBe('Failed');
  });
});

it("asks ever more rarely whether somebody else's deployment is over: a day costs less than 300 transitions", async () => {
  const { Seconds, Assign } = MACHINE.States['LetFinish']!;
  let { pause } = MACHINE.States['Configure']!.Assign!;
  const day = 86_400;
  let [seconds, transitions] = [0, 0];
  for (; seconds < day; transitions += 3) {
    const wait = Number(await evaluate(Seconds, { pause }));
    // Nobody waits much longer than it took.
    expect(wait).toBeLessThanOrEqual(Math.min(1800, 15 + seconds / 4));
    seconds += wait;
    pause = await evaluate(Assign!['pause'], { pause });
  }
  expect(transitions).toBeLessThan(300);
});

describe('after a failure that nobody told the ledger of', () => {
  const at = (second: number) => ({ context: { State: { EnteredTime: new Date(second * 1000).toISOString() } } });

  it.each(['AwaitTurn', 'AwaitSteadyState', 'Bake', 'AwaitRollback'])(
    '%s waits ever longer, never for longer than the lease, and looks again',
    async (name) => {
      expect(MACHINE.States[name]!.Catch!.at(-1)).toMatchObject({ ErrorEquals: ['States.ALL'], Next: 'LookLater' });
      const { Seconds, Assign } = MACHINE.States['LookLater']!;
      const variables = { ending: { step: name, word: 'error' }, lookUntil: 86_400_000, states: at(0) };
      let troubles: unknown = 0;
      const waits: unknown[] = [];
      for (; waits.length < 7; troubles = await evaluate(Assign!['troubles'], { troubles }))
        waits.push(await evaluate(Seconds, { ...variables, troubles }));
      expect(waits).toEqual([15, 30, 60, 120, 240, 300, 300]);
      expect(300 + FUNCTION_TIMEOUT_SECONDS).toBeLessThan(LEASE_MARGIN_SECONDS);
      expect(await choose('In time?', variables)).toBe(name === 'AwaitTurn' ? 'AcceptIntent' : name);
    },
  );

  it.each([
    ['AwaitSteadyState', 'RollbackTarget?'],
    ['Bake', 'RollbackTarget?'],
    ['AwaitRollback', 'Conclude'],
    ['AwaitTurn', 'AcceptIntent'],
  ])('%s looks until its deadline and a minute more, and then comes to %s', async (name, next) => {
    const until = { rolled: { deadline: 1_000 }, back: { deadline: 1_000 }, bakeUntil: -599_000 };
    const { Assign = {} } = MACHINE.States[name]!.Catch!.at(-1)!;
    const lookUntil = 'lookUntil' in Assign ? await evaluate(Assign['lookUntil'], until) : 61_000;
    expect(lookUntil).toBe(61_000);
    const variables = { ending: { step: name, word: 'error' }, troubles: 5, lookUntil };
    const wait = (second: number) =>
      evaluate(MACHINE.States['LookLater']!.Seconds, { ...variables, states: at(second) });
    expect([await wait(20), await wait(60), await wait(999)]).toEqual(
      name === 'AwaitTurn' ? [300, 300, 300] : [41, 15, 300],
    );
    expect(await choose('In time?', { ...variables, states: at(61) })).toBe(next);
  });
});

describe('the waits', () => {
  const waits = ['AwaitSteadyState', 'Bake', 'AwaitRollback'];
  const { waits: LADDER } = MACHINE.States['Configure']!.Assign!;
  const timeOf = async (
    name: string,
    visit: number,
    seconds: number,
    bakeSeconds = 86_400,
    progressSeconds = 86_400,
    since = 0,
  ): Promise<unknown> => {
    const until = { since: since * 1000, deadline: seconds * 1000 };
    return evaluate(String(MACHINE.States[name]!.TimeoutSeconds), {
      config: { progressSeconds, deadlineSeconds: 21_600 },
      waits: LADDER,
      visit,
      rolled: until,
      back: until,
      bakeUntil: bakeSeconds * 1000,
      states: { context: { State: { EnteredTime: '1970-01-01T00:00:00.000Z' } } },
    });
  };

  it.each(waits)('of %s grow longer, up to twenty minutes', async (name) => {
    const [timeout] = MACHINE.States[name]!.Catch!;
    expect(timeout).toMatchObject({ ErrorEquals: ['States.Timeout', 'States.DataLimitExceeded'], Next: name });
    const times: unknown[] = [];
    for (let visit = 0; times.length < 6;) {
      times.push(await timeOf(name, visit, 86_400));
      visit = Number(await evaluate(String(timeout!.Assign!['visit']), { visit, waits: LADDER }));
    }
    expect(times).toEqual([60, 300, 600, 1200, 1200, 1200]);
  });

  it('of a roll end at its last deadline, and leave a cold start its time', async () => {
    expect(await timeOf('AwaitSteadyState', 3, 17.2)).toBe(18);
    expect(await timeOf('AwaitSteadyState', 3, 0)).toBe(10);
    expect(await timeOf('AwaitSteadyState', 3, -500)).toBe(10);
  });

  it('of a way back go on past its deadline, and no faster', async () => {
    expect(await timeOf('AwaitRollback', 3, -500, undefined, 1800, -5000)).toBe(300);
  });

  it.each(['AwaitSteadyState', 'AwaitRollback'])(
    'of %s end when a roll without any progress is over, and are then a sixth of the time that progress may take',
    async (name) => {
      const timeAfter = (secondsAgo: number, progressSeconds: number): Promise<unknown> =>
        timeOf(name, 3, 21_600, undefined, progressSeconds, -secondsAgo);
      expect(await timeAfter(900, 1800)).toBe(900);
      expect(await timeAfter(1795, 1800)).toBe(10);
      expect(await timeAfter(1800, 1800)).toBe(300);
      expect(await timeAfter(20_000, 14_400)).toBe(1200);
      // A history holds 25,000 events, however impatient the configuration.
      expect(await timeAfter(5000, 60)).toBe(44);
    },
  );

  it('of the bake end when it has passed, whatever the deadline of the roll, and then again every minute at least', async () => {
    expect(await timeOf('Bake', 3, 0, 30)).toBe(30);
    expect(await timeOf('Bake', 0, 0, -1)).toBe(60);
    expect(await timeOf('Bake', 3, 0, -5000)).toBe(60);
    expect(MACHINE.States['Bake']!.Arguments?.Payload['deadline']).toBe('{% $bakeUntil + 600000 %}');
  });

  it.each(waits)('of %s are no longer than what the function is told, for which it renews the lease', async (name) => {
    for (const visit of [0, 1, 2, 3]) {
      const told = await evaluate(String(MACHINE.States[name]!.Arguments?.Payload['waitSeconds']), {
        visit,
        waits: LADDER,
      });
      expect(told).toBe(await timeOf(name, visit, 86_400));
    }
  });

  it.each(waits)('of %s begin anew wherever another step leads to it', (name) => {
    const ways = STATES.filter(([from]) => from !== name).flatMap(([, state]) => waysOn(state));
    const arriving = ways.filter(({ next }) => next === name);
    expect(arriving.length).toBeGreaterThan(0);
    for (const { assigned } of arriving) expect(assigned).toMatchObject({ visit: 0 });
  });
});

function endingOf(step: Step, word: string): Ending {
  return { step, word, reason: 'x', message: 'x' };
}

/** Where a Choice state goes; every expression of it is evaluated as Step Functions does it. */
async function choose(question: string, variables: object): Promise<string | undefined> {
  const { Choices = [], Default } = MACHINE.States[question]!;
  for (const { Condition, Next } of Choices) if ((await evaluate(Condition, variables)) === true) return Next;
  return Default;
}

/** Every way on from a state, with the variables that are assigned on it. */
function waysOn(state: State): { next: string; assigned: Readonly<Record<string, unknown>> }[] {
  const ways = [...(state.Catch ?? []), ...(state.Choices ?? [])].map(({ Next, Assign = {} }) => ({ Next, Assign }));
  if (state.Next) ways.push({ Next: state.Next, Assign: state.Assign ?? {} });
  if (state.Default) ways.push({ Next: state.Default, Assign: state.Assign ?? {} });
  return ways.map(({ Next, Assign }) => ({ next: Next, assigned: Assign }));
}

function nextsOf(states: Readonly<Record<string, State>>): [string, string[]][] {
  return Object.entries(states).map(([name, state]) => [name, waysOn(state).map(({ next }) => next)]);
}

/** Variables that a state reads although some way to it does not assign them. */
function unassignedReads(states: Readonly<Record<string, State>>, start: string): string[] {
  const known = new Map<string, Set<string>>([[start, new Set()]]);
  const open = [start];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    for (const { next, assigned } of waysOn(states[name]!)) {
      const arriving = new Set([...known.get(name)!, ...Object.keys(assigned)]);
      const before = known.get(next);
      const after = before ? new Set([...before].filter((variable) => arriving.has(variable))) : arriving;
      if (before && before.size === after.size) continue;
      known.set(next, after);
      open.push(next);
    }
  }
  return Object.entries(states).flatMap(([name, state]) =>
    readsOf(state)
      .filter((variable) => !known.get(name)?.has(variable))
      .map((variable) => `${name}: $${variable}`),
  );
}

function readsOf(state: State): string[] {
  const expressions = [...JSON.stringify(state).matchAll(/\{%(.*?)%\}/g)].map(([, text]) => text!);
  const names = expressions.flatMap((text) =>
    [...text.matchAll(/\$([A-Za-z_]\w*)\b(?!\s*\()/g)].map(([, name]) => name!),
  );
  return [...new Set(names)].filter((name) => name !== 'states');
}
