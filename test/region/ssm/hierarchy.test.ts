import type { GetParametersByPathResult } from '@aws-sdk/client-ssm';
import { beforeEach, describe, expect, it } from 'vitest';
import { checkRequest } from '../../../region/iam/iam.ts';
import { Kernel } from '../../../region/kernel/kernel.ts';
import { createSsm, type SsmService } from '../../../region/ssm/ssm.ts';

let ssm: SsmService;

beforeEach(() => {
  ssm = createSsm({ kernel: new Kernel(), account: '123456789012', region: 'us-east-1' });
  for (const Name of ['/app/b', '/app/a', '/app/deep/c', '/application', 'app']) {
    call('PutParameter', { Name, Type: 'String', Value: `of ${Name}` });
  }
});

function call<Answer>(name: string, request: object): Answer {
  return ssm.operations[name]!.apply(request as never, { kind: 'operator' }) as Answer;
}

function names(request: object): (string | undefined)[] {
  return call<GetParametersByPathResult>('GetParametersByPath', request).Parameters!.map(({ Name }) => Name);
}

describe('GetParametersByPath', () => {
  it.each([
    ['one level', { Path: '/app' }, ['/app/a', '/app/b']],
    ['one level, with a slash at the end', { Path: '/app/' }, ['/app/a', '/app/b']],
    ['every level', { Path: '/app', Recursive: true }, ['/app/a', '/app/b', '/app/deep/c']],
    ['the root', { Path: '/' }, ['/application']],
    ['everything below the root', { Path: '/', Recursive: true }, ['/app/a', '/app/b', '/app/deep/c', '/application']],
    ['nothing below a parameter', { Path: '/app/a' }, []],
  ])('answers %s', (_case, request, expected) => {
    expect(names(request)).toEqual(expected);
  });

  it('answers values, page by page, ten at most', () => {
    const first = call<GetParametersByPathResult>('GetParametersByPath', { Path: '/app', MaxResults: 1 });
    expect(first.Parameters).toMatchObject([{ Name: '/app/a', Value: 'of /app/a', Version: 1, Type: 'String' }]);
    expect(names({ Path: '/app', MaxResults: 1, NextToken: first.NextToken })).toEqual(['/app/b']);
    for (let number = 0; number < 12; number++)
      call('PutParameter', { Name: `/many/${number}`, Type: 'String', Value: 'x' });
    expect(names({ Path: '/many' })).toHaveLength(10);
  });

  it.each([
    [{ Path: 'app' }, 'ValidationException'],
    [{ Path: '/app//x' }, 'ValidationException'],
    [{ Path: '/app', NextToken: 'nonsense' }, 'InvalidNextToken'],
  ])('refuses %j', (request, code) => {
    expect(() => call('GetParametersByPath', request)).toThrow(expect.objectContaining({ code }));
  });

  it('refuses filters, and paths below which a value is not kept', () => {
    const ParameterFilters = [{ Key: 'Type', Values: ['String'] }];
    expect(() => call('GetParametersByPath', { Path: '/app', ParameterFilters })).toThrow('is not modelled');
    call('PutParameter', { Name: '/app/deep/secret', Type: 'SecureString', Value: 'x' });
    expect(names({ Path: '/app' })).toEqual(['/app/a', '/app/b']);
    expect(() => names({ Path: '/app', Recursive: true })).toThrow('The value of the parameter /app/deep/secret');
  });

  it('asks IAM about the path', async () => {
    const { permissions } = ssm.operations['GetParametersByPath']!;
    const asked = permissions({ Path: '/app/', Recursive: true } as never, { kind: 'operator' });
    const resource = 'arn:aws:ssm:us-east-1:123456789012:parameter/app';
    expect(asked).toEqual([{ action: 'ssm:GetParametersByPath', resource, context: { 'ssm:Recursive': 'true' } }]);
    expect(await checkRequest(asked[0]!)).toBeUndefined();
  });
});
