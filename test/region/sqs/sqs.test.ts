import type { GetQueueAttributesResult, Message, ReceiveMessageResult, SendMessageResult } from '@aws-sdk/client-sqs';
import { beforeEach, describe, expect, it } from 'vitest';
import { Kernel } from '../../../region/kernel/kernel.ts';
import type { PermissionRequest } from '../../../region/service.ts';
import { createSqs, type SqsService } from '../../../region/sqs/sqs.ts';

const QueueUrl = 'https://sqs.us-east-1.amazonaws.com/123456789012/lost';
const queueArn = 'arn:aws:sqs:us-east-1:123456789012:lost';
const onBehalf = { principal: 'events.amazonaws.com', sourceArn: 'arn:aws:events:us-east-1:123456789012:rule/pushes' };

let kernel: Kernel;
let sqs: SqsService;
let visibleRecorded: number[];
let asked: PermissionRequest[];

beforeEach(() => {
  kernel = new Kernel();
  visibleRecorded = [];
  asked = [];
  sqs = createSqs({
    kernel,
    account: '123456789012',
    region: 'us-east-1',
    recordMetric: (namespace, name, dimensions, value) => {
      expect([namespace, name, dimensions]).toEqual([
        'AWS/SQS',
        'ApproximateNumberOfMessagesVisible',
        { QueueName: 'lost' },
      ]);
      visibleRecorded.push(value);
    },
    authorizeByPolicy: (policy, caller, request) => {
      asked.push(request);
      const isAllowed = (policy as { allows: string }).allows === (caller.kind === 'service' && caller.principal);
      return { isAllowed, reason: 'the policy says so' };
    },
  });
  void sqs.resources['AWS::SQS::Queue']!('Lost', { QueueName: 'lost', VisibilityTimeout: 60 }, 'Stack');
});

function call<Answer>(name: string, request: object = {}): Answer {
  return sqs.operations[name]!.apply({ QueueUrl, ...request } as never, { kind: 'operator' }) as Answer;
}

function setPolicy(allows: string): void {
  void sqs.resources['AWS::SQS::QueuePolicy']!('Policy', { PolicyDocument: { allows }, Queues: [QueueUrl] }, 'Stack');
}

function receive(request: object = {}): readonly Message[] {
  return call<ReceiveMessageResult>('ReceiveMessage', request).Messages ?? [];
}

it('tells how many messages it has when something asks for its attributes, also once all are too old', async () => {
  setPolicy('events.amazonaws.com');
  sqs.sendToQueue(queueArn, 'body', {}, onBehalf);
  await kernel.runFor(20 * 86_400_000);
  expect(visibleRecorded).toEqual([1]);
  call('GetQueueAttributes');
  expect(visibleRecorded).toEqual([1, 0]);
});

describe('sending for a service', () => {
  it('is refused without a queue policy, and by one that does not allow it', () => {
    const send = (): void => sqs.sendToQueue(queueArn, 'body', {}, onBehalf);
    expect(send).toThrow(expect.objectContaining({ code: 'AccessDenied', status: 403 }));
    setPolicy('sns.amazonaws.com');
    expect(send).toThrow('the policy says so');
    expect(sqs.messagesOf(queueArn)).toEqual([]);
  });

  it('is allowed by the policy, which sees who sends for which resource', () => {
    setPolicy('events.amazonaws.com');
    sqs.sendToQueue(queueArn, 'body', { ERROR_CODE: 'NO_RESOURCE' }, onBehalf);
    expect(asked).toEqual([
      {
        action: 'sqs:SendMessage',
        resource: queueArn,
      },
    ]);
    expect(sqs.messagesOf(queueArn)).toEqual([
      { id: expect.any(String) as string, body: 'body', attributes: { ERROR_CODE: 'NO_RESOURCE' } },
    ]);
  });

  it('names a queue that does not exist', () => {
    expect(() => sqs.sendToQueue(`${queueArn}-gone`, 'body', {}, onBehalf)).toThrow(
      expect.objectContaining({ code: 'QueueDoesNotExist' }),
    );
  });
});

