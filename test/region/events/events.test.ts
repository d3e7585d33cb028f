import type { ListRulesResponse, PutEventsResponse } from '@aws-sdk/client-eventbridge';
import { beforeEach, describe, expect, it } from 'vitest';
import { createEvents, type EventsService } from '../../../region/events/events.ts';
import { Kernel } from '../../../region/kernel/kernel.ts';
import { Fault, type BusEvent, type Caller, type CreatedResource } from '../../../region/service.ts';

const functionArn = 'arn:aws:lambda:us-east-1:123456789012:function:wake';
const stateMachineArn = 'arn:aws:states:us-east-1:123456789012:stateMachine:rollout';
const roleArn = 'arn:aws:iam::123456789012:role/start';
const deadLetterArn = 'arn:aws:sqs:us-east-1:123456789012:lost';
const ruleArn = 'arn:aws:events:us-east-1:123456789012:rule/pushes';
const role: Caller = { kind: 'role', roleArn, sessionName: 'events' };

const push: BusEvent = {
  source: 'aws.ecr',
  'detail-type': 'ECR Image Action',
  resources: [],
  detail: { 'action-type': 'PUSH', 'image-tag': 'v1', size: 7 },
};

interface Invocation {
  readonly at: number;
  readonly payload: unknown;
}

let kernel: Kernel;
let events: EventsService;
let invocations: Invocation[];
let executions: { input: string; caller: Caller }[];
let lost: { body: string; attributes: Readonly<Record<string, string>>; sourceArn: string }[];
let metrics: Record<string, number>;
/** Thrown by the next attempts at a target, first one first; then targets answer. */
let faults: Fault[];

beforeEach(() => {
  kernel = new Kernel();
  invocations = [];
  executions = [];
  lost = [];
  metrics = {};
  faults = [];
  events = createEvents({
    kernel,
    account: '123456789012',
    region: 'us-east-1',
    invokeAsync: ({ payload }) => {
      failAsTold();
      invocations.push({ at: kernel.now, payload });
    },
    startExecution: ({ input, caller }) => {
      failAsTold();
      executions.push({ input, caller });
      return { executionArn: 'arn' };
    },
    assumeRole: (arn) => {
      if (arn !== roleArn) throw new Fault('AccessDenied', `may not assume ${arn}`, 403);
      return role;
    },
    sendToQueue: (queueArn, body, attributes, { sourceArn }) => {
      if (queueArn !== deadLetterArn) throw new Fault('QueueDoesNotExist', 'no queue');
      lost.push({ body, attributes, sourceArn });
    },
    recordMetric: (namespace, name, dimensions, value) => {
      const key = `${namespace} ${name} ${JSON.stringify(dimensions)}`;
      metrics[key] = (metrics[key] ?? 0) + value;
    },
  });
});

function failAsTold(): void {
  const fault = faults.shift();
  if (fault) throw fault;
}

function createRule(properties: object, targets: object[] = [{ Id: 'T', Arn: functionArn }]): void {
  void events.resources['AWS::Events::Rule']!('Pushes', { Name: 'pushes', ...properties, Targets: targets }, 'Stack');
}

function onPush(target: object = {}): void {
  createRule({ EventPattern: { source: ['aws.ecr'] } }, [{ Id: 'T', Arn: functionArn, ...target }]);
}

async function call<Answer>(name: string, request: object): Promise<Answer> {
  return (await events.operations[name]!.apply(request as never, { kind: 'operator' })) as Answer;
}

function metric(name: string): number | undefined {
  return metrics[`AWS/Events ${name} {"RuleName":"pushes"}`];
}

