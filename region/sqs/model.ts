import type { RegionContext } from '../service.ts';
import type { Queue, QueueSettings } from './queue.ts';

/** What the operations of SQS share. */
export interface Sqs {
  readonly context: RegionContext;
  readonly queues: Map<string, Queue>;
  arnOf(name: string): string;
  urlOf(name: string): string;
  create(settings: QueueSettings): Queue;
}
