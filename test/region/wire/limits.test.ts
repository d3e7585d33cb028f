import { describe, expect, it } from 'vitest';
import { createRegion } from '../../../region/region.ts';
import { asJson, driven, raw, signedBy } from './endpoint.ts';
import { served } from './over-loopback.ts';

const nested = (depth: number, [open, close]: readonly [string, string] = ['[', ']']): string =>
  open.repeat(depth) + close.repeat(depth);
const MiB = 1024 * 1024;

describe('a body', () => {
  const headers = { 'x-amz-target': 'AmazonSSM.GetParameters', ...signedBy('OPERATOR', 'ssm') };

  it('of 20 MiB is read, of one byte more is refused', async () => {
    const { send } = await served(createRegion());
    const filled = (bytes: number): string => `{"Names":["${'a'.repeat(bytes - 14)}"]}`;
    expect(asJson(await send({ headers, body: filled(20 * MiB) })).__type).not.toBe('RequestEntityTooLargeException');
    const refused = await send({ headers, body: filled(20 * MiB + 1) });
    expect([refused.status, asJson(refused)]).toEqual([
      413,
      {
        __type: 'RequestEntityTooLargeException',
        message: 'The body of the request has 20971521 bytes; API operations take at most 20971520.',
      },
    ]);
  });

  it('is refused in memory too', async () => {
    const { connect, kernel } = createRegion();
    const answer = await driven(kernel, raw(connect, { headers, body: Buffer.alloc(21 * MiB) }));
    expect(answer.status).toBe(413);
  });

  it('without an end is cut off', async () => {
    const { send } = await served(createRegion());
    await expect(send({ headers, body: Buffer.alloc(202 * MiB) })).rejects.toThrow();
  });
});

describe('what nests too deeply is refused, and the region goes on', () => {
  const cases = [1_001, 5_000, 100_000].flatMap((depth) =>
    (
      [
        ['[', ']'],
        ['{"a":', '}'],
      ] as const
    ).map((brackets) => [depth, brackets] as const),
  );

  it.each(cases)('in a body, %i levels of %j', async (depth, brackets) => {
    const door = await served(createRegion());
    const text = brackets[0].repeat(depth) + (brackets[0] === '[' ? '' : '1') + brackets[1].repeat(depth);
    const { status, body } = await door.json('AmazonSSM.GetParameters', `{"Names":${text}}`);
    expect([status, body.__type]).toEqual([400, 'SerializationException']);
    expect(body.message).toContain('nests more than 1000 levels deep');
    expect((await door.json('AmazonSSM.DescribeParameters', {})).status).toBe(200);
    await door.stop();
  });

  it.each([5_000, 100_000])('in the Detail of an event, %i levels', async (depth) => {
    const door = await served(createRegion());
    const Detail = `{"a":${nested(depth)}}`;
    const { body } = await door.json('AWSEvents.PutEvents', {
      Entries: [{ Source: 'mine', DetailType: 'any', Detail }],
    });
    expect(body).toMatchObject({ FailedEntryCount: 1, Entries: [{ ErrorCode: 'MalformedDetail' }] });
    await door.stop();
  });

  it.each([5_000, 100_000])('in the body of a REST API, %i levels', async (depth) => {
    const door = await served(createRegion());
    const path = '/2015-03-31/functions/none/invocations';
    const headers = signedBy('OPERATOR', 'lambda');
    const answer = await door.send({ path, headers, body: nested(depth) });
    expect([answer.status, answer.body.toString()]).toEqual([400, expect.stringContaining('1000 levels deep')]);
    await door.stop();
  });

  it.each([5_000, 100_000])('in a form, %i steps', async (depth) => {
    const door = await served(createRegion());
    const headers = { 'content-type': 'application/x-www-form-urlencoded', ...signedBy('OPERATOR', 'sns') };
    const body = `Action=Publish&Version=2010-03-31&${'a.'.repeat(depth)}b=1`;
    const answer = await door.send({ headers, body });
    expect([answer.status, answer.body.toString()]).toEqual([400, expect.stringContaining('MalformedInput')]);
    await door.stop();
  });

  it.each([1_001, 100_000])('in CBOR, %i levels', async (depth) => {
    const door = await served(createRegion());
    const headers = { 'smithy-protocol': 'rpc-v2-cbor', ...signedBy('OPERATOR', 'monitoring') };
    const body = Buffer.concat([Buffer.alloc(depth, 0x81), Buffer.of(0)]);
    const path = '/service/GraniteServiceVersion20100801/operation/DescribeAlarms';
    const answer = await door.send({ headers, path, body });
    expect([answer.status, answer.body.toString('latin1')]).toEqual([
      400,
      expect.stringContaining('nests more than 1000 levels deep'),
    ]);
    await door.stop();
  });

  it('but brackets in texts do not count', async () => {
    const door = await served(createRegion());
    const Name = `/${'[{'.repeat(900)}\\"${'['.repeat(900)}`;
    const { body } = await door.json('AmazonSSM.GetParameters', { Names: [Name] });
    // What is wrong with it is its length.
    expect(body).toMatchObject({
      __type: 'ValidationException',
      message: expect.stringContaining("validation error detected: Value '[/[{[{") as string,
    });
  });
});

