import { Fault, NotModelled } from '../service.ts';
import type { Protocol, Sns, Subscription, Topic } from './model.ts';

/** Amazon SNS API reference, Subscribe: the protocols that the region lacks. */
const OTHER_PROTOCOLS = ['http', 'email-json', 'sms', 'application', 'lambda', 'firehose'];

/** What an endpoint must be, and how SNS says that it is not. */
const ENDPOINTS: Readonly<Record<Protocol, readonly [expected: RegExp, problem: string]>> = {
  email: [/^[^@\s\p{Cc}]+@[^@\s\p{Cc}]+$/u, 'Invalid parameter: Email address'],
  https: [/^https:\/\/[^\s/][^\s\p{Cc}]*$/u, 'Invalid parameter: Endpoint must match the specified protocol'],
  sqs: [/^arn:[^:]+:sqs:[^:]+:\d{12}:[\w-]{1,80}(?:\.fifo)?$/, 'Invalid parameter: SQS endpoint ARN'],
};

/** Subscribes an endpoint; to do so again with the same settings changes nothing and answers the same subscription. */
export function subscribe(
  { kernel }: Sns,
  topic: Topic,
  of: { readonly protocol: string; readonly endpoint: string; readonly isRaw: boolean; readonly isConfirmed?: boolean },
): Subscription {
  const { endpoint, isRaw } = of;
  const protocol = protocolNamed(of.protocol);
  const [expected, problem] = ENDPOINTS[protocol];
  if (!expected.test(endpoint)) throw invalid(problem);
  if (isRaw && protocol === 'email')
    throw invalid('Invalid parameter: Delivery protocol [email] does not support raw message delivery.');
  const existing = topic.subscriptions.find((one) => one.protocol === protocol && one.endpoint === endpoint);
  if (existing !== undefined && existing.isRaw !== isRaw)
    throw invalid('Invalid parameter: Attributes Reason: Subscription already exists with different attributes');
  if (existing !== undefined) return existing;
  const arn = `${topic.arn}:${kernel.random.uuid()}`;
  const subscription = { arn, protocol, endpoint, isRaw, isConfirmed: of.isConfirmed ?? protocol === 'sqs' };
  topic.subscriptions.push(subscription);
  return subscription;
}

/** Ends a subscription; one that has ended, or never was, is none. */
export function unsubscribe({ state: { topics } }: Sns, arn: string): void {
  const subscriptions = topics.get(arn.slice(0, arn.lastIndexOf(':')))?.subscriptions;
  const index = subscriptions?.findIndex((one) => one.arn === arn) ?? -1;
  if (index >= 0) subscriptions!.splice(index, 1);
}

function protocolNamed(name: string): Protocol {
  if (Object.hasOwn(ENDPOINTS, name)) return name as Protocol;
  if (OTHER_PROTOCOLS.includes(name)) throw new NotModelled(`An SNS subscription with the protocol ${name}`);
  throw invalid(`Invalid parameter: Protocol '${name}'`);
}

function invalid(message: string): Fault {
  return new Fault('InvalidParameter', message);
}
