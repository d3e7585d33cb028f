import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readPrices } from '../../cli/verbs/size/prices.ts';
import { FUNCTION_TIMEOUT_SECONDS } from '../../functions/rollout/ledger.ts';
import { EVERY_OUTCOME, OUTCOMES } from '../../functions/rollout/outcomes.ts';
import { ALARM_IDS } from '../../configuration/names.ts';
import { checkConfiguration } from '../../configuration/check-configuration.ts';
import { toRolloutConfig } from '../../configuration/configuration.ts';
import { parseRegistration } from '../../configuration/registration.ts';
import { readDefinition } from '../../infra/definition.ts';
import { definitionOf } from '../../infra/rollout-machine.ts';
import { matchesFilter } from '../../region/logs/filter-pattern.ts';
import { HANDLER_NAMES } from '../../infra/handler-table.ts';
import { cellTemplate, resourcesOf, type Properties } from './cell-template.ts';
import { temporaryDirectory } from './temporary.ts';
import { arnElsewhere, ELSEWHERE, repositoryElsewhere } from '../elsewhere.ts';

const template = cellTemplate();
const ALARMS = ALARM_IDS.length;
const config = toRolloutConfig(
  checkConfiguration({ services: [{ repository: 'team/api', container: 'app', cluster: 'prod' }] }).services[0]!,
);

it('tells in its outputs what it is about', () => {
  const outputs = Object.entries(template.Outputs).map(([name, { Value }]) => [name, Value] as const);
  // Where links lead is decided when the stack is deployed.
  const links = outputs.filter(([name]) => name.endsWith('Console')).map(([name]) => name);
  expect(links).toEqual(['ServiceConsole', 'RolloutsConsole', 'ImagesConsole']);
  expect(Object.fromEntries(outputs.filter(([name]) => !links.includes(name)))).toEqual({
    Repository: 'team/api',
    Cluster: 'prod',
    Service: 'api',
    Family: 'api',
    Containers: 'app',
    ExecutionRole: 'ecsTaskExecutionRole',
    LiveImageParameter: '/rollouts/api/image',
    StateMachineArn: '<RolloutStateMachine>',
    LedgerTable: '<Ledger>',
    TopicArn: '<Notifications>',
  });
});

it('leaves the live image parameter to Conclude: CloudFormation would reset it', () => {
  const names = [...resourcesOf(template, 'AWS::SSM::Parameter').values()].map(({ Properties: { Name } }) => Name);
  expect(names).toEqual(['/rollouts-cells/prod/api']);
});

it('registers where everybody looks what the command line reads, and nothing that is given to containers', () => {
  const secret = { provision: { port: 80, environment: { PLAIN: 'of-the-environment' } }, cluster: 'prod' } as const;
  const stack = cellTemplate({ ...secret, registry: {}, taskRole: 'team/api-task' });
  const { Properties } = [...resourcesOf(stack, 'AWS::SSM::Parameter').values()][0]!;
  expect(Properties).toMatchObject({ Name: '/rollouts-cells/prod/api', Type: 'String', Tier: 'Standard' });
  expect(Properties.Value).not.toContain('of-the-environment');
  const registration = parseRegistration(Properties.Value);
  expect(registration).toMatchObject({
    schema: 1,
    name: 'api',
    stackName: 'rollouts-api',
    release: expect.stringMatching(/^[0-9a-f]{12}$/) as string,
    stateMachineArn: '<RolloutStateMachine>',
    ledgerTableArn: '<Ledger.Arn>',
    topicArn: '<Notifications>',
    tickMinutes: 5,
    executionRole: 'rollouts-api-execution',
    taskRole: 'team/api-task',
    architecture: 'x86_64',
  });
  const machine = resourcesOf(stack, 'AWS::StepFunctions::StateMachine').get('RolloutStateMachine')!.Properties;
  const { States } = JSON.parse(machine.DefinitionString) as { States: { Configure: { Assign: { config: object } } } };
  expect(registration!.config).toEqual(States.Configure.Assign.config);
});

