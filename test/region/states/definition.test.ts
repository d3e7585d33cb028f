import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { lintDefinition, parseDefinition } from '../../../region/states/states.ts';
import { FUNCTION, machine, passOf, refusal, task, waitingTask } from './states-fixture.ts';

// The package ships no types.
const validateAsl = createRequire(import.meta.url)('asl-validator') as (definition: object) => {
  readonly isValid: boolean;
  errorsText(): string;
};

const parse = (definition: unknown) => parseDefinition(JSON.stringify(definition));
const refused = async (definition: unknown) => (await refusal(() => parse(definition))).message;

/** Uses every state type and every field that the parser knows. */
const WHOLE = machine(
  {
    Configure: {
      Type: 'Pass',
      Comment: 'Puts the configuration where later states find it.',
      Assign: {
        config: { deadlineSeconds: 60, names: ['a', 'b'] },
        started: '{% $states.context.Execution.StartTime %}',
      },
      Output: '{% $states.input %}',
      Next: 'Ask',
    },
    Ask: task({
      Comment: 'Asks the function.',
      Next: 'Go?',
      TimeoutSeconds: '{% $config.deadlineSeconds %}',
      Assign: { word: '{% $states.result.Payload.word %}' },
      Output: {
        answer: '{% $states.result.Payload %}',
        at: ['{% $states.context.State.EnteredTime %}', 1, null, true],
      },
      Retry: [
        {
          Comment: 'Lambda was busy.',
          ErrorEquals: ['Lambda.TooManyRequestsException', 'States.Timeout'],
          IntervalSeconds: 2,
          MaxAttempts: 5,
          BackoffRate: 1.5,
          MaxDelaySeconds: 20,
          JitterStrategy: 'FULL',
        },
      ],
      Catch: [
        {
          Comment: 'Anything else.',
          ErrorEquals: ['States.ALL'],
          Next: 'Failed',
          Output: { error: '{% $states.errorOutput.Error %}' },
          Assign: { problem: '{% $states.errorOutput %}' },
        },
      ],
    }),
    'Go?': {
      Type: 'Choice',
      Comment: 'Reads the word.',
      Choices: [
        {
          Condition: "{% $word = 'go' %}",
          Next: 'Hold',
          Comment: 'Go.',
          Output: '{% $states.input %}',
          Assign: { went: true },
        },
        { Condition: "{% $word = 'wait' %}", Next: 'Await' },
      ],
      Default: 'Done',
      Output: '{% $states.input %}',
      Assign: { went: false },
    },
    Hold: { Type: 'Wait', Comment: 'A pause.', Seconds: 5, Next: 'Until' },
    Until: { Type: 'Wait', Comment: 'A pause.', Timestamp: '{% $started %}', Next: 'Done' },
    Await: waitingTask({ Comment: 'Waits.', TimeoutSeconds: 60, HeartbeatSeconds: 20, Next: 'Done' }),
    Done: { Type: 'Succeed', Comment: 'The good end.', Output: { done: true } },
    Failed: { Type: 'Fail', Comment: 'The bad end.', Error: '{% $problem.Error %}', Cause: 'It failed.' },
  },
  { Comment: 'Everything', Version: '1.0', TimeoutSeconds: 3600 },
);

describe('a definition that uses everything', () => {
  it('is accepted', () => {
    expect([...parse(WHOLE).states.keys()]).toEqual(Object.keys(WHOLE.States));
  });

  it('is accepted by asl-validator too', () => {
    const verdict = validateAsl(structuredClone(WHOLE));
    expect(verdict.errorsText()).toBe('');
    expect(verdict.isValid).toBe(true);
    // It compiles all its schemas first.
  }, 30_000);

  it('has nothing for the lint to find', () => {
    expect(lintDefinition(JSON.stringify(WHOLE))).toEqual([]);
  });
});

