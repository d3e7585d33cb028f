import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import { PutParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { messageFor } from '../rollout/message.ts';
import type { Telling } from '../rollout/telling.ts';

/** Names the proven image for whoever deploys the service's own stack; created at the first success, never reset by CloudFormation. */
export async function writeLiveImage(ssm: SSMClient, name: string, image: string): Promise<void> {
  await ssm.send(new PutParameterCommand({ Name: name, Value: image, Type: 'String', Overwrite: true }));
}

/** Publishes a rollout's end. Delivery is at least once: `rolloutId` is the key by which a receiver finds repetitions. */
export async function notify(sns: SNSClient, topicArn: string, telling: Telling): Promise<void> {
  const { record } = telling;
  const { subject, bodies, kind } = messageFor(telling);
  const attributes = { kind, outcome: record.outcome, rolloutId: record.rolloutId, service: record.service };
  await sns.send(
    new PublishCommand({
      TopicArn: topicArn,
      Subject: subject,
      MessageStructure: 'json',
      Message: JSON.stringify(bodies),
      MessageAttributes: Object.fromEntries(
        Object.entries(attributes).map(([name, value]) => [name, { DataType: 'String', StringValue: value }]),
      ),
    }),
  );
}
