import type { MessageAttributeValue } from '@aws-sdk/client-sqs';
import type { Kernel } from '../kernel/kernel.ts';
import type { RecordMetric } from '../service.ts';

/** A message that has not been deleted and has not expired. */
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

export interface QueueSettings {
  readonly name: string;
  readonly arn: string;
  readonly url: string;
  readonly visibilityTimeoutSeconds: number;
  readonly retentionSeconds: number;
  readonly isSseManaged: boolean;
}

/** One standard queue; messages come back in the order in which they were sent. */
export class Queue {
  readonly settings: QueueSettings;
  readonly createdAtMs: number;
  /** The queue policy, set by `AWS::SQS::QueuePolicy`. */
  policy: unknown;
  readonly #kernel: Kernel;
  readonly #recordMetric: RecordMetric;
  #messages: StoredMessage[] = [];

  constructor(settings: QueueSettings, kernel: Kernel, recordMetric: RecordMetric) {
    this.settings = settings;
    this.createdAtMs = kernel.now;
    this.#kernel = kernel;
    this.#recordMetric = recordMetric;
  }

  send(body: string, attributes: StoredMessage['attributes'], senderId: string): StoredMessage {
    const now = this.#kernel.now;
    const id = this.#kernel.random.uuid();
    const message = { id, body, attributes, senderId, sentAtMs: now, receiveCount: 0, visibleAtMs: now };
    this.#messages.push(message);
    this.#recordVisible();
    return message;
  }

  receive(count: number, visibilityTimeoutSeconds: number): readonly StoredMessage[] {
    const now = this.#kernel.now;
    const received = this.visible().slice(0, count);
    for (const message of received) {
      message.receiveCount++;
      message.firstReceivedAtMs ??= now;
      message.receiptHandle = this.#kernel.random.hex(64);
      message.visibleAtMs = now + visibilityTimeoutSeconds * 1_000;
    }
    if (received.length > 0 && visibilityTimeoutSeconds > 0) this.#recordAfter(visibilityTimeoutSeconds);
    if (received.length > 0) this.#recordVisible();
    return received;
  }

  /** Deletes the message of this receipt; an old or unknown handle deletes nothing. */
  delete(receiptHandle: string): void {
    this.#messages = this.#messages.filter((message) => message.receiptHandle !== receiptHandle);
    this.#recordVisible();
  }

  /** Messages in the queue, whether or not in flight. */
  all(): readonly StoredMessage[] {
    const oldestMs = this.#kernel.now - this.settings.retentionSeconds * 1_000;
    this.#messages = this.#messages.filter(({ sentAtMs }) => sentAtMs > oldestMs);
    return this.#messages;
  }

  visible(): readonly StoredMessage[] {
    return this.all().filter(({ visibleAtMs }) => visibleAtMs <= this.#kernel.now);
  }

  #recordAfter(seconds: number): void {
    const label = `sqs shows messages of ${this.settings.name} again`;
    this.#kernel.after(seconds * 1_000, 'timer', label, () => this.#recordVisible());
  }

  #recordVisible(): void {
    const dimensions = { QueueName: this.settings.name };
    this.#recordMetric('AWS/SQS', 'ApproximateNumberOfMessagesVisible', dimensions, this.visible().length);
  }
}