const only = (state: object) => machine({ Only: state });
const pass = (more: object) => only({ Type: 'Pass', End: true, ...more });
const retry = (more: object) => only(task({ Retry: [{ ErrorEquals: ['Boom'], ...more }] }));
const done = { Done: { Type: 'Succeed' } };
const choice = (more: object, rule: object = {}) =>
  machine({ Ask: { Type: 'Choice', Choices: [{ Condition: '{% true %}', Next: 'Done', ...rule }], ...more }, ...done });

describe('a definition is refused, by name and place, for', () => {
  it.each<[string, unknown, string]>([
    ['JSON that is none', 'x', 'INVALID_JSON_DESCRIPTION'],
    ['an unknown top-level field', machine(done, { Extra: 1 }), "Field 'Extra' is not supported"],
    ['another version', machine(done, { Version: '2.0' }), "'Version' must be 1.0"],
    ['no states', machine({}, { StartAt: 'A' }), 'At least one state is required'],
    ['a name longer than 80 characters', machine({ ['x'.repeat(81)]: { Type: 'Succeed' } }), '1 to 80 characters'],
    ['an unknown state type', only({ Type: 'Park' }), "'Park' is not a state type"],
    ['an unknown field of a state', pass({ Outputs: 1 }), "Field 'Outputs' is not supported at /States/Only"],
    ['a JSONPath field', pass({ ResultPath: '$' }), "field 'ResultPath' is only supported for the 'JSONPath'"],
    ['a JSONPath template member', pass({ Output: { 'a.$': '$.b' } }), "'a.$' is JSONPath"],
    ['a state in JSONPath', pass({ QueryLanguage: 'JSONPath' }), "can not be 'JSONPath'"],
    ['neither Next nor End', only({ Type: 'Pass' }), "Exactly one of 'Next' and 'End'"],
    ['both Next and End', only({ Type: 'Pass', End: true, Next: 'Only' }), "Exactly one of 'Next' and 'End'"],
    ['End: false', only({ Type: 'Pass', End: false }), "'End' must be true"],
    ['StartAt at no state', { ...machine(done), StartAt: 'Nowhere' }, "Missing 'Next' target: Nowhere at /StartAt"],
    ['Next to no state', only({ Type: 'Pass', Next: 'Nowhere' }), "Missing 'Next' target: Nowhere at /States/Only"],
    ['Default to no state', choice({ Default: 'Nowhere' }), "Missing 'Next' target: Nowhere"],
    ['a catcher to no state', only(task({ Catch: [{ ErrorEquals: ['A'], Next: 'Nowhere' }] })), 'target: Nowhere'],
    ['a state that is never reached', machine({ ...done, Lost: { Type: 'Succeed' } }), 'State "Lost" is not reachable'],
    ['a loop without an end', machine({ A: { Type: 'Pass', Next: 'A' } }), 'State "A" never reaches an end'],
    ['Catch on a state that is no Task', pass({ Catch: [] }), "Field 'Catch' is not supported"],
    ['Retry on a state that is no Task', pass({ Retry: [] }), "Field 'Retry' is not supported"],
    ['TimeoutSeconds on a Pass', pass({ TimeoutSeconds: 1 }), "Field 'TimeoutSeconds' is not supported"],
    ['Assign on a Succeed', only({ Type: 'Succeed', Assign: { a: 1 } }), "Field 'Assign' is not supported"],
    ['Output on a Fail', only({ Type: 'Fail', Output: 1 }), "Field 'Output' is not supported"],
    [
      'an Error that is no text',
      only({ Type: 'Fail', Error: 1 }),
      'Expected value of type [STRING] at /States/Only/Error',
    ],
    ['a Comment that is no text', pass({ Comment: 1 }), 'Expected value of type [STRING] at /States/Only/Comment'],
    [
      'an unknown member of a retrier',
      retry({ MaxDelay: 3 }),
      "Field 'MaxDelay' is not supported at /States/Only/Retry[0]",
    ],
    ['IntervalSeconds 0', retry({ IntervalSeconds: 0 }), "'IntervalSeconds' must be an integer between 1"],
    ['IntervalSeconds of a fraction', retry({ IntervalSeconds: 1.5 }), "'IntervalSeconds' must be an integer"],
    ['a negative MaxAttempts', retry({ MaxAttempts: -1 }), "'MaxAttempts' must be an integer"],
    ['BackoffRate below 1', retry({ BackoffRate: 0.5 }), "'BackoffRate' must be a number of at least 1"],
    ['MaxDelaySeconds over a year', retry({ MaxDelaySeconds: 31_622_401 }), "'MaxDelaySeconds' must be an integer"],
    ['MaxDelaySeconds below the interval', retry({ IntervalSeconds: 5, MaxDelaySeconds: 4 }), 'must not be smaller'],
    ['another JitterStrategy', retry({ JitterStrategy: 'SOME' }), "'JitterStrategy' must be FULL or NONE"],
    ['an empty ErrorEquals', retry({ ErrorEquals: [] }), "'ErrorEquals' must be a non-empty array"],
    ['States.ALL in company', retry({ ErrorEquals: ['States.ALL', 'A'] }), "'States.ALL' must stand alone"],
    [
      'States.ALL before the last retrier',
      only(task({ Retry: [{ ErrorEquals: ['States.ALL'] }, { ErrorEquals: ['A'] }] })),
      "'States.ALL' must be in the last element of Retry",
    ],
    [
      'a misspelt error of the language',
      retry({ ErrorEquals: ['States.TimeOut'] }),
      "'States.TimeOut' is not an error",
    ],
    ['catching States.Runtime', retry({ ErrorEquals: ['States.Runtime'] }), 'can be neither retried nor caught'],
    [
      'an unknown member of a catcher',
      machine({ A: task({ Catch: [{ ErrorEquals: ['A'], Next: 'Done', ResultPath: '$.e' }] }), ...done }),
      "field 'ResultPath' is only supported for the 'JSONPath'",
    ],
    ['a catcher without Next', only(task({ Catch: [{ ErrorEquals: ['A'] }] })), "The field 'Next' is required"],
    [
      'a Choice without rules',
      machine({ A: { Type: 'Choice', Choices: [], Default: 'Done' }, ...done }),
      'At least one Choice Rule',
    ],
    [
      'an unknown member of a rule',
      choice({}, { Variable: '$.x' }),
      "field 'Variable' is only supported for the 'JSONPath'",
    ],
    ['a Condition that is no expression', choice({}, { Condition: true }), 'Expected a JSONata expression'],
    ['a rule without Condition', choice({}, { Condition: undefined }), "The field 'Condition' is required"],
    ['a Wait for nothing', only({ Type: 'Wait', End: true }), "Exactly one of 'Seconds' and 'Timestamp'"],
    [
      'a Wait for two things',
      only({ Type: 'Wait', End: true, Seconds: 1, Timestamp: '2026-01-01T00:00:00Z' }),
      'Exactly one of',
    ],
    ['negative Seconds', only({ Type: 'Wait', End: true, Seconds: -1 }), "'Seconds' must be an integer"],
    ['a Timestamp without zone', only({ Type: 'Wait', End: true, Timestamp: '2026-01-01T00:00:00' }), 'RFC3339'],
    ['TimeoutSeconds 0', only(task({ TimeoutSeconds: 0 })), "'TimeoutSeconds' must be an integer between 1"],
    [
      'HeartbeatSeconds as long as the time-out',
      only(waitingTask({ TimeoutSeconds: 9, HeartbeatSeconds: 9 })),
      'must be smaller',
    ],
    ['a Task without FunctionName', only(task({ Arguments: { Payload: {} } })), "The field 'FunctionName' is required"],
    [
      'an unknown argument',
      only(task({ Arguments: { FunctionName: FUNCTION, Body: 1 } })),
      "The field 'Body' is not supported",
    ],
    [
      'a token that nobody gets',
      only(waitingTask({ Arguments: { FunctionName: FUNCTION } })),
      'nobody could ever answer',
    ],
    ['Assign that is no object', pass({ Assign: ['a'] }), 'Expected value of type [OBJECT] at /States/Only/Assign'],
    ['a variable named states', pass({ Assign: { states: 1 } }), "'states' is reserved"],
    ['a variable with a dash', pass({ Assign: { 'a-b': 1 } }), 'is not a valid variable name'],
    ['a variable that hides a function', pass({ Assign: { count: 1 } }), "would hide the function '$count'"],
    ['an expression that is not closed', passOf('{% 1 '), 'must start with {% and end with %}'],
    ['an expression that is not opened', passOf('1 %}'), 'must start with {% and end with %}'],
    ['white space around {% %}', passOf(' {% 1 %} '), 'White space outside'],
    ['white space before {%', passOf(' {% 1 %}'), 'must start with {% and end with %}'],
    ['a syntax error in an expression', passOf('{% 1 + %}'), 'INVALID_JSONATA_EXPRESSION: S0207'],
    ['the operator ??, which 2.0.6 lacks', passOf('{% $states.input.a ?? 1 %}'), 'INVALID_JSONATA_EXPRESSION'],
    ['$eval', passOf("{% $eval('1') %}"), "Function '$eval' is not supported"],
    ['a function that does not exist', passOf("{% $upper('x') %}"), "Function '$upper' does not exist"],
    [
      'a name at the top level',
      passOf('{% phone %}'),
      "Reference to 'phone' at the top level is not supported. at /States/Only/Output",
    ],
    [
      'a top-level name in a lambda',
      passOf('{% $map([1], function($x) { b }) %}'),
      "Reference to 'b' at the top level",
    ],
    ['$$', passOf('{% $$ %}'), "Reference to '$$' is not supported"],
    [
      '$states.result before the task',
      pass({ Output: '{% $states.result %}' }),
      "Field '$states.result' does not exist",
    ],
    [
      '$states.errorOutput outside a catcher',
      only(task({ Output: '{% $states.errorOutput %}' })),
      "'$states.errorOutput' does not exist",
    ],
    ['a member that $states never has', passOf('{% $states.output %}'), "Field '$states.output' does not exist"],
  ])('%s', async (_what, definition, sentence) => {
    const text = definition === 'x' ? 'x' : JSON.stringify(definition);
    const { code, message } = await refusal(() => parseDefinition(text));
    expect(code).toBe('InvalidDefinition');
    expect(message).toContain(sentence);
  });

  it('all its faults at once', async () => {
    const message = await refused(pass({ Extra: 1, Output: '{% $eval(1) %}' }));
    expect(message).toContain("'Extra'");
    expect(message).toContain('$eval');
  });
});

