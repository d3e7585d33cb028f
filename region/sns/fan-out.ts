import { Fault } from '../service.ts';
import type { Delivery, PublishedMessage, Sns, Subscription, Topic } from './model.ts';
import { DELIVERY_LATENCY_MS } from './timing.ts';

/** Brings a message to the subscribed queues; e-mail and web hooks stay inside the region. */
export function fanOut(sns: Sns, topic: Topic, published: PublishedMessage): void {
  for (const subscription of topic.subscriptions) {
    const label = `sns delivers from ${topic.name} to ${subscription.endpoint}`;
    if (subscription.protocol !== 'sqs') continue;
    sns.kernel.after(DELIVERY_LATENCY_MS, 'delivery', label, () => toQueue(sns, topic, subscription, published));
  }
}

/** What each subscriber of the topic gets of a message. */
export function deliveriesOf(topic: Topic, published: PublishedMessage): Delivery[] {
  return topic.subscriptions.map((subscription) => ({
    protocol: subscription.protocol,
    endpoint: subscription.endpoint,
    body: bodyFor(topic, subscription, published),
  }));
}

/** An e-mail is its text; whoever takes no raw message gets it in an envelope. */
function bodyFor(topic: Topic, { protocol, isRaw }: Subscription, published: PublishedMessage): string {
  const message = published.bodies?.[protocol] ?? published.message;
  return isRaw || protocol === 'email' ? message : JSON.stringify(notification(topic, { ...published, message }));
}

/** A refusal loses the message, as it does in AWS without a dead-letter queue; the trace keeps the reason. */
function toQueue(sns: Sns, topic: Topic, subscription: Subscription, published: PublishedMessage): void {
  const body = bodyFor(topic, subscription, published);
  const attributes = subscription.isRaw ? rawAttributes(published) : {};
  const onBehalf = { principal: 'sns.amazonaws.com', sourceArn: topic.arn } as const;
  try {
    sns.sendToQueue(subscription.endpoint, body, attributes, onBehalf);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    sns.kernel.trace('delivery', `sns cannot reach ${subscription.endpoint}: ${error.message}`);
  }
}

/** Amazon SNS developer guide, "Parsing Amazon SNS message formats"; signature members are left out. */
function notification(
  topic: Topic,
  { messageId, subject, message, publishedAtMs, attributes }: PublishedMessage,
): object {
  const shown = Object.entries(attributes ?? {}).map(([name, { DataType, StringValue, BinaryValue }]) => [
    name,
    { Type: DataType, Value: StringValue ?? Buffer.from(BinaryValue ?? []).toString('base64') },
  ]);
  return {
    Type: 'Notification',
    MessageId: messageId,
    TopicArn: topic.arn,
    ...(subject !== undefined && { Subject: subject }),
    Message: message,
    Timestamp: new Date(publishedAtMs).toISOString(),
    ...(shown.length > 0 && { MessageAttributes: Object.fromEntries(shown) as object }),
  };
}

function rawAttributes({ attributes }: PublishedMessage): Record<string, string> {
  const strings = Object.entries(attributes ?? {}).flatMap(([name, { StringValue }]) =>
    StringValue === undefined ? [] : [[name, StringValue] as const],
  );
  return Object.fromEntries(strings);
}