describe('the state machine', () => {
  const machine = resourcesOf(template, 'AWS::StepFunctions::StateMachine').get('RolloutStateMachine')!.Properties;

  it('is a Standard one with a fixed name, logs every event without its data, and traces', () => {
    expect(machine).toMatchObject({
      StateMachineName: 'rollouts-api',
      StateMachineType: 'STANDARD',
      LoggingConfiguration: { Level: 'ALL', IncludeExecutionData: false },
      TracingConfiguration: { Enabled: true },
    });
  });

  it('differs from its file in the configuration and the release alone', () => {
    const file = readDefinition();
    Object.assign(file.States['Configure']!.Assign!, { config, release: expect.stringMatching(/^[0-9a-f]{12}$/) });
    expect(JSON.parse(machine.DefinitionString)).toEqual(file);
  });

  it('is told the function of every Task state, and the partition', () => {
    const ids = [
      'AcceptIntent',
      'AwaitTurn',
      'Preflight',
      'RegisterRevision',
      'RollService',
      'WatchRollout',
      'Conclude',
    ];
    expect(machine.DefinitionSubstitutions).toEqual({
      Partition: ELSEWHERE.partition,
      ...Object.fromEntries(ids.map((id) => [id, `<Handlers${id}Function.Arn>`])),
    });
  });

  it.each([
    ['has no place for the configuration', { States: {} }, 'has no States.Configure.Assign.config to fill in'],
    [
      'names a function that the cell does not have',
      { States: { Configure: { Assign: { config: {}, release: '' } }, Task: { Arguments: '${Deploy}' } } },
      'uses ${Deploy}; only Partition, AcceptIntent, ',
    ],
  ])('is refused when its file %s', (_, definition, message) => {
    const file = join(temporaryDirectory(), 'rollout.asl.yaml');
    writeFileSync(file, JSON.stringify(definition));
    expect(() => definitionOf(file, config, 'r1')).toThrow(`${file} ${message}`);
  });
});

describe('every handler', () => {
  const functions = resourcesOf(template, 'AWS::Lambda::Function');
  const logs = resourcesOf(template, 'AWS::Logs::LogGroup');

  it.each([...functions.keys()])(
    '%s runs on nodejs24.x and arm64 for as long as a lease trusts at most, traced, with its own role and log group',
    (id) => {
      const own = id.replace(/Function$/, '');
      expect(functions.get(id)?.Properties).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        Timeout: FUNCTION_TIMEOUT_SECONDS,
        MemorySize: 512,
        Handler: 'index.handler',
        TracingConfig: { Mode: 'Active' },
        LoggingConfig: { LogGroup: `<${own}Logs>` },
        Role: `<${own}Role.Arn>`,
      });
      expect(functions.get(id)?.Properties.Environment.Variables).toMatchObject({
        LEDGER_TABLE: '<Ledger>',
        SERVICE: 'prod/api',
        POWERTOOLS_SERVICE_NAME: 'fargate-rollouts',
      });
      expect(logs.get(`${own}Logs`)?.Properties.RetentionInDays).toBe(30);
    },
  );

  it('is one of nine, all with their own code', () => {
    expect(new Set([...functions.values()].map(({ Properties }) => Properties.Code.S3Key)).size).toBe(9);
  });

  it('is told no more than the others, but where images, topic, state machine and dead letters are, and the tick the configuration', () => {
    const extra = [...functions].flatMap(([id, { Properties }]) =>
      Object.entries(Properties.Environment.Variables as Record<string, string>)
        .filter(([name]) => !['LEDGER_TABLE', 'SERVICE', 'POWERTOOLS_SERVICE_NAME'].includes(name))
        .map(([name, value]) => [id, name, name === 'ROLLOUT_CONFIG' ? JSON.parse(value) : value] as unknown),
    );
    expect(extra).toEqual([
      ['HandlersPreflightFunction', 'REPOSITORY_URI', repositoryElsewhere('team/api')],
      ['HandlersRegisterRevisionFunction', 'REPOSITORY_URI', repositoryElsewhere('team/api')],
      ['HandlersConcludeFunction', 'NOTIFICATION_TOPIC_ARN', '<Notifications>'],
      ['HandlersConcludeFunction', 'REPOSITORY_URI', repositoryElsewhere('team/api')],
      ['HandlersTickFunction', 'STATE_MACHINE_ARN', arnElsewhere('states', 'stateMachine:rollouts-api')],
      ['HandlersTickFunction', 'DEAD_LETTERS_URL', '<PushDeadLetters>'],
      ['HandlersTickFunction', 'TICK_MINUTES', '5'],
      ['HandlersTickFunction', 'ROLLOUT_CONFIG', config],
    ]);
  });

  it('keeps its logs as long as configured', () => {
    const groups = [...resourcesOf(cellTemplate({ logRetentionDays: 90 }), 'AWS::Logs::LogGroup').values()];
    expect(groups.map(({ Properties }) => Properties.RetentionInDays)).toEqual(Array(10).fill(90));
  });
});

