import {
  ListSubscriptionsByTopicCommand,
  ListSubscriptionsCommand,
  ListTopicsCommand,
  PublishCommand,
  SNSClient,
  SubscribeCommand,
  UnsubscribeCommand,
} from '@aws-sdk/client-sns';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createRegion, type Region } from '../../../region/region.ts';
import { clientConfiguration, driven, raw, signedBy } from '../wire/endpoint.ts';

const topicArn = 'arn:aws:sns:us-east-1:123456789012:outcomes';
const queueArn = 'arn:aws:sqs:us-east-1:123456789012:inbox';

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 0, 5, 9) }));
afterEach(() => void vi.useRealTimers());

async function world() {
  const region = createRegion();
  await create(region, 'AWS::SNS::Topic', { TopicName: 'outcomes' });
  const client = new SNSClient({ ...clientConfiguration(region.connect, 'OPERATOR'), maxAttempts: 1 });
  const subscribe = (input: object) =>
    driven(
      region.kernel,
      client.send(new SubscribeCommand({ TopicArn: topicArn, Protocol: 'sqs', Endpoint: queueArn, ...input })),
    );
  const list = (NextToken?: string) =>
    driven(region.kernel, client.send(new ListSubscriptionsByTopicCommand({ TopicArn: topicArn, NextToken })));
  return { region, client, subscribe, list };
}

async function create(region: Region, type: string, properties: object): Promise<void> {
  await region.resources[type]!('Id', { ...properties }, 'stack');
}

describe('Subscribe', () => {
  it('confirms a queue at once, which then hears what is published', async () => {
    const { region, client, subscribe, list } = await world();
    await create(region, 'AWS::SQS::Queue', { QueueName: 'inbox' });
    const statement = { Effect: 'Allow', Principal: '*', Action: 'sqs:SendMessage', Resource: queueArn };
    await create(region, 'AWS::SQS::QueuePolicy', {
      Queues: ['https://sqs.us-east-1.amazonaws.com/123456789012/inbox'],
      PolicyDocument: { Version: '2012-10-17', Statement: [statement] },
    });
    const { SubscriptionArn } = await subscribe({ Attributes: { RawMessageDelivery: 'true' } });
    expect(SubscriptionArn).toMatch(/^arn:aws:sns:us-east-1:123456789012:outcomes:[0-9a-f-]{36}$/);
    expect((await list()).Subscriptions).toEqual([
      { SubscriptionArn, Owner: '123456789012', Protocol: 'sqs', Endpoint: queueArn, TopicArn: topicArn },
    ]);
    await driven(region.kernel, client.send(new PublishCommand({ TopicArn: topicArn, Message: 'hello' })));
    await region.kernel.runFor(1_000);
    const call = region.call({ kind: 'operator' }, 'sqs', 'ReceiveMessage', {
      QueueUrl: 'https://sqs.us-east-1.amazonaws.com/123456789012/inbox',
    });
    expect(await driven(region.kernel, call)).toMatchObject({ Messages: [{ Body: 'hello' }] });
  });

  it('leaves e-mails and web hooks to be confirmed, and what they would hear can be read', async () => {
    const { region, client, subscribe, list } = await world();
    const email = await subscribe({ Protocol: 'email', Endpoint: 'ops@example.com' });
    const hook = await subscribe({
      Protocol: 'https',
      Endpoint: 'https://example.com/hook',
      ReturnSubscriptionArn: true,
    });
    expect(email.SubscriptionArn).toBe('pending confirmation');
    expect(hook.SubscriptionArn).toMatch(/^arn:aws:sns:/);
    expect((await list()).Subscriptions).toMatchObject([
      { SubscriptionArn: 'PendingConfirmation', Protocol: 'email', Endpoint: 'ops@example.com' },
      { SubscriptionArn: 'PendingConfirmation', Protocol: 'https' },
    ]);
    await driven(
      region.kernel,
      client.send(new PublishCommand({ TopicArn: topicArn, Message: 'x', Subject: 'Rolled' })),
    );
    expect(region.sns.messagesOf(topicArn)).toMatchObject([{ message: 'x', subject: 'Rolled' }]);
  });

  it('answers the same subscription when asked again, unless the settings differ', async () => {
    const { subscribe, list } = await world();
    const first = await subscribe({});
    expect((await subscribe({})).SubscriptionArn).toBe(first.SubscriptionArn);
    await expect(subscribe({ Attributes: { RawMessageDelivery: 'true' } })).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: expect.stringContaining('already exists with different attributes') as string,
    });
    expect((await list()).Subscriptions).toHaveLength(1);
  });

  it.each([
    ['a topic that is not there', { TopicArn: `${topicArn}-gone` }, 'NotFoundException'],
    [
      'an address with control characters',
      { Protocol: 'email', Endpoint: '\u001b[31m@b.c' },
      'InvalidParameterException',
    ],
    ['an address that is none', { Protocol: 'email', Endpoint: 'ops' }, 'InvalidParameterException'],
    ['a hook of http', { Protocol: 'https', Endpoint: 'http://example.com' }, 'InvalidParameterException'],
    ['a queue by its URL', { Endpoint: 'https://sqs.us-east-1.amazonaws.com/1/inbox' }, 'InvalidParameterException'],
    ['a protocol that is none', { Protocol: 'toString' }, 'InvalidParameterException'],
    ['a setting that is none', { Attributes: { RawMessageDelivery: 'yes' } }, 'InvalidParameterException'],
    [
      'raw e-mails',
      { Protocol: 'email', Endpoint: 'a@b', Attributes: { RawMessageDelivery: 'true' } },
      'InvalidParameterException',
    ],
    ['a protocol that is not modelled', { Protocol: 'lambda', Endpoint: 'arn:x' }, 'NotModelled'],
    ['a filter', { Attributes: { FilterPolicy: '{}' } }, 'NotModelled'],
  ])('refuses %s', async (_case, input, name) => {
    const { subscribe, list } = await world();
    await expect(subscribe(input)).rejects.toMatchObject({ name });
    expect((await list()).Subscriptions ?? []).toEqual([]);
  });

  it('asks IAM with the protocol and the endpoint', async () => {
    const { region } = await world();
    const asked = region.services
      .get('sns')!
      .operations['Subscribe']!.permissions({ TopicArn: topicArn, Protocol: 'email', Endpoint: 'a@b' } as never, {
        kind: 'operator',
      });
    const context = { 'sns:Protocol': 'email', 'sns:Endpoint': 'a@b' };
    expect(asked).toEqual([{ action: 'sns:Subscribe', resource: topicArn, context }]);
  });
});

