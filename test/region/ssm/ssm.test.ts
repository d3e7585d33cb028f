import type { DescribeParametersResult, GetParametersResult } from '@aws-sdk/client-ssm';
import { beforeEach, describe, expect, it } from 'vitest';
import { checkRequest } from '../../../region/iam/iam.ts';
import { Kernel } from '../../../region/kernel/kernel.ts';
import { NotModelled } from '../../../region/service.ts';
import { createSsm, type SsmService } from '../../../region/ssm/ssm.ts';

const Name = '/rollouts/api/image';

let kernel: Kernel;
let ssm: SsmService;

beforeEach(() => {
  kernel = new Kernel();
  ssm = createSsm({ kernel, account: '123456789012', region: 'us-east-1' });
});

function call<Answer>(name: string, request: object): Answer {
  return ssm.operations[name]!.apply(request as never, { kind: 'operator' }) as Answer;
}

const put = (request: object = {}): unknown => call('PutParameter', { Name, Type: 'String', Value: 'v1', ...request });

describe('the parameter store', () => {
  it('keeps a parameter and counts its versions', async () => {
    expect(put()).toEqual({ Version: 1, Tier: 'Standard' });
    await kernel.runFor(60_000);
    expect(put({ Value: 'v2', Overwrite: true, Type: undefined })).toEqual({ Version: 2, Tier: 'Standard' });
    expect(call('GetParameter', { Name })).toEqual({
      Parameter: {
        Name,
        Type: 'String',
        Value: 'v2',
        Version: 2,
        LastModifiedDate: new Date(kernel.now),
        ARN: 'arn:aws:ssm:us-east-1:123456789012:parameter/rollouts/api/image',
        DataType: 'text',
      },
    });
    expect(ssm.valueOf(Name)).toBe('v2');
  });

  it('refuses to overwrite what it was not told to overwrite', () => {
    put();
    expect(() => put({ Value: 'v2' })).toThrow(expect.objectContaining({ code: 'ParameterAlreadyExists' }));
    expect(ssm.valueOf(Name)).toBe('v1');
  });

  it('tells found and missing parameters apart', () => {
    put();
    expect(() => call('GetParameter', { Name: '/nope' })).toThrow(
      expect.objectContaining({ code: 'ParameterNotFound' }),
    );
    const answer = call<GetParametersResult>('GetParameters', { Names: [Name, '/nope'] });
    expect(answer.Parameters?.map(({ Value }) => Value)).toEqual(['v1']);
    expect(answer.InvalidParameters).toEqual(['/nope']);
    expect(ssm.valueOf('/nope')).toBeUndefined();
  });

  it.each([
    ['an empty value', { Value: '' }, 'ValidationException'],
    ['a value beyond 4 KB', { Value: 'x'.repeat(4097) }, 'ValidationException'],
    ['a value that refers to another parameter', { Value: 'like {{ssm:/other}}' }, 'ValidationException'],
    ['a new parameter without type', { Type: undefined }, 'ValidationException'],
    ['a path without leading slash', { Name: 'rollouts/api' }, 'ValidationException'],
    ['a reserved name', { Name: '/aws/api' }, 'ValidationException'],
  ])('refuses %s', (_, request, code) => {
    expect(() => put(request)).toThrow(expect.objectContaining({ code }));
  });

  it('refuses to change a type', () => {
    put();
    expect(() => put({ Type: 'StringList', Overwrite: true })).toThrow(
      expect.objectContaining({ code: 'HierarchyTypeMismatchException' }),
    );
  });

  it('keeps the name of a secret, and its value from everybody', () => {
    const secret = { Name: '/team/key', Type: 'SecureString', Value: 'hush' };
    expect(put(secret)).toEqual({ Tier: 'Standard' });
    expect(ssm.hasParameter('/team/key')).toBe(true);
    expect(() => call('GetParameter', { Name: '/team/key' })).toThrow(NotModelled);
    expect(JSON.stringify(call('DescribeParameters', {}))).not.toContain('hush');
    expect(() => put(secret)).toThrow(/already exists/);
    expect(put({ ...secret, Overwrite: true, Type: undefined })).toEqual({ Tier: 'Standard' });
    put();
    expect(() => put({ Type: 'SecureString', Overwrite: true })).toThrow(/does not support changing a parameter type/);
  });

  it.each([{ Tags: [{ Key: 'team', Value: 'a' }] }, { KeyId: 'k' }, { Policies: '[]' }, { Tier: 'Advanced' }])(
    'does not model %j',
    (request) => {
      expect(() => put(request)).toThrow('is not modelled');
    },
  );

  it('does not model reading by version', () => {
    put();
    expect(() => call('GetParameter', { Name: `${Name}:1` })).toThrow('is not modelled');
  });

  it('creates parameters of templates and refuses unknown properties', async () => {
    const create = ssm.resources['AWS::SSM::Parameter']!;
    expect(await create('Image', { Name, Type: 'String', Value: 'v0' }, 'Stack')).toEqual({
      ref: Name,
      attributes: { Type: 'String', Value: 'v0' },
    });
    expect(ssm.valueOf(Name)).toBe('v0');
    expect(() => create('Other', { Type: 'String', Value: 'x', AllowedPattern: '.*' }, 'Stack')).toThrow(
      /AllowedPattern.*not modelled/,
    );
  });

  it.each(['/rollouts/api/image', 'plain'])('asks for permission on %s without a double slash', (name) => {
    const resource = `arn:aws:ssm:us-east-1:123456789012:parameter/${name.replace('/', '')}`;
    const asked = (operation: string, request: object): unknown =>
      ssm.operations[operation]!.permissions(request as never, { kind: 'operator' });
    expect(asked('GetParameter', { Name: name })).toEqual([{ action: 'ssm:GetParameter', resource }]);
    expect(asked('GetParameters', { Names: [name] })).toEqual([{ action: 'ssm:GetParameters', resource }]);
    expect(asked('PutParameter', { Name: name, Overwrite: true })).toEqual([
      { action: 'ssm:PutParameter', resource, context: { 'ssm:Overwrite': 'true' } },
    ]);
  });
});

