import * as z from 'zod';
import { Fault, type ResourceCreator, type ResourceDeleter, type ResourceUpdater } from '../service.ts';
import { readProperties } from '../properties.ts';
import type { Sns } from './model.ts';
import { subscribe, unsubscribe } from './subscriptions.ts';
import { topicOf } from './topics.ts';
import { partitionOf } from '../partition.ts';

const topicSchema = z.strictObject({
  TopicName: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,256}$/)
    .optional(),
  DisplayName: z.string().max(100).optional(),
  KmsMasterKeyId: z
    .string()
    .regex(/alias\/aws\/sns$/, 'only alias/aws/sns is modelled')
    .optional(),
  TracingConfig: z.enum(['PassThrough', 'Active']).optional(),
  Tags: z.array(z.strictObject({ Key: z.string(), Value: z.string() })).optional(),
});

const subscriptionSchema = z.strictObject({
  TopicArn: z.string(),
  Protocol: z.string(),
  Endpoint: z.string(),
  RawMessageDelivery: z.boolean().default(false),
});

const policySchema = z.strictObject({
  PolicyDocument: z.record(z.string(), z.unknown()),
  Topics: z.array(z.string()).min(1),
});

/** Creates `AWS::SNS::Topic`; `Ref` is its ARN. */
export function topicResource({ kernel, region, account, state: { topics } }: Sns): ResourceCreator {
  return (logicalId, properties, stackName) => {
    const read = readProperties(topicSchema, 'AWS::SNS::Topic', properties);
    const name = read.TopicName ?? `${stackName}-${logicalId}-${kernel.random.hex(12)}`;
    const arn = `arn:${partitionOf(region)}:sns:${region}:${account}:${name}`;
    if (topics.has(arn)) throw new Fault('InvalidParameter', `Topic ${name} already exists`);
    const isEncrypted = read.KmsMasterKeyId !== undefined;
    topics.set(arn, { name, arn, isEncrypted, policy: undefined, subscriptions: [], published: [] });
    return { ref: arn, attributes: { TopicArn: arn, TopicName: name } };
  };
}

/** Creates `AWS::SNS::Subscription`. */
export function subscriptionResource(sns: Sns): ResourceCreator {
  return (_logicalId, properties) => {
    const read = readProperties(subscriptionSchema, 'AWS::SNS::Subscription', properties);
    const { TopicArn, Protocol, Endpoint, RawMessageDelivery: isRaw } = read;
    const { arn } = subscribe(sns, topicOf(sns, TopicArn), { protocol: Protocol, endpoint: Endpoint, isRaw });
    return { ref: arn, attributes: { Arn: arn } };
  };
}

/** Creates `AWS::SNS::TopicPolicy`: replaces the policy of each topic. */
export function topicPolicyResource(sns: Sns): ResourceCreator {
  return (logicalId, properties) => {
    const { PolicyDocument, Topics } = readProperties(policySchema, 'AWS::SNS::TopicPolicy', properties);
    for (const arn of Topics) topicOf(sns, arn).policy = PolicyDocument;
    return { ref: logicalId, attributes: { Id: logicalId } };
  };
}

/** Updaters of topics, subscriptions and policies: a policy leaves the topics that it no longer names. */
export function snsUpdaters(sns: Sns): Readonly<Record<string, ResourceUpdater>> {
  const { topics } = sns.state;
  return {
    'AWS::SNS::Topic': {
      changeable: ['DisplayName', 'KmsMasterKeyId', 'TracingConfig', 'Tags'],
      replacing: ['TopicName'],
      update: ({ current, after }) => {
        const read = readProperties(topicSchema, 'AWS::SNS::Topic', after);
        topicOf(sns, current.ref).isEncrypted = read.KmsMasterKeyId !== undefined;
        return current;
      },
    },
    'AWS::SNS::Subscription': {
      changeable: ['RawMessageDelivery'],
      replacing: ['Endpoint', 'Protocol', 'TopicArn'],
      update: ({ current, after }) => {
        const read = readProperties(subscriptionSchema, 'AWS::SNS::Subscription', after);
        const { subscriptions } = topicOf(sns, read.TopicArn);
        const index = subscriptions.findIndex(({ arn }) => arn === current.ref);
        if (index >= 0) subscriptions[index] = { ...subscriptions[index]!, isRaw: read.RawMessageDelivery };
        return current;
      },
    },
    'AWS::SNS::TopicPolicy': {
      changeable: 'all',
      update: ({ current, before, after }) => {
        const { PolicyDocument, Topics } = readProperties(policySchema, 'AWS::SNS::TopicPolicy', after);
        const named = Topics.map((arn) => topicOf(sns, arn));
        for (const arn of policySchema.parse(before).Topics) if (topics.has(arn)) topicOf(sns, arn).policy = undefined;
        for (const topic of named) topic.policy = PolicyDocument;
        return current;
      },
    },
  };
}

/** Deleters of topics, whose subscriptions go with them, of subscriptions, and of policies: a topic without one has the policy it was born with. */
export function snsDeleters(sns: Sns): Readonly<Record<string, ResourceDeleter>> {
  const { topics } = sns.state;
  return {
    'AWS::SNS::Topic': ({ current }) => void topics.delete(current.ref),
    'AWS::SNS::Subscription': ({ current }) => unsubscribe(sns, current.ref),
    'AWS::SNS::TopicPolicy': ({ properties }) => {
      for (const topic of policySchema.parse(properties).Topics.map((arn) => topics.get(arn)))
        if (topic) topic.policy = undefined;
    },
  };
}
