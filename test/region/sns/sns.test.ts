import { beforeEach, describe, expect, it } from 'vitest';
import { Kernel } from '../../../region/kernel/kernel.ts';
import { Fault, type Caller } from '../../../region/service.ts';
import { createSns, type SnsService } from '../../../region/sns/sns.ts';

const topicArn = 'arn:aws:sns:us-east-1:123456789012:outcomes';
const queueArn = 'arn:aws:sqs:us-east-1:123456789012:inbox';
const alarm: Caller = { kind: 'service', principal: 'cloudwatch.amazonaws.com', sourceArn: 'arn:alarm' };
const rule: Caller = { kind: 'service', principal: 'events.amazonaws.com', sourceArn: 'arn:rule' };

let kernel: Kernel;
let sns: SnsService;
let queued: { body: string; attributes: Readonly<Record<string, string>>; sourceArn: string }[];

beforeEach(() => {
  kernel = new Kernel();
  queued = [];
  sns = createSns({
    kernel,
    account: '123456789012',
    region: 'us-east-1',
    sendToQueue: (arn, body, attributes, { principal, sourceArn }) => {
      if (arn !== queueArn) throw new Fault('QueueDoesNotExist', 'no queue');
      expect(principal).toBe('sns.amazonaws.com');
      queued.push({ body, attributes, sourceArn });
    },
    authorizeByPolicy: (policy, caller, request) => ({
      isAllowed:
        request.action === 'sns:Publish' &&
        request.resource === topicArn &&
        (policy as { allows: string }).allows === (caller.kind === 'service' && caller.principal),
      reason: 'the policy says so',
    }),
  });
  create('AWS::SNS::Topic', { TopicName: 'outcomes', DisplayName: 'Outcomes' });
});

function create(type: string, properties: object): unknown {
  return sns.resources[type]!('Id', properties as never, 'Stack');
}

function publish(request: object): unknown {
  return sns.operations.Publish!.apply({ TopicArn: topicArn, ...request } as never, { kind: 'operator' });
}

const subscribe = (properties: object): unknown =>
  create('AWS::SNS::Subscription', { TopicArn: topicArn, ...properties });

