import type { PublishInput, PublishResponse } from '@aws-sdk/client-sns';
import { Fault, NotModelled, operation, type Caller, type Service } from '../service.ts';
import { deliveriesOf, fanOut } from './fan-out.ts';
import { bodiesOf, checkMessage, type Message } from './message.ts';
import {
  newSnsState,
  type Delivery,
  type PublishedMessage,
  type Sns,
  type SnsPorts,
  type SnsState,
  type Topic,
} from './model.ts';
import { subscriptionOperations } from './subscription-operations.ts';
import { subscribe, unsubscribe } from './subscriptions.ts';
import {
  snsDeleters,
  snsUpdaters,
  subscriptionResource,
  topicPolicyResource,
  topicResource,
} from './topic-resources.ts';
import { admitTopic, topicOf } from './topics.ts';

/** What the region and its scenarios need of SNS beside its wire. */
export interface SnsService extends Service {
  /** Publishes as `caller`; throws `Fault` when the topic is missing or its policy does not let a service in. */
  publish(topicArn: string, message: Message, caller: Caller): { readonly messageId: string };
  /** A topic that stands outside every stack, whosever it is; one that is there stays as it is. */
  admitTopic(topicArn: string): void;
  /** Subscribes an HTTPS endpoint of an AWS service, which confirms at once; throws `Fault` when the topic is missing. */
  subscribeConfirmed(topicArn: string, endpoint: string): void;
  /** Ends the subscription of an endpoint; without one, or without the topic, nothing is left to do. */
  unsubscribe(topicArn: string, endpoint: string): void;
  /** Everything published to a topic, oldest first. */
  messagesOf(topicArn: string): readonly PublishedMessage[];
  /** Hears every message that is published to any topic, and what its subscribers get; the answer ends that. */
  onPublished(listener: PublishedListener): () => void;
}

type PublishedListener = (topicArn: string, message: PublishedMessage, deliveries: readonly Delivery[]) => void;

/** Builds SNS, without topics unless told: standard ones. E-mails and web hooks are kept, never sent; functions, FIFO topics and filters are refused. */
export function createSns(ports: SnsPorts, state: SnsState = newSnsState()): SnsService {
  const sns: Sns = { ...ports, state };
  const listeners = new Set<PublishedListener>();
  const publishTold = (topicArn: string, message: Message, caller: Caller): PublishedMessage => {
    const published = publish(sns, topicArn, message, caller);
    const deliveries = deliveriesOf(topicOf(sns, topicArn), published);
    for (const listener of listeners) listener(topicArn, published, deliveries);
    return published;
  };
  return {
    id: 'sns',
    state,
    operations: {
      Publish: operation<PublishInput, PublishResponse>({
        permissions: ({ TopicArn }) => [{ action: 'sns:Publish', resource: TopicArn ?? '*' }],
        apply: (input, caller) => ({ MessageId: publishTold(topicArnOf(input), messageOf(input), caller).messageId }),
      }),
      ...subscriptionOperations(sns),
    },
    resources: {
      'AWS::SNS::Topic': topicResource(sns),
      'AWS::SNS::Subscription': subscriptionResource(sns),
      'AWS::SNS::TopicPolicy': topicPolicyResource(sns),
    },
    updaters: snsUpdaters(sns),
    deleters: snsDeleters(sns),
    publish: publishTold,
    admitTopic: (arn) => admitTopic(sns, arn),
    subscribeConfirmed: (topicArn, endpoint) =>
      void subscribe(sns, topicOf(sns, topicArn), { protocol: 'https', endpoint, isRaw: false, isConfirmed: true }),
    unsubscribe(topicArn, endpoint) {
      const found = state.topics.get(topicArn)?.subscriptions.find((one) => one.endpoint === endpoint);
      if (found) unsubscribe(sns, found.arn);
    },
    messagesOf: (topicArn) => topicOf(sns, topicArn).published,
    onPublished(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function publish(sns: Sns, topicArn: string, message: Message, caller: Caller): PublishedMessage {
  const topic = topicOf(sns, topicArn);
  if (caller.kind === 'service') authorizeService(sns, topic, caller);
  checkMessage(message);
  const { kernel } = sns;
  const { structure: _structure, ...rest } = message;
  const published = { ...rest, ...bodiesOf(message), messageId: kernel.random.uuid(), publishedAtMs: kernel.now };
  topic.published.push(published);
  fanOut(sns, topic, published);
  return published;
}

/**
 * A service has no identity policies: the topic's policy decides. The policy that a topic is born with lets
 * CloudWatch alarms of the same account in; any policy of one's own replaces it, and must then allow them.
 */
function authorizeService(sns: Sns, topic: Topic, caller: Caller & { readonly kind: 'service' }): void {
  // The policy of the key alias/aws/sns names no services and cannot be changed (SNS developer guide, sns-key-management:
  // services need kms:Decrypt and kms:GenerateDataKey* of the key).
  if (topic.isEncrypted) {
    throw new Fault('KMSAccessDenied', `${caller.principal} may not use the key of ${topic.arn}, alias/aws/sns`);
  }
  if (topic.policy === undefined && caller.principal === 'cloudwatch.amazonaws.com') return;
  const decision =
    topic.policy === undefined
      ? { isAllowed: false, reason: `${caller.principal} may not sns:Publish: topic ${topic.arn} has no policy` }
      : sns.authorizeByPolicy(topic.policy, caller, {
          action: 'sns:Publish',
          resource: topic.arn,
        });
  if (!decision.isAllowed) throw new Fault('AuthorizationError', decision.reason, 403);
}

function topicArnOf({ TopicArn, TargetArn, PhoneNumber }: PublishInput): string {
  if (TargetArn !== undefined || PhoneNumber !== undefined) throw new NotModelled('Publish other than to a TopicArn');
  if (TopicArn !== undefined) return TopicArn;
  throw new Fault(
    'InvalidParameter',
    'Invalid parameter: TopicArn or TargetArn Reason: no value for required parameter',
  );
}

function messageOf(input: PublishInput): Message {
  for (const member of ['MessageDeduplicationId', 'MessageGroupId'] as const) {
    if (input[member] !== undefined) throw new NotModelled(`Publish with ${member}`);
  }
  return {
    message: input.Message ?? '',
    ...(input.MessageStructure !== undefined && { structure: input.MessageStructure }),
    ...(input.Subject !== undefined && { subject: input.Subject }),
    ...(input.MessageAttributes && { attributes: input.MessageAttributes }),
  };
}
