import { CfnParameter, Stack, Validations } from 'aws-cdk-lib/core';
import { CfnSlackChannelConfiguration } from 'aws-cdk-lib/aws-chatbot';
import { ManagedPolicy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { chatStackName, slackConfigurationName, topicParameterName } from '../configuration/names.ts';
import type { SlackChannel } from '../configuration/slack.ts';
import type { Cell } from './cell.ts';

interface ChatStackProps {
  readonly cells: readonly Cell[];
  /** As configured. */
  readonly name: string;
}

/**
 * Tells the Slack channels of a configuration, each of which has one configuration in an account
 * (https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/1155): so it belongs to no cell. A topic that a
 * cell creates is found by the parameter with its ARN, which is read anew at every deployment. Whatever their roles allow, members of
 * a channel can look at metrics and alarms from there, and nothing else: without guardrails AWS takes AdministratorAccess.
 */
export class ChatStack extends Stack {
  constructor(scope: Construct, { cells, name }: ChatStackProps) {
    super(scope, chatStackName(name), { description: 'Tells Slack channels how rollouts end and which alarms ring' });
    const guardrail = new Guardrail(this, 'Guardrail');
    const role = new Role(this, 'Role', {
      description: 'What Amazon Q Developer in chat applications draws the graphs of alarms with',
      assumedBy: new ServicePrincipal('chatbot.amazonaws.com'),
      managedPolicies: [guardrail],
    });
    const topics = new Construct(this, 'Topics');
    for (const [channel, following] of channelsOf(cells))
      new CfnSlackChannelConfiguration(this, `${channel.workspaceId}${channel.channelId}`, {
        configurationName: slackConfigurationName(channel),
        slackWorkspaceId: channel.workspaceId,
        slackChannelId: channel.channelId,
        iamRoleArn: role.roleArn,
        guardrailPolicies: [guardrail.managedPolicyArn],
        userRoleRequired: false,
        snsTopicArns: [...new Set(following.map((cell) => topicArnOf(topics, cell)))],
      });
  }
}

/**
 * What AWS's "notification permissions", all that CloudWatch can tell, come to for alarms and their metrics
 * (https://docs.aws.amazon.com/chatbot/latest/adminguide/chatbot-iam-policies.html).
 */
const LOOKS = [
  'cloudwatch:DescribeAlarmHistory',
  'cloudwatch:DescribeAlarms',
  'cloudwatch:GetMetricData',
  'cloudwatch:GetMetricStatistics',
  'cloudwatch:GetMetricWidgetImage',
  'cloudwatch:ListMetrics',
];

/** All that can be done from a channel: a guardrail has to be a managed policy. */
class Guardrail extends ManagedPolicy {
  constructor(scope: Construct, id: string) {
    super(scope, id, {
      description: 'All that members of a Slack channel can do from there: look at metrics and alarms',
      statements: [new PolicyStatement({ actions: LOOKS, resources: ['*'] })],
    });
    Validations.of(this).acknowledge({
      id: 'AwsSolutions::AwsSolutions-IAM5[Resource::*]',
      reason: 'metrics have no resource type, and an alarm of a topic that others use may be any',
    });
  }
}

/** Each channel once, with the cells that name it. */
function channelsOf(cells: readonly Cell[]): readonly (readonly [SlackChannel, readonly Cell[]])[] {
  const named = cells.flatMap((cell) => (cell.service.notifySlack ? [[cell.service.notifySlack, cell] as const] : []));
  const channels = new Map(named.map(([channel]) => [slackConfigurationName(channel), channel]));
  return [...channels].map(([key, channel]) => {
    const following = named.filter(([other]) => slackConfigurationName(other) === key);
    return [channel, following.map(([, cell]) => cell)];
  });
}

function topicArnOf(topics: Construct, { service: { name, notifyTopicArn } }: Cell): string {
  if (notifyTopicArn !== undefined) return notifyTopicArn;
  return new CfnParameter(topics, name, {
    type: 'AWS::SSM::Parameter::Value<String>',
    default: topicParameterName(name),
  }).valueAsString;
}
