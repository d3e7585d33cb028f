import type { Caller, Decision, PermissionRequest, RecordMetric, RegionContext, Service } from '../service.ts';
import { Fault } from '../service.ts';
import type { Sqs } from './model.ts';
import { sqsOperations } from './operations.ts';
import { Queue, type QueueSettings, type StoredMessage } from './queue.ts';
import { queuePolicyResource, queueResource } from './queue-resources.ts';

/** Asks a resource policy whether `caller` may. */
type AuthorizeByPolicy = (policyDocument: unknown, caller: Caller, request: PermissionRequest) => Decision;

/** What the services of the region need of SQS beside its wire. */
export interface SqsService extends Service {
  /** Sends for a service; throws `Fault` when the queue is missing or its policy does not allow it. */
  sendToQueue(
    queueArn: string,
    body: string,
    attributes: Readonly<Record<string, string>>,
    onBehalf: { readonly principal: string; readonly sourceArn: string },
  ): void;
  /** The messages of a queue, in flight or not, oldest first. */
  messagesOf(queueArn: string): readonly QueueMessage[];
}

interface QueueMessage {
  readonly id: string;
  readonly body: string;
  /** String attributes by name. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** Builds SQS: standard queues. FIFO queues, redrive and customer keys are not modelled. */
export function createSqs(
  context: RegionContext & { readonly recordMetric: RecordMetric; readonly authorizeByPolicy: AuthorizeByPolicy },
): SqsService {
  const { account, region } = context;
  const queues = new Map<string, Queue>();
  const sqs: Sqs = {
    context,
    queues,
    arnOf: (name) => `arn:aws:sqs:${region}:${account}:${name}`,
    urlOf: (name) => `https://sqs.${region}.amazonaws.com/${account}/${name}`,
    create: (settings) => createQueue(context, queues, settings),
  };
  return {
    id: 'sqs',
    operations: sqsOperations(sqs),
    resources: { 'AWS::SQS::Queue': queueResource(sqs), 'AWS::SQS::QueuePolicy': queuePolicyResource(sqs) },
    sendToQueue: (queueArn, body, attributes, { principal, sourceArn }) => {
      const queue = queueOf(queues, queueArn);
      authorizeService(context, queue, { kind: 'service', principal, sourceArn });
      queue.send(body, asStrings(attributes), principal);
    },
    messagesOf: (queueArn) => queueOf(queues, queueArn).all().map(shown),
  };
}

function createQueue(
  { kernel, recordMetric }: RegionContext & { readonly recordMetric: RecordMetric },
  queues: Map<string, Queue>,
  settings: QueueSettings,
): Queue {
  if (queues.has(settings.name)) throw new Fault('QueueNameExists', `A queue named ${settings.name} already exists.`);
  const queue = new Queue(settings, kernel, recordMetric);
  queues.set(settings.name, queue);
  return queue;
}

function queueOf(queues: ReadonlyMap<string, Queue>, queueArn: string): Queue {
  for (const queue of queues.values()) if (queue.settings.arn === queueArn) return queue;
  throw new Fault('QueueDoesNotExist', 'The specified queue does not exist.');
}

/** A service has no identity policies: only the queue's own policy lets it in. */
function authorizeService(
  context: RegionContext & { readonly authorizeByPolicy: AuthorizeByPolicy },
  queue: Queue,
  caller: Caller & { readonly kind: 'service' },
): void {
  const { arn, name } = queue.settings;
  if (queue.policy === undefined) {
    throw new Fault('AccessDenied', `${caller.principal} may not sqs:SendMessage: queue ${name} has no policy`, 403);
  }
  const decision = context.authorizeByPolicy(queue.policy, caller, {
    action: 'sqs:SendMessage',
    resource: arn,
  });
  if (!decision.isAllowed) throw new Fault('AccessDenied', decision.reason, 403);
}

function asStrings(attributes: Readonly<Record<string, string>>): StoredMessage['attributes'] {
  const entries = Object.entries(attributes);
  return Object.fromEntries(entries.map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]));
}

function shown({ id, body, attributes }: StoredMessage): QueueMessage {
  const strings = Object.entries(attributes).flatMap(([name, { StringValue }]) =>
    StringValue === undefined ? [] : [[name, StringValue] as const],
  );
  return { id, body, attributes: Object.fromEntries(strings) };
}
