import { expect, it } from 'vitest';
import { cellTemplate, resourcesOf, type Resource, type Statement } from './cell-template.ts';
import { arnElsewhere, ELSEWHERE } from '../elsewhere.ts';

const template = cellTemplate({ executionRole: 'ecsTaskExecutionRole', taskRole: 'app/ApiTask' });
const roles = resourcesOf(template, 'AWS::IAM::Role');

const SERVICE = arnElsewhere('ecs', 'service/prod/api');
const TASKS = arnElsewhere('ecs', 'task/prod/*');
const FAMILY = arnElsewhere('ecs', 'task-definition/api:*');
const REPOSITORY = arnElsewhere('ecr', 'repository/team/api');
const MACHINE = arnElsewhere('states', 'stateMachine:rollouts-api');
const EXECUTIONS = arnElsewhere('states', 'execution:rollouts-api:*');
const IN_CLUSTER = ` if ArnEquals ecs:cluster ${arnElsewhere('ecs', 'cluster/prod')}`;
const TO_TASKS = ' if StringEquals iam:PassedToService ecs-tasks.amazonaws.com';

const GET = 'dynamodb:GetItem <Ledger.Arn>';
const QUERY = 'dynamodb:Query <Ledger.Arn>';
const PUT = 'dynamodb:PutItem <Ledger.Arn>';
const DESCRIBE_SERVICE = `ecs:DescribeServices ${SERVICE}`;
const LOOK_AT_TASKS = [`ecs:ListTasks *${IN_CLUSTER}`, `ecs:DescribeTasks ${TASKS}${IN_CLUSTER}`];
const ANSWER = `states:SendTaskSuccess ${MACHINE}`;
const PASS_ROLES = ['ecsTaskExecutionRole', 'app/ApiTask'].map(
  (role) => `iam:PassRole arn:${ELSEWHERE.partition}:iam::${ELSEWHERE.account}:role/${role}${TO_TASKS}`,
);
const REGISTER = [
  'ecs:ListTaskDefinitions *',
  'ecs:DescribeTaskDefinition *',
  `ecs:RegisterTaskDefinition ${FAMILY}`,
  `ecs:TagResource ${FAMILY} if StringEquals ecs:CreateAction RegisterTaskDefinition`,
];
const PUT_EVENTS = `events:PutEvents ${arnElsewhere('events', 'event-bus/default')} if ForAllValues:StringEquals events:source fargate-rollouts if StringEquals events:detail-type Rollout State Change`;
const TRACES = ['xray:PutTraceSegments *', 'xray:PutTelemetryRecords *'];

const HANDLER_PERMISSIONS: Record<string, string[]> = {
  AcceptIntent: [
    GET,
    PUT,
    `ecr:DescribeImages ${REPOSITORY}`,
    DESCRIBE_SERVICE,
    ...LOOK_AT_TASKS,
    `states:DescribeExecution ${EXECUTIONS}`,
  ],
  AwaitTurn: [GET, PUT, `states:DescribeExecution ${EXECUTIONS}`, ANSWER],
  Preflight: [
    GET,
    PUT,
    DESCRIBE_SERVICE,
    'ecs:DescribeTaskDefinition *',
    `ecr:DescribeImages ${REPOSITORY}`,
    `ecr:BatchGetImage ${REPOSITORY}`,
    `ecr:DescribeImages ${arnElsewhere('ecr', 'repository/*')}`,
    'ecr:DescribePullThroughCacheRules *',
  ],
  RegisterRevision: [GET, PUT, ...REGISTER, ...PASS_ROLES],
  RollService: [
    GET,
    PUT,
    DESCRIBE_SERVICE,
    `ecs:UpdateService ${SERVICE} if ArnLike ecs:task-definition ${FAMILY}`,
    `Deny ecs:UpdateService ${SERVICE} if Bool ecs:enable-execute-command true`,
    ...REGISTER,
    ...PASS_ROLES,
  ],
  WatchRollout: [GET, PUT, DESCRIBE_SERVICE, ...LOOK_AT_TASKS, ANSWER, 'ecs:DescribeTaskDefinition *', PUT_EVENTS],
  WakeRollout: [GET, PUT, DESCRIBE_SERVICE, ...LOOK_AT_TASKS, ANSWER],
  Conclude: [
    GET,
    PUT,
    QUERY,
    DESCRIBE_SERVICE,
    ...LOOK_AT_TASKS,
    `ssm:PutParameter ${arnElsewhere('ssm', 'parameter/rollouts/api/image')}`,
    PUT_EVENTS,
    'sns:Publish <Notifications>',
    ANSWER,
    'ecs:DescribeTaskDefinition *',
  ],
  Tick: [
    GET,
    `ecr:DescribeImages ${REPOSITORY}`,
    `states:DescribeExecution ${EXECUTIONS}`,
    `states:StartExecution ${MACHINE}`,
    'sqs:GetQueueAttributes <PushDeadLetters.Arn>',
  ],
};