describe('a definition is not modelled when it has', () => {
  it.each<[string, unknown, string]>([
    ['JSONPath', { ...machine(done), QueryLanguage: 'JSONPath' }, "QueryLanguage 'JSONPath'"],
    ['no QueryLanguage', { StartAt: 'Done', States: done }, "QueryLanguage 'JSONPath'"],
    ['a Parallel state', only({ Type: 'Parallel', Branches: [], End: true }), "State type 'Parallel'"],
    ['a Map state', only({ Type: 'Map', ItemProcessor: {}, End: true }), "State type 'Map'"],
    ['another integration', only(task({ Resource: 'arn:aws:states:::sns:publish' })), "'arn:aws:states:::sns:publish'"],
    ['a function as resource', only(task({ Resource: FUNCTION })), FUNCTION],
    ['Credentials', only(task({ Credentials: { RoleArn: 'x' } })), "Field 'Credentials'"],
    [
      'an asynchronous invocation',
      only(task({ Arguments: { FunctionName: FUNCTION, InvocationType: 'Event' } })),
      'InvocationType',
    ],
    ['a seed for $random', passOf('{% $random(1) %}'), '$random with a seed'],
    ['heartbeats without a token', only(task({ HeartbeatSeconds: 5 })), 'HeartbeatSeconds without a task token'],
  ])('%s', async (_what, definition, sentence) => {
    const { name, message } = await refusal(() => parse(definition));
    expect(name).toBe('NotModelled');
    expect(message).toContain(sentence);
  });
});

