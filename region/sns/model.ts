import type { Caller, Decision, PermissionRequest, RegionContext } from '../service.ts';
import type { Bodies, Message } from './message.ts';

/** Asks a resource policy whether `caller` may. */
type AuthorizeByPolicy = (policyDocument: unknown, caller: Caller, request: PermissionRequest) => Decision;

/** Sends a message to a queue for SNS; throws `Fault` when the queue's policy does not let it in. */
export type SendToQueue = (
  queueArn: string,
  body: string,
  attributes: Readonly<Record<string, string>>,
  onBehalf: { readonly principal: 'sns.amazonaws.com'; readonly sourceArn: string },
) => void;

/** What SNS needs of the region. */
export interface SnsPorts extends RegionContext {
  readonly sendToQueue: SendToQueue;
  readonly authorizeByPolicy: AuthorizeByPolicy;
}

/** What SNS knows. */
export interface SnsState {
  /** By ARN. */
  readonly topics: Map<string, Topic>;
}

export interface Sns extends SnsPorts {
  readonly state: SnsState;
}

/** No topic. */
export function newSnsState(): SnsState {
  return { topics: new Map() };
}

export interface Topic {
  readonly name: string;
  readonly arn: string;
  /** With the key that AWS keeps for SNS. */
  isEncrypted: boolean;
  /** Set by `AWS::SNS::TopicPolicy`. */
  policy: unknown;
  readonly subscriptions: Subscription[];
  readonly published: PublishedMessage[];
}

export interface Subscription {
  readonly arn: string;
  readonly protocol: Protocol;
  readonly endpoint: string;
  readonly isRaw: boolean;
  /** Queues are confirmed at once, and so is what another service of the region subscribes. Nobody follows the link that e-mails and web hooks are sent, so those wait for ever. */
  readonly isConfirmed: boolean;
}

/** Where the region can subscribe. */
export type Protocol = 'email' | 'https' | 'sqs';

export interface PublishedMessage extends Bodies, Pick<Message, 'subject' | 'attributes'> {
  readonly messageId: string;
  /** Virtual milliseconds since the epoch. */
  readonly publishedAtMs: number;
}

/** What one subscriber gets of a message: the text of an e-mail, the body of a request, the body of a queue's message. */
export interface Delivery {
  readonly protocol: Subscription['protocol'];
  readonly endpoint: string;
  readonly body: string;
}
