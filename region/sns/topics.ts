import { Fault } from '../service.ts';
import type { Sns, Topic } from './model.ts';

/** The topic with this ARN; throws NotFound. */
export function topicOf({ state: { topics } }: Sns, topicArn: string): Topic {
  const topic = topics.get(topicArn);
  if (!topic) throw new Fault('NotFound', 'Topic does not exist', 404);
  return topic;
}