it.each(Object.entries(HANDLER_PERMISSIONS))(
  '%s may make its own calls, log and trace, and nothing else',
  (id, calls) => {
    const logs = `<Handlers${id}Logs.Arn>`;
    const logging = [`logs:CreateLogStream ${logs}`, `logs:PutLogEvents ${logs}`];
    expect(permissionsOf(roles.get(`Handlers${id}Role`)).sort()).toEqual([...calls, ...logging, ...TRACES].sort());
  },
);

it('lets the state machine invoke its seven functions, deliver logs and trace, and nothing else', () => {
  const invocations = [
    'AcceptIntent',
    'AwaitTurn',
    'Preflight',
    'RegisterRevision',
    'RollService',
    'WatchRollout',
    'Conclude',
  ];
  const delivery = [
    'CreateLogDelivery',
    'GetLogDelivery',
    'UpdateLogDelivery',
    'DeleteLogDelivery',
    'ListLogDeliveries',
  ];
  expect(permissionsOf(roles.get('RolloutRole')).sort()).toEqual(
    [
      ...invocations.map((id) => `lambda:InvokeFunction <Handlers${id}Function.Arn>`),
      ...[...delivery, 'PutResourcePolicy', 'DescribeResourcePolicies', 'DescribeLogGroups'].map(
        (call) => `logs:${call} *`,
      ),
      ...TRACES,
      'xray:GetSamplingRules *',
      'xray:GetSamplingTargets *',
    ].sort(),
  );
});

it('lets the push rule start this state machine and nothing else', () => {
  expect(permissionsOf(roles.get('PushRole'))).toEqual([`states:StartExecution ${MACHINE}`]);
});

it('has no role and no policy beside these', () => {
  const handlers = Object.keys(HANDLER_PERMISSIONS).map((id) => `Handlers${id}Role`);
  expect([...roles.keys()].sort()).toEqual([...handlers, 'RolloutRole', 'PushRole'].sort());
  expect([...roles.values()].flatMap((role) => role.Properties.ManagedPolicyArns ?? [])).toEqual([]);
  expect(Object.values(template.Resources).map(({ Type }) => Type)).not.toContain('AWS::IAM::Policy');
});

it.each([
  ['RolloutRole', 'states.amazonaws.com', MACHINE],
  ['PushRole', 'events.amazonaws.com', arnElsewhere('events', 'rule/rollouts-api-push')],
])('lets only this stack put on %s', (id, service, source) => {
  expect(roles.get(id)?.Properties.AssumeRolePolicyDocument.Statement).toEqual([
    {
      Effect: 'Allow',
      Action: 'sts:AssumeRole',
      Principal: { Service: service },
      Condition: { ArnEquals: { 'aws:SourceArn': source }, StringEquals: { 'aws:SourceAccount': ELSEWHERE.account } },
    },
  ]);
});

it('passes the execution role alone when no task role is configured', () => {
  const role = resourcesOf(cellTemplate(), 'AWS::IAM::Role').get('HandlersRollServiceRole');
  expect(permissionsOf(role).filter((line) => line.startsWith('iam:'))).toEqual([PASS_ROLES[0]]);
});