describe('Unsubscribe', () => {
  const ended = async (SubscriptionArn: string | undefined) => {
    const { region, client, subscribe, list } = await world();
    const subscribed = await subscribe({});
    const input = { SubscriptionArn: SubscriptionArn ?? subscribed.SubscriptionArn };
    await driven(region.kernel, client.send(new UnsubscribeCommand(input)));
    return (await list()).Subscriptions ?? [];
  };

  it('ends a subscription, and does nothing about one that is none', async () => {
    expect(await ended(undefined)).toEqual([]);
    expect(await ended(`${topicArn}:00000000-0000-0000-0000-000000000000`)).toHaveLength(1);
    expect(await ended(`${topicArn}-gone:00000000-0000-0000-0000-000000000000`)).toHaveLength(1);
  });

  it('refuses what stands for the ARN of a subscription that waits to be confirmed', async () => {
    await expect(ended('PendingConfirmation')).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: 'Invalid parameter: SubscriptionArn Reason: An ARN must have at least 6 elements, not 1',
    });
  });
});

describe('lists', () => {
  it('of subscriptions have those of all topics', async () => {
    const { region, client, subscribe } = await world();
    await create(region, 'AWS::SNS::Topic', { TopicName: 'others' });
    const { SubscriptionArn } = await subscribe({});
    const others = topicArn.replace('outcomes', 'others');
    await subscribe({ TopicArn: others, Protocol: 'email', Endpoint: 'ops@example.com' });
    const { Subscriptions } = await driven(region.kernel, client.send(new ListSubscriptionsCommand({})));
    expect(Subscriptions).toMatchObject([
      { SubscriptionArn, TopicArn: topicArn, Protocol: 'sqs', Owner: '123456789012' },
      { SubscriptionArn: 'PendingConfirmation', TopicArn: others, Endpoint: 'ops@example.com' },
    ]);
  });

  it('have pages of a hundred', async () => {
    const { region, client, subscribe, list } = await world();
    for (let number = 0; number < 100; number++) {
      await create(region, 'AWS::SNS::Topic', { TopicName: `other-${number}` });
      await subscribe({ Protocol: 'email', Endpoint: `${number}@example.com` });
    }
    await subscribe({});
    const topics = (NextToken?: string) => driven(region.kernel, client.send(new ListTopicsCommand({ NextToken })));
    const first = await topics();
    const second = await topics(first.NextToken);
    const arns = new Set([...first.Topics!, ...second.Topics!].map(({ TopicArn }) => TopicArn));
    expect([first.Topics!.length, second.Topics!.length, arns.size, second.NextToken]).toEqual([
      100,
      1,
      101,
      undefined,
    ]);
    const page = await list();
    expect([page.Subscriptions!.length, (await list(page.NextToken)).Subscriptions!.length]).toEqual([100, 1]);
    for (const listed of [topics('nonsense'), list('nonsense')])
      await expect(listed).rejects.toMatchObject({ name: 'InvalidParameterException' });
  });

  it('answer the form that the AWS CLI sends', async () => {
    const { region, subscribe } = await world();
    await subscribe({});
    const send = async (body: string): Promise<string> => {
      const headers = {
        ...signedBy('OPERATOR', 'sns'),
        'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
      };
      return (await driven(region.kernel, raw(region.connect, { headers, body }))).body.toString();
    };
    expect(await send('Action=ListTopics&Version=2010-03-31')).toContain(
      `<ListTopicsResult><Topics><member><TopicArn>${topicArn}</TopicArn></member></Topics></ListTopicsResult>`,
    );
    const byTopic = `Action=ListSubscriptionsByTopic&Version=2010-03-31&TopicArn=${encodeURIComponent(topicArn)}`;
    expect(await send(byTopic)).toContain(`<Protocol>sqs</Protocol><Endpoint>${queueArn}</Endpoint>`);
    const attributes = 'Attributes.entry.1.key=RawMessageDelivery&Attributes.entry.1.value=true';
    const again = `Action=Subscribe&Version=2010-03-31&TopicArn=${topicArn}&Protocol=https&Endpoint=https://a.b/&${attributes}`;
    expect(await send(again)).toContain('<SubscriptionArn>pending confirmation</SubscriptionArn>');
  });
});
