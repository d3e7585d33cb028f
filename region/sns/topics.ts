import { Fault } from '../service.ts';
import type { Sns, Topic } from './model.ts';

/** Lets there be a standard topic of that ARN, with the policy that topics are born with. */
export function admitTopic({ state: { topics } }: Sns, arn: string): void {
  if (topics.has(arn)) return;
  const name = arn.slice(arn.lastIndexOf(':') + 1);
  topics.set(arn, { name, arn, isEncrypted: false, policy: undefined, subscriptions: [], published: [] });
}

/** The topic with this ARN; throws NotFound. */
export function topicOf({ state: { topics } }: Sns, topicArn: string): Topic {
  const topic = topics.get(topicArn);
  if (!topic) throw new Fault('NotFound', 'Topic does not exist', 404);
  return topic;
}
