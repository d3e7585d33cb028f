import type { DescribeAlarmsInput, DescribeAlarmsOutput, PutMetricDataInput } from '@aws-sdk/client-cloudwatch';
import { GetQueueUrlCommand, SQSClient, type GetQueueUrlRequest, type GetQueueUrlResult } from '@aws-sdk/client-sqs';
import { PublishCommand, SNSClient, type PublishInput, type PublishResponse } from '@aws-sdk/client-sns';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Fault, operation, type Authorize, type Service } from '../../../region/service.ts';
import { decodeCbor, encodeCbor } from '../../../region/wire/cbor.ts';
import { createIam } from '../../../region/iam/iam.ts';
import { createSts } from '../../../region/sts/sts.ts';
import { clientConfiguration, driven, endpointWith, raw, signedBy } from './endpoint.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 0, 5, 9) }));
afterEach(() => void vi.useRealTimers());

const unguarded = () => [];

describe('awsQuery', () => {
  const published: PublishInput[] = [];
  const sns: Service = {
    id: 'sns',
    state: {},
    resources: {},
    operations: {
      Publish: operation<PublishInput, PublishResponse>({
        permissions: unguarded,
        apply(input) {
          published.push(input);
          if (input.TopicArn === 'gone') throw new Fault('NotFoundException', 'Topic <gone> does not exist', 404);
          return { MessageId: 'a<b>&"c"' };
        },
      }),
    },
  };
  const send = (input: PublishInput) => {
    const { kernel, endpoint } = endpointWith(() => [sns]);
    return driven(kernel, new SNSClient(clientConfiguration(endpoint.connect)).send(new PublishCommand(input)));
  };
  beforeEach(() => void published.splice(0));

  it('reads forms with maps, structures and blobs, and answers XML', async () => {
    const input = {
      TopicArn: 'arn:aws:sns:us-east-1:123456789012:topic',
      Message: 'line one\nline & two = ü',
      MessageAttributes: {
        outcome: { DataType: 'String', StringValue: 'SUCCEEDED' },
        proof: { DataType: 'Binary', BinaryValue: new Uint8Array([0, 255, 7]) },
      },
    };
    expect(await send(input)).toMatchObject({ MessageId: 'a<b>&"c"' });
    expect(published).toEqual([input]);
  });

  it('sends faults under the names that SNS uses on the wire', async () => {
    const call = send({ TopicArn: 'gone', Message: 'x' });
    await expect(call).rejects.toMatchObject({
      name: 'NotFoundException',
      message: 'Topic <gone> does not exist',
      $metadata: { httpStatusCode: 404, attempts: 1 },
    });
  });

  it('refuses strangers and callers without permission under awsQuery’s names', async () => {
    const authorize: Authorize = () => ({ isAllowed: false, reason: 'User: x is not authorized' });
    const guarded: Service = {
      ...sns,
      operations: {
        Publish: operation<PublishInput, object>({
          permissions: () => [{ action: 'sns:Publish', resource: '*' }],
          apply: () => ({}),
        }),
      },
    };
    const { kernel, endpoint } = endpointWith(() => [guarded], { authorize });
    const sendAs = (key: string) =>
      driven(
        kernel,
        new SNSClient(clientConfiguration(endpoint.connect, key)).send(new PublishCommand({ Message: 'x' })),
      );
    await expect(sendAs('KEY')).rejects.toMatchObject({
      name: 'AuthorizationErrorException',
      message: 'User: x is not authorized',
    });
    await expect(sendAs('STRANGER')).rejects.toMatchObject({ name: 'InvalidClientTokenId' });
  });

  it.each([
    ['an unknown field', 'Action=Publish&Message=x&Mesage=y', 'Mesage: PublishInput has no such member'],
    [
      'a list that does not start at 1',
      'Action=Publish&Message=x&MessageAttributes.entry.2.Name=a',
      'cannot be read at 2',
    ],
    [
      'a map entry without a value',
      'Action=Publish&Message=x&MessageAttributes.entry.1.Name=a',
      'cannot be read at Name',
    ],
    ['a field inside a text', 'Action=Publish&Message=x&Message.y=1', 'cannot be read at Message.y'],
  ])('refuses a form with %s', async (_case, body, problem) => {
    const { kernel, endpoint } = endpointWith(() => [sns]);
    const headers = { ...signedBy('KEY', 'sns'), 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await driven(kernel, raw(endpoint.connect, { headers, body }));
    expect([answer.status, published]).toEqual([400, []]);
    expect(answer.body.toString()).toContain(problem);
  });

  it('names the text that stands where a number should', async () => {
    const monitoring: Service = {
      id: 'monitoring',
      state: {},
      resources: {},
      operations: {
        DescribeAlarms: operation<DescribeAlarmsInput, DescribeAlarmsOutput>({
          permissions: unguarded,
          apply: () => ({}),
        }),
      },
    };
    const { kernel, endpoint } = endpointWith(() => [monitoring]);
    const headers = { ...signedBy('KEY', 'monitoring'), 'content-type': 'application/x-www-form-urlencoded' };
    const request = { headers, body: 'Action=DescribeAlarms&MaxRecords=many' };
    const answer = await driven(kernel, raw(endpoint.connect, request));
    expect(answer.body.toString()).toContain('MaxRecords: expected a number, got &quot;many&quot;');
  });

  it('tells the operator who they are', async () => {
    const { kernel, endpoint } = endpointWith((context) => [createSts(context, createIam(context))]);
    const client = new STSClient(clientConfiguration(endpoint.connect, 'OPERATOR'));
    expect(await driven(kernel, client.send(new GetCallerIdentityCommand({})))).toMatchObject({
      Account: '123456789012',
      Arn: 'arn:aws:iam::123456789012:user/operator',
    });
  });
});

it('tells clients of services that once spoke awsQuery the older name of an error', async () => {
  const sqs: Service = {
    id: 'sqs',
    state: {},
    resources: {},
    operations: {
      GetQueueUrl: operation<GetQueueUrlRequest, GetQueueUrlResult>({
        permissions: unguarded,
        apply() {
          throw new Fault('QueueDoesNotExist', 'The specified queue does not exist.');
        },
      }),
    },
  };
  const { kernel, endpoint } = endpointWith(() => [sqs]);
  const call = new SQSClient(clientConfiguration(endpoint.connect)).send(new GetQueueUrlCommand({ QueueName: 'q' }));
  await expect(driven(kernel, call)).rejects.toMatchObject({ name: 'QueueDoesNotExist' });
  const headers = { ...signedBy('KEY', 'sqs'), 'x-amz-target': 'AmazonSQS.GetQueueUrl', 'x-amzn-query-mode': 'true' };
  const answer = await driven(kernel, raw(endpoint.connect, { headers, body: '{"QueueName":"q"}' }));
  expect(answer.headers['x-amzn-query-error']).toBe('AWS.SimpleQueueService.NonExistentQueue;Sender');
});

describe('rpcv2Cbor, which the AWS CLI speaks with CloudWatch', () => {
  const stored: PutMetricDataInput[] = [];
  const updatedAt = new Date(1_767_603_600_250);
  const monitoring: Service = {
    id: 'monitoring',
    state: {},
    resources: {},
    operations: {
      PutMetricData: operation<PutMetricDataInput, object>({
        permissions: unguarded,
        apply: (input) => (stored.push(input), {}),
      }),
      DescribeAlarms: operation<DescribeAlarmsInput, DescribeAlarmsOutput>({
        permissions: unguarded,
        apply() {
          return {
            MetricAlarms: [
              { AlarmName: 'errors', Threshold: 0.5, StateUpdatedTimestamp: updatedAt, ActionsEnabled: true },
            ],
          };
        },
      }),
    },
  };
  const send = (name: string, input: unknown) => {
    const { kernel, endpoint } = endpointWith(() => [monitoring]);
    const headers = {
      ...signedBy('KEY', 'monitoring'),
      'smithy-protocol': 'rpc-v2-cbor',
      'content-type': 'application/cbor',
    };
    const path = `/service/GraniteServiceVersion20100801/operation/${name}`;
    return driven(kernel, raw(endpoint.connect, { headers, path, body: encodeCbor(input) }));
  };

  it('reads and writes numbers, dates, lists and truth values', async () => {
    const input = {
      Namespace: 'Rollouts',
      MetricData: [{ MetricName: 'Lag', Timestamp: updatedAt, Value: -1.5, StorageResolution: 60 }],
    };
    expect((await send('PutMetricData', input)).status).toBe(200);
    expect(stored).toEqual([input]);
    const answer = await send('DescribeAlarms', {});
    expect([answer.headers['smithy-protocol'], decodeCbor(answer.body)]).toEqual([
      'rpc-v2-cbor',
      {
        MetricAlarms: [{ AlarmName: 'errors', Threshold: 0.5, StateUpdatedTimestamp: updatedAt, ActionsEnabled: true }],
      },
    ]);
  });

  it('sends faults as CBOR', async () => {
    const answer = await send('PutMetricAlarm', {});
    expect([answer.status, decodeCbor(answer.body)]).toEqual([
      400,
      expect.objectContaining({
        __type: expect.stringMatching(/^(ValidationException|NotModelled)$/) as string,
      }),
    ]);
  });
});

describe('CBOR', () => {
  const hex = (text: string) => new Uint8Array(Buffer.from(text, 'hex'));

  // Examples of RFC 8949, appendix A.
  it.each([
    ['00', 0],
    ['1818', 24],
    ['1903e8', 1000],
    ['1a000f4240', 1_000_000],
    ['1b000000e8d4a51000', 1_000_000_000_000],
    ['20', -1],
    ['3903e7', -1000],
    ['fa47c35000', 100_000],
    ['fb3ff199999999999a', 1.1],
    ['f5', true],
    ['f6', null],
    ['62c3bc', 'ü'],
    ['83010203', [1, 2, 3]],
    ['a26161016162820203', { a: 1, b: [2, 3] }],
    ['9f018202039f0405ffff', [1, [2, 3], [4, 5]]],
    ['bf61610161629f0203ffff', { a: 1, b: [2, 3] }],
    ['c11a514b67b0', new Date('2013-03-21T20:04:00Z')],
    ['c1fb41d452d9ec200000', new Date('2013-03-21T20:04:00.500Z')],
  ])('reads %s', (bytes, value) => {
    expect(decodeCbor(hex(bytes))).toEqual(value);
  });

  it('reads what it has written', () => {
    const value = {
      a: [1, -2, 0.25, 'ü', true, false, null],
      when: new Date(1_767_603_600_250),
      bytes: new Uint8Array([1, 2]),
    };
    expect(decodeCbor(encodeCbor(value))).toEqual({ ...value, bytes: expect.any(Uint8Array) as Uint8Array });
  });

  it.each([
    ['bytes that follow the value', '0000'],
    ['a text that is cut off', '6261'],
    ['an unknown tag', 'c000'],
    ['half floats', 'f93c00'],
    ['nothing', ''],
  ])('refuses %s', (_case, bytes) => {
    expect(() => decodeCbor(hex(bytes))).toThrow(RangeError);
  });
});
