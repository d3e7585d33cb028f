import type { MessageAttributeValue } from '@aws-sdk/client-sqs';
import type { Caller, Decision, PermissionRequest, RecordMetric, RegionContext } from '../service.ts';

/** Asks a resource policy whether `caller` may. */
type AuthorizeByPolicy = (policyDocument: unknown, caller: Caller, request: PermissionRequest) => Decision;

/** What SQS needs of the region. */
export interface SqsPorts extends RegionContext {
  readonly recordMetric: RecordMetric;
  readonly authorizeByPolicy: AuthorizeByPolicy;
}

/** What SQS knows. */
export interface SqsState {
  /** By name. */
  readonly queues: Map<string, Queue>;
}

export interface Sqs extends SqsPorts {
  readonly state: SqsState;
}

/** One standard queue; messages come back in the order in which they were sent. */
export interface Queue {
  settings: QueueSettings;
  readonly createdAtMs: number;
  /** The queue policy, set by `AWS::SQS::QueuePolicy`. */
  policy: unknown;
  /** Some may have expired: `allMessages` drops those. */
  messages: StoredMessage[];
}

export interface QueueSettings {
  readonly name: string;
  readonly arn: string;
  readonly url: string;
  readonly visibilityTimeoutSeconds: number;
  readonly retentionSeconds: number;
  readonly isSseManaged: boolean;
}

/** A message that has not been deleted. */
export interface StoredMessage {
  readonly id: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, MessageAttributeValue>>;
  readonly senderId: string;
  readonly sentAtMs: number;
  firstReceivedAtMs?: number;
  receiveCount: number;
  /** The handle of the latest receipt; only that one deletes the message. */
  receiptHandle?: string;
  visibleAtMs: number;
}

/** No queue. */
export function newSqsState(): SqsState {
  return { queues: new Map() };
}
