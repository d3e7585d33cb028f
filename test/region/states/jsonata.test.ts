import jsonata from 'jsonata';
import { describe, expect, it } from 'vitest';
import { answered, machine, passOf, task, world } from './states-fixture.ts';

/** The parsed output of one Pass state with this Output. */
async function outputOf(output: unknown, input: unknown = {}, seed = 1): Promise<unknown> {
  const view = await world(undefined, { seed }).run(passOf(output), input);
  if (view.output === undefined) throw new Error(`${view.error}: ${view.cause}`);
  return JSON.parse(view.output);
}

async function failureOf(output: unknown, input: unknown = {}) {
  const { status, error, cause } = await world().run(passOf(output), input);
  return { status, error, cause };
}

const PLACE = "An error occurred while executing the state 'Only' (entered at the event id #2). ";

describe('an expression', () => {
  it('reads the input', async () => {
    expect(await outputOf('{% $states.input.a.b %}', { a: { b: 7 } })).toBe(7);
  });

  it('is evaluated at every depth of a template, beside literals', async () => {
    const output = { sum: '{% 1 + 1 %}', list: ['{% $states.input.x %}', 'plain', null, 3], 'kept.': true };
    expect(await outputOf(output, { x: 'y' })).toEqual({ sum: 2, list: ['y', 'plain', null, 3], 'kept.': true });
  });

  it('may yield null, which is a value', async () => {
    expect(await outputOf({ v: '{% $states.input.n %}' }, { n: null })).toEqual({ v: null });
  });

  it.each([
    'items',
    'items.p',
    'one',
    'one.p',
    'deep',
    'deep.list',
    'none',
    'nested',
    'text',
    'no',
    'items[p > 1].p',
    'one[0]',
  ])('agrees with the library in what it makes of %s', async (path) => {
    const input = {
      items: [{ p: 1 }, { p: 2 }],
      one: [{ p: [5] }],
      none: [],
      nested: [[1], [2]],
      deep: { list: [[3]] },
      text: 'x',
      no: null,
    };
    const expected: unknown = await jsonata(`input.${path}`).evaluate({ input });
    expect(await outputOf(`{% $states.input.${path} %}`, input)).toEqual(JSON.parse(JSON.stringify(expected)));
  });

  it.each([
    ['loops', '($f := function() { $f() }; $f())', 'Expression evaluation timeout'],
    ['loops in an array', '($f := function() { $f() }; [1, $f()])', 'Expression evaluation timeout'],
    ['recurses', '($f := function($n) { 1 + $f($n + 1) }; $f(0))', 'Depth=101 max=100'],
  ])('that %s without an end is stopped', async (_what, source, sentence) => {
    expect((await failureOf(`{% ${source} %}`)).cause).toContain(sentence);
  });

  it('may recurse in tail position and map over many items', async () => {
    const loop = '($f := function($n) { $n = 0 ? "done" : $f($n - 1) }; $f(1000))';
    expect(await outputOf([`{% ${loop} %}`, '{% $sum($map([1..2000], function($n) { $n * 2 })) %}'])).toEqual([
      'done',
      4_002_000,
    ]);
  });

  it('that returns nothing fails the state, naming expression and field', async () => {
    expect(await failureOf({ a: ['{% $states.input.absent %}'] })).toEqual({
      status: 'FAILED',
      error: 'States.QueryEvaluationError',
      cause: `${PLACE}The JSONata expression '$states.input.absent' specified for the field 'Output/a[0]' returned nothing (undefined).`,
    });
  });

  it('that throws fails the state with the code of the library', async () => {
    const { error, cause } = await failureOf("{% $number('x') %}");
    expect(error).toBe('States.QueryEvaluationError');
    expect(cause).toContain(
      "'$number('x')' specified for the field 'Output' threw an error during evaluation. D3030: ",
    );
  });

  it('that uses a variable nobody assigned fails the state, even where the rest has a value', async () => {
    const { error, cause } = await failureOf("{% {'a': $never} %}");
    expect(error).toBe('States.QueryEvaluationError');
    expect(cause).toContain("refers to the variable '$never', which is undefined.");
  });

  it('that yields a function fails the state', async () => {
    const { error, cause } = await failureOf('{% function($x) { $x } %}');
    expect(error).toBe('States.QueryEvaluationError');
    expect(cause).toContain('a function');
  });

  it('sees the context object', async () => {
    const { kernel, create, start, finish } = world();
    const arn = await start(create(passOf('{% $states.context %}')), { in: 1 }, 'first');
    const { output } = await finish(arn);
    expect(JSON.parse(output!)).toEqual({
      Execution: {
        Id: arn,
        Input: { in: 1 },
        Name: 'first',
        RoleArn: 'arn:aws:iam::123456789012:role/flow',
        StartTime: '2026-01-05T09:00:00.000Z',
        RedriveCount: 0,
      },
      State: { EnteredTime: new Date(kernel.now).toISOString(), Name: 'Only', RetryCount: 0 },
      StateMachine: { Id: 'arn:aws:states:us-east-1:123456789012:stateMachine:machine-1', Name: 'machine-1' },
    });
  });
});

