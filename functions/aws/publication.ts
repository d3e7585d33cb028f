import { PutEventsCommand, type EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import { PutParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';
import type { StartedRollout } from '../rollout/ledger.ts';
import { messageFor, type RolloutMessage } from '../rollout/message.ts';
import { startMessage } from '../rollout/start-message.ts';
import type { StateChangeEvent } from '../rollout/state-change.ts';
import type { Telling } from '../rollout/telling.ts';

/** Names the proven image for whoever deploys the service's own stack; created at the first success, never reset by CloudFormation. */
export async function writeLiveImage(ssm: SSMClient, name: string, image: string): Promise<void> {
  await ssm.send(new PutParameterCommand({ Name: name, Value: image, Type: 'String', Overwrite: true }));
}

/** For how long a call is waited for; without a signal as long as the SDK does. */
interface Patience {
  readonly abortSignal?: AbortSignal;
}

/** An event was not taken, whatever the answer's status: EventBridge's own error tells why. */
class EventNotTaken extends Error {
  override readonly name = 'EventNotTaken';
}

/** Puts an event on the account's default bus. Delivery is at least once. */
export async function putEvent(
  client: EventBridgeClient,
  event: StateChangeEvent,
  patience: Patience = {},
): Promise<void> {
  const { source, detailType, time, resources, detail } = event;
  const { Entries = [], FailedEntryCount = 0 } = await client.send(
    new PutEventsCommand({
      Entries: [
        {
          Source: source,
          DetailType: detailType,
          Time: new Date(time),
          Resources: [...resources],
          Detail: JSON.stringify(detail),
        },
      ],
    }),
    patience,
  );
  const [{ ErrorCode = '', ErrorMessage = '' } = {}] = Entries;
  if (FailedEntryCount > 0) throw new EventNotTaken(`EventBridge did not take the event: ${ErrorCode} ${ErrorMessage}`);
}

/** Publishes a rollout's end. Delivery is at least once: `rolloutId` is the key by which a receiver finds repetitions. */
export async function notify(sns: SNSClient, topicArn: string, telling: Telling): Promise<void> {
  const { outcome, rolloutId, service } = telling.record;
  await publish(sns, topicArn, messageFor(telling), { outcome, rolloutId, service });
}

/** Publishes that a rollout has started: without `outcome`, so that who chooses by outcomes hears nothing of it. */
export async function notifyStart(
  sns: SNSClient,
  topicArn: string,
  started: StartedRollout,
  patience: Patience = {},
): Promise<void> {
  const { rolloutId, service } = started;
  await publish(sns, topicArn, startMessage(started), { rolloutId, service }, patience);
}

async function publish(
  sns: SNSClient,
  topicArn: string,
  { kind, subject, bodies }: RolloutMessage,
  attributes: Readonly<Record<string, string>>,
  patience: Patience = {},
): Promise<void> {
  await sns.send(
    new PublishCommand({
      TopicArn: topicArn,
      Subject: subject,
      MessageStructure: 'json',
      Message: JSON.stringify(bodies),
      MessageAttributes: Object.fromEntries(
        Object.entries({ kind, ...attributes }).map(([name, value]) => [
          name,
          { DataType: 'String', StringValue: value },
        ]),
      ),
    }),
    patience,
  );
}
