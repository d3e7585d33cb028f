import { createHash } from 'node:crypto';
import { KEEP_TAG_PREFIX } from '../functions/rollout/config.ts';

/** GitHub's identity provider, without its scheme: the prefix of IAM's condition keys. */
export const GITHUB_ISSUER = 'token.actions.githubusercontent.com';
/** Whom GitHub's tokens are asked for. */
export const GITHUB_AUDIENCE = 'sts.amazonaws.com';

// Each derives from the name of a cell, which is that of its service unless the configuration gives another.
// Lengths: CloudFormation stack 128, Step Functions state machine 80, EventBridge rule 64, DynamoDB table 255 characters, while ECS service
// names may have 255. Longer names are cut and told apart by a hash.

/** Name of the service's stack; CloudFormation allows letters, digits and hyphens only. */
export function stackName(name: string): string {
  return bounded(`rollouts-${name.replaceAll('_', '-')}`, 128);
}

/** Name of the stack with the repository and who may push to it. */
export function foundationStackName(name: string): string {
  return `${bounded(stackName(name), 117)}-foundation`;
}

/** Name of the stack that provisions the service. */
export function serviceStackName(name: string): string {
  return `${bounded(stackName(name), 120)}-service`;
}

/** Construct path of the log group of a provisioned service in its stack. */
export const TASK_LOGS_PATH = ['Tasks', 'Logs'] as const;

/**
 * The log group of a provisioned service: CloudFormation names it after its stack and its path there, and ends its name with
 * characters of its own.
 */
export function taskLogGroup(name: string): string {
  return `${serviceStackName(name)}-${TASK_LOGS_PATH.join('')}*`;
}

/** Name of the stack with the dashboard of a configuration. */
export function dashboardStackName(name: string): string {
  return `${bounded(stackName(name), 118)}-dashboard`;
}

/** Name of the stack that tells the Slack channels of a configuration. */
export function chatStackName(name: string): string {
  return `${bounded(stackName(name), 123)}-chat`;
}

/** Name of a Slack channel's configuration, which is unique in an account, whatever the Region; AWS takes 128 characters. */
export function slackConfigurationName({
  workspaceId,
  channelId,
}: Readonly<Record<'workspaceId' | 'channelId', string>>) {
  return bounded(`rollouts-${workspaceId}-${channelId}`, 128);
}

/** Name of the parameter with the ARN of the topic that a cell has created, where a stack beside it needs that. */
export function topicParameterName(name: string): string {
  return `/rollouts/${name}/topic`;
}

/**
 * Name of a configuration's dashboard, or of a later page of it, without the Region. Names of dashboards are unique in an account,
 * whatever the Region (https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutDashboard.html), so that is added.
 */
export function dashboardName(name: string, page: number): string {
  const first = bounded(`rollouts-${name}`, 200);
  return page === 0 ? first : `${first}-${page + 1}`;
}

/** Name of the role that starts the tasks of a provisioned service; IAM allows 64 characters. */
export function executionRoleName(name: string): string {
  return `${bounded(`rollouts-${name}`, 54)}-execution`;
}

/** Name of the role that GitHub's workflows assume. */
export function pushRoleName(name: string): string {
  return `${bounded(`rollouts-${name}`, 59)}-push`;
}

/** Name of the service's state machine; fixed, so that roles can name the machine before it exists. */
export function stateMachineName(name: string): string {
  return bounded(`rollouts-${name}`, 80);
}

/**
 * Log group of the state machine. Its prefix spares the account's log resource policy
 * (https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html).
 */
export function stateMachineLogGroup(name: string): string {
  return `/aws/vendedlogs/states/${stateMachineName(name)}`;
}

/** The alarms of a cell, in the order of their urgency. */
export const ALARM_IDS = [
  'NeedsSomeone',
  'ExecutionsUnrecorded',
  'EventsUndelivered',
  'FunctionsFailing',
  'FunctionsStopped',
  'TickSilent',
] as const;

/** One of {@link ALARM_IDS}. */
export type AlarmId = (typeof ALARM_IDS)[number];

/** Name of an alarm: it begins with that of its stack, by which the topic lets it publish. CloudWatch allows 255 characters. */
export function alarmName(stack: string, id: AlarmId): string {
  return `${stack}-${id}`;
}

/** Log group of a Lambda function of a stack. */
export function functionLogGroup(stack: string, handler: string): string {
  return `/aws/lambda/${stack}/${handler}`;
}

/** Name of the service's ledger table; fixed, so that whoever knows the configuration finds it. DynamoDB allows 255 characters. */
export function ledgerTableName(name: string): string {
  return bounded(`rollouts-${name}`, 255);
}

/** Name of the rule that starts rollouts; fixed, so that its role can trust this rule alone. */
export function pushRuleName(name: string): string {
  return `${bounded(`rollouts-${name}`, 59)}-push`;
}

/** What the keep tags of the service's images begin with; services may share a repository. */
export function keepTagPrefix(name: string): string {
  return `${KEEP_TAG_PREFIX}${bounded(name, 40)}-`;
}

function bounded(name: string, lengthMax: number): string {
  if (name.length <= lengthMax) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 8);
  return `${name.slice(0, lengthMax - hash.length - 1)}-${hash}`;
}