describe("Step Functions' own functions", () => {
  it.each<[string, unknown]>([
    ['$partition([1,2,3,4,5], 2)', [[1, 2], [3, 4], [5]]],
    ['$partition([1,2,3], 2.9)', [[1, 2], [3]]],
    ['$range(1, 9, 4)', [1, 5, 9]],
    ['$range(5, 1, -2)', [5, 3, 1]],
    ['$range(-1.7, 1, 1)', [-1, 0, 1]],
    ['$range(3, 3, 1)', 3],
    ["$hash('input', 'SHA-256')", 'c96c6d5be8d08a12e7b5cdc1b207fa6b2430974c86803d8891675e76fd992c20'],
    ["$hash('input', 'MD5')", 'a43c1b0aa53a0c908810c06ab1ff3967'],
    ['$parse(\'{"a":[1]}\')', { a: [1] }],
    ["$exists($parse('null'))", true],
  ])('%s', async (source, expected) => {
    expect(await outputOf(`{% ${source} %}`)).toEqual(expected);
  });

  it.each(['$partition([], 2)', '$partition([1], 0)', '$range(1, 5, -1)', '$range(1, 5, 0)', "$hash('x')"])(
    'answers nothing to %s',
    async (source) => {
      expect((await failureOf(`{% ${source} %}`)).cause).toContain('returned nothing (undefined).');
    },
  );

  it.each(["$hash('x', 'SHA-3')", "$parse('{')", '$range(1, 400000, 1)'])('fails on %s', async (source) => {
    expect((await failureOf(`{% ${source} %}`)).cause).toContain('threw an error during evaluation.');
  });

  it('takes $uuid, $random and $shuffle from the seed', async () => {
    const sources = ['{% $uuid() %}', '{% $random() %}', '{% $shuffle([1,2,3,4,5,6,7,8]) %}'];
    const first = (await outputOf(sources, {}, 7)) as [string, number, number[]];
    expect(await outputOf(sources, {}, 7)).toEqual(first);
    expect(await outputOf(sources, {}, 8)).not.toEqual(first);
    expect(first[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect([...first[2]].sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('tells virtual time with $now, $millis and a $toMillis that lacks the date', async () => {
    const [now, millis, today] = (await outputOf([
      '{% $now() %}',
      '{% $millis() %}',
      "{% $toMillis('13:00', '[H01]:[m01]') %}",
    ])) as [string, number, number];
    expect(now.slice(0, 19)).toBe('2026-01-05T09:00:00');
    expect(new Date(millis).toISOString()).toBe(now);
    expect(new Date(today).toISOString()).toBe('2026-01-05T13:00:00.000Z');
  });
});

describe('variables', () => {
  it('become visible in the next state only, Output and Assign reading the same scope', async () => {
    const { run } = world();
    const view = await run(
      machine({
        One: { Type: 'Pass', Assign: { n: 1 }, Next: 'Two' },
        Two: { Type: 'Pass', Assign: { n: '{% $n + 1 %}', before: '{% $n %}' }, Output: '{% $n %}', Next: 'Three' },
        Three: { Type: 'Succeed', Output: { n: '{% $n %}', before: '{% $before %}', output: '{% $states.input %}' } },
      }),
    );
    expect(JSON.parse(view.output!)).toEqual({ n: 2, before: 1, output: 1 });
  });

  it('are shown in the history as JSON text, only those that the state assigned', async () => {
    const { run, history } = world();
    const view = await run(
      machine({
        One: { Type: 'Pass', Assign: { a: 'x' }, Next: 'Two' },
        Two: { Type: 'Pass', Assign: { b: { c: 1 } }, End: true },
      }),
    );
    const exits = (await history(view.executionArn)).flatMap((event) => event.stateExitedEventDetails ?? []);
    expect(exits.map((exit) => exit.assignedVariables)).toEqual([{ a: '"x"' }, { b: '{"c":1}' }]);
  });

  it('of more than 256 KiB fail the state with States.DataLimitExceeded', async () => {
    const assign = { big: '{% [$states.input, $states.input] %}' };
    const view = await world().run(machine({ A: { Type: 'Pass', Assign: assign, End: true } }), 'x'.repeat(140_000));
    expect(view.error).toBe('States.DataLimitExceeded');
  });

  it('of more than 10 MiB together fail the state with States.DataLimitExceeded', async () => {
    const text = 'x'.repeat(262_000);
    const states = Object.fromEntries(
      Array.from({ length: 42 }, (_, index) => [
        `S${index}`,
        {
          Type: 'Pass',
          Assign: { [`v${index}`]: '{% $states.input.text %}' },
          ...(index < 41 ? { Next: `S${index + 1}` } : { End: true }),
        },
      ]),
    );
    const view = await world().run(machine(states), { text });
    expect(view.error).toBe('States.DataLimitExceeded');
    expect(view.path).toHaveLength(41);
  });
});

describe('an error in the fields of a Task', () => {
  it('is caught as States.QueryEvaluationError and recorded as EvaluationFailed', async () => {
    const { run, history } = world(() => answered({ word: 'go' }));
    const view = await run(
      machine({
        Ask: task({
          Output: '{% $states.result.Payload.absent %}',
          Catch: [{ ErrorEquals: ['States.QueryEvaluationError'], Next: 'Caught' }],
        }),
        Caught: { Type: 'Succeed', Output: '{% $states.input.Cause %}' },
      }),
    );
    const failed = (await history(view.executionArn)).find((event) => event.type === 'EvaluationFailed');
    expect(failed?.evaluationFailedEventDetails).toEqual({
      error: 'States.QueryEvaluationError',
      cause: JSON.parse(view.output!) as string,
      location: 'Output',
      state: 'Ask',
    });
  });

  it('of its Arguments is retried like any other', async () => {
    const { run, calls } = world();
    const view = await run(
      machine({
        Ask: task({
          Arguments: {
            FunctionName: 'step',
            Payload: '{% $states.context.State.RetryCount = 2 ? "third" : $states.input.absent %}',
          },
          Retry: [{ ErrorEquals: ['States.QueryEvaluationError'] }],
        }),
      }),
    );
    expect(view.status).toBe('SUCCEEDED');
    expect(calls.map((call) => call.payload)).toEqual(['third']);
  });

  it('in a catcher ends the execution', async () => {
    const { run } = world(() => ({ kind: 'failed', error: 'Boom', message: 'x' }));
    const view = await run(
      machine({
        Ask: task({ Catch: [{ ErrorEquals: ['States.ALL'], Next: 'End', Output: '{% $states.input.absent %}' }] }),
        End: { Type: 'Succeed' },
      }),
    );
    expect([view.status, view.error]).toEqual(['FAILED', 'States.QueryEvaluationError']);
    expect(view.cause).toContain("specified for the field 'Catch[0]/Output'");
  });
});