describe('what has too many values is refused before it takes gigabytes, and the region goes on', () => {
  const form = 'application/x-www-form-urlencoded';
  const cbor = { 'smithy-protocol': 'rpc-v2-cbor' };
  const path = '/service/GraniteServiceVersion20100801/operation/PutMetricData';
  const signed = signedBy('OPERATOR', 'monitoring');
  const many = 6_000_000;

  it.each<[what: string, headers: Record<string, string>, body: string | Buffer]>([
    ['JSON', { 'x-amz-target': 'x.PutMetricData' }, `{"Namespace":"a","MetricData":[${'{},'.repeat(many)}{}]}`],
    ['a form', { 'content-type': form }, `Action=PutMetricData${'&a='.repeat(many)}`],
    ['a form, in a name', { 'content-type': form }, `Action=PutMetricData&${`${'a.'.repeat(500)}=&`.repeat(10_000)}`],
    ['CBOR', cbor, Buffer.concat([Buffer.of(0x9f), Buffer.alloc(many, 0xa0), Buffer.of(0xff)])],
  ])('in %s', async (_, headers, body) => {
    const door = await served(createRegion({ defects: 'contain' }));
    const answer = await door.send({ headers: { ...headers, ...signed }, path, body });
    expect([answer.status, answer.body.toString('latin1')]).toEqual([
      400,
      expect.stringContaining('more than 400000 values'),
    ]);
    expect((await door.json('AmazonSSM.DescribeParameters', {})).status).toBe(200);
    await door.stop();
  });

  it('but of what is wrong with values that pass the first hundred faults are told', async () => {
    const door = await served(createRegion({ defects: 'contain' }));
    const ParameterFilters = Array.from({ length: 150_000 }, () => ({}));
    const answer = await door.json('AmazonSSM.DescribeParameters', { ParameterFilters });
    expect([answer.status, answer.body.message!.split('; ').length]).toEqual([400, 100]);
    expect(answer.body.message).toMatch(/^100 validation errors detected: /);
    await door.stop();
  });
});

describe('what is kept of a call is bounded', () => {
  it('by the resources that it names', async () => {
    const region = createRegion({ defects: 'contain' });
    const door = await served(region);
    const services = Array.from({ length: 1_001 }, (_, at) => `s${at}`);
    const { body } = await door.json('AmazonEC2ContainerServiceV20141113.DescribeServices', { services });
    expect(body).toEqual({
      __type: 'NotModelled',
      message: 'A call about more than 1000 resources is not modelled by this region',
    });
    expect(region.calls.at(-1)!.permissions).toEqual([]);
    await door.stop();
  });

  it('by the length of their names', async () => {
    const region = createRegion({ defects: 'contain' });
    const door = await served(region);
    const clusters = ['c'.repeat(1_000_000)];
    const { body } = await door.json('AmazonEC2ContainerServiceV20141113.DescribeClusters', { clusters });
    expect(body.message).toBe('A name that makes an ARN of more than 2048 characters is not modelled by this region');
    expect(JSON.stringify(region.calls.at(-1)).length).toBeLessThan(1_000);
    await door.stop();
  });

  it('by the length of the name of the operation', async () => {
    const region = createRegion({ defects: 'contain' });
    const door = await served(region);
    const headers = { 'content-type': 'application/x-www-form-urlencoded', ...signedBy('OPERATOR', 'sns') };
    const answer = await door.send({ headers, body: `Action=${'a'.repeat(1_000_000)}` });
    expect(answer.body.toString()).toContain('sns has no operation (none named)');
    expect(JSON.stringify(region.calls.at(-1)).length).toBeLessThan(1_000);
    await door.stop();
  });
});

describe('an expression that would keep the region busy', () => {
  const SCAN = 'DynamoDB_20120810.Scan';
  const of = { TableName: 'none', ExpressionAttributeValues: { ':a': { S: 'a' } } };

  it.each([
    [
      '4 KB of parentheses',
      `${'('.repeat(2_040)}a = :a${')'.repeat(2_040)}`,
      /more than 4 levels deep is not modelled/,
    ],
    ['parentheses without an end', '('.repeat(4_000), /Syntax error; the parentheses are not in balance/],
    ['an end without a beginning', ') a = :a (', /not in balance/],
  ])('is refused at once: %s', async (_, FilterExpression, message) => {
    const door = await served(createRegion());
    const beganAt = performance.now();
    const { status, body } = await door.json(SCAN, { ...of, FilterExpression });
    expect([status, body.message]).toEqual([400, expect.stringMatching(message)]);
    await door.stop();
    expect(performance.now() - beganAt).toBeLessThan(10_000);
  });

  it('of four levels is read', async () => {
    const door = await served(createRegion());
    const FilterExpression = '(a = :a OR (a = :a AND (a = :a OR attribute_exists(a))))';
    const { body } = await door.json(SCAN, { ...of, FilterExpression });
    expect(body.__type).toBe('ResourceNotFoundException');
  });

  it('with wildcards is matched in one go', async () => {
    const door = await served(createRegion());
    const EventPattern = JSON.stringify({ detail: { a: [{ wildcard: '*a*a*a*a*b' }] } });
    const envelope = { id: '1', account: '1', source: 's', time: '', region: 'r', resources: [], 'detail-type': 'd' };
    const Event = JSON.stringify({ ...envelope, detail: { a: 'a'.repeat(200_000) } });
    const beganAt = performance.now();
    const { body } = await door.json('AWSEvents.TestEventPattern', { EventPattern, Event });
    expect(body).toEqual({ Result: false });
    expect(performance.now() - beganAt).toBeLessThan(10_000);
  });
});