describe('the default bus', () => {
  it('completes an event and delivers it to a function after the modelled latency', async () => {
    onPush();
    const emittedAt = kernel.now;
    events.emit(push);
    expect(invocations).toEqual([]);
    await kernel.runFor(1_000);
    expect(invocations).toEqual([
      {
        at: emittedAt + 130,
        payload: {
          version: '0',
          id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
          'detail-type': 'ECR Image Action',
          source: 'aws.ecr',
          account: '123456789012',
          time: '2026-01-05T09:00:00Z',
          region: 'us-east-1',
          resources: [],
          detail: push.detail,
        },
      },
    ]);
  });

  it('delivers nothing that the pattern does not match, and nothing for a disabled rule', async () => {
    onPush();
    events.emit({ ...push, source: 'aws.ecs' });
    await call('DisableRule', { Name: 'pushes' });
    events.emit(push);
    await kernel.runFor(1_000);
    expect(invocations).toEqual([]);
    await call('EnableRule', { Name: 'pushes' });
    events.emit(push);
    await kernel.runFor(1_000);
    expect(invocations).toHaveLength(1);
  });

  it('starts a state machine with the assumed role and the event as text', async () => {
    onPush({ Arn: stateMachineArn, RoleArn: roleArn });
    events.emit(push);
    await kernel.runFor(1_000);
    expect(executions.map(({ caller }) => caller)).toEqual([role]);
    expect(JSON.parse(executions[0]!.input)).toMatchObject({ source: 'aws.ecr', detail: push.detail });
  });

  it('tells listeners of every event until they leave', () => {
    const heard: string[] = [];
    const leave = events.onEvent(({ source }) => heard.push(source));
    events.emit(push);
    leave();
    events.emit(push);
    expect(heard).toEqual(['aws.ecr']);
  });

  it('gives each target its own copy of the event', async () => {
    createRule({ EventPattern: { source: ['aws.ecr'] } }, [
      { Id: 'A', Arn: functionArn },
      { Id: 'B', Arn: functionArn },
    ]);
    events.emit(push);
    await kernel.runFor(1_000);
    const [first, second] = invocations;
    expect(first!.payload).toEqual(second!.payload);
    expect(first!.payload).not.toBe(second!.payload);
  });
});

describe('a scenario can have an event', () => {
  it('lost, for one rule only', async () => {
    onPush();
    createRule({ Name: 'others', EventPattern: { source: ['aws.ecr'] } });
    events.setDelivery((_, ruleName) => (ruleName === 'pushes' ? 'never' : 'once'));
    events.emit(push);
    await kernel.runFor(60_000);
    expect(invocations).toHaveLength(1);
  });

  it('delivered twice, with the same id', async () => {
    onPush();
    events.setDelivery(() => 'twice');
    events.emit(push);
    await kernel.runFor(60_000);
    const ids = invocations.map(({ payload }) => (payload as { id: string }).id);
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(1);
  });

  it('late, so that a later event overtakes it', async () => {
    onPush();
    events.setDelivery(({ detail }) => (detail['image-tag'] === 'v1' ? { delayMs: 5_000 } : 'once'));
    events.emit(push);
    events.emit({ ...push, detail: { 'image-tag': 'v2' } });
    await kernel.runFor(60_000);
    const tags = invocations.map(({ payload }) => (payload as BusEvent).detail['image-tag']);
    expect(tags).toEqual(['v2', 'v1']);
  });
});

