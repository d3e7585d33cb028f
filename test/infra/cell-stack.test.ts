import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ALARMS } from '../../cli/verbs/size/monthly-cost.ts';
import { readPrices } from '../../cli/verbs/size/prices.ts';
import { FUNCTION_TIMEOUT_SECONDS } from '../../functions/rollout/ledger.ts';
import { EVERY_OUTCOME, OUTCOMES } from '../../functions/rollout/outcomes.ts';
import { checkConfiguration } from '../../configuration/check-configuration.ts';
import { toRolloutConfig } from '../../configuration/configuration.ts';
import { parseRegistration } from '../../configuration/registration.ts';
import { readDefinition } from '../../infra/definition.ts';
import { definitionOf } from '../../infra/rollout-machine.ts';
import { HANDLER_NAMES } from '../../infra/handler-table.ts';
import { cellTemplate, resourcesOf, type Properties } from './cell-template.ts';
import { temporaryDirectory } from './temporary.ts';
import { arnElsewhere, ELSEWHERE, repositoryElsewhere } from '../elsewhere.ts';

const template = cellTemplate();
const config = toRolloutConfig(
  checkConfiguration({ services: [{ repository: 'team/api', container: 'app', cluster: 'prod' }] }).services[0]!,
);

it('tells in its outputs what it is about', () => {
  const outputs = Object.fromEntries(Object.entries(template.Outputs).map(([name, { Value }]) => [name, Value]));
  expect(outputs).toEqual({
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

  it('is told no more than the others, but where images, topic and state machine are, and the tick the configuration', () => {
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
  expect(sendersOf(policies.get('PushDeadLettersPolicy')?.Properties)).toEqual(['<PushRule.Arn>']);
  expect(sendersOf(policies.get('ServiceEventsDeadLettersPolicy')?.Properties)).toEqual([
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

it('subscribes every configured address to the topic', () => {
  const subscriptions = resourcesOf(cellTemplate({ notify: { emails: ['a@b.c', 'd@e.f'] } }), 'AWS::SNS::Subscription');
  expect([...subscriptions.values()].map(({ Properties }) => Properties as unknown)).toEqual([
    { Protocol: 'email', Endpoint: 'a@b.c', TopicArn: '<Notifications>' },
    { Protocol: 'email', Endpoint: 'd@e.f', TopicArn: '<Notifications>' },
  ]);
});

describe('an alarm rings', () => {
  const alarms = [...resourcesOf(template, 'AWS::CloudWatch::Alarm').values()].map(({ Properties }) => Properties);
  const rings = alarms.map(
    ({ Namespace, MetricName, Dimensions, Statistic, Period, Threshold, ComparisonOperator }) =>
      `${Namespace} ${MetricName} ${(Dimensions as { Value: string }[]).map(({ Value }) => Value).join(' ')}: ` +
      `${Statistic} of ${Period} s ${ComparisonOperator === 'LessThanThreshold' ? '<' : '>='} ${Threshold}`,
  );

  it('for every outcome that ends badly', () => {
    const bad = EVERY_OUTCOME.filter((outcome) => !OUTCOMES[outcome].endsWell);
    for (const outcome of EVERY_OUTCOME) expect(OUTCOMES[outcome].alarm === null).toBe(OUTCOMES[outcome].endsWell);
    expect(rings.filter((ring) => ring.startsWith('FargateRollouts Rollouts'))).toEqual(
      bad.map((outcome) => `FargateRollouts Rollouts ${outcome} prod/api: Sum of 60 s >= 1`),
    );
  });

  it('for executions that fail, time out or are stopped', () => {
    expect(rings.filter((ring) => ring.startsWith('AWS/States'))).toEqual([
      'AWS/States ExecutionsFailed <RolloutStateMachine>: Sum of 60 s >= 1',
      'AWS/States ExecutionsTimedOut <RolloutStateMachine>: Sum of 60 s >= 1',
      'AWS/States ExecutionsAborted <RolloutStateMachine>: Sum of 60 s >= 1',
    ]);
  });

  it('for every rule that cannot deliver and every queue that holds a dead letter', () => {
    expect(rings.filter((ring) => /^AWS\/(Events|SQS)/.test(ring))).toEqual([
      'AWS/Events FailedInvocations <PushRule>: Sum of 60 s >= 1',
      'AWS/Events FailedInvocations <ServiceEventsDeployments>: Sum of 60 s >= 1',
      'AWS/Events FailedInvocations <ServiceEventsTasks>: Sum of 60 s >= 1',
      'AWS/Events FailedInvocations <TickRule>: Sum of 60 s >= 1',
      'AWS/SQS ApproximateNumberOfMessagesVisible <PushDeadLetters.QueueName>: Maximum of 60 s >= 1',
      'AWS/SQS ApproximateNumberOfMessagesVisible <ServiceEventsDeadLetters.QueueName>: Maximum of 60 s >= 1',
    ]);
  });

  it('for every handler that keeps failing, and for a tick that is silent', () => {
    const retried = [
      'AcceptIntent',
      'AwaitTurn',
      'Preflight',
      'RegisterRevision',
      'RollService',
      'WatchRollout',
      'Conclude',
      'WakeRollout',
    ];
    expect(rings.filter((ring) => ring.startsWith('AWS/Lambda'))).toEqual([
      ...retried.map((id) => `AWS/Lambda Errors <Handlers${id}Function>: Sum of 300 s >= 3`),
      'AWS/Lambda Errors <HandlersTickFunction>: Sum of 900 s >= 2',
      'AWS/Lambda Invocations <HandlersTickFunction>: Sum of 900 s < 1',
    ]);
  });

  it('on no data only where silence is the trouble, and always to the topic', () => {
    expect(
      alarms.filter(({ TreatMissingData }) => TreatMissingData === 'breaching').map(({ MetricName }) => MetricName),
    ).toEqual(['Invocations']);
    for (const { AlarmActions } of alarms) expect(AlarmActions).toEqual(['<Notifications>']);
  });

  it('when an outcome could not be told for hours', () => {
    expect(rings).toContain('FargateRollouts UntoldOutcomes prod/api: Sum of 60 s >= 1');
  });

  it('for nothing else', () => {
    expect(rings).toHaveLength(7 + 1 + 3 + 6 + 10);
  });
});

it('has the alarms and the one dashboard that its price is counted of', () => {
  expect(resourcesOf(template, 'AWS::CloudWatch::Alarm').size).toBe(ALARMS);
  expect(resourcesOf(template, 'AWS::CloudWatch::Dashboard').size).toBe(1);
  expect(readFileSync('docs/sizing.md', 'utf8')).toContain(`${ALARMS} alarms, a dashboard`);
  const scale = readFileSync('docs/scale.md', 'utf8');
  expect(scale).toContain(`alarms are ${ALARMS} a service`);
  const { alarmMonth, dashboardMonth } = readPrices().prices;
  const [alarms, dashboard] = [ALARMS * alarmMonth.usd, dashboardMonth.usd].map((usd) => `$${usd.toFixed(2)}`);
  expect(scale).toContain(`${alarms} for ${ALARMS} alarms, ${dashboard} for a dashboard`);
});

it('draws every outcome, duration and alarm on the dashboard', () => {
  const [dashboard] = resourcesOf(template, 'AWS::CloudWatch::Dashboard').values();
  expect(dashboard?.Properties.DashboardName).toBe('rollouts-api');
  const { widgets } = JSON.parse(dashboard!.Properties.DashboardBody) as { widgets: Widget[] };
  const drawn = (title: string, column = 1): string[] =>
    (widgets.find(({ properties }) => properties.title === title)?.properties.metrics ?? []).map((metric) =>
      String(metric[column]),
    );
  expect(drawn('Outcomes', 3)).toEqual(EVERY_OUTCOME);
  expect(drawn('Seconds')).toEqual(['PushToLiveSeconds', 'DurationSeconds', 'DetectionLagSeconds']);
  expect(widgets[0]?.properties.alarms).toHaveLength(resourcesOf(template, 'AWS::CloudWatch::Alarm').size);
});

it('shortens names that AWS would refuse, and keeps them apart', () => {
  const [one, other] = ['a', 'b'].map((end) => cellTemplate({ service: 'x'.repeat(200) + end }));
  const namesOf = (of: typeof template): string[] => [
    resourcesOf(of, 'AWS::StepFunctions::StateMachine').get('RolloutStateMachine')!.Properties.StateMachineName,
    resourcesOf(of, 'AWS::Events::Rule').get('PushRule')!.Properties.Name,
    resourcesOf(of, 'AWS::CloudWatch::Dashboard').get('Dashboard')!.Properties.DashboardName,
  ];
  expect(namesOf(one!).map((name) => name.length)).toEqual([80, 64, 128]);
  expect(new Set([...namesOf(one!), ...namesOf(other!)]).size).toBe(6);
});

it('puts nothing secret into the template', () => {
  expect(JSON.stringify(template)).not.toMatch(/AKIA|aws_secret|password|-----BEGIN/i);
});

interface Widget {
  readonly properties: { readonly title?: string; readonly metrics?: unknown[][]; readonly alarms?: string[] };
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
