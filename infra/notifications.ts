import { Aws, Stack } from 'aws-cdk-lib/core';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { ParameterTier, StringParameter } from 'aws-cdk-lib/aws-ssm';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import { topicParameterName } from '../configuration/names.ts';
import type { Cell } from './cell.ts';

/** Whether the stack of Slack channels has to find the topic that the cell creates. */
export function tellsSlack({ service: { notifySlack, notifyTopicArn } }: Cell): boolean {
  return notifySlack !== undefined && notifyTopicArn === undefined;
}

interface ToldTopicProps {
  readonly cell: Cell;
  readonly topic: ITopic;
}

/**
 * Where the stack of Slack channels finds the topic: CloudFormation names it, and an export would tie the stacks together. A
 * fixed name instead would be another topic for those who had subscribed before.
 */
export class ToldTopic extends StringParameter {
  constructor(scope: Construct, id: string, { cell, topic }: ToldTopicProps) {
    super(scope, id, {
      parameterName: topicParameterName(cell.service.name),
      description: `The topic of outcomes and alarms of ${cell.ledgerKey}, which Slack is told of`,
      stringValue: topic.topicArn,
      tier: ParameterTier.STANDARD,
    });
  }
}

interface NotificationsProps {
  readonly emails: readonly string[];
}

/** Where outcomes and alarms of a cell are published: a topic that exists, or one of its own. */
export function topicOf(scope: Construct, { service: { notifyTopicArn, notifyEmails: emails } }: Cell): ITopic {
  const id = 'Notifications';
  return notifyTopicArn === undefined
    ? new Notifications(scope, id, { emails })
    : Topic.fromTopicArn(scope, id, notifyTopicArn);
}

/**
 * Where outcomes and alarms are published. Not encrypted with `alias/aws/sns`: CloudWatch alarms cannot publish to such a
 * topic (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html), and a key of
 * one's own is one more thing that can stop an alarm. What is published are names, digests and reasons.
 */
class Notifications extends Topic {
  constructor(scope: Construct, id: string, { emails }: NotificationsProps) {
    super(scope, id, { enforceSSL: true });
    const alarms = `arn:${Aws.PARTITION}:cloudwatch:${Aws.REGION}:${Aws.ACCOUNT_ID}:alarm`;
    // A topic with a policy of its own has lost the default one, which let CloudWatch publish.
    this.addToResourcePolicy(
      new PolicyStatement({
        sid: 'AllowAlarms',
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [this.topicArn],
        conditions: {
          // CloudFormation begins the names of a stack's alarms with the name of the stack.
          ArnLike: { 'aws:SourceArn': `${alarms}:${Stack.of(this).stackName}-*` },
          StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
        },
      }),
    );
    for (const email of emails) this.addSubscription(new EmailSubscription(email));
  }
}
