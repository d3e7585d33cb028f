import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';

/**
 * Keeps the metrics of a queue alive: "CloudWatch considers a queue to be active for up to six hours if it contains any messages or
 * if any action accesses it" (SQS developer guide, "Monitoring Amazon SQS queues using CloudWatch"), and an inactive one has none:
 * its alarm would never learn that the last message is gone.
 */
export async function keepCounted(sqs: SQSClient, queueUrl: string): Promise<void> {
  const AttributeNames = ['ApproximateNumberOfMessages' as const];
  await sqs.send(new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames }));
}
