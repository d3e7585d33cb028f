import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Cell } from './cell.ts';
import type { HandlerName } from './handler-table.ts';

/** What permissions refer to beside the cell's ARNs. */
interface Grantable {
  readonly ledgerArn: string;
  readonly topicArn: string;
}

/**
 * Every API call that each handler makes, and nothing else. `*` stands only where the action has no resource type
 * (https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html).
 */
export function permissionsOf(cell: Cell, { ledgerArn, topicArn }: Grantable): Record<HandlerName, PolicyStatement[]> {
  const { arns } = cell;
  const ledger = allow(['dynamodb:GetItem', 'dynamodb:PutItem'], ledgerArn);
  const describeService = allow(['ecs:DescribeServices'], arns.service);
  const describeExecution = allow(['states:DescribeExecution'], arns.executions);
  // AWS's reference names no resource type for SendTaskSuccess; the state machine's ARN is known to work
  // (https://github.com/aws/aws-cdk/issues/8486).
  const answerToken = allow(['states:SendTaskSuccess'], arns.stateMachine);
  const describeImages = allow(['ecr:DescribeImages'], arns.repository);
  const keepImages =
    cell.rolloutConfig.keepTagPrefix !== undefined
      ? [allow(['ecr:BatchGetImage', 'ecr:PutImage'], arns.repository)]
      : [];
  const describeTaskDefinition = allow(['ecs:DescribeTaskDefinition'], '*');
  const isProvisioned = cell.rolloutConfig.launchCount !== undefined;
  const observe = [ledger, describeService, ...observeTasks(cell), answerToken];
  return {
    'accept-intent': [
      ledger,
      describeImages,
      describeService,
      ...observeTasks(cell),
      describeExecution,
      ...(isProvisioned ? [describeTaskDefinition] : []),
    ],
    'await-turn': [ledger, describeExecution, answerToken],
    preflight: [
      describeService,
      describeTaskDefinition,
      allow(['ecr:DescribeImages', 'ecr:BatchGetImage'], arns.repository),
    ],
    'register-revision': [...registerRevision(cell), ...keepImages],
    'roll-service': [ledger, describeService, ...updateService(cell)],
    'watch-rollout': observe,
    'wake-rollout': observe,
    conclude: [
      ledger,
      allow(['ssm:PutParameter'], arns.liveImageParameter),
      allow(['sns:Publish'], topicArn),
      answerToken,
      ...keepImages,
    ],
    tick: [
      allow(['dynamodb:GetItem'], ledgerArn),
      describeImages,
      describeExecution,
      allow(['states:StartExecution'], arns.stateMachine),
      ...(isProvisioned ? [describeService, describeTaskDefinition] : []),
    ],
  };
}

function registerRevision(cell: Cell): PolicyStatement[] {
  const { taskDefinitions } = cell.arns;
  return [
    allow(['ecs:ListTaskDefinitions', 'ecs:DescribeTaskDefinition'], '*'),
    allow(['ecs:RegisterTaskDefinition'], taskDefinitions),
    allow(['ecs:TagResource'], taskDefinitions, { StringEquals: { 'ecs:CreateAction': 'RegisterTaskDefinition' } }),
    passRoles(cell),
  ];
}

function updateService(cell: Cell): PolicyStatement[] {
  const { service, taskDefinitions } = cell.arns;
  return [
    allow(['ecs:UpdateService'], service, { ArnLike: { 'ecs:task-definition': taskDefinitions } }),
    // A Deny, because an Allow with this condition would fail whenever the request leaves the member out.
    new PolicyStatement({
      effect: Effect.DENY,
      actions: ['ecs:UpdateService'],
      resources: [service],
      conditions: { Bool: { 'ecs:enable-execute-command': 'true' } },
    }),
    passRoles(cell),
  ];
}

function observeTasks({ arns }: Cell): PolicyStatement[] {
  const inCluster = { ArnEquals: { 'ecs:cluster': arns.cluster } };
  return [allow(['ecs:ListTasks'], '*', inCluster), allow(['ecs:DescribeTasks'], arns.clusterTasks, inCluster)];
}

/** ECS asks for this of whoever registers or rolls a revision: the revision's tasks will run with these roles. */
function passRoles({ arns }: Cell): PolicyStatement {
  const toTasks = { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } };
  return allow(['iam:PassRole'], [...arns.passedRoles], toTasks);
}

function allow(
  actions: string[],
  resources: string | string[],
  conditions?: Record<string, Record<string, string>>,
): PolicyStatement {
  return new PolicyStatement({ actions, resources: [resources].flat(), ...(conditions ? { conditions } : {}) });
}