describe('when a target fails', () => {
  const throttled = (): Fault => new Fault('TooManyRequestsException', 'Rate exceeded', 429);
  const DeadLetterConfig = { Arn: deadLetterArn };

  it('EventBridge tries again, waiting longer each time, until it answers', async () => {
    onPush({ DeadLetterConfig });
    faults = [throttled(), new Fault('ServiceException', 'oops', 500), throttled()];
    events.emit(push);
    await kernel.runFor(60_000);
    expect(invocations).toHaveLength(1);
    expect(invocations[0]!.at - Date.UTC(2026, 0, 5, 9)).toBeGreaterThan(3_500);
    expect(lost).toEqual([]);
    expect([metric('RetryInvocationAttempts'), metric('Invocations'), metric('FailedInvocations')]).toEqual([
      3,
      1,
      undefined,
    ]);
  });

  it('gives up after the retries of the policy and sends the event to the queue, with the reason', async () => {
    onPush({ DeadLetterConfig, RetryPolicy: { MaximumRetryAttempts: 2 } });
    faults = [throttled(), throttled(), throttled()];
    events.emit(push);
    await kernel.runFor(60_000);
    expect(lost).toEqual([
      {
        body: expect.stringContaining('"image-tag":"v1"') as string,
        sourceArn: ruleArn,
        attributes: {
          RULE_ARN: ruleArn,
          TARGET_ARN: functionArn,
          ERROR_CODE: 'THROTTLING',
          ERROR_MESSAGE: 'Rate exceeded',
          EXHAUSTED_RETRY_CONDITION: 'MaximumRetryAttempts',
          RETRY_ATTEMPTS: '2',
        },
      },
    ]);
    expect([metric('FailedInvocations'), metric('InvocationsSentToDlq'), metric('Invocations')]).toEqual([1, 1, 1]);
  });

  it('gives up when the event has become too old', async () => {
    onPush({ DeadLetterConfig, RetryPolicy: { MaximumEventAgeInSeconds: 60 } });
    faults = Array.from({ length: 50 }, throttled);
    events.emit(push);
    await kernel.runFor(60_000);
    expect(lost.map(({ attributes }) => attributes.EXHAUSTED_RETRY_CONDITION)).toEqual(['MaximumEventAgeInSeconds']);
  });

  it('by default tries 185 times within 24 hours and no longer', async () => {
    onPush({ DeadLetterConfig });
    faults = Array.from({ length: 1_000 }, throttled);
    events.emit(push);
    await kernel.runFor(86_400_000);
    expect(lost).toHaveLength(1);
    expect(metric('InvocationAttempts')).toBeLessThanOrEqual(186);
    expect(metric('InvocationAttempts')).toBeGreaterThan(150);
  });

  it.each([
    ['AccessDeniedException', 'NO_PERMISSIONS'],
    ['ResourceNotFoundException', 'NO_RESOURCE'],
    ['StateMachineDoesNotExist', 'NO_RESOURCE'],
    ['InvalidExecutionInput', 'ERROR_FROM_TARGET'],
  ])('does not retry %s', async (code, ERROR_CODE) => {
    onPush({ DeadLetterConfig });
    faults = [new Fault(code, 'no')];
    events.emit(push);
    await kernel.runFor(60_000);
    expect(lost.map(({ attributes }) => attributes)).toEqual([
      { RULE_ARN: ruleArn, TARGET_ARN: functionArn, ERROR_CODE, ERROR_MESSAGE: 'no' },
    ]);
    expect(metric('RetryInvocationAttempts')).toBeUndefined();
  });

  it('does not retry a role that may not be assumed', async () => {
    onPush({ Arn: stateMachineArn, RoleArn: `${roleArn}-other`, DeadLetterConfig });
    events.emit(push);
    await kernel.runFor(60_000);
    expect(lost[0]!.attributes).toMatchObject({ ERROR_CODE: 'FAILED_TO_ASSUME_ROLE' });
    expect(executions).toEqual([]);
  });

  it('drops the event without a queue, and counts a queue that cannot be reached', async () => {
    onPush();
    createRule({ Name: 'others', EventPattern: { source: ['aws.ecr'] } }, [
      { Id: 'T', Arn: functionArn, DeadLetterConfig: { Arn: `${deadLetterArn}-gone` } },
    ]);
    faults = [new Fault('AccessDeniedException', 'no'), new Fault('AccessDeniedException', 'no')];
    events.emit(push);
    await kernel.runFor(60_000);
    expect([metric('FailedInvocations'), metric('InvocationsSentToDlq')]).toEqual([1, undefined]);
    expect(metrics['AWS/Events InvocationsFailedToBeSentToDlq {"RuleName":"others"}']).toBe(1);
  });
});

describe('the input of a target', () => {
  async function inputFor(target: object): Promise<unknown> {
    onPush({ DeadLetterConfig: { Arn: deadLetterArn }, ...target });
    events.emit(push);
    await kernel.runFor(1_000);
    return invocations[0]?.payload;
  }
  const transformed = (
    InputTemplate: string,
    InputPathsMap: object = { tag: '$.detail.image-tag', size: '$.detail.size' },
  ) => inputFor({ InputTransformer: { InputPathsMap, InputTemplate } });

  it('can be constant or a part of the event', async () => {
    expect(await inputFor({ Input: '{"a":1}' })).toEqual({ a: 1 });
  });

  it('can be a part of the event', async () => {
    expect(await inputFor({ InputPath: '$.detail' })).toEqual(push.detail);
  });

  it('can be a template: texts are quoted outside quotes and bare inside', async () => {
    const template = '{"tag":<tag>,"size":<size>,"text":"\\"<tag>\\" of <size>, by <aws.events.rule-name>"}';
    expect(await transformed(template)).toEqual({ tag: 'v1', size: 7, text: '"v1" of 7, by pushes' });
  });

  it('can be a text', async () => {
    expect(await transformed('"pushed <tag>"')).toBe('pushed v1');
  });

  it('knows the variables that EventBridge reserves', async () => {
    const template =
      '{"all":<aws.events.event.json>,"bare":<aws.events.event>,"arn":"<aws.events.rule-arn>","at":<aws.events.event.ingestion-time>}';
    const input = (await transformed(template)) as Record<string, unknown>;
    expect(input).toMatchObject({ all: { detail: push.detail }, arn: ruleArn, at: '2026-01-05T09:00:00.000Z' });
    expect(input.bare).not.toHaveProperty('detail');
  });

  it('leaves a missing value out, so that the JSON breaks and the event is lost', async () => {
    expect(await transformed('{"tag":<tag>}', { tag: '$.detail.nothing' })).toBeUndefined();
    expect(lost[0]!.attributes).toMatchObject({ ERROR_CODE: 'INVALID_JSON' });
  });

  it('escapes nothing inside quotes', async () => {
    onPush({ InputTransformer: { InputPathsMap: { tag: '$.detail.t' }, InputTemplate: '"pushed <tag>"' } });
    events.emit({ ...push, detail: { t: 'a"b' } });
    await kernel.runFor(1_000);
    expect(invocations).toEqual([]);
    expect(metric('FailedInvocations')).toBe(1);
  });

  it.each([
    ['two kinds at once', { Input: '{}', InputPath: '$' }, 'Only one of'],
    ['constant input that is no JSON', { Input: '{' }, 'JSON syntax error'],
    ['an undefined variable', { InputTransformer: { InputTemplate: '{"a":<b>}' } }, '<b> is not defined'],
    ['a reserved name', { InputTransformer: { InputPathsMap: { 'aws.x': '$.a' }, InputTemplate: '{}' } }, 'reserved'],
    ['a wildcard path', { InputPath: '$.detail[*]' }, 'not modelled'],
  ])('is refused with %s', (_, target, message) => {
    expect(() => onPush(target)).toThrow(message);
  });
});

