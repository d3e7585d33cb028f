import type {
  ListSubscriptionsByTopicInput,
  ListSubscriptionsByTopicResponse,
  ListSubscriptionsInput,
  ListSubscriptionsResponse,
  ListTopicsInput,
  ListTopicsResponse,
  SubscribeInput,
  SubscribeResponse,
  Subscription as ApiSubscription,
  UnsubscribeInput,
} from '@aws-sdk/client-sns';
import { pageOf, type Page } from '../page.ts';
import { Fault, NotModelled, operation, type Operation } from '../service.ts';
import type { Sns, Topic } from './model.ts';
import { subscribe, unsubscribe } from './subscriptions.ts';
import { topicOf } from './topics.ts';

/** "Each call returns a limited list, up to 100" (API reference). */
const PAGE_SIZE = 100;

/** Who hears of what, and one more who wants to. */
export function subscriptionOperations(sns: Sns): Record<string, Operation> {
  return {
    ListTopics: operation<ListTopicsInput, ListTopicsResponse>({
      permissions: () => [{ action: 'sns:ListTopics', resource: '*' }],
      apply: ({ NextToken }) => {
        const page = pageAfter([...sns.state.topics.keys()].sort(), NextToken);
        return { Topics: page.items.map((TopicArn) => ({ TopicArn })), ...tokenOf(page) };
      },
    }),
    ListSubscriptionsByTopic: operation<ListSubscriptionsByTopicInput, ListSubscriptionsByTopicResponse>({
      permissions: ({ TopicArn = '' }) => [{ action: 'sns:ListSubscriptionsByTopic', resource: TopicArn }],
      apply: ({ TopicArn = '', NextToken }) => {
        const page = pageAfter(described(sns, topicOf(sns, TopicArn)), NextToken);
        return { Subscriptions: page.items, ...tokenOf(page) };
      },
    }),
    ListSubscriptions: operation<ListSubscriptionsInput, ListSubscriptionsResponse>({
      permissions: () => [{ action: 'sns:ListSubscriptions', resource: '*' }],
      apply: ({ NextToken }) => {
        const page = pageAfter(
          [...sns.state.topics.values()].flatMap((topic) => described(sns, topic)),
          NextToken,
        );
        return { Subscriptions: page.items, ...tokenOf(page) };
      },
    }),
    Subscribe: operation<SubscribeInput, SubscribeResponse>({
      permissions: ({ TopicArn = '', Protocol = '', Endpoint = '' }) => [
        {
          action: 'sns:Subscribe',
          resource: TopicArn,
          context: { 'sns:Protocol': Protocol, 'sns:Endpoint': Endpoint },
        },
      ],
      apply: (input) => subscribeTo(sns, input),
    }),
    Unsubscribe: operation<UnsubscribeInput, object>({
      permissions: () => [{ action: 'sns:Unsubscribe', resource: '*' }],
      apply: ({ SubscriptionArn = '' }) => {
        const count = SubscriptionArn.split(':').length;
        if (count < 6) throw new Fault('InvalidParameter', invalidArn(count));
        unsubscribe(sns, SubscriptionArn);
        return {};
      },
    }),
  };
}

function described({ account }: Sns, { arn: TopicArn, subscriptions }: Topic): ApiSubscription[] {
  return subscriptions.map(({ arn, isConfirmed, protocol, endpoint }) => ({
    SubscriptionArn: isConfirmed ? arn : 'PendingConfirmation',
    Owner: account,
    Protocol: protocol,
    Endpoint: endpoint,
    TopicArn,
  }));
}

/** What people paste who take `PendingConfirmation` for an ARN. */
function invalidArn(count: number): string {
  return `Invalid parameter: SubscriptionArn Reason: An ARN must have at least 6 elements, not ${count}`;
}

function subscribeTo(sns: Sns, input: SubscribeInput): SubscribeResponse {
  const { TopicArn = '', Protocol = '', Endpoint = '', Attributes = {}, ReturnSubscriptionArn = false } = input;
  const { RawMessageDelivery = 'false', ...others } = Attributes;
  const [other] = Object.keys(others);
  if (other !== undefined) throw new NotModelled(`Subscribe with the attribute ${other}`);
  if (RawMessageDelivery !== 'true' && RawMessageDelivery !== 'false') {
    const reason = `RawMessageDelivery: Invalid value [${RawMessageDelivery}]. Must be true or false.`;
    throw new Fault('InvalidParameter', `Invalid parameter: Attributes Reason: ${reason}`);
  }
  const isRaw = RawMessageDelivery === 'true';
  const { arn, isConfirmed } = subscribe(sns, topicOf(sns, TopicArn), {
    protocol: Protocol,
    endpoint: Endpoint,
    isRaw,
  });
  return { SubscriptionArn: isConfirmed || ReturnSubscriptionArn ? arn : 'pending confirmation' };
}

function pageAfter<Item>(all: readonly Item[], token: string | undefined): Page<Item> {
  const refusal = 'Invalid parameter: NextToken Reason: not a token of an earlier answer';
  return pageOf(all, PAGE_SIZE, token, () => new Fault('InvalidParameter', refusal));
}

function tokenOf({ nextToken }: Page<unknown>): { NextToken?: string } {
  return nextToken === undefined ? {} : { NextToken: nextToken };
}