describe('an expression may', () => {
  it.each([
    ['read names inside a predicate', '{% $states.input.items[value > 3].name %}'],
    ['sort by a name', '{% $states.input.items^(price) %}'],
    ['group by a name', '{% $states.input.items{name: $sum(price)} %}'],
    ['bind variables of its own', '{% ($y := 1; $f := function($n) { $n < 1 ? 0 : $f($n - 1) }; $f($y)) %}'],
    ['ask whether a variable exists', '{% $exists($never) %}'],
    ['use $ inside a step', '{% $states.input.items.($ * 2) %}'],
  ])('%s', (_what, expression) => {
    expect([...parse(passOf(expression)).states.keys()]).toEqual(['Only']);
  });
});

describe('the lint finds', () => {
  const lint = (definition: unknown) => lintDefinition(JSON.stringify(definition));
  const commented = (state: object) => ({ Comment: 'c', ...state });

  it('a state without Comment', () => {
    expect(lint(machine(done))).toEqual(['State "Done" has no Comment']);
  });

  it('a Choice without Default', () => {
    const findings = lint(choice({ Comment: 'c' }));
    expect(findings).toContain('Choice "Ask" has no Default');
  });

  it('functions whose answers cannot be replayed', () => {
    const definition = pass({ Comment: 'c', Output: ['{% $now() %}', '{% $millis() + $random() %}', '{% $uuid() %}'] });
    expect(lint(definition)).toEqual([
      'State "Only" calls $now in Output[0]',
      'State "Only" calls $millis in Output[1]',
      'State "Only" calls $random in Output[1]',
      'State "Only" calls $uuid in Output[2]',
    ]);
  });

  it('a variable that no path to its use assigns', () => {
    const definition = machine({
      Use: commented({ Type: 'Pass', Output: '{% $late %}', Next: 'Set' }),
      Set: commented({ Type: 'Pass', Assign: { late: 1 }, End: true }),
    });
    expect(lint(definition)).toEqual(['State "Use" uses $late in Output, which no path to it assigns']);
  });

  it('no fault in a variable that a loop assigned before', () => {
    const definition = machine({
      Set: commented({ Type: 'Pass', Assign: { n: 1 }, Next: 'Again?' }),
      'Again?': commented({ Type: 'Choice', Choices: [{ Condition: '{% $n > 1 %}', Next: 'End' }], Default: 'Set' }),
      End: commented({ Type: 'Succeed', Output: '{% $n %}' }),
    });
    expect(lint(definition)).toEqual([]);
  });

  it('a variable of one branch used in the other', () => {
    const rules = [{ Condition: '{% true %}', Next: 'A', Assign: { a: 1 } }];
    const definition = machine({
      'A?': commented({ Type: 'Choice', Choices: rules, Default: 'B' }),
      A: commented({ Type: 'Succeed', Output: '{% $a %}' }),
      B: commented({ Type: 'Succeed', Output: '{% $a %}' }),
    });
    expect(lint(definition)).toEqual(['State "B" uses $a in Output, which no path to it assigns']);
  });

  it('whatever the parser refuses', () => {
    expect(lint(pass({ Extra: 1 }))).toEqual([
      "SCHEMA_VALIDATION_FAILED: Field 'Extra' is not supported at /States/Only",
    ]);
  });
});
