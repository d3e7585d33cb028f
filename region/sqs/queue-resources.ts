import * as z from 'zod';
import { generatedName } from '../generated-name.ts';
import type { ResourceCreator, ResourceDeleter, ResourceUpdater } from '../service.ts';
import { readProperties } from '../properties.ts';
import type { Sqs } from './model.ts';
import { arnOf, createQueue, queueByUrl, urlOf } from './queue.ts';
import { RETENTION_SECONDS_DEFAULT, VISIBILITY_TIMEOUT_SECONDS_DEFAULT } from './timing.ts';

const queueSchema = z.strictObject({
  QueueName: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,80}$/)
    .optional(),
  MessageRetentionPeriod: z.int().min(60).max(1_209_600).default(RETENTION_SECONDS_DEFAULT),
  VisibilityTimeout: z.int().min(0).max(43_200).default(VISIBILITY_TIMEOUT_SECONDS_DEFAULT),
  SqsManagedSseEnabled: z.boolean().default(true),
  // Neither delays nor long polling are modelled.
  DelaySeconds: z.literal(0).optional(),
  ReceiveMessageWaitTimeSeconds: z.literal(0).optional(),
  Tags: z.array(z.strictObject({ Key: z.string(), Value: z.string() })).optional(),
});

const policySchema = z.strictObject({
  PolicyDocument: z.record(z.string(), z.unknown()),
  Queues: z.array(z.string()).min(1),
});

/** API reference, CreateQueue. */
const QUEUE_NAME_CHARACTERS_MAX = 80;

/** Creates `AWS::SQS::Queue`; `Ref` is the queue's URL. */
export function queueResource(sqs: Sqs): ResourceCreator {
  return (logicalId, properties, stackName) => {
    const read = readProperties(queueSchema, 'AWS::SQS::Queue', properties);
    const name = read.QueueName ?? generatedName(sqs.kernel, stackName, logicalId, QUEUE_NAME_CHARACTERS_MAX);
    const { settings } = createQueue(sqs, {
      name,
      arn: arnOf(sqs, name),
      url: urlOf(sqs, name),
      ...changeableSettings(read),
    });
    return { ref: settings.url, attributes: { Arn: settings.arn, QueueName: name, QueueUrl: settings.url } };
  };
}

/** Creates `AWS::SQS::QueuePolicy`: replaces the policy of each queue. */
export function queuePolicyResource(sqs: Sqs): ResourceCreator {
  return (logicalId, properties) => {
    const { PolicyDocument, Queues } = readProperties(policySchema, 'AWS::SQS::QueuePolicy', properties);
    for (const url of Queues) queueByUrl(sqs, url).policy = PolicyDocument;
    return { ref: logicalId, attributes: { Id: logicalId } };
  };
}

/** Updaters of queues and of their policies: a policy leaves the queues that it no longer names. */
export function sqsUpdaters(sqs: Sqs): Readonly<Record<string, ResourceUpdater>> {
  return {
    'AWS::SQS::Queue': {
      changeable: Object.keys(queueSchema.shape).filter((name) => name !== 'QueueName'),
      replacing: ['QueueName'],
      update: ({ current, after }) => {
        const read = readProperties(queueSchema, 'AWS::SQS::Queue', after);
        const queue = queueByUrl(sqs, current.ref);
        queue.settings = { ...queue.settings, ...changeableSettings(read) };
        return current;
      },
    },
    'AWS::SQS::QueuePolicy': {
      changeable: 'all',
      update: ({ current, before, after }) => {
        const { PolicyDocument, Queues } = readProperties(policySchema, 'AWS::SQS::QueuePolicy', after);
        const named = Queues.map((url) => queueByUrl(sqs, url));
        withoutPolicy(sqs, policySchema.parse(before).Queues);
        for (const queue of named) queue.policy = PolicyDocument;
        return current;
      },
    },
  };
}

function changeableSettings(read: z.output<typeof queueSchema>) {
  return {
    visibilityTimeoutSeconds: read.VisibilityTimeout,
    retentionSeconds: read.MessageRetentionPeriod,
    isSseManaged: read.SqsManagedSseEnabled,
  };
}

function withoutPolicy({ state: { queues } }: Sqs, urls: readonly string[]): void {
  for (const queue of queues.values()) if (urls.includes(queue.settings.url)) queue.policy = undefined;
}

/** Deleters of queues, with their messages, and of their policies. */
export function sqsDeleters(sqs: Sqs): Readonly<Record<string, ResourceDeleter>> {
  return {
    'AWS::SQS::Queue': ({ current }) => void sqs.state.queues.delete(current.attributes['QueueName']!),
    'AWS::SQS::QueuePolicy': ({ properties }) => withoutPolicy(sqs, policySchema.parse(properties).Queues),
  };
}
