import type {
  DeleteMessageRequest,
  GetQueueAttributesRequest,
  GetQueueAttributesResult,
  GetQueueUrlRequest,
  GetQueueUrlResult,
  ListQueuesRequest,
  ListQueuesResult,
  Message,
  ReceiveMessageRequest,
  ReceiveMessageResult,
  SendMessageRequest,
  SendMessageResult,
} from '@aws-sdk/client-sqs';
import { Fault, NotModelled, operation, type Caller, type Operation, type PermissionRequest } from '../service.ts';
import { md5OfAttributes, md5OfBody } from './md5.ts';
import type { Queue, Sqs, StoredMessage } from './model.ts';
import {
  accessed,
  allMessages,
  arnOf,
  deleteMessage,
  queueByUrl,
  receive,
  send,
  urlOf,
  visibleMessages,
} from './queue.ts';

/** Amazon SQS API reference, SendMessage. */
const BODY_BYTES_MAX = 1_048_576;
const BATCH_MAX = 10;

/** The operations of the SQS API that the region answers. */
export function sqsOperations(sqs: Sqs): Readonly<Record<string, Operation>> {
  const onUrl = (action: string) => (request: { readonly QueueUrl: string | undefined }) =>
    permission(sqs, action, request.QueueUrl?.split('/').at(-1));
  return {
    SendMessage: operation<SendMessageRequest, SendMessageResult>({
      permissions: onUrl('sqs:SendMessage'),
      apply: (request, caller) => sendMessage(sqs, queueByUrl(sqs, request.QueueUrl), request, caller),
    }),
    ReceiveMessage: operation<ReceiveMessageRequest, ReceiveMessageResult>({
      permissions: onUrl('sqs:ReceiveMessage'),
      apply: (request) => receiveMessage(sqs, queueByUrl(sqs, request.QueueUrl), request),
    }),
    DeleteMessage: operation<DeleteMessageRequest, object>({
      permissions: onUrl('sqs:DeleteMessage'),
      apply: (request) => (deleteMessage(sqs, queueByUrl(sqs, request.QueueUrl), request.ReceiptHandle ?? ''), {}),
    }),
    GetQueueAttributes: operation<GetQueueAttributesRequest, GetQueueAttributesResult>({
      permissions: onUrl('sqs:GetQueueAttributes'),
      apply: (request) => getQueueAttributes(sqs, accessed(sqs, queueByUrl(sqs, request.QueueUrl)), request),
    }),
    GetQueueUrl: operation<GetQueueUrlRequest, GetQueueUrlResult>({
      permissions: ({ QueueName }) => permission(sqs, 'sqs:GetQueueUrl', QueueName),
      apply: ({ QueueName }) => ({ QueueUrl: queueByUrl(sqs, urlOf(sqs, QueueName ?? '')).settings.url }),
    }),
    ListQueues: operation<ListQueuesRequest, ListQueuesResult>({
      permissions: () => [{ action: 'sqs:ListQueues', resource: '*' }],
      apply: (request) => listQueues(sqs, request),
    }),
  };
}

function permission(sqs: Sqs, action: string, name: string | undefined): readonly PermissionRequest[] {
  return [{ action, resource: arnOf(sqs, name ?? '') }];
}

function sendMessage(sqs: Sqs, queue: Queue, request: SendMessageRequest, caller: Caller): SendMessageResult {
  const { MessageBody = '', MessageAttributes = {} } = request;
  for (const member of [
    'DelaySeconds',
    'MessageSystemAttributes',
    'MessageDeduplicationId',
    'MessageGroupId',
  ] as const) {
    if (request[member]) throw new NotModelled(`SendMessage with ${member}`);
  }
  if (MessageBody === '') throw new Fault('MissingParameter', 'The request must contain the parameter MessageBody.');
  if (Buffer.byteLength(MessageBody) > BODY_BYTES_MAX) {
    throw new Fault('InvalidParameterValue', `Message must be shorter than ${BODY_BYTES_MAX} bytes.`);
  }
  const sender = caller.kind === 'role' ? caller.roleArn : caller.kind;
  const message = send(sqs, queue, MessageBody, MessageAttributes, sender);
  const attributesDigest = md5OfAttributes(MessageAttributes);
  return {
    MD5OfMessageBody: md5OfBody(MessageBody),
    ...(attributesDigest !== undefined && { MD5OfMessageAttributes: attributesDigest }),
    MessageId: message.id,
  };
}