describe('a message', () => {
  it('is hidden while in flight, comes back after the visibility timeout, and goes when deleted', async () => {
    call('SendMessage', { MessageBody: 'hello' });
    expect(receive().map(({ Body }) => Body)).toEqual(['hello']);
    expect(receive()).toEqual([]);
    await kernel.runFor(60_000);
    const [again] = receive({ MessageSystemAttributeNames: ['ApproximateReceiveCount'] });
    expect(again!.Attributes).toEqual({ ApproximateReceiveCount: '2' });
    call('DeleteMessage', { ReceiptHandle: again!.ReceiptHandle });
    await kernel.runFor(60_000);
    expect(receive()).toEqual([]);
    expect(sqs.messagesOf(queueArn)).toEqual([]);
  });

  it('is not deleted by the handle of an earlier receipt', async () => {
    call('SendMessage', { MessageBody: 'hello' });
    const [first] = receive();
    await kernel.runFor(60_000);
    receive();
    call('DeleteMessage', { ReceiptHandle: first!.ReceiptHandle });
    expect(sqs.messagesOf(queueArn)).toHaveLength(1);
  });

  it('carries digests that clients check', () => {
    const MessageAttributes = { code: { DataType: 'String', StringValue: 'x' } };
    const sent = call<SendMessageResult>('SendMessage', { MessageBody: 'hello', MessageAttributes });
    const [received] = receive({ MessageAttributeNames: ['All'] });
    expect(sent.MD5OfMessageBody).toBe('5d41402abc4b2a76b9719d911017c592');
    expect(received).toMatchObject({
      MD5OfBody: sent.MD5OfMessageBody,
      MD5OfMessageAttributes: sent.MD5OfMessageAttributes,
      MessageAttributes,
    });
    expect(receive({ VisibilityTimeout: 0 })).toEqual([]);
  });

  it('has the attribute digest that Amazon documents the calculation of', () => {
    const MessageAttributes = {
      b: { DataType: 'Number', StringValue: '7' },
      a: { DataType: 'Binary', BinaryValue: new Uint8Array([1, 2]) },
    };
    const sent = call<SendMessageResult>('SendMessage', { MessageBody: 'x', MessageAttributes });
    expect(sent.MD5OfMessageAttributes).toBe('343f989719837008e754ecfbc2c7ee74');
  });

  it('expires', async () => {
    call('SendMessage', { MessageBody: 'hello' });
    await kernel.runFor(345_600_000);
    expect(receive()).toEqual([]);
  });
});

describe('a queue', () => {
  it('records how many messages are visible whenever that changes', async () => {
    call('SendMessage', { MessageBody: 'a' });
    call('SendMessage', { MessageBody: 'b' });
    const [first] = receive();
    call('DeleteMessage', { ReceiptHandle: first!.ReceiptHandle });
    receive();
    await kernel.runFor(60_000);
    expect(visibleRecorded).toEqual([1, 2, 1, 1, 0, 1, 1]);
  });

  it('answers its attributes, its URL and its ARN', async () => {
    setPolicy('events.amazonaws.com');
    call('SendMessage', { MessageBody: 'a' });
    const { Attributes } = call<GetQueueAttributesResult>('GetQueueAttributes', { AttributeNames: ['All'] });
    expect(Attributes).toMatchObject({
      QueueArn: queueArn,
      ApproximateNumberOfMessages: '1',
      VisibilityTimeout: '60',
      Policy: '{"allows":"events.amazonaws.com"}',
    });
    expect(call('GetQueueUrl', { QueueName: 'lost' })).toEqual({ QueueUrl });
    expect(call('ListQueues')).toEqual({ QueueUrls: [QueueUrl] });
    const created = await sqs.resources['AWS::SQS::Queue']!('Other', { SqsManagedSseEnabled: true }, 'Stack');
    expect(created.attributes.QueueName).toMatch(/^Stack-Other-[0-9a-f]{12}$/);
    expect(created.ref).toBe(created.attributes.QueueUrl);
  });

  it('is found whichever host the client was told, and not under another account', () => {
    const local = { QueueUrl: 'http://127.0.0.1:4566/123456789012/lost', MessageBody: 'a' };
    expect(call<SendMessageResult>('SendMessage', local).MessageId).toMatch(/^[0-9a-f-]{36}$/);
    const foreign = { QueueUrl: 'https://sqs.us-east-1.amazonaws.com/111122223333/lost', MessageBody: 'a' };
    expect(() => call('SendMessage', foreign)).toThrow(expect.objectContaining({ code: 'QueueDoesNotExist' }));
  });

  it.each([
    ['FIFO', 'AWS::SQS::Queue', { FifoQueue: true }],
    ['redrive', 'AWS::SQS::Queue', { RedrivePolicy: {} }],
    ['delays', 'AWS::SQS::Queue', { DelaySeconds: 5 }],
  ])('does not model %s', (_, type, properties) => {
    expect(() => sqs.resources[type]!('Q', properties, 'Stack')).toThrow('not modelled');
  });

  it('does not model long polling or delayed messages', () => {
    expect(() => call('ReceiveMessage', { WaitTimeSeconds: 5 })).toThrow('not modelled');
    expect(() => call('SendMessage', { MessageBody: 'a', DelaySeconds: 5 })).toThrow('not modelled');
  });

  it.each(['SendMessage', 'ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'])(
    'asks for permission to %s on its ARN',
    (name) => {
      const permissions = sqs.operations[name]!.permissions({ QueueUrl } as never, { kind: 'operator' });
      expect(permissions).toEqual([{ action: `sqs:${name}`, resource: queueArn }]);
    },
  );
});