it('keeps its ledger on demand, recoverable to any second, and beyond the stack’s own life', () => {
  const ledger = resourcesOf(template, 'AWS::DynamoDB::Table').get('Ledger');
  // Kept when the stack goes, but not in the way of the next attempt when its creation fails.
  expect(ledger?.DeletionPolicy).toBe('Retain');
  expect(ledger?.Properties).toMatchObject({
    TableName: 'rollouts-api',
    KeySchema: [
      { AttributeName: 'service', KeyType: 'HASH' },
      { AttributeName: 'entry', KeyType: 'RANGE' },
    ],
    BillingMode: 'PAY_PER_REQUEST',
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    DeletionProtectionEnabled: true,
  });
});

it('leaves the logs when it goes, which are the audit trail, but none of a stack that could not be created', () => {
  const policies = [...resourcesOf(template, 'AWS::Logs::LogGroup').values()].map(
    ({ DeletionPolicy }) => DeletionPolicy,
  );
  expect(policies).toEqual(Array(HANDLER_NAMES.length + 1).fill('RetainExceptOnCreate'));
});

it('encrypts its dead letters, refuses plain HTTP and lets only its own rules send', () => {
  for (const { Properties } of resourcesOf(template, 'AWS::SQS::Queue').values()) {
    expect(Properties).toEqual({ SqsManagedSseEnabled: true, MessageRetentionPeriod: 14 * 86_400 });
  }
  const policies = resourcesOf(template, 'AWS::SQS::QueuePolicy');
  expect(sendersOf(policies.get('PushDeadLettersPolicy')?.Properties)).toEqual([
    '<PushRule.Arn>',
    '<ServiceEventsDeployments.Arn>',
    '<ServiceEventsTasks.Arn>',
  ]);
});