/** Answers at once: there is no long polling in the region. */
function receiveMessage(sqs: Sqs, queue: Queue, request: ReceiveMessageRequest): ReceiveMessageResult {
  const { MaxNumberOfMessages: count = 1, VisibilityTimeout = queue.settings.visibilityTimeoutSeconds } = request;
  if (request.WaitTimeSeconds) throw new NotModelled('ReceiveMessage with WaitTimeSeconds');
  if (request.ReceiveRequestAttemptId !== undefined)
    throw new NotModelled('ReceiveMessage with ReceiveRequestAttemptId');
  if (count < 1 || count > BATCH_MAX) {
    throw new Fault('InvalidParameterValue', `MaxNumberOfMessages must be between 1 and ${BATCH_MAX}, is ${count}.`);
  }
  const received = receive(sqs, queue, count, VisibilityTimeout);
  return received.length === 0 ? {} : { Messages: received.map((message) => messageOf(message, request)) };
}

function messageOf(message: StoredMessage, request: ReceiveMessageRequest): Message {
  const attributes = selected(message.attributes, request.MessageAttributeNames ?? []);
  const digest = md5OfAttributes(attributes);
  const system = [...(request.AttributeNames ?? []), ...(request.MessageSystemAttributeNames ?? [])];
  return {
    MessageId: message.id,
    ReceiptHandle: message.receiptHandle,
    MD5OfBody: md5OfBody(message.body),
    Body: message.body,
    ...(system.length > 0 && { Attributes: selected(systemAttributes(message), system) }),
    ...(digest !== undefined && { MD5OfMessageAttributes: digest, MessageAttributes: attributes }),
  };
}

function systemAttributes(message: StoredMessage): Record<string, string> {
  return {
    SenderId: message.senderId,
    SentTimestamp: String(message.sentAtMs),
    ApproximateReceiveCount: String(message.receiveCount),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAtMs),
  };
}

/** `All` and `.*` select everything, `foo.*` by prefix. */
function selected<Value>(all: Readonly<Record<string, Value>>, wanted: readonly string[]): Record<string, Value> {
  const isWanted = (name: string): boolean =>
    wanted.some((want) => {
      if (want === 'All' || want === '.*') return true;
      return want.endsWith('.*') ? name.startsWith(want.slice(0, -2)) : name === want;
    });
  return Object.fromEntries(Object.entries(all).filter(([name]) => isWanted(name)));
}

function getQueueAttributes(sqs: Sqs, queue: Queue, request: GetQueueAttributesRequest): GetQueueAttributesResult {
  const all = attributesOf(sqs, queue);
  const wanted = request.AttributeNames ?? [];
  const unknown = wanted.find((name) => name !== 'All' && !Object.hasOwn(all, name));
  if (unknown !== undefined) throw new NotModelled(`The queue attribute ${unknown}`);
  return wanted.length === 0 ? {} : { Attributes: selected(all, wanted) };
}

function attributesOf(sqs: Sqs, queue: Queue): Record<string, string> {
  const { settings, policy, createdAtMs } = queue;
  const visible = visibleMessages(sqs, queue).length;
  return {
    QueueArn: settings.arn,
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(allMessages(sqs, queue).length - visible),
    ApproximateNumberOfMessagesDelayed: '0',
    CreatedTimestamp: String(Math.floor(createdAtMs / 1_000)),
    VisibilityTimeout: String(settings.visibilityTimeoutSeconds),
    MessageRetentionPeriod: String(settings.retentionSeconds),
    DelaySeconds: '0',
    ReceiveMessageWaitTimeSeconds: '0',
    SqsManagedSseEnabled: String(settings.isSseManaged),
    ...(policy !== undefined && { Policy: JSON.stringify(policy) }),
  };
}

function listQueues(sqs: Sqs, { QueueNamePrefix = '', MaxResults, NextToken }: ListQueuesRequest): ListQueuesResult {
  if (MaxResults !== undefined || NextToken !== undefined) throw new NotModelled('Paging of ListQueues');
  const named = [...sqs.state.queues.values()].filter(({ settings }) => settings.name.startsWith(QueueNamePrefix));
  return named.length === 0 ? {} : { QueueUrls: named.map(({ settings }) => settings.url) };
}
