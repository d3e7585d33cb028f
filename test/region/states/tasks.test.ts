import { describe, expect, it } from 'vitest';
import { Fault } from '../../../region/service.ts';
import {
  answered,
  failedWith,
  FUNCTION,
  machine,
  refusal,
  ROLE,
  task,
  waitingTask,
  world,
  type Behaviour,
  type World,
} from './states-fixture.ts';

const catchAll = { Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }] };
const caught = { Caught: { Type: 'Succeed' } };
const done = { Done: { Type: 'Succeed' } };

/** Fails with the given errors in turn, then answers. */
const failing =
  (...errors: string[]): Behaviour =>
  (_payload, { number }) =>
    errors[number - 1] === undefined ? answered('ok') : failedWith(errors[number - 1]!);

describe('a Task that invokes a function', () => {
  it('passes its payload as the role of the state machine and takes the main members of the answer', async () => {
    const { run, calls } = world(() => answered({ word: 'go' }));
    const view = await run(machine({ Ask: task() }), { image: 'tag' });
    expect(calls).toMatchObject([
      { functionArn: FUNCTION, payload: { image: 'tag' }, caller: { kind: 'role', roleArn: ROLE } },
    ]);
    expect(JSON.parse(view.output!)).toEqual({ ExecutedVersion: '$LATEST', Payload: { word: 'go' }, StatusCode: 200 });
  });

  it.each([
    ['a name', { FunctionName: 'step' }, FUNCTION],
    ['a partial ARN', { FunctionName: '123456789012:function:step' }, FUNCTION],
    ['an ARN with a version', { FunctionName: `${FUNCTION}:3` }, `${FUNCTION}:3`],
    ['a qualifier', { FunctionName: FUNCTION, Qualifier: 'live' }, `${FUNCTION}:live`],
  ])('finds it by %s', async (_what, parameters, expected) => {
    const { run, calls } = world();
    await run(machine({ Ask: task({ Arguments: parameters }) }));
    expect(calls.map((call) => call.functionArn)).toEqual([expected]);
  });

  it('answers the version that ran when the ARN names one', async () => {
    const { run } = world();
    const view = await run(machine({ Ask: task({ Arguments: { FunctionName: `${FUNCTION}:3` } }) }));
    expect(JSON.parse(view.output!)).toMatchObject({ ExecutedVersion: '3' });
  });

  it('fails with the error and message of the function', async () => {
    const { run } = world(failing('ServiceBusy'));
    const { status, error, cause } = await run(machine({ Ask: task() }));
    expect({ status, error, cause }).toEqual({ status: 'FAILED', error: 'ServiceBusy', cause: 'it broke' });
  });

  it.each([
    ['AccessDeniedException', 403, 'Lambda.AWSLambdaException'],
    ['ResourceNotFoundException', 404, 'Lambda.ResourceNotFoundException'],
    ['TooManyRequestsException', 429, 'Lambda.TooManyRequestsException'],
  ])('turns %s of Lambda into a failure of the task', async (code, status, expected) => {
    const { run } = world(() => {
      throw new Fault(code, 'no', status);
    });
    const view = await run(machine({ Ask: task() }));
    expect(view.error).toBe(expected);
    expect(view.cause).toMatch(
      new RegExp(
        `^no \\(Service: AWSLambda; Status Code: ${status}; Error Code: ${code}; Request ID: [0-9a-f-]{36}; Proxy: null\\)$`,
      ),
    );
  });

  it('fails with States.Permissions when its role can no longer be assumed', async () => {
    let isTrusted = true;
    const { create, start, finish } = world(undefined, {
      assumeRole(roleArn) {
        if (!isTrusted) throw new Fault('AccessDenied', 'the trust policy refuses');
        return { kind: 'role', roleArn, sessionName: 's' };
      },
    });
    const arn = create(machine({ Ask: task() }));
    isTrusted = false;
    expect((await finish(await start(arn))).error).toBe('States.Permissions');
  });

  it('fails with States.DataLimitExceeded on an answer over 256 KiB, which States.ALL does not catch', async () => {
    const { run } = world(() => answered('x'.repeat(262_144)));
    const view = await run(machine({ Ask: task(catchAll), ...caught }));
    expect([view.status, view.error, view.path]).toEqual(['FAILED', 'States.DataLimitExceeded', ['Ask']]);
    expect(view.cause).toContain(
      "The state/task 'lambda' returned a result with a size exceeding the maximum number of bytes service limit.",
    );
  });

  it('lets States.DataLimitExceeded be caught by its own name', async () => {
    const { run } = world(() => answered('x'.repeat(262_144)));
    const named = { Catch: [{ ErrorEquals: ['States.DataLimitExceeded'], Next: 'Caught' }] };
    expect((await run(machine({ Ask: task(named), ...caught }))).path).toEqual(['Ask', 'Caught']);
  });

  it('fails with States.Timeout after TimeoutSeconds, counted from its start, and ignores the later answer', async () => {
    const { run, history } = world(() => ({ afterMs: 9_000, result: answered('late') }));
    const view = await run(machine({ Ask: task({ TimeoutSeconds: 5, ...catchAll }), ...caught }));
    expect(JSON.parse(view.output!)).toEqual({ Error: 'States.Timeout', Cause: '' });
    const events = await history(view.executionArn);
    const started = events.find((event) => event.type === 'TaskStarted')!;
    const timedOut = events.find((event) => event.type === 'TaskTimedOut')!;
    expect(timedOut.timestamp!.getTime() - started.timestamp!.getTime()).toBe(5_000);
    expect(timedOut.taskTimedOutEventDetails).toEqual({
      error: 'States.Timeout',
      resource: 'invoke',
      resourceType: 'lambda',
    });
  });
});

