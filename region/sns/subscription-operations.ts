import type {
  ListSubscriptionsByTopicInput,
  ListSubscriptionsByTopicResponse,
  ListTopicsInput,
  ListTopicsResponse,
  SubscribeInput,
  SubscribeResponse,
} from '@aws-sdk/client-sns';
import { pageOf, type Page } from '../page.ts';
import { Fault, NotModelled, operation, type Operation } from '../service.ts';
import type { Sns } from './model.ts';
import { subscribe } from './subscriptions.ts';
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
        const page = pageAfter(topicOf(sns, TopicArn).subscriptions, NextToken);
        const Subscriptions = page.items.map(({ arn, isConfirmed, protocol, endpoint }) => ({
          SubscriptionArn: isConfirmed ? arn : 'PendingConfirmation',
          Owner: sns.account,
          Protocol: protocol,
          Endpoint: endpoint,
          TopicArn,
        }));
        return { Subscriptions, ...tokenOf(page) };
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
  };
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
