import type { DeployedStack } from '../../region/cloudformation/deploy-stack.ts';
import type { Region } from '../../region/region.ts';
import type { Refusal } from '../../timeline/scenario-report.ts';

/** Names of the log groups that the cell created. */
export function logGroupsOf(cell: DeployedStack): string[] {
  return [...cell.resources.values()].filter(({ type }) => type === 'AWS::Logs::LogGroup').map(({ ref }) => ref);
}

/** Lines of the cell's log groups whose name contains `of`, group by group. */
export function logLines(region: Region, cell: DeployedStack, of: string): string[] {
  const names = logGroupsOf(cell).filter((name) => name.includes(of));
  return names.flatMap((name) => region.logs.eventsOf(name).map(({ message }) => message));
}

/** Names of the alarms that are in ALARM. */
export function alarmsRinging({ cloudwatch }: Region): string[] {
  return cloudwatch.alarms.filter((name) => cloudwatch.alarmState(name).value === 'ALARM');
}

/** Why events could not be delivered: the error messages in the cell's dead-letter queues. */
export function deadLetters({ sqs }: Region, cell: DeployedStack): string[] {
  const queues = [...cell.resources.values()].filter(({ type }) => type === 'AWS::SQS::Queue');
  const messages = queues.flatMap(({ attributes }) => sqs.messagesOf(attributes['Arn']!));
  return messages.map(({ attributes, body }) => attributes['ERROR_MESSAGE'] ?? body);
}

/** What IAM refused the roles. */
export function refusals({ iam }: Region): Refusal[] {
  const refused = iam.asked.filter(({ isAllowed }) => !isAllowed);
  return refused.map(({ roleArn, action, resource }) => ({
    role: roleArn.slice(roleArn.lastIndexOf('/') + 1),
    action,
    resource,
  }));
}