describe('Retry', () => {
  const attemptsAt = ({ calls }: World) => calls.map((call) => Math.round((call.at - calls[0]!.at) / 1000));
  const retried = (retry: object[], more: object = {}) =>
    machine({ Ask: task({ Retry: retry, ...more }), ...('Catch' in more ? caught : {}) });

  it('waits longer each time, by IntervalSeconds and BackoffRate', async () => {
    const it = world(failing('Boom', 'Boom', 'Boom'));
    const view = await it.run(retried([{ ErrorEquals: ['Boom'], IntervalSeconds: 2, BackoffRate: 3 }]));
    expect(view.status).toBe('SUCCEEDED');
    expect(attemptsAt(it)).toEqual([0, 2, 8, 26]);
  });

  it('has the defaults of AWS: one second, doubled, three times', async () => {
    const it = world(failing('A', 'A', 'A', 'A'));
    const view = await it.run(retried([{ ErrorEquals: ['A'] }]));
    expect(view.error).toBe('A');
    expect(attemptsAt(it)).toEqual([0, 1, 3, 7]);
  });

  it('never waits longer than MaxDelaySeconds', async () => {
    const it = world(failing('A', 'A', 'A'));
    await it.run(retried([{ ErrorEquals: ['A'], IntervalSeconds: 3, BackoffRate: 10, MaxDelaySeconds: 4 }]));
    expect(attemptsAt(it)).toEqual([0, 3, 7, 11]);
  });

  it('draws the delay below the computed one with full jitter, the same for the same seed', async () => {
    const gaps = async (seed: number) => {
      const it = world(failing('A', 'A', 'A'), { seed });
      await it.run(retried([{ ErrorEquals: ['A'], IntervalSeconds: 100, BackoffRate: 1, JitterStrategy: 'FULL' }]));
      return it.calls.slice(1).map((call, index) => call.at - it.calls[index]!.at);
    };
    const first = await gaps(5);
    expect(new Set(first).size).toBe(3);
    expect(Math.max(...first)).toBeLessThan(100_100);
    expect(await gaps(5)).toEqual(first);
    expect(await gaps(6)).not.toEqual(first);
  });

  it('counts each retrier for itself', async () => {
    const it = world(failing('A', 'B', 'A', 'B', 'A'));
    const view = await it.run(
      retried([
        { ErrorEquals: ['A'], MaxAttempts: 2 },
        { ErrorEquals: ['B'], MaxAttempts: 2 },
      ]),
    );
    expect([view.status, view.error, it.calls.length]).toEqual(['FAILED', 'A', 5]);
  });

  it('stops at an exhausted retrier even where a later one would match', async () => {
    const it = world(failing('A', 'A', 'A'));
    const view = await it.run(retried([{ ErrorEquals: ['A'], MaxAttempts: 1 }, { ErrorEquals: ['States.ALL'] }]));
    expect([view.error, it.calls.length]).toEqual(['A', 2]);
  });

  it('leaves an error with MaxAttempts 0 to Catch', async () => {
    const it = world(failing('A'));
    const view = await it.run(retried([{ ErrorEquals: ['A'], MaxAttempts: 0 }], catchAll));
    expect([view.path, it.calls.length]).toEqual([['Ask', 'Caught'], 1]);
  });

  it('shows the count in the context, while EnteredTime does not move', async () => {
    const it = world(failing('A', 'A'));
    const payload = ['{% $states.context.State.RetryCount %}', '{% $states.context.State.EnteredTime %}'];
    await it.run(
      machine({
        Ask: task({ Arguments: { FunctionName: 'step', Payload: payload }, Retry: [{ ErrorEquals: ['A'] }] }),
      }),
    );
    const payloads = it.calls.map((call) => call.payload as [number, string]);
    expect(payloads.map(([count]) => count)).toEqual([0, 1, 2]);
    expect(new Set(payloads.map(([, enteredTime]) => enteredTime)).size).toBe(1);
  });

  it('is billed: every attempt after the first is a transition, but no new entry', async () => {
    const view = await world(failing('A', 'A')).run(retried([{ ErrorEquals: ['A'] }]));
    expect([view.transitions, view.path]).toEqual([3, ['Ask']]);
  });
});