describe('schedules', () => {
  it('tick at their rate, with the scheduled event', async () => {
    createRule({ ScheduleExpression: 'rate(5 minutes)' });
    await kernel.runFor(10 * 60_000 + 1_000);
    expect(invocations.map(({ payload }) => payload)).toEqual(
      ['2026-01-05T09:05:00Z', '2026-01-05T09:10:00Z'].map((time): unknown =>
        expect.objectContaining({
          source: 'aws.events',
          'detail-type': 'Scheduled Event',
          resources: [ruleArn],
          detail: {},
          time,
        }),
      ),
    );
  });

  it('leave nothing pending while paused, and keep their rhythm afterwards', async () => {
    createRule({ ScheduleExpression: 'rate(5 minutes)' });
    events.pauseSchedules();
    expect(kernel.nextDueAt).toBeUndefined();
    await kernel.runFor(7 * 60_000);
    events.resumeSchedules();
    expect(kernel.nextDueAt).toBe(Date.UTC(2026, 0, 5, 9, 10));
    await kernel.runFor(4 * 60_000);
    expect(invocations).toHaveLength(1);
  });

  it('of a rule that is created while they are paused wait, too', () => {
    events.pauseSchedules();
    createRule({ ScheduleExpression: 'rate(5 minutes)' });
    expect(kernel.nextDueAt).toBeUndefined();
    events.resumeSchedules();
    expect(kernel.nextDueAt).toBe(Date.UTC(2026, 0, 5, 9, 5));
  });

  it('stop with their rule and start again with it', async () => {
    createRule({ ScheduleExpression: 'rate(1 hour)', State: 'DISABLED' });
    expect(kernel.nextDueAt).toBeUndefined();
    await call('EnableRule', { Name: 'pushes' });
    expect(kernel.nextDueAt).toBe(Date.UTC(2026, 0, 5, 10));
    await call('DisableRule', { Name: 'pushes' });
    expect(kernel.nextDueAt).toBeUndefined();
  });

  it.each([
    ['cron(0/15 * * * ? *)', Date.UTC(2026, 0, 5, 9, 15)],
    ['cron(30 6 * * ? *)', Date.UTC(2026, 0, 6, 6, 30)],
    ['cron(0 0/2 ? * * *)', Date.UTC(2026, 0, 5, 10)],
    ['rate(1 day)', Date.UTC(2026, 0, 6, 9)],
  ])('%s ticks next at the right time', (ScheduleExpression, dueAt) => {
    createRule({ ScheduleExpression });
    expect(kernel.nextDueAt).toBe(dueAt);
  });

  it.each([
    ['rate(1 minutes)', 'is not valid'],
    ['rate(5 minute)', 'is not valid'],
    ['rate(0 minutes)', 'is not valid'],
    ['cron(0 25 * * ? *)', 'is not valid'],
    ['cron(0 12 * * * *)', 'is not valid'],
    ['every day', 'is not valid'],
    ['cron(0 12 ? * MON *)', 'not modelled'],
    ['cron(0-5 12 * * ? *)', 'not modelled'],
  ])('%s is refused: %s', (ScheduleExpression, message) => {
    expect(() => createRule({ ScheduleExpression })).toThrow(message);
  });
});