describe('a topic', () => {
  it('tells what each subscriber gets: an e-mail its text, a web hook and a queue the envelope unless it is raw', () => {
    subscribe({ Protocol: 'email', Endpoint: 'you@example.com' });
    subscribe({ Protocol: 'https', Endpoint: 'https://example.com/hook' });
    subscribe({ Protocol: 'sqs', Endpoint: queueArn, RawMessageDelivery: true });
    const heard: unknown[] = [];
    const stop = sns.onPublished((topic, { subject }, deliveries) => heard.push([topic, subject, deliveries]));
    publish({ Message: 'one', Subject: 'Rolled' });
    sns.publish(topicArn, { message: 'two' }, alarm);
    stop();
    publish({ Message: 'unheard' });
    expect(heard).toEqual([
      [
        topicArn,
        'Rolled',
        [
          { protocol: 'email', endpoint: 'you@example.com', body: 'one' },
          {
            protocol: 'https',
            endpoint: 'https://example.com/hook',
            body: expect.stringContaining('"Subject":"Rolled","Message":"one"') as string,
          },
          { protocol: 'sqs', endpoint: queueArn, body: 'one' },
        ],
      ],
      [topicArn, undefined, expect.arrayContaining([expect.objectContaining({ body: 'two' })])],
    ]);
  });

  it('keeps what is published to it, in order', () => {
    const attributes = { outcome: { DataType: 'String', StringValue: 'SUCCEEDED' } };
    expect(publish({ Message: 'one', Subject: 'Rolled', MessageAttributes: attributes })).toEqual({
      MessageId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
    });
    publish({ Message: 'two' });
    expect(sns.messagesOf(topicArn)).toEqual([
      expect.objectContaining({ message: 'one', subject: 'Rolled', attributes, publishedAtMs: kernel.now }),
      expect.objectContaining({ message: 'two' }),
    ]);
  });

  const structured = (body: object | string): unknown =>
    publish({ MessageStructure: 'json', Message: typeof body === 'string' ? body : JSON.stringify(body) });

  it('tells everybody what is written for their protocol, and all others the default', () => {
    subscribe({ Protocol: 'email', Endpoint: 'you@example.com' });
    subscribe({ Protocol: 'https', Endpoint: 'https://example.com/hook', RawMessageDelivery: true });
    subscribe({ Protocol: 'https', Endpoint: 'https://example.com/other' });
    subscribe({ Protocol: 'sqs', Endpoint: queueArn, RawMessageDelivery: true });
    const heard: string[] = [];
    sns.onPublished((_topic, _message, deliveries) => heard.push(...deliveries.map(({ body }) => body)));
    structured({ default: 'all', email: 'mail', https: '"hook"', sqs: { is: 'no text' }, pigeon: 'ignored' });
    expect(heard).toEqual(['mail', '"hook"', expect.stringContaining(String.raw`"Message":"\"hook\""`), 'all']);
    structured({ default: 'all', email: '' });
    expect(heard[4]).toBe('');
    expect(sns.messagesOf(topicArn)).toMatchObject([{ message: 'all' }, { message: 'all' }]);
  });

  it.each([
    ['no default', { email: 'mail' }, 'No default entry in JSON message body'],
    ['a default that is no text', { default: 1 }, 'No default entry in JSON message body'],
    ['no JSON', '{', 'JSON message body failed to parse'],
    ['no object', ['default'], 'JSON message body failed to parse'],
    ['a key twice', '{"default":"a","x":{"default":1},"def\\u0061ult":"b"}', 'JSON message body failed to parse'],
  ])('refuses a message for each protocol with %s', (_, body, problem) => {
    const message = `Invalid parameter: Message Structure - ${problem}`;
    expect(() => structured(body)).toThrow(expect.objectContaining({ code: 'InvalidParameter', message }));
    expect(sns.messagesOf(topicArn)).toEqual([]);
  });

  it('takes a key that is text elsewhere, too', () => {
    structured('{ "default" : "a {\\"email\\":", "email":"default" }');
    expect(sns.messagesOf(topicArn)).toMatchObject([{ message: 'a {"email":', bodies: { email: 'default' } }]);
  });

  it('knows no other structure', () => {
    expect(() => publish({ MessageStructure: 'xml', Message: 'x' })).toThrow('Message Structure');
  });

  it('is known by its ARN only', () => {
    expect(() => publish({ TopicArn: `${topicArn}-gone`, Message: 'x' })).toThrow(
      expect.objectContaining({ code: 'NotFound', status: 404 }),
    );
    expect(() => publish({ TopicArn: undefined, PhoneNumber: '+49', Message: 'x' })).toThrow('not modelled');
  });

  it.each([
    ['an empty message', { Message: '' }],
    ['a message beyond 256 KiB', { Message: 'x'.repeat(262_145) }],
    ['a subject of 100 characters', { Message: 'x', Subject: 's'.repeat(100) }],
    ['a subject with a line break', { Message: 'x', Subject: 'a\nb' }],
    ['a subject that is not ASCII', { Message: 'x', Subject: 'rolled → back' }],
    ['an attribute without value', { Message: 'x', MessageAttributes: { a: { DataType: 'String' } } }],
  ])('refuses %s', (_, request) => {
    expect(() => publish(request)).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^InvalidParameter/) as string }),
    );
    expect(sns.messagesOf(topicArn)).toEqual([]);
  });

  it('asks for permission to publish on its ARN', () => {
    const asked = sns.operations.Publish!.permissions({ TopicArn: topicArn } as never, { kind: 'operator' });
    expect(asked).toEqual([{ action: 'sns:Publish', resource: topicArn }]);
  });
});

it('a topic of somebody else is there once it is admitted, with what is subscribed to it', () => {
  const foreign = 'arn:aws:sns:eu-west-1:999999999999:deployments';
  sns.admitTopic(foreign);
  create('AWS::SNS::Subscription', { TopicArn: foreign, Protocol: 'email', Endpoint: 'you@example.com' });
  sns.admitTopic(foreign);
  const heard: number[] = [];
  sns.onPublished((_topic, _message, deliveries) => heard.push(deliveries.length));
  sns.publish(foreign, { message: 'x' }, alarm);
  expect(heard).toEqual([1]);
});