describe('Catch', () => {
  it.each<[string, string, Behaviour, object, boolean]>([
    ['States.ALL', 'an error of a function', failing('Boom'), {}, true],
    ['States.TaskFailed', 'an error of a function', failing('Boom'), {}, true],
    ['States.TaskFailed', 'a time-out', () => 'never', { TimeoutSeconds: 1 }, false],
    ['States.Timeout', 'a time-out', () => 'never', { TimeoutSeconds: 1 }, true],
    ['States.ALL', 'a time-out', () => 'never', { TimeoutSeconds: 1 }, true],
    ['Boom', 'an error of this name', failing('Boom'), {}, true],
    ['boom', 'an error of another spelling', failing('Boom'), {}, false],
  ])('%s and %s', async (name, _what, behaviour, more, isCaught) => {
    const state = task({ ...more, Catch: [{ ErrorEquals: [name], Next: 'Caught' }] });
    const view = await world(behaviour).run(machine({ Ask: state, ...caught }));
    expect(view.path).toEqual(isCaught ? ['Ask', 'Caught'] : ['Ask']);
  });

  it('takes the first catcher that matches, and its Output and Assign', async () => {
    const { run } = world(failing('Boom'));
    const view = await run(
      machine({
        Ask: task({
          Catch: [
            { ErrorEquals: ['Other'], Next: 'Done' },
            {
              ErrorEquals: ['Boom'],
              Next: 'Caught',
              Output: { was: '{% $states.errorOutput.Error %}', from: '{% $states.input %}' },
              Assign: { cause: '{% $states.errorOutput.Cause %}' },
            },
          ],
        }),
        Caught: { Type: 'Pass', Output: ['{% $states.input %}', '{% $cause %}'], Next: 'Done' },
        ...done,
      }),
      'in',
    );
    expect(JSON.parse(view.output!)).toEqual([{ was: 'Boom', from: 'in' }, 'it broke']);
  });

  it('hands on Error and Cause when it has no Output', async () => {
    const view = await world(failing('Boom')).run(machine({ Ask: task(catchAll), ...caught }));
    expect(JSON.parse(view.output!)).toEqual({ Error: 'Boom', Cause: 'it broke' });
  });
});