it('lets alarms of this stack publish to the topic, and nobody over plain HTTP', () => {
  const [policy] = resourcesOf(template, 'AWS::SNS::TopicPolicy').values();
  expect(policy?.Properties.PolicyDocument.Statement).toMatchObject([
    { Effect: 'Deny', Action: 'sns:Publish', Principal: '*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
    {
      Effect: 'Allow',
      Action: 'sns:Publish',
      Principal: { Service: 'cloudwatch.amazonaws.com' },
      Condition: {
        ArnLike: { 'aws:SourceArn': arnElsewhere('cloudwatch', 'alarm:rollouts-api-*') },
        StringEquals: { 'aws:SourceAccount': ELSEWHERE.account },
      },
    },
  ]);
});

it('publishes to a topic that exists, where one is named, and creates none', () => {
  const topicArn = arnElsewhere('sns', 'deployments');
  const cell = cellTemplate({ notify: { topicArn } });
  for (const type of ['Topic', 'TopicPolicy', 'Subscription'])
    expect([...resourcesOf(cell, `AWS::SNS::${type}`).keys()]).toEqual([]);
  for (const { Properties } of resourcesOf(cell, 'AWS::CloudWatch::Alarm').values())
    expect(Properties).toMatchObject({ AlarmActions: [topicArn] });
  const conclude = resourcesOf(cell, 'AWS::IAM::Role').get('HandlersConcludeRole');
  const statements = conclude!.Properties.Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
  expect(statements.find(({ Action }) => [Action].flat().includes('sns:Publish'))).toMatchObject({
    Resource: topicArn,
  });
});

it('says where the topic is that it creates, once a Slack channel is told of it', () => {
  const slack = { workspaceId: 'T0123', channelId: 'C0123' };
  const parametersOf = (notify: object): unknown[] =>
    [...resourcesOf(cellTemplate({ notify }), 'AWS::SSM::Parameter').values()]
      .map(({ Properties: { Name, Value } }) => [Name, Value])
      .filter(([name]) => !name!.startsWith('/rollouts-cells/'));
  expect(parametersOf({ slack })).toEqual([['/rollouts/api/topic', '<Notifications>']]);
  expect(parametersOf({ slack, topicArn: arnElsewhere('sns', 'deployments') })).toEqual([]);
  expect(parametersOf({})).toEqual([]);
});

it('subscribes every configured address to the topic', () => {
  const subscriptions = resourcesOf(cellTemplate({ notify: { emails: ['a@b.c', 'd@e.f'] } }), 'AWS::SNS::Subscription');
  expect([...subscriptions.values()].map(({ Properties }) => Properties as unknown)).toEqual([
    { Protocol: 'email', Endpoint: 'a@b.c', TopicArn: '<Notifications>' },
    { Protocol: 'email', Endpoint: 'd@e.f', TopicArn: '<Notifications>' },
  ]);
});

describe('an alarm rings', () => {
  const alarms = [...resourcesOf(template, 'AWS::CloudWatch::Alarm').values()].map(({ Properties }) => Properties);

  it('for each way of going wrong, which is one metric', () => {
    expect(alarms.map(readableAlarm)).toEqual([
      'rollouts-api-NeedsSomeone: FargateRollouts NeedsSomeone prod/api: Maximum >= 1 in 1 of 1 x 60 s, without ignore',
      'rollouts-api-ExecutionsUnrecorded: FargateRollouts UnrecordedExecutions/rollouts-api: Sum >= 1 in 1 of 15 x 60 s, without notBreaching',
      'rollouts-api-EventsUndelivered: AWS/SQS ApproximateNumberOfMessagesVisible <PushDeadLetters.QueueName>: Maximum >= 1 in 1 of 1 x 60 s, without ignore',
      'rollouts-api-FunctionsFailing: FargateRollouts FunctionErrors prod/api: Sum >= 1 in 3 of 4 x 300 s, without notBreaching',
      'rollouts-api-FunctionsStopped: FargateRollouts StoppedFunctions/rollouts-api: Sum >= 1 in 3 of 4 x 300 s, without notBreaching',
      'rollouts-api-TickSilent: AWS/Lambda Invocations <HandlersTickFunction>: Sum < 1 in 1 of 1 x 900 s, without breaching',
    ]);
  });

  it('within a day at most, however seldom the tick comes', () => {
    const slow = resourcesOf(cellTemplate({ tickMinutes: 60 }), 'AWS::CloudWatch::Alarm');
    for (const { Properties } of slow.values()) {
      // Seven days where a period is at least an hour (API reference, PutMetricAlarm).
      expect(Properties.EvaluationPeriods * Properties.Period).toBeLessThanOrEqual(86_400);
    }
    expect([...slow.values()].map(({ Properties }) => readableAlarm(Properties).slice(-60))).toEqual([
      expect.stringContaining('1 of 1 x 60 s'),
      expect.stringContaining('1 of 180 x 60 s'),
      expect.stringContaining('1 of 1 x 60 s'),
      expect.stringContaining('3 of 4 x 3600 s'),
      expect.stringContaining('3 of 4 x 3600 s'),
      expect.stringContaining('1 of 1 x 10800 s'),
    ]);
  });

  it('to the topic, says what is wrong, and tells nobody that it is over', () => {
    for (const { AlarmActions, AlarmDescription, OKActions } of alarms) {
      expect(AlarmActions).toEqual(['<Notifications>']);
      expect(AlarmDescription).toMatch(/^prod\/api: /);
      expect(OKActions).toBeUndefined();
    }
  });

  it('when an outcome leaves nothing proven in place, and for no other', () => {
    const waking = EVERY_OUTCOME.filter((outcome) => OUTCOMES[outcome].needs !== null);
    expect(waking).toEqual(['FAILED_NO_ROLLBACK_TARGET', 'FAILED_ROLLBACK']);
  });
});

describe('the log lines that alarms count', () => {
  const filters = [...resourcesOf(template, 'AWS::Logs::MetricFilter').entries()];
  const countsIn = (id: string, line: unknown): boolean =>
    matchesFilter(filters.find(([name]) => name.startsWith(id))![1].Properties.FilterPattern)(
      typeof line === 'string' ? line : JSON.stringify(line),
    );
  const states = Object.entries(readDefinition().States);

  it('are those of the state machine, and of the functions that it does not invoke', () => {
    const [first, ...others] = filters.map(([, { Properties }]) => Properties.LogGroupName);
    expect([first, ...others]).toEqual([
      '<RolloutLogs>',
      '<RolloutLogs>',
      '<HandlersWakeRolloutLogs>',
      '<HandlersTickLogs>',
    ]);
  });

  it.each(states.filter(([, { Type }]) => Type === 'Fail').map(([name]) => name))(
    'have an execution that ends in %s, unless its end is an outcome',
    (name) => {
      const line = { type: 'FailStateEntered', details: { name } };
      expect(countsIn('CountedUnrecorded', line)).toBe(name !== 'Failed');
    },
  );

  it.each([
    [{ type: 'ExecutionTimedOut', details: {} }, true],
    [{ type: 'ExecutionFailed', details: { error: 'States.Runtime' } }, true],
    [{ type: 'ExecutionFailed', details: { error: 'ROLLED_BACK' } }, false],
    [{ type: 'ExecutionAborted', details: {} }, false],
    [{ type: 'ExecutionSucceeded', details: {} }, false],
  ])('%j counts as an execution without an outcome: %s', (line, isCounted) => {
    expect(countsIn('CountedUnrecorded', line)).toBe(isCounted);
  });

  it.each([
    ['TaskFailed', 'Lambda.TooManyRequestsException', true],
    ['TaskSubmitFailed', 'Lambda.TooManyRequestsException', true],
    ['TaskFailed', 'Sandbox.Timedout', true],
    ['TaskFailed', 'Runtime.ExitError', true],
    ['TaskFailed', 'Runtime.ImportModuleError', true],
    ['TaskSubmitFailed', 'Runtime.OutOfMemory', true],
    ['TaskFailed', 'AwsUnavailable', false],
    ['TaskTimedOut', 'States.Timeout', false],
  ])('%s with %s counts as a stopped function: %s', (type, error, isCounted) => {
    expect(countsIn('CountedStopped', { type, details: { error } })).toBe(isCounted);
  });

  it.each([
    ['2026-01-02T03:04:05.678Z 1-2-3 Task timed out after 30.00 seconds', true],
    ['RequestId: 1-2-3 Error: Runtime exited with error: signal: killed\nRuntime.ExitError', true],
    [
      '2026-01-02T03:04:05.678Z\tundefined\tERROR\tUncaught Exception \t{"errorType":"Runtime.ImportModuleError"}',
      true,
    ],
    ['2026-01-02T03:04:05.678Z\t1-2-3\tERROR\tUnhandled Promise Rejection \t{"errorType":"…"}', true],
    ['REPORT RequestId: 1-2-3\tDuration: 12.00 ms\tStatus: error\tError Type: Runtime.OutOfMemory', true],
    ['REPORT RequestId: 1-2-3\tDuration: 12.00 ms', false],
    ['2026-01-02T03:04:05.678Z\t1-2-3\tERROR\tInvoke Error \t{"errorType":"AwsUnavailable"}', false],
  ])('%j in the log of a function that events start counts as stopped: %s', (line, isCounted) => {
    for (const id of ['CountedWakeRollout', 'CountedTick']) expect(countsIn(id, line)).toBe(isCounted);
  });
});

it('has the alarms that its price is counted of, and no dashboard of its own', () => {
  expect(resourcesOf(template, 'AWS::CloudWatch::Alarm').size).toBe(ALARMS);
  expect(resourcesOf(template, 'AWS::CloudWatch::Dashboard').size).toBe(0);
  expect(readFileSync('docs/sizing.md', 'utf8')).toContain(`${ALARMS} alarms, a custom metric`);
  const scale = readFileSync('docs/scale.md', 'utf8');
  expect(scale).toContain(`alarms are ${ALARMS} a service`);
  const { alarmMonth, dashboardMonth } = readPrices().prices;
  const [alarms, dashboard] = [ALARMS * alarmMonth.usd, dashboardMonth.usd].map((usd) => `$${usd.toFixed(2)}`);
  expect(scale).toContain(`${alarms} for ${ALARMS} alarms`);
  expect(scale).toContain(`${dashboard} a month`);
});

it('shortens names that AWS would refuse, and keeps them apart', () => {
  const [one, other] = ['a', 'b'].map((end) => cellTemplate({ service: 'x'.repeat(200) + end }));
  const namesOf = (of: typeof template): string[] => [
    resourcesOf(of, 'AWS::StepFunctions::StateMachine').get('RolloutStateMachine')!.Properties.StateMachineName,
    resourcesOf(of, 'AWS::Events::Rule').get('PushRule')!.Properties.Name,
  ];
  expect(namesOf(one!).map((name) => name.length)).toEqual([80, 64]);
  expect(new Set([...namesOf(one!), ...namesOf(other!)]).size).toBe(4);
});

it('puts nothing secret into the template', () => {
  expect(JSON.stringify(template)).not.toMatch(/AKIA|aws_secret|password|-----BEGIN/i);
});

function readableAlarm(alarm: Properties): string {
  const { AlarmName, Namespace, MetricName, Dimensions = [], Statistic, Period, Threshold } = alarm;
  const metric = [Namespace, MetricName, ...Dimensions.map(({ Value }) => Value)].join(' ');
  const compared = alarm.ComparisonOperator === 'LessThanThreshold' ? '<' : '>=';
  const periods = `${alarm.DatapointsToAlarm} of ${alarm.EvaluationPeriods} x ${Period} s`;
  return `${AlarmName}: ${metric}: ${Statistic} ${compared} ${Threshold} in ${periods}, without ${alarm.TreatMissingData}`;
}

function sendersOf(properties: Properties | undefined): unknown[] {
  const [deny, ...allowed] = properties?.PolicyDocument.Statement ?? [];
  expect(deny).toMatchObject({
    Effect: 'Deny',
    Action: 'sqs:*',
    Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  });
  return allowed.map(({ Action, Condition }) => {
    expect(Action).toBe('sqs:SendMessage');
    return Condition?.['ArnEquals']?.['aws:SourceArn'];
  });
}