describe('a parameter outside the stacks', () => {
  it('is there by its name and its ARN, its value stays untold, and it goes when it is deleted', () => {
    ssm.admitParameter('/team/key');
    const arn = 'arn:aws:ssm:us-east-1:123456789012:parameter/team/key';
    expect(['/team/key', arn, '/team'].map(ssm.hasParameter)).toEqual([true, true, false]);
    expect(() => call('GetParameter', { Name: '/team/key' })).toThrow(NotModelled);
    call('DeleteParameter', { Name: '/team/key' });
    expect(ssm.hasParameter(arn)).toBe(false);
    expect(() => call('DeleteParameter', { Name: '/team/key' })).toThrow(
      expect.objectContaining({ code: 'ParameterNotFound' }),
    );
  });

  it('is not one of the region, which is read and deleted as before', () => {
    put();
    expect(ssm.hasParameter('arn:aws:ssm:us-east-1:123456789012:parameter/rollouts/api/image')).toBe(true);
    call('DeleteParameter', { Name });
    expect(ssm.valueOf(Name)).toBeUndefined();
  });
});

describe('DescribeParameters', () => {
  const described = (request: object = {}): DescribeParametersResult => call('DescribeParameters', request);
  const namesOf = ({ Parameters = [] }: DescribeParametersResult) => Parameters.map(({ Name: name }) => name);
  const named = (Values: string[], more: object = {}) =>
    namesOf(described({ ParameterFilters: [{ Key: 'Name', Values, ...more }] }));

  it('tells everything but the value, also of parameters outside the stacks', () => {
    put();
    ssm.admitParameter('/team/key');
    const LastModifiedDate = new Date(kernel.now);
    const common = { LastModifiedDate, Version: 1, Tier: 'Standard' };
    const arn = (name: string) => `arn:aws:ssm:us-east-1:123456789012:parameter${name}`;
    expect(described()).toEqual({
      Parameters: [
        { Name, ARN: arn(Name), Type: 'String', DataType: 'text', ...common },
        { Name: '/team/key', ARN: arn('/team/key'), Type: 'SecureString', ...common, DataType: 'text' },
      ],
    });
  });

  it('knows each once, only those of its own account, and none that was deleted', () => {
    put();
    ssm.admitParameter(Name);
    ssm.admitParameter('arn:aws:ssm:us-east-1:210987654321:parameter/theirs');
    ssm.admitParameter('/gone');
    call('DeleteParameter', { Name: '/gone' });
    expect(namesOf(described())).toEqual([Name]);
  });

  it('filters by name: equal to one of the values, beginning with one, or containing one', () => {
    for (const name of ['/team/a', '/team/ab', '/other/a']) put({ Name: name });
    expect(named(['/team/a', '/other/a', '/nope'])).toEqual(['/team/a', '/other/a']);
    expect(named(['/team/a'], { Option: 'BeginsWith' })).toEqual(['/team/a', '/team/ab']);
    expect(named(['r/a'], { Option: 'Contains' })).toEqual(['/other/a']);
  });

  it('cuts pages before it filters them, so that an empty one may have a successor', () => {
    for (const name of ['/a', '/b', '/c']) put({ Name: name });
    const request = { ParameterFilters: [{ Key: 'Name', Values: ['/c'] }], MaxResults: 2 };
    const first = described(request);
    expect(namesOf(first)).toEqual([]);
    const second = described({ ...request, NextToken: first.NextToken });
    expect([namesOf(second), second.NextToken]).toEqual([['/c'], undefined]);
  });

  it.each([
    ['a key that no filter has', [{ Key: 'Colour', Values: ['a'] }], 'ValidationException'],
    ['the key of another operation', [{ Key: 'Label', Values: ['a'] }], 'InvalidFilterKey'],
    ['an option that Name lacks', [{ Key: 'Name', Option: 'Recursive', Values: ['a'] }], 'InvalidFilterOption'],
    ['no value', [{ Key: 'Name', Values: [] }], 'InvalidFilterValue'],
    ['51 values', [{ Key: 'Name', Values: Array(51).fill('/a') }], 'ValidationException'],
  ])('refuses a filter with %s', (_, ParameterFilters, code) => {
    expect(() => described({ ParameterFilters })).toThrow(expect.objectContaining({ code }));
  });

  it('refuses a token that it never gave, and pages of more than 50', () => {
    expect(() => described({ NextToken: 'x' })).toThrow(expect.objectContaining({ code: 'InvalidNextToken' }));
    expect(() => described({ MaxResults: 51 })).toThrow(expect.objectContaining({ code: 'ValidationException' }));
  });

  it.each([{ Shared: true }, { Filters: [] }, { ParameterFilters: [{ Key: 'Type', Values: ['String'] }] }])(
    'does not model %j',
    (request) => {
      expect(() => described(request)).toThrow(NotModelled);
    },
  );

  it('asks for permission on every resource, as there is none to name', async () => {
    const [asked] = ssm.operations['DescribeParameters']!.permissions({} as never, { kind: 'operator' });
    expect(asked).toEqual({ action: 'ssm:DescribeParameters', resource: '*' });
    expect(await checkRequest(asked!)).toBeUndefined();
  });
});
