import { Fault, type Caller, type Service } from '../service.ts';
import { newSqsState, type Queue, type Sqs, type SqsPorts, type SqsState, type StoredMessage } from './model.ts';
import { sqsOperations } from './operations.ts';
import { allMessages, queueOf, send } from './queue.ts';
import { queuePolicyResource, queueResource, sqsDeleters, sqsUpdaters } from './queue-resources.ts';

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

/** Builds SQS, without queues unless told: standard ones. FIFO queues, redrive and customer keys are not modelled. */
export function createSqs(ports: SqsPorts, state: SqsState = newSqsState()): SqsService {
  const sqs: Sqs = { ...ports, state };
  return {
    id: 'sqs',
    state,
    operations: sqsOperations(sqs),
    resources: { 'AWS::SQS::Queue': queueResource(sqs), 'AWS::SQS::QueuePolicy': queuePolicyResource(sqs) },
    updaters: sqsUpdaters(sqs),
    deleters: sqsDeleters(sqs),
    sendToQueue: (queueArn, body, attributes, { principal, sourceArn }) => {
      const queue = queueOf(sqs, queueArn);
      authorizeService(sqs, queue, { kind: 'service', principal, sourceArn });
      send(sqs, queue, body, asStrings(attributes), principal);
    },
    messagesOf: (queueArn) => allMessages(sqs, queueOf(sqs, queueArn)).map(shown),
  };
}

/** A service has no identity policies: only the queue's own policy lets it in. */
function authorizeService(sqs: Sqs, queue: Queue, caller: Caller & { readonly kind: 'service' }): void {
  const { arn, name } = queue.settings;
  if (queue.policy === undefined) {
    throw new Fault('AccessDenied', `${caller.principal} may not sqs:SendMessage: queue ${name} has no policy`, 403);
  }
  const decision = sqs.authorizeByPolicy(queue.policy, caller, {
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