describe('a service', () => {
  it('publishes when the policy of the topic allows it', () => {
    create('AWS::SNS::TopicPolicy', { PolicyDocument: { allows: 'events.amazonaws.com' }, Topics: [topicArn] });
    sns.publish(topicArn, { message: 'x' }, rule);
    expect(sns.messagesOf(topicArn)).toHaveLength(1);
    expect(() => sns.publish(topicArn, { message: 'x' }, alarm)).toThrow(
      expect.objectContaining({ code: 'AuthorizationError', message: 'the policy says so' }),
    );
  });

  it('is refused by a topic without a policy, except an alarm of the same account', () => {
    expect(() => sns.publish(topicArn, { message: 'x' }, rule)).toThrow('has no policy');
    sns.publish(topicArn, { message: 'x' }, alarm);
    expect(sns.messagesOf(topicArn)).toHaveLength(1);
  });

  it('cannot publish to a topic that is encrypted with the key of AWS', () => {
    create('AWS::SNS::Topic', { TopicName: 'sealed', KmsMasterKeyId: 'alias/aws/sns' });
    expect(() => sns.publish(topicArn.replace('outcomes', 'sealed'), { message: 'x' }, alarm)).toThrow(
      expect.objectContaining({ code: 'KMSAccessDenied' }),
    );
  });
});

describe('a subscription', () => {
  it('brings a notification to a queue, after a while', async () => {
    subscribe({ Protocol: 'sqs', Endpoint: queueArn });
    publish({ Message: 'hello', Subject: 'Hi', MessageAttributes: { a: { DataType: 'String', StringValue: 'b' } } });
    expect(queued).toEqual([]);
    await kernel.runFor(1_000);
    expect(queued.map(({ sourceArn }) => sourceArn)).toEqual([topicArn]);
    expect(JSON.parse(queued[0]!.body)).toEqual({
      Type: 'Notification',
      MessageId: sns.messagesOf(topicArn)[0]!.messageId,
      TopicArn: topicArn,
      Subject: 'Hi',
      Message: 'hello',
      Timestamp: '2026-01-05T09:00:00.000Z',
      MessageAttributes: { a: { Type: 'String', Value: 'b' } },
    });
  });

  it('brings the bare message when raw', async () => {
    subscribe({ Protocol: 'sqs', Endpoint: queueArn, RawMessageDelivery: true });
    publish({ Message: 'hello', MessageAttributes: { a: { DataType: 'String', StringValue: 'b' } } });
    await kernel.runFor(1_000);
    expect(queued).toEqual([{ body: 'hello', attributes: { a: 'b' }, sourceArn: topicArn }]);
  });

  it('loses the message when the queue refuses, and the topic keeps it', async () => {
    subscribe({ Protocol: 'sqs', Endpoint: `${queueArn}-gone` });
    publish({ Message: 'hello' });
    await kernel.runFor(1_000);
    expect([queued.length, sns.messagesOf(topicArn).length]).toEqual([0, 1]);
  });

  it.each([
    ['email', 'someone@example.com'],
    ['https', 'https://example.com/hook'],
  ])('by %s is taken and sends nothing outside', async (Protocol, Endpoint) => {
    subscribe({ Protocol, Endpoint });
    publish({ Message: 'hello' });
    expect(await kernel.step(kernel.now + 60_000)).toBe(false);
  });

  it.each([[{ Protocol: 'lambda', Endpoint: 'arn' }], [{ Protocol: 'email', Endpoint: 'a@b.c', FilterPolicy: {} }]])(
    '%j is not modelled',
    (properties) => {
      expect(() => subscribe(properties)).toThrow('not modelled');
    },
  );
});

describe('topics of templates', () => {
  it('are referred to by ARN', () => {
    expect(create('AWS::SNS::Topic', { TopicName: 'other' })).toEqual({
      ref: 'arn:aws:sns:us-east-1:123456789012:other',
      attributes: { TopicArn: 'arn:aws:sns:us-east-1:123456789012:other', TopicName: 'other' },
    });
  });

  it.each([{ FifoTopic: true }, { KmsMasterKeyId: 'alias/mine' }, { DeliveryStatusLogging: [] }])(
    'with %j are not modelled',
    (properties) => {
      expect(() => create('AWS::SNS::Topic', properties)).toThrow('not modelled');
    },
  );
});
