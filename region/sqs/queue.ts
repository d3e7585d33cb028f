import { Fault } from '../service.ts';
import type { Queue, QueueSettings, Sqs, StoredMessage } from './model.ts';
import { partitionOf } from '../partition.ts';

/** Throws QueueNameExists. */
export function createQueue({ kernel, state: { queues } }: Sqs, settings: QueueSettings): Queue {
  if (queues.has(settings.name)) throw new Fault('QueueNameExists', `A queue named ${settings.name} already exists.`);
  const queue: Queue = { settings, createdAtMs: kernel.now, policy: undefined, messages: [] };
  queues.set(settings.name, queue);
  return queue;
}

export function arnOf({ region, account }: Sqs, name: string): string {
  return `arn:${partitionOf(region)}:sqs:${region}:${account}:${name}`;
}

export function urlOf({ region, account }: Sqs, name: string): string {
  return `https://sqs.${region}.amazonaws.com/${account}/${name}`;
}

/** The queue with this ARN; throws QueueDoesNotExist. */
export function queueOf({ state: { queues } }: Sqs, queueArn: string): Queue {
  for (const queue of queues.values()) if (queue.settings.arn === queueArn) return queue;
  throw queueDoesNotExist();
}

/** The queue with this URL; throws QueueDoesNotExist. */
export function queueByUrl({ state: { queues } }: Sqs, url: string | undefined): Queue {
  const queue = queues.get(url?.split('/').at(-1) ?? '');
  // Whichever host the client was told, the account and the name decide.
  if (queue && url?.endsWith(new URL(queue.settings.url).pathname)) return queue;
  throw queueDoesNotExist();
}

export function send(
  sqs: Sqs,
  queue: Queue,
  body: string,
  attributes: StoredMessage['attributes'],
  senderId: string,
): StoredMessage {
  const { now, random } = sqs.kernel;
  const id = random.uuid();
  const message = { id, body, attributes, senderId, sentAtMs: now, receiveCount: 0, visibleAtMs: now };
  queue.messages.push(message);
  recordVisible(sqs, queue);
  return message;
}

export function receive(
  sqs: Sqs,
  queue: Queue,
  count: number,
  visibilityTimeoutSeconds: number,
): readonly StoredMessage[] {
  const { now, random } = sqs.kernel;
  const received = visibleMessages(sqs, queue).slice(0, count);
  for (const message of received) {
    message.receiveCount++;
    message.firstReceivedAtMs ??= now;
    message.receiptHandle = random.hex(64);
    message.visibleAtMs = now + visibilityTimeoutSeconds * 1_000;
  }
  if (received.length > 0 && visibilityTimeoutSeconds > 0) recordAfter(sqs, queue, visibilityTimeoutSeconds);
  if (received.length > 0) recordVisible(sqs, queue);
  return received;
}

/** Deletes the message of this receipt; an old or unknown handle deletes nothing. */
export function deleteMessage(sqs: Sqs, queue: Queue, receiptHandle: string): void {
  queue.messages = queue.messages.filter((message) => message.receiptHandle !== receiptHandle);
  recordVisible(sqs, queue);
}

/** Messages in the queue, whether or not in flight. */
export function allMessages({ kernel }: Sqs, queue: Queue): readonly StoredMessage[] {
  const oldestMs = kernel.now - queue.settings.retentionSeconds * 1_000;
  queue.messages = queue.messages.filter(({ sentAtMs }) => sentAtMs > oldestMs);
  return queue.messages;
}

export function visibleMessages(sqs: Sqs, queue: Queue): readonly StoredMessage[] {
  return allMessages(sqs, queue).filter(({ visibleAtMs }) => visibleAtMs <= sqs.kernel.now);
}

/**
 * A queue that something accesses is active, and tells of itself; one that nothing accesses tells nothing, though AWS lets it tell for
 * six hours more. Neither does one whose messages come of age.
 */
export function accessed(sqs: Sqs, queue: Queue): Queue {
  recordVisible(sqs, queue);
  return queue;
}

function recordAfter(sqs: Sqs, queue: Queue, seconds: number): void {
  const label = `sqs shows messages of ${queue.settings.name} again`;
  sqs.kernel.after(seconds * 1_000, 'timer', label, () => recordVisible(sqs, queue));
}

function recordVisible(sqs: Sqs, queue: Queue): void {
  const isDeleted = sqs.state.queues.get(queue.settings.name) !== queue;
  if (isDeleted) return;
  const dimensions = { QueueName: queue.settings.name };
  const visible = visibleMessages(sqs, queue).length;
  sqs.recordMetric('AWS/SQS', 'ApproximateNumberOfMessagesVisible', dimensions, visible);
}

function queueDoesNotExist(): Fault {
  return new Fault('QueueDoesNotExist', 'The specified queue does not exist.');
}