/** Runs until the function has been called `count` times and answers the tokens that it got. */
async function tokensOf({ kernel, calls }: World, count = 1): Promise<string[]> {
  await kernel.runUntil(() => calls.length === count, 'the call', 3_600_000);
  return calls.map((call) => (call.payload as { token: string }).token);
}

describe('a Task that waits for a token', () => {
  const begin = async (state: object, behaviour: Behaviour = () => answered('ignored')) => {
    const it = world(behaviour);
    const arn = await it.start(it.create(machine({ Await: state, ...caught, ...('Next' in state ? done : {}) }, {})));
    return { ...it, arn, token: (await tokensOf(it))[0]! };
  };
  const waiting = (more: object = {}) => waitingTask({ ...catchAll, ...more });
  const codeOf = async (act: () => unknown) => (await refusal(act)).code;

  it('has the output of SendTaskSuccess as its result, not what the function answered', async () => {
    const { kernel, ask, finish, arn, token, history } = await begin(waiting());
    await kernel.runFor(60_000);
    await ask('SendTaskSuccess', { taskToken: token, output: '{"word": "steady"}' });
    expect((await finish(arn)).output).toBe('{"word":"steady"}');
    const types = (await history(arn)).map((event) => event.type);
    expect(types.slice(2, 6)).toEqual(['TaskScheduled', 'TaskStarted', 'TaskSubmitted', 'TaskSucceeded']);
  });

  it('may be answered before its function has ended, whose failure then counts for nothing', async () => {
    const { kernel, ask, finish, arn, token } = await begin(waiting(), () => ({
      afterMs: 500,
      result: failedWith('Late'),
    }));
    await kernel.runFor(100);
    await ask('SendTaskSuccess', { taskToken: token, output: '1' });
    const view = await finish(arn);
    await kernel.runFor(10_000);
    expect([view.status, view.output]).toEqual(['SUCCEEDED', '1']);
  });

  it('fails when its function fails before anyone answers', async () => {
    const { finish, arn, ask, token } = await begin(waiting(), failing('Boom'));
    expect(JSON.parse((await finish(arn)).output!)).toEqual({ Error: 'Boom', Cause: 'it broke' });
    expect(await codeOf(() => ask('SendTaskSuccess', { taskToken: token, output: '1' }))).toBe('TaskTimedOut');
  });

  it('fails with the error and cause of SendTaskFailure', async () => {
    const { ask, finish, arn, token } = await begin(waiting());
    await ask('SendTaskFailure', { taskToken: token, error: 'NotToday', cause: 'because' });
    expect(JSON.parse((await finish(arn)).output!)).toEqual({ Error: 'NotToday', Cause: 'because' });
  });

  it('times out after TimeoutSeconds, heartbeats or not', async () => {
    const { kernel, ask, arn, finish, token } = await begin(waiting({ TimeoutSeconds: 30, HeartbeatSeconds: 20 }));
    for (let beat = 0; beat < 2; beat++) {
      await kernel.runFor(14_000);
      await ask('SendTaskHeartbeat', { taskToken: token });
    }
    const view = await finish(arn);
    expect(JSON.parse(view.output!)).toMatchObject({ Error: 'States.Timeout' });
    expect(Math.round((view.stoppedAt! - view.startedAt) / 1000)).toBe(30);
  });

  it('misses its heartbeat, which is found as States.HeartbeatTimeout', async () => {
    const named = { Catch: [{ ErrorEquals: ['States.HeartbeatTimeout'], Next: 'Caught' }] };
    const { kernel, ask, arn, finish, token } = await begin(waitingTask({ HeartbeatSeconds: 10, ...named }));
    await kernel.runFor(8_000);
    await ask('SendTaskHeartbeat', { taskToken: token });
    const view = await finish(arn);
    expect(view.path).toEqual(['Await', 'Caught']);
    expect(Math.round((view.stoppedAt! - view.startedAt) / 1000)).toBe(18);
  });

  it('does not call its own time-out a missed heartbeat', async () => {
    const named = { Catch: [{ ErrorEquals: ['States.HeartbeatTimeout'], Next: 'Caught' }] };
    const { arn, finish } = await begin(waitingTask({ TimeoutSeconds: 5, ...named }));
    expect([(await finish(arn)).error]).toEqual(['States.Timeout']);
  });

  it('gives a new token to every attempt and refuses the old one', async () => {
    const it = await begin(waiting({ TimeoutSeconds: 5, Retry: [{ ErrorEquals: ['States.Timeout'] }] }));
    const [first, second] = await tokensOf(it, 2);
    expect(second).not.toBe(first);
    expect(await codeOf(() => it.ask('SendTaskSuccess', { taskToken: first, output: '1' }))).toBe('TaskTimedOut');
    await it.ask('SendTaskSuccess', { taskToken: second, output: '2' });
    expect((await it.finish(it.arn)).output).toBe('2');
  });

  it('takes only one answer', async () => {
    const { ask, token } = await begin(waiting());
    await ask('SendTaskSuccess', { taskToken: token, output: '1' });
    expect(await refusal(() => ask('SendTaskFailure', { taskToken: token }))).toEqual({
      name: 'Fault',
      code: 'TaskTimedOut',
      message: "Task Timed Out: 'Provided task does not exist anymore'",
    });
  });

  it('refuses tokens that it never gave, and what is no token or no JSON', async () => {
    const { ask, token } = await begin(waiting());
    const other = `${token.slice(0, 40)}${token[40] === 'A' ? 'B' : 'A'}${token.slice(41)}`;
    expect(await codeOf(() => ask('SendTaskSuccess', { taskToken: other, output: '1' }))).toBe('TaskDoesNotExist');
    expect(await codeOf(() => ask('SendTaskHeartbeat', { taskToken: 'nonsense' }))).toBe('InvalidToken');
    expect(await codeOf(() => ask('SendTaskSuccess', { taskToken: token, output: '{' }))).toBe('InvalidOutput');
  });

  it('closes its token when the execution is stopped, and drops what its function still says', async () => {
    const { kernel, ask, arn, token, states } = await begin(waiting(), () => ({
      afterMs: 5_000,
      result: failedWith('Late'),
    }));
    await ask('StopExecution', { executionArn: arn, error: 'Enough', cause: 'a person' });
    await kernel.runFor(60_000);
    expect(states.view(arn)).toMatchObject({ status: 'ABORTED', error: 'Enough', cause: 'a person', path: ['Await'] });
    expect(await codeOf(() => ask('SendTaskHeartbeat', { taskToken: token }))).toBe('TaskTimedOut');
  });

  it('asks IAM on the state machine of the token, on * for a token that nobody knows', async () => {
    const { states, token } = await begin(waiting());
    const asked = (taskToken: string) =>
      states.operations['SendTaskSuccess']!.permissions({ taskToken } as never, { kind: 'operator' });
    expect(asked(token)).toEqual([
      { action: 'states:SendTaskSuccess', resource: 'arn:aws:states:us-east-1:123456789012:stateMachine:machine-1' },
    ]);
    expect(asked('unknown')).toEqual([{ action: 'states:SendTaskSuccess', resource: '*' }]);
  });
});