it('lets EventBridge invoke a function only for the rule that targets it', () => {
  const permissions = [...resourcesOf(template, 'AWS::Lambda::Permission').values()].map(
    ({ Properties }) => Properties,
  );
  expect(permissions.map(({ FunctionName, SourceArn }) => `${FunctionName} ${SourceArn}`).sort()).toEqual([
    '<HandlersTickFunction.Arn> <TickRule.Arn>',
    '<HandlersWakeRolloutFunction.Arn> <ServiceEventsDeployments.Arn>',
    '<HandlersWakeRolloutFunction.Arn> <ServiceEventsTasks.Arn>',
  ]);
  expect(new Set(permissions.map(({ Principal }) => Principal))).toEqual(new Set(['events.amazonaws.com']));
});

/** One line per action and resource: `ecs:UpdateService service/… if ArnLike …`. */
function permissionsOf(role: Resource | undefined): string[] {
  return (role?.Properties.Policies ?? [])
    .flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
    .flatMap((statement) =>
      [statement.Action]
        .flat()
        .flatMap((action) => [statement.Resource].flat().map((on) => line(statement, action, on))),
    );
}

function line({ Effect, Condition = {} }: Statement, action: string, resource: string): string {
  const conditions = Object.entries(Condition).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, value]) => ` if ${operator} ${key} ${value}`),
  );
  return `${Effect === 'Allow' ? '' : `${Effect} `}${action} ${resource}${conditions.join('')}`;
}

it('lets Conclude deregister revisions where that is configured, and only there', () => {
  const actionsOf = (changes: Parameters<typeof cellTemplate>[0]): unknown[] =>
    resourcesOf(cellTemplate(changes), 'AWS::IAM::Role')
      .get('HandlersConcludeRole')!
      .Properties.Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement.flatMap(({ Action }) => Action));
  expect(actionsOf({ failedRevisions: 'deregister' })).toContain('ecs:DeregisterTaskDefinition');
  const ofEcs = actionsOf({}).filter((action) => String(action).startsWith('ecs:'));
  expect(ofEcs).toEqual(['ecs:DescribeServices', 'ecs:ListTasks', 'ecs:DescribeTasks', 'ecs:DescribeTaskDefinition']);
});

it('lets WatchRollout publish where starts are told, and only there', () => {
  const publishing = (changes: Parameters<typeof cellTemplate>[0]): unknown[] => {
    const permissions = permissionsOf(
      resourcesOf(cellTemplate(changes), 'AWS::IAM::Role').get('HandlersWatchRolloutRole'),
    );
    return permissions.filter((call) => call.startsWith('sns:'));
  };
  expect(publishing({ notify: { started: true } })).toEqual(['sns:Publish <Notifications>']);
  expect(publishing({ notify: { emails: ['me@example.com'] } })).toEqual([]);
});

it('lets the tick remember how far a repository is listed where the tag policy lists it, and only there', () => {
  const callsOf = (changes: Parameters<typeof cellTemplate>[0]): string[] =>
    permissionsOf(resourcesOf(cellTemplate(changes), 'AWS::IAM::Role').get('HandlersTickRole')).filter((call) =>
      call.startsWith('dynamodb:'),
    );
  expect(callsOf({ tag: { glob: 'main-*' } }).sort()).toEqual([PUT, QUERY]);
  expect(callsOf({ tag: { exact: 'live' } })).toEqual([GET]);
});

it.each([
  ['none where none is named', {}, []],
  ['the one that is named', { logGroup: '/ecs/api' }, ['log-group:/ecs/api:log-stream:*']],
  [
    'the one that is created',
    { provision: { port: 8000 } },
    ['log-group:rollouts-api-service-TasksLogs*:log-stream:*'],
  ],
])('lets Conclude read the streams of one log group: %s', (_, changes, streams) => {
  const calls = permissionsOf(resourcesOf(cellTemplate(changes), 'AWS::IAM::Role').get('HandlersConcludeRole'));
  expect(calls.filter((call) => call.startsWith('logs:Get'))).toEqual(
    streams.map((stream) => `logs:GetLogEvents ${arnElsewhere('logs', stream)}`),
  );
});
