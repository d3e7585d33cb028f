import { Duration, Validations } from 'aws-cdk-lib/core';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';

/** How long an event is kept that could not be delivered: as long as SQS can. */
export const DEAD_LETTERS_DAYS = 14;

/** Keeps events that a rule could not deliver; the rule's target adds the permission for that rule alone. */
export class DeadLetters extends Queue {
  constructor(scope: Construct, id: string) {
    super(scope, id, {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(DEAD_LETTERS_DAYS),
    });
    Validations.of(this).acknowledge({
      id: 'AwsSolutions::AwsSolutions-SQS3',
      reason: 'it is a dead-letter queue itself, of EventBridge rules, which cdk-nag does not see',
    });
  }
}
