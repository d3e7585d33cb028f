import { EVENT_SOURCE, EVENT_TYPE } from '../functions/rollout/state-change.ts';
import type { Cell } from './cell.ts';
import { allow, allowAny, deny, type Grant } from './grants.ts';

/** What the cell's stack creates and its functions use. */
export interface Created {
  readonly ledgerArn: string;
  readonly topicArn: string;
  readonly deadLetters: { readonly arn: string; readonly url: string };
}

/** What the stack must know of a Lambda function of a cell. */
interface HandlerRow {
  /** Whether the state machine invokes it, which names it by {@link constructId}. */
  readonly isTask: boolean;
  /** Every API call that it makes, and nothing else. */
  readonly grants: (cell: Cell, created: Created) => readonly Grant[];
  /** Variables beside those that all have. */
  readonly environment: (cell: Cell, created: Created) => Readonly<Record<string, string>>;
}

const nothingMore = (): Readonly<Record<string, string>> => ({});

/** The Lambda functions of a cell, a file of `functions/` each. */
export const HANDLERS = {
  'accept-intent': {
    isTask: true,
    grants: (cell, created) => [
      ledger(created),
      describeImages(cell),
      describeService(cell),
      ...observeTasks(cell),
      describeExecution(cell),
      ...(isProvisioned(cell) ? [describeTaskDefinition] : []),
    ],
    environment: nothingMore,
  },
  'await-turn': {
    isTask: true,
    grants: (cell, created) => [ledger(created), describeExecution(cell), answerToken(cell)],
    environment: nothingMore,
  },
  preflight: {
    isTask: true,
    grants: (cell, created) => [
      ledger(created),
      describeService(cell),
      describeTaskDefinition,
      allow(['ecr:DescribeImages', 'ecr:BatchGetImage'], cell.arns.repository),
      allowAny(['ecr:DescribeImages'], cell.arns.repositories, NAMED_BY_OTHERS),
      allowAny(['ecr:DescribePullThroughCacheRules'], '*', 'pull through cache rules have no resource type'),
    ],
    environment: ({ repositoryUri }) => ({ REPOSITORY_URI: repositoryUri }),
  },
  'register-revision': {
    isTask: true,
    grants: (cell, created) => [ledger(created), ...registerRevision(cell), ...keepImages(cell)],
    environment: ({ repositoryUri }) => ({ REPOSITORY_URI: repositoryUri }),
  },
  'roll-service': {
    isTask: true,
    // A rollback target that somebody deregisters during the rollout is put back by a copy.
    grants: (cell, created) => [
      ledger(created),
      describeService(cell),
      ...updateService(cell),
      ...registerDefinitions(cell),
    ],
    environment: nothingMore,
  },
  'watch-rollout': {
    isTask: true,
    // Of what is put back the task definition says what has a health check; that a rollout has started is an event, and told where it is wished.
    grants: (cell, created) => [
      ...observe(cell, created),
      describeTaskDefinition,
      putEvents(cell),
      ...(cell.rolloutConfig.notifiesStart ? [allow(['sns:Publish'], created.topicArn)] : []),
    ],
    environment: ({ rolloutConfig }, { topicArn }): Readonly<Record<string, string>> =>
      rolloutConfig.notifiesStart ? { NOTIFICATION_TOPIC_ARN: topicArn } : {},
  },
  conclude: {
    isTask: true,
    grants: (cell, created) => [
      ledger(created),
      allow(['dynamodb:Query'], created.ledgerArn),
      allow(['ssm:PutParameter'], cell.arns.liveImageParameter),
      putEvents(cell),
      allow(['sns:Publish'], created.topicArn),
      answerToken(cell),
      ...keepImages(cell),
      // What its tasks did is kept, for ECS forgets it within the hour.
      describeService(cell),
      ...observeTasks(cell),
      ...deregisterFailed(cell),
      ...readLogs(cell),
    ],
    environment: ({ repositoryUri }, { topicArn }) => ({
      NOTIFICATION_TOPIC_ARN: topicArn,
      REPOSITORY_URI: repositoryUri,
    }),
  },
  'wake-rollout': {
    isTask: false,
    grants: (cell, created) => observe(cell, created),
    environment: nothingMore,
  },
  tick: {
    isTask: false,
    grants: (cell, { ledgerArn, deadLetters }) => [
      // Of a repository that is one image to the policy nothing is remembered; of any other, how far it is listed.
      ...(cell.rolloutConfig.tagPolicy.kind === 'exact'
        ? [allow(['dynamodb:GetItem'], ledgerArn)]
        : [allow(['dynamodb:Query', 'dynamodb:PutItem'], ledgerArn)]),
      describeImages(cell),
      describeExecution(cell),
      allow(['states:StartExecution'], cell.arns.stateMachine),
      allow(['sqs:GetQueueAttributes'], deadLetters.arn),
      ...(isProvisioned(cell) ? [describeService(cell), describeTaskDefinition] : []),
    ],
    environment: (cell, { deadLetters }) => ({
      STATE_MACHINE_ARN: cell.arns.stateMachine,
      DEAD_LETTERS_URL: deadLetters.url,
      TICK_MINUTES: String(cell.service.tickMinutes),
      ROLLOUT_CONFIG: JSON.stringify(cell.rolloutConfig),
    }),
  },
} as const satisfies Readonly<Record<string, HandlerRow>>;

/** One of {@link HANDLERS}. */
export type HandlerName = keyof typeof HANDLERS;

/** All of {@link HANDLERS}, in the order of the table. */
export const HANDLER_NAMES = Object.keys(HANDLERS) as readonly HandlerName[];

