import { describe, expect, it } from 'vitest';
import { checkedInput, checkedOutput } from '../../../region/wire/protocol.ts';
import { AS_IS, type Leaves } from '../../../region/wire/schema-walk.ts';
import { operationShape } from '../../../region/wire/sdk-clients.ts';
import { soundInput, soundOutput, UNSOUND } from '../../../region/wire/sound-values.ts';

/** The same leaves under another name: what is walked with them is never copied in one pass. */
const WALKED: Leaves = { ...AS_IS };

const AT = new Date(1_767_603_600_123);

describe('a request that is sound', () => {
  it.each<[service: string, operation: string, input: object]>([
    ['ecs', 'DescribeServices', { cluster: 'main', services: ['api'], include: ['TAGS'], unset: undefined }],
    ['ecs', 'UpdateService', { service: 'api', desiredCount: 2, deploymentConfiguration: { maximumPercent: 200 } }],
    [
      'dynamodb',
      'PutItem',
      { TableName: 'table', Item: { id: { S: 'a' }, list: { L: [{ N: '1' }, { NULL: true }] } } },
    ],
    ['ssm', 'PutParameter', { Name: '/a', Value: '1', Type: 'String', Overwrite: null }],
    [
      'sqs',
      'SendMessage',
      {
        QueueUrl: 'https://q',
        MessageBody: 'x',
        MessageAttributes: { a: { DataType: 'Binary', BinaryValue: new Uint8Array([1]) } },
      },
    ],
  ])('is copied as the walk copies it: %s %s', (service, operation, input) => {
    const shape = operationShape(service, operation)!;
    expect(soundInput(service, shape.input, input)).toEqual(checkedInput(shape, input, WALKED, new Set()));
  });

  it.each<[why: string, service: string, operation: string, input: unknown]>([
    ['a member that nobody knows', 'ecs', 'DescribeServices', { services: ['a'], nonsense: 1 }],
    ['a required member is missing', 'ecs', 'DescribeServices', { cluster: 'main' }],
    ['a type', 'ecs', 'DescribeServices', { services: 'a' }],
    ['an item', 'ecs', 'DescribeServices', { services: [1] }],
    ['an enum', 'ecs', 'DescribeServices', { services: ['a'], include: ['NONSENSE'] }],
    ['a fraction', 'ecs', 'UpdateService', { service: 'a', desiredCount: 1.5 }],
    ['a length', 'ssm', 'PutParameter', { Name: '', Value: '1' }],
    ['a range', 'ecr', 'DescribeImages', { repositoryName: 'team/api', maxResults: 0 }],
    ['a pattern', 'ecr', 'DescribeImages', { repositoryName: 'NO' }],
    ['two members of a union', 'dynamodb', 'GetItem', { TableName: 'table', Key: { id: { S: 'a', N: '1' } } }],
    ['no structure', 'ecs', 'DescribeServices', [1]],
  ])('is not one with the wrong %s', (_why, service, operation, input) => {
    const shape = operationShape(service, operation)!;
    expect(soundInput(service, shape.input, input)).toBe(UNSOUND);
    expect(() => checkedInput(shape, input, AS_IS, new Set())).toThrow();
  });
});

describe('an answer that is sound', () => {
  const shape = operationShape('ssm', 'GetParameter')!;
  const answer = { Parameter: { Value: '1', Name: '/a', LastModifiedDate: AT, Version: 3 } };

  it('is copied in the order of the schema, and shares nothing', () => {
    const copy = soundOutput(shape.output, answer) as typeof answer;
    expect(copy).toEqual(checkedOutput(shape, answer, WALKED, new Set()));
    expect(Object.keys(copy.Parameter)).toEqual(['Name', 'Value', 'Version', 'LastModifiedDate']);
    expect(copy.Parameter).not.toBe(answer.Parameter);
    expect(copy.Parameter.LastModifiedDate).not.toBe(AT);
  });

  it.each([{ Parameter: null }, { Parameter: { Name: 7 } }, { Parameters: [] }, { Parameter: { Version: NaN } }])(
    'is not %o',
    (wrong) => {
      expect(soundOutput(shape.output, wrong)).toBe(UNSOUND);
      expect(() => checkedOutput(shape, wrong, AS_IS, new Set())).toThrow('GetParameter');
    },
  );
});