describe('rules', () => {
  it('answer with a generated name where the template has none', async () => {
    const created = await events.resources['AWS::Events::Rule']!(
      'Pushes',
      { EventPattern: { source: ['x'] } },
      'Stack',
    );
    expect(created.ref).toMatch(/^Stack-Pushes-[0-9a-f]{12}$/);
    expect(created.attributes.Arn).toBe(`arn:aws:events:us-east-1:123456789012:rule/${created.ref}`);
  });

  it('have names of at most 64 characters, made up or given', async () => {
    const create = (properties: object) => () =>
      events.resources['AWS::Events::Rule']!(
        'R'.repeat(100),
        { EventPattern: { source: ['aws.ecr'] }, ...properties },
        'S'.repeat(100),
      ) as CreatedResource;
    const { ref } = create({})();
    expect(ref).toMatch(/^S{24}-R{24}-[0-9a-f]{12}$/);
    expect(await call('DescribeRule', { Name: ref })).toMatchObject({ Name: ref });
    expect(create({ Name: 'n'.repeat(64) })).not.toThrow();
    expect(create({ Name: 'n'.repeat(65) })).toThrow();
    expect(create({ Name: 'my rule' })).toThrow();
  });

  it('are listed and described as they were made', async () => {
    onPush();
    const { Rules } = await call<ListRulesResponse>('ListRules', { NamePrefix: 'pu' });
    const rule = {
      Name: 'pushes',
      Arn: ruleArn,
      EventPattern: '{"source":["aws.ecr"]}',
      State: 'ENABLED',
      EventBusName: 'default',
    };
    expect(Rules).toEqual([rule]);
    expect(await call('DescribeRule', { Name: 'pushes' })).toEqual(rule);
    await expect(call('DescribeRule', { Name: 'nope' })).rejects.toThrow(
      'Rule nope does not exist on EventBus default.',
    );
  });

  it.each([
    ['an unknown property', { RoleArn: roleArn }, [], /RoleArn.*not modelled/],
    ['another bus', { EventBusName: 'mine' }, [], 'not modelled'],
    ['a target of another service', {}, [{ Id: 'T', Arn: deadLetterArn }], 'not modelled'],
    ['a state machine without role', {}, [{ Id: 'T', Arn: stateMachineArn }], 'RoleArn is required'],
    ['six targets', {}, Array.from('abcdef', (Id) => ({ Id, Arn: functionArn })), 'exceeds the maximum number'],
    [
      'an impossible retry policy',
      {},
      [{ Id: 'T', Arn: functionArn, RetryPolicy: { MaximumRetryAttempts: 186 } }],
      'MaximumRetryAttempts',
    ],
  ])('are refused with %s', (_, properties, targets, message) => {
    expect(() => createRule({ EventPattern: { source: ['x'] }, ...properties }, targets)).toThrow(message);
  });
});

describe('PutEvents', () => {
  it('puts good entries on the bus and tells which were refused', async () => {
    createRule({ EventPattern: { source: ['my.app'] } });
    const entry = { Source: 'my.app', DetailType: 'Done', Detail: '{"a":1}' };
    const answer = await call<PutEventsResponse>('PutEvents', {
      Entries: [
        entry,
        { ...entry, Source: 'aws.ecr' },
        { ...entry, Detail: '[]' },
        { ...entry, DetailType: undefined },
      ],
    });
    expect(answer.FailedEntryCount).toBe(3);
    expect(answer.Entries?.map(({ ErrorCode }) => ErrorCode)).toEqual([
      undefined,
      'NotAuthorizedForSourceException',
      'MalformedDetail',
      'InvalidArgument',
    ]);
    await kernel.runFor(1_000);
    expect(invocations.map(({ payload }) => payload)).toEqual([
      expect.objectContaining({ id: answer.Entries![0]!.EventId, source: 'my.app', detail: { a: 1 } }),
    ]);
  });

  it('is asked for on the default bus, with source and type as conditions', () => {
    const request = { Entries: [{ Source: 'my.app', DetailType: 'Done' }] };
    expect(events.operations.PutEvents!.permissions(request as never, { kind: 'operator' })).toEqual([
      {
        action: 'events:PutEvents',
        resource: 'arn:aws:events:us-east-1:123456789012:event-bus/default',
        context: { 'events:source': 'my.app', 'events:detail-type': 'Done' },
      },
    ]);
  });
});