/** The handlers that the state machine invokes. */
export const TASK_HANDLERS = HANDLER_NAMES.filter((name) => HANDLERS[name].isTask);

/** All files of `functions/`: the handlers, and the custom resource of the foundation. */
export const BUNDLED = [...HANDLER_NAMES, 'ensure-present'] as const;

/** One of {@link BUNDLED}. */
export type BundledName = (typeof BUNDLED)[number];

/** The handler's name in the template and in the state machine: `accept-intent` is `AcceptIntent`. */
export function constructId(handler: HandlerName): string {
  return handler.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
}

const NAMED_BY_OTHERS =
  'only the task definition names the repositories of sidecars; what is read is whether an image is there';
const READ_DEFINITIONS = 'reading and listing task definitions has no resource type';
const NUMBERED_BY_ECS = 'the revision to register is numbered by ECS; the family is fixed';

const describeTaskDefinition = allowAny(['ecs:DescribeTaskDefinition'], '*', READ_DEFINITIONS);

function ledger({ ledgerArn }: Created): Grant {
  return allow(['dynamodb:GetItem', 'dynamodb:PutItem'], ledgerArn);
}

function describeImages({ arns }: Cell): Grant {
  return allow(['ecr:DescribeImages'], arns.repository);
}

function describeService({ arns }: Cell): Grant {
  return allow(['ecs:DescribeServices'], arns.service);
}

function describeExecution({ arns }: Cell): Grant {
  return allowAny(['states:DescribeExecution'], arns.executions, 'names of executions are known only at run time');
}

/** The keys as in EventBridge's own examples: the source has several values, one for each entry of a request. */
function putEvents({ arns }: Cell): Grant {
  return allow(['events:PutEvents'], arns.eventBus, {
    'ForAllValues:StringEquals': { 'events:source': EVENT_SOURCE },
    StringEquals: { 'events:detail-type': EVENT_TYPE },
  });
}

/**
 * AWS's reference names no resource type for SendTaskSuccess; the state machine's ARN is known to work
 * (https://github.com/aws/aws-cdk/issues/8486).
 */
function answerToken({ arns }: Cell): Grant {
  return allow(['states:SendTaskSuccess'], arns.stateMachine);
}

function keepImages({ arns, rolloutConfig }: Cell): Grant[] {
  return rolloutConfig.keepTagPrefix === undefined
    ? []
    : [allow(['ecr:BatchGetImage', 'ecr:PutImage'], arns.repository)];
}

/** Only where the configuration wishes it: AWS offers no narrower permission than on every task definition. */
function deregisterFailed(cell: Cell): Grant[] {
  if (cell.rolloutConfig.failedRevisions !== 'deregister') return [];
  const because = 'DeregisterTaskDefinition has no resource type; only revisions that a rollout registered are named';
  return [allowAny(['ecs:DeregisterTaskDefinition'], '*', because)];
}

/** Which log group a container writes to, and under which prefix, its task definition says. */
function readLogs({ arns: { logStreams } }: Cell): Grant[] {
  const because = 'streams are named by the ids of tasks, and CloudFormation ends the name of a group that it creates';
  return [
    describeTaskDefinition,
    ...(logStreams === undefined ? [] : [allowAny(['logs:GetLogEvents'], logStreams, because)]),
  ];
}

function isProvisioned({ rolloutConfig }: Cell): boolean {
  return rolloutConfig.launchCount !== undefined;
}

function observe(cell: Cell, created: Created): Grant[] {
  return [ledger(created), describeService(cell), ...observeTasks(cell), answerToken(cell)];
}

function observeTasks({ arns }: Cell): Grant[] {
  const inCluster = { ArnEquals: { 'ecs:cluster': arns.cluster } };
  const listing = 'ListTasks is bound to the cluster by the condition ecs:cluster instead of a resource';
  const describing = 'ids of tasks are known only at run time; the condition ecs:cluster holds too';
  return [
    allowAny(['ecs:ListTasks'], '*', listing, inCluster),
    allowAny(['ecs:DescribeTasks'], arns.clusterTasks, describing, inCluster),
  ];
}

function registerRevision(cell: Cell): Grant[] {
  return [...registerDefinitions(cell), passRoles(cell)];
}

/** Without the roles that whoever registers passes on. */
function registerDefinitions({ arns: { taskDefinitions } }: Cell): Grant[] {
  const onRegistering = { StringEquals: { 'ecs:CreateAction': 'RegisterTaskDefinition' } };
  return [
    allowAny(['ecs:ListTaskDefinitions', 'ecs:DescribeTaskDefinition'], '*', READ_DEFINITIONS),
    allowAny(['ecs:RegisterTaskDefinition'], taskDefinitions, NUMBERED_BY_ECS),
    allowAny(['ecs:TagResource'], taskDefinitions, NUMBERED_BY_ECS, onRegistering),
  ];
}

function updateService(cell: Cell): Grant[] {
  const { service, taskDefinitions } = cell.arns;
  return [
    allow(['ecs:UpdateService'], service, { ArnLike: { 'ecs:task-definition': taskDefinitions } }),
    // A Deny, because an Allow with this condition would fail whenever the request leaves the member out.
    deny(['ecs:UpdateService'], service, { Bool: { 'ecs:enable-execute-command': 'true' } }),
    passRoles(cell),
  ];
}

/** ECS asks for this of whoever registers or rolls a revision: the revision's tasks will run with these roles. */
function passRoles({ arns }: Cell): Grant {
  const toTasks = { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } };
  return allow(['iam:PassRole'], arns.passedRoles, toTasks);
}
