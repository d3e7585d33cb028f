import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Fault } from '../../../region/service.ts';
import { createStates } from '../../../region/states/states.ts';
import { answered, failedWith, machine, passOf, refusal, ROLE, task, world } from './states-fixture.ts';

const HOUR_MS = 3_600_000;
const waitOf = (more: object) => machine({ Hold: { Type: 'Wait', End: true, ...more } });
const FAIL = machine({ Bad: { Type: 'Fail', Error: 'ROLLED_BACK', Cause: 'it crashed' } });

describe('a flow', () => {
  const flow = machine({
    Ask: task({ Next: 'Go?', Output: '{% $states.result.Payload %}' }),
    'Go?': {
      Type: 'Choice',
      Choices: [
        { Condition: "{% $states.input = 'go' %}", Next: 'Pause', Output: 'went', Assign: { by: 'rule' } },
        { Condition: "{% $states.input = 'stop' %}", Next: 'Bad' },
      ],
      Default: 'Done',
      Output: 'default',
      Assign: { by: 'default' },
    },
    Pause: { Type: 'Wait', Seconds: 10, Next: 'Done' },
    Done: { Type: 'Succeed', Output: ['{% $states.input %}', '{% $by %}'] },
    Bad: { Type: 'Fail', Error: "{% 'E' & 'RR' %}", Cause: 'told to' },
  });

  it('takes the first rule that holds, with its Output and Assign', async () => {
    const view = await world(() => answered('go')).run(flow);
    expect(view).toMatchObject({
      status: 'SUCCEEDED',
      output: '["went","rule"]',
      path: ['Ask', 'Go?', 'Pause', 'Done'],
      transitions: 4,
    });
    expect(Math.floor((view.stoppedAt! - view.startedAt) / 1000)).toBe(10);
  });

  it("takes Default otherwise, with the state's own Output and Assign", async () => {
    expect((await world(() => answered('?')).run(flow)).output).toBe('["default","default"]');
  });

  it('ends as FAILED in a Fail state, with its Error and Cause', async () => {
    expect(await world(() => answered('stop')).run(flow)).toMatchObject({
      status: 'FAILED',
      error: 'ERR',
      cause: 'told to',
    });
  });

  it('fails with States.Runtime when no rule holds and there is no Default', async () => {
    const choice = { Type: 'Choice', Choices: [{ Condition: '{% false %}', Next: 'Done' }] };
    const view = await world().run(machine({ 'A?': choice, Done: { Type: 'Succeed' } }));
    expect(view.error).toBe('States.Runtime');
    expect(view.cause).toContain('The state does not point to a next state.');
  });

  it('fails when a Condition is neither true nor false', async () => {
    const choice = { Type: 'Choice', Choices: [{ Condition: "{% 'yes' %}", Next: 'Done' }] };
    const view = await world().run(machine({ 'A?': choice, Done: { Type: 'Succeed' } }));
    expect(view.error).toBe('States.QueryEvaluationError');
    expect(view.cause).toContain(
      "'Choices[0]/Condition' returned an unexpected result type. Expected 'boolean', but was 'string'",
    );
  });

  it('waits until a timestamp, and not at all for one that has passed', async () => {
    const until = async (timestamp: string) => {
      const view = await world().run(waitOf({ Timestamp: '{% $states.input.at %}' }), { at: timestamp });
      return Math.floor((view.stoppedAt! - view.startedAt) / 1000);
    };
    expect(await until('2026-01-05T10:00:00Z')).toBe(3600);
    expect(await until('2020-01-05T10:00:00+01:00')).toBe(0);
  });

  const unexpected = (field: string, was: string) =>
    `The JSONata expression '$states.input' specified for the field '${field}' returned an unexpected result type. Expected ${was}`;
  it.each<[field: string, value: unknown, cause: string]>([
    ['Seconds', 'soon', unexpected('Seconds', `'number', but was 'string' for value: "soon"`)],
    ['Seconds', [1], unexpected('Seconds', `'number', but was 'array' for value: [1]`)],
    ['Seconds', null, unexpected('Seconds', `'number', but was 'null' for value: null`)],
    ['Seconds', -1, 'Seconds must be between 0 and 99999999 but was: -1'],
    ['Seconds', 1.5, 'The Seconds field cannot be parsed as an integer: 1.5'],
    ['Timestamp', 'tomorrow', unexpected('Timestamp', `'RFC3339 timestamp', but was 'string' for value: "tomorrow"`)],
  ])('fails when %s turns out to be %s', async (field, value, cause) => {
    const view = await world().run(waitOf({ [field]: '{% $states.input %}' }), value);
    expect(view.error).toBe('States.QueryEvaluationError');
    expect(view.cause).toMatch(/^An error occurred while executing the state '\w+' \(entered at the event id #2\)\. /);
    expect(view.cause!.replace(/^.*?\)\. /, '')).toBe(cause);
  });

  it('fails with States.DataLimitExceeded when a state puts out more than 256 KiB', async () => {
    const view = await world().run(passOf('{% [$states.input, $states.input] %}'), 'x'.repeat(140_000));
    expect(view.error).toBe('States.DataLimitExceeded');
  });

  it('fails at the 25,000th history event, which says so', async () => {
    const it = world();
    const view = await it.run(
      machine({
        A: { Type: 'Pass', Next: 'B?' },
        'B?': { Type: 'Choice', Choices: [{ Condition: '{% false %}', Next: 'End' }], Default: 'A' },
        End: { Type: 'Succeed' },
      }),
    );
    expect(view).toMatchObject({
      status: 'FAILED',
      error: 'States.Runtime',
      cause: 'The execution reached the maximum number of history events (25000).',
      historyEvents: 25_000,
    });
  });

  it('ends as TIMED_OUT after the TimeoutSeconds of its state machine, without error or cause', async () => {
    const it = world();
    const view = await it.run(machine({ Hold: { Type: 'Wait', Seconds: 100, End: true } }, { TimeoutSeconds: 7 }));
    expect(view).toMatchObject({ status: 'TIMED_OUT', error: undefined, cause: undefined });
    expect(view.stoppedAt! - view.startedAt).toBe(7_000);
    const last = (await it.history(view.executionArn)).at(-1)!;
    expect(last).toMatchObject({
      type: 'ExecutionTimedOut',
      previousEventId: 0,
      executionTimedOutEventDetails: { error: 'States.Timeout' },
    });
  });

  it('tells listeners of every state entered, until they have enough', async () => {
    const { states, run } = world(() => answered('?'));
    const seen: string[] = [];
    const forget = states.onStateEntered(({ state, type }) => seen.push(`${type} ${state}`));
    await run(flow);
    expect(seen).toEqual(['Task Ask', 'Choice Go?', 'Succeed Done']);
    forget();
    await run(flow);
    expect(seen).toHaveLength(3);
  });

  it('leaves the same trace for the same seed', async () => {
    const traceOf = async () => {
      const lines: string[] = [];
      const onTrace = ({ at, kind, label }: { at: number; kind: string; label: string }) =>
        lines.push(`${at} ${kind} ${label}`);
      const retry = [{ ErrorEquals: ['States.ALL'], JitterStrategy: 'FULL' }];
      const { run } = world((_payload, { number }) => (number < 3 ? failedWith('A') : answered(1)), {
        onTrace,
        seed: 3,
      });
      await run(machine({ Ask: task({ Retry: retry }) }));
      return lines;
    };
    const first = await traceOf();
    expect(first.length).toBeGreaterThan(8);
    expect(await traceOf()).toEqual(first);
  });
});

describe('the history', () => {
  it('of a task that failed, was retried and succeeded is as AWS writes it', async () => {
    const it = world((_payload, { number }) => (number === 1 ? failedWith('Boom') : answered('ok')));
    const view = await it.run(
      machine({ Ask: task({ TimeoutSeconds: 9, Output: 1, Retry: [{ ErrorEquals: ['Boom'] }] }) }),
      { a: 1 },
    );
    const events = await it.history(view.executionArn);
    const of = { resourceType: 'lambda', resource: 'invoke' };
    const scheduled = {
      ...of,
      region: 'us-east-1',
      parameters: '{"FunctionName":"arn:aws:lambda:us-east-1:123456789012:function:step","Payload":{"a":1}}',
      timeoutInSeconds: 9,
    };
    const untruncated = { truncated: false };
    expect(events.map(({ timestamp: _timestamp, ...event }) => event)).toEqual([
      {
        id: 1,
        previousEventId: 0,
        type: 'ExecutionStarted',
        executionStartedEventDetails: { input: '{"a":1}', inputDetails: untruncated, roleArn: ROLE },
      },
      {
        id: 2,
        previousEventId: 0,
        type: 'TaskStateEntered',
        stateEnteredEventDetails: { name: 'Ask', input: '{"a":1}', inputDetails: untruncated },
      },
      { id: 3, previousEventId: 2, type: 'TaskScheduled', taskScheduledEventDetails: scheduled },
      { id: 4, previousEventId: 3, type: 'TaskStarted', taskStartedEventDetails: of },
      {
        id: 5,
        previousEventId: 4,
        type: 'TaskFailed',
        taskFailedEventDetails: { ...of, error: 'Boom', cause: 'it broke' },
      },
      { id: 6, previousEventId: 5, type: 'TaskScheduled', taskScheduledEventDetails: scheduled },
      { id: 7, previousEventId: 6, type: 'TaskStarted', taskStartedEventDetails: of },
      {
        id: 8,
        previousEventId: 7,
        type: 'TaskSucceeded',
        taskSucceededEventDetails: {
          ...of,
          output: '{"ExecutedVersion":"$LATEST","Payload":"ok","StatusCode":200}',
          outputDetails: untruncated,
        },
      },
      {
        id: 9,
        previousEventId: 8,
        type: 'TaskStateExited',
        stateExitedEventDetails: { name: 'Ask', output: '1', outputDetails: untruncated },
      },
      {
        id: 10,
        previousEventId: 9,
        type: 'ExecutionSucceeded',
        executionSucceededEventDetails: { output: '1', outputDetails: untruncated },
      },
    ]);
  });

  it('names the events of every kind of state', async () => {
    const it = world();
    const typesOf = async (definition: object) =>
      (await it.history((await it.run(definition)).executionArn)).map((event) => event.type).slice(1);
    expect(await typesOf(passOf(1))).toEqual(['PassStateEntered', 'PassStateExited', 'ExecutionSucceeded']);
    expect(await typesOf(waitOf({ Seconds: 1 }))).toEqual([
      'WaitStateEntered',
      'WaitStateExited',
      'ExecutionSucceeded',
    ]);
    expect(await typesOf(FAIL)).toEqual(['FailStateEntered', 'ExecutionFailed']);
    const choice = { Type: 'Choice', Choices: [{ Condition: '{% true %}', Next: 'End' }] };
    expect(await typesOf(machine({ 'A?': choice, End: { Type: 'Succeed' } }))).toEqual([
      ...['ChoiceStateEntered', 'ChoiceStateExited', 'SucceedStateEntered', 'SucceedStateExited', 'ExecutionSucceeded'],
    ]);
  });

  it('comes in pages, and backwards when asked', async () => {
    const it = world();
    const { executionArn } = await it.run(passOf(1));
    const page = await it.ask<{ events: HistoryEvent[]; nextToken: string }>('GetExecutionHistory', {
      executionArn,
      maxResults: 3,
    });
    expect(page.events.map((event) => event.id)).toEqual([1, 2, 3]);
    const rest = await it.ask<{ events: HistoryEvent[] }>('GetExecutionHistory', {
      executionArn,
      maxResults: 3,
      nextToken: page.nextToken,
    });
    expect(rest.events.map((event) => event.id)).toEqual([4]);
    expect('nextToken' in rest).toBe(false);
    const reversed = await it.ask<{ events: HistoryEvent[] }>('GetExecutionHistory', {
      executionArn,
      reverseOrder: true,
    });
    expect(reversed.events.map((event) => event.id)).toEqual([4, 3, 2, 1]);
    expect((await refusal(() => it.ask('GetExecutionHistory', { executionArn, nextToken: 'x' }))).code).toBe(
      'InvalidToken',
    );
  });

  it('leaves inputs and outputs out when asked', async () => {
    const it = world();
    const { executionArn } = await it.run(passOf('secret', { Assign: { also: 'secret' } }), 'secret');
    const { events } = await it.ask<{ events: HistoryEvent[] }>('GetExecutionHistory', {
      executionArn,
      includeExecutionData: false,
    });
    expect(JSON.stringify(events)).not.toContain('secret');
    expect(events.map((event) => event.stateExitedEventDetails?.name)).toContain('Only');
  });
});

describe('StartExecution', () => {
  it('gives an execution a UUID as name when it has none', async () => {
    const it = world();
    expect(await it.start(it.create(passOf(1)))).toMatch(
      /^arn:aws:states:us-east-1:123456789012:execution:machine-1:[0-9a-f]{8}-[0-9a-f-]{27}$/,
    );
  });

  it('answers the running execution of the same name and input', async () => {
    const it = world();
    const arn = it.create(waitOf({ Seconds: 60 }));
    const first = await it.start(arn, { a: 1 }, 'n');
    await it.kernel.runFor(5_000);
    expect(await it.start(arn, { a: 1 }, 'n')).toBe(first);
    expect(it.states.executions()).toHaveLength(1);
  });

  it('refuses a taken name: another input, or an execution that closed less than 90 days ago', async () => {
    const it = world();
    const arn = it.create(waitOf({ Seconds: 60 }));
    const first = await it.start(arn, 1, 'n');
    const codeOf = async (input: unknown) => (await refusal(() => it.start(arn, input, 'n'))).code;
    expect(await codeOf(2)).toBe('ExecutionAlreadyExists');
    await it.finish(first);
    expect(await codeOf(1)).toBe('ExecutionAlreadyExists');
    await it.kernel.runFor(90 * 24 * HOUR_MS);
    expect(await it.start(arn, 1, 'n')).toBe(first);
    expect(it.states.view(first).status).toBe('RUNNING');
  });

  it.each([['a b'], ['sha256:ab'], ['a/b'], ['x'.repeat(81)], [''], ['a\u0007'], ['a*']])(
    'refuses the name %j',
    async (name) => {
      const it = world();
      const arn = it.create(passOf(1));
      expect((await refusal(() => it.start(arn, {}, name))).code).toBe('InvalidName');
    },
  );

  it.each([['{'], [JSON.stringify('x'.repeat(262_144))], [JSON.stringify('é'.repeat(140_000))]])(
    'refuses an input that is no JSON or too long',
    async (input) => {
      const it = world();
      const stateMachineArn = it.create(passOf(1));
      expect((await refusal(() => it.ask('StartExecution', { stateMachineArn, input }))).code).toBe(
        'InvalidExecutionInput',
      );
    },
  );

  it('takes an empty object for an absent input', async () => {
    const it = world();
    const { executionArn } = await it.ask<{ executionArn: string }>('StartExecution', {
      stateMachineArn: it.create(passOf('{% $states.input %}')),
    });
    expect((await it.finish(executionArn)).output).toBe('{}');
  });

  it('refuses state machines that do not exist and ARNs that are none', async () => {
    const it = world();
    expect((await refusal(() => it.start('arn:aws:states:us-east-1:123456789012:stateMachine:none'))).code).toBe(
      'StateMachineDoesNotExist',
    );
    expect((await refusal(() => it.start('arn:aws:states:eu-west-1:123456789012:stateMachine:none'))).code).toBe(
      'StateMachineDoesNotExist',
    );
    expect((await refusal(() => it.start('none'))).code).toBe('InvalidArn');
    expect((await refusal(() => it.start('arn:aws:states:us-east-1:123456789012:stateMachine:m:1'))).name).toBe(
      'NotModelled',
    );
  });

  it('from inside the region is subject to IAM', async () => {
    const caller = { kind: 'role', roleArn: ROLE, sessionName: 'events' } as const;
    const open = world();
    const { executionArn } = open.states.startExecution({
      stateMachineArn: open.create(passOf(1)),
      input: '{}',
      caller,
    });
    expect((await open.finish(executionArn)).status).toBe('SUCCEEDED');
    const closed = world(undefined, { isAllowed: false });
    const stateMachineArn = closed.create(passOf(1));
    const { code, message } = await refusal(() =>
      closed.states.startExecution({ stateMachineArn, input: '{}', caller }),
    );
    expect(code).toBe('AccessDeniedException');
    expect(message).toContain(
      `is not authorized to perform: states:StartExecution on resource: ${stateMachineArn}: no policy allows it`,
    );
    expect(closed.states.executions()).toEqual([]);
  });
});

describe('the other operations', () => {
  it('DescribeExecution tells status, times, input and output', async () => {
    const it = world();
    const view = await it.run(passOf('{% $states.input %}'), { a: 1 });
    expect(await it.ask('DescribeExecution', { executionArn: view.executionArn })).toEqual({
      executionArn: view.executionArn,
      stateMachineArn: view.stateMachineArn,
      name: view.name,
      status: 'SUCCEEDED',
      startDate: new Date(view.startedAt),
      stopDate: new Date(view.stoppedAt!),
      input: '{"a":1}',
      inputDetails: { included: true },
      output: '{"a":1}',
      outputDetails: { included: true },
      redriveCount: 0,
      redriveStatus: 'NOT_REDRIVABLE',
      redriveStatusReason: 'Execution is SUCCEEDED and cannot be redriven',
    });
  });

  it('DescribeExecution tells error and cause of a failure', async () => {
    const it = world();
    const { executionArn } = await it.run(FAIL);
    expect(await it.ask('DescribeExecution', { executionArn })).toMatchObject({
      error: 'ROLLED_BACK',
      cause: 'it crashed',
      redriveStatus: 'REDRIVABLE',
    });
  });

  it('StopExecution aborts a wait, and changes nothing the second time', async () => {
    const it = world();
    const executionArn = await it.start(it.create(waitOf({ Seconds: 600 })));
    await it.kernel.runFor(30_000);
    const { stopDate } = await it.ask('StopExecution', { executionArn });
    await it.kernel.runFor(HOUR_MS);
    expect(await it.ask('StopExecution', { executionArn, error: 'again' })).toEqual({ stopDate });
    expect(it.states.view(executionArn)).toMatchObject({ status: 'ABORTED', path: ['Hold'], error: undefined });
    expect((await it.history(executionArn)).at(-1)).toMatchObject({
      type: 'ExecutionAborted',
      executionAbortedEventDetails: {},
    });
  });

  it('StopExecution aborts between two states', async () => {
    const it = world();
    const executionArn = await it.start(it.create(passOf(1)));
    await it.ask('StopExecution', { executionArn });
    await it.kernel.runFor(HOUR_MS);
    expect(it.states.view(executionArn)).toMatchObject({ status: 'ABORTED', path: [] });
  });

  it('ListExecutions has the newest first, by state machine and status, in pages', async () => {
    const it = world();
    const arn = it.create(passOf(1));
    const names = ['a', 'b', 'c'];
    for (const name of names) await it.finish(await it.start(arn, {}, name));
    await it.finish(await it.start(it.create(FAIL), {}, 'other'));
    const list = async (input: object) =>
      await it.ask<{ executions: { name: string }[]; nextToken?: string }>('ListExecutions', {
        stateMachineArn: arn,
        ...input,
      });
    const first = await list({ maxResults: 2 });
    expect(first.executions.map((execution) => execution.name)).toEqual(['c', 'b']);
    expect((await list({ nextToken: first.nextToken })).executions.map((execution) => execution.name)).toEqual(['a']);
    expect((await list({ statusFilter: 'RUNNING' })).executions).toEqual([]);
    expect((await refusal(() => list({ redriveFilter: 'REDRIVEN' }))).name).toBe('NotModelled');
    expect((await refusal(() => list({ maxResults: 1001 }))).code).toBe('ValidationException');
  });

  it('ListStateMachines and DescribeStateMachine tell what was created', async () => {
    const it = world();
    const arn = it.create(FAIL, { StateMachineName: 'flow', TracingConfiguration: { Enabled: true } });
    expect((await it.ask<{ stateMachines: object[] }>('ListStateMachines', {})).stateMachines).toEqual([
      { stateMachineArn: arn, name: 'flow', type: 'STANDARD', creationDate: new Date(it.kernel.now) },
    ]);
    expect(await it.ask('DescribeStateMachine', { stateMachineArn: arn })).toMatchObject({
      definition: JSON.stringify(FAIL),
      roleArn: ROLE,
      status: 'ACTIVE',
      tracingConfiguration: { enabled: true },
      loggingConfiguration: { level: 'OFF' },
    });
  });

  it('RedriveExecution runs the failed task again, its retries anew, and counts itself', async () => {
    const it = world((_payload, { number }) => (number <= 2 ? failedWith('Boom') : answered('ok')));
    const definition = machine({
      Ask: task({
        Arguments: { FunctionName: 'step', Payload: '{% $states.context.Execution.RedriveCount %}' },
        Retry: [{ ErrorEquals: ['Boom'], MaxAttempts: 1 }],
        Output: 1,
      }),
    });
    const { executionArn, status } = await it.run(definition);
    expect(status).toBe('FAILED');
    await it.ask('RedriveExecution', { executionArn });
    const view = await it.finish(executionArn);
    expect(view).toMatchObject({ status: 'SUCCEEDED', output: '1', error: undefined, path: ['Ask'], transitions: 3 });
    expect(it.calls.map((call) => call.payload)).toEqual([0, 0, 1]);
    const types = (await it.history(executionArn)).map((event) => event.type);
    expect(types.slice(8, 11)).toEqual(['ExecutionFailed', 'ExecutionRedriven', 'TaskScheduled']);
    expect((await refusal(() => it.ask('RedriveExecution', { executionArn }))).code).toBe('ExecutionNotRedrivable');
  });

  it('RedriveExecution is refused after 14 days', async () => {
    const it = world();
    const { executionArn } = await it.run(FAIL);
    await it.kernel.runFor(15 * 24 * HOUR_MS);
    expect((await refusal(() => it.ask('RedriveExecution', { executionArn }))).code).toBe('ExecutionNotRedrivable');
  });

  it('refuse executions that do not exist', async () => {
    const executionArn = 'arn:aws:states:us-east-1:123456789012:execution:m:none';
    for (const name of ['DescribeExecution', 'GetExecutionHistory', 'StopExecution', 'RedriveExecution'])
      expect([name, (await refusal(() => world().ask(name, { executionArn }))).code]).toEqual([
        name,
        'ExecutionDoesNotExist',
      ]);
  });

  it('ask IAM on the execution or on the state machine, as the action demands', () => {
    const { operations } = world().states;
    const asked = (name: string) =>
      operations[name]!.permissions({ executionArn: 'E', stateMachineArn: 'M' } as never, { kind: 'operator' }).map(
        ({ action, resource }) => `${action} ${resource}`,
      );
    expect(
      [
        'StartExecution',
        'DescribeExecution',
        'StopExecution',
        'GetExecutionHistory',
        'RedriveExecution',
        'ListExecutions',
        'DescribeStateMachine',
        'ListStateMachines',
      ].flatMap(asked),
    ).toEqual([
      'states:StartExecution M',
      'states:DescribeExecution E',
      'states:StopExecution E',
      'states:GetExecutionHistory E',
      'states:RedriveExecution E',
      'states:ListExecutions M',
      'states:DescribeStateMachine M',
      'states:ListStateMachines *',
    ]);
  });
});

describe('the world hears of an execution', () => {
  it('by an event at its start and one at its end', async () => {
    const it = world();
    const view = await it.run(passOf('out'), { a: 1 });
    expect(it.events.map((event) => event.detail['status'])).toEqual(['RUNNING', 'SUCCEEDED']);
    expect(it.events[1]).toEqual({
      source: 'aws.states',
      'detail-type': 'Step Functions Execution Status Change',
      resources: [view.executionArn],
      detail: {
        executionArn: view.executionArn,
        stateMachineArn: view.stateMachineArn,
        stateMachineVersionArn: null,
        stateMachineAliasArn: null,
        name: view.name,
        status: 'SUCCEEDED',
        startDate: view.startedAt,
        stopDate: view.stoppedAt,
        input: '{"a":1}',
        inputDetails: { included: true },
        output: '"out"',
        outputDetails: { included: true },
        error: null,
        cause: null,
        redriveCount: 0,
        redriveDate: null,
        redriveStatus: 'NOT_REDRIVABLE',
        redriveStatusReason: 'Execution is SUCCEEDED and cannot be redriven',
      },
    });
  });

  it.skipIf(!process.env['CAPTURES'])('by events that have every member of the captured ones', async () => {
    const it = world();
    await it.run(passOf(1));
    for (const file of ['sfn-execution-running-official', 'sfn-execution-succeeded-recorded-2-events-base']) {
      const captured = JSON.parse(readFileSync(`${process.env['CAPTURES']}/ecs-events/${file}.json`, 'utf8')) as {
        detail: object;
      };
      expect(Object.keys(it.events[1]!.detail)).toEqual(expect.arrayContaining(Object.keys(captured.detail)));
    }
  });

  it('by metrics per state machine', async () => {
    const it = world();
    const failed = await it.run(FAIL);
    const timedOut = await it.run(machine({ Hold: { Type: 'Wait', Seconds: 9, End: true } }, { TimeoutSeconds: 2 }));
    const aborted = await it.start(it.create(waitOf({ Seconds: 9 })));
    await it.ask('StopExecution', { executionArn: aborted });
    const dimensions = { StateMachineArn: failed.stateMachineArn };
    expect(it.metrics.slice(0, 3)).toEqual([
      { name: 'ExecutionsStarted', value: 1, dimensions },
      { name: 'ExecutionsFailed', value: 1, dimensions },
      { name: 'ExecutionTime', value: failed.stoppedAt! - failed.startedAt, dimensions },
    ]);
    expect(timedOut.status).toBe('TIMED_OUT');
    expect(it.metrics.slice(3).map((metric) => metric.name)).toEqual([
      ...[
        'ExecutionsStarted',
        'ExecutionsTimedOut',
        'ExecutionTime',
        'ExecutionsStarted',
        'ExecutionsAborted',
        'ExecutionTime',
      ],
    ]);
  });

  it('by log lines of the level asked for, without payloads unless asked for', async () => {
    const logGroupArn = 'arn:aws:logs:us-east-1:123456789012:log-group:/flow:*';
    const logging = (Level: string, IncludeExecutionData: boolean) => ({
      LoggingConfiguration: {
        Level,
        IncludeExecutionData,
        Destinations: [{ CloudWatchLogsLogGroup: { LogGroupArn: logGroupArn } }],
      },
    });
    const typesOf = async (level: string, isWithPayloads: boolean) => {
      const it = world();
      await it.finish(await it.start(it.create(FAIL, logging(level, isWithPayloads)), 'secret'));
      expect(new Set(it.logs.map((log) => log.group))).toEqual(new Set([logGroupArn]));
      expect(JSON.stringify(it.logs).includes('secret')).toBe(isWithPayloads);
      return it.logs.map((log) => (JSON.parse(log.message) as { type: string }).type);
    };
    expect(await typesOf('ALL', true)).toEqual(['ExecutionStarted', 'FailStateEntered', 'ExecutionFailed']);
    expect(await typesOf('ERROR', false)).toEqual(['FailStateEntered', 'ExecutionFailed']);
    expect(await typesOf('FATAL', false)).toEqual(['ExecutionFailed']);
  });
});

describe('CloudFormation', () => {
  const creating = (properties: object) => () => world().create(passOf(1), properties);

  it('gets the ARN for Ref and ARN, name and revision for GetAtt', () => {
    const creator = world().states.resources['AWS::StepFunctions::StateMachine']!;
    const created = creator(
      'Flow',
      { RoleArn: ROLE, DefinitionString: JSON.stringify(passOf(1)), StateMachineType: 'STANDARD', Tags: [] },
      's',
    ) as {
      ref: string;
      attributes: Record<string, string>;
    };
    expect(created.ref).toMatch(/^arn:aws:states:us-east-1:123456789012:stateMachine:Flow-[0-9a-f]{12}$/);
    expect(Object.keys(created.attributes)).toEqual(['Arn', 'Name', 'StateMachineRevisionId']);
    expect(created.attributes['Arn']).toBe(created.ref);
  });

  it.each([
    ['Definition', { Definition: {} }],
    ['DefinitionS3Location', { DefinitionS3Location: {} }],
    ['DefinitionSubstitutions', { DefinitionSubstitutions: {} }],
    ['StateMachineType', { StateMachineType: 'EXPRESS' }],
    ["'Sampling'", { TracingConfiguration: { Sampling: 1 } }],
    ["'Lvl'", { LoggingConfiguration: { Lvl: 'ALL' } }],
  ])('is refused %s, which is not modelled', async (name, properties) => {
    expect(await refusal(creating(properties))).toMatchObject({
      name: 'NotModelled',
      message: expect.stringContaining(name) as string,
    });
  });

  it.each([
    ['a definition that is no text', { DefinitionString: { 'Fn::Join': [] } }, 'ValidationException'],
    ['a definition that AWS would refuse', { DefinitionString: '{"QueryLanguage":"JSONata"}' }, 'InvalidDefinition'],
    ['a name with a slash', { StateMachineName: 'a/b' }, 'InvalidName'],
    ['a log level without a destination', { LoggingConfiguration: { Level: 'ALL' } }, 'InvalidLoggingConfiguration'],
    [
      'a log group whose ARN lacks :*',
      {
        LoggingConfiguration: {
          Level: 'ALL',
          Destinations: [{ CloudWatchLogsLogGroup: { LogGroupArn: 'arn:aws:logs:g' } }],
        },
      },
      'InvalidLoggingConfiguration',
    ],
  ])('is refused %s', async (_what, properties, code) => {
    expect((await refusal(creating(properties))).code).toBe(code);
  });

  it('is refused a second state machine of the same name', async () => {
    const it = world();
    it.create(passOf(1), { StateMachineName: 'flow' });
    expect((await refusal(() => it.create(passOf(1), { StateMachineName: 'flow' }))).code).toBe(
      'StateMachineAlreadyExists',
    );
  });

  it('is refused a role that Step Functions may not assume', async () => {
    const { create } = world(undefined, {
      assumeRole() {
        throw new Fault('AccessDenied', 'not trusted', 403);
      },
    });
    expect(await refusal(() => create(passOf(1)))).toMatchObject({
      code: 'AccessDeniedException',
      message: expect.stringContaining('authorized to assume the provided role. not trusted') as string,
    });
  });

  it('finds the service under its signing name', () => {
    expect(world().states.id).toBe('states');
    expect(createStates).toBeTypeOf('function');
  });
});
