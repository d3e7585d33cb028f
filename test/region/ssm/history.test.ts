import type { GetParameterHistoryResult } from '@aws-sdk/client-ssm';
import { beforeEach, describe, expect, it } from 'vitest';
import { checkRequest } from '../../../region/iam/iam.ts';
import { Kernel } from '../../../region/kernel/kernel.ts';
import type { Caller } from '../../../region/service.ts';
import { createSsm, type SsmService } from '../../../region/ssm/ssm.ts';

const Name = '/rollouts/api/image';
const deployer: Caller = { kind: 'role', roleArn: 'arn:aws:iam::123456789012:role/path/deployer', sessionName: 'ci' };

let kernel: Kernel;
let ssm: SsmService;

beforeEach(() => {
  kernel = new Kernel();
  ssm = createSsm({ kernel, account: '123456789012', region: 'us-east-1' });
});

function call<Answer>(name: string, request: object, caller: Caller = { kind: 'operator' }): Answer {
  return ssm.operations[name]!.apply(request as never, caller) as Answer;
}

const put = (Value: string, caller?: Caller): unknown =>
  call('PutParameter', { Name, Type: 'String', Value, Overwrite: true }, caller);
const history = (request: object = {}): GetParameterHistoryResult => call('GetParameterHistory', { Name, ...request });

describe('GetParameterHistory', () => {
  it('answers every version, oldest first, and who set it', async () => {
    put('one');
    const first = new Date(kernel.now);
    await kernel.runFor(60_000);
    put('two', deployer);
    const common = { Name, Type: 'String', Labels: [], Tier: 'Standard', Policies: [], DataType: 'text' };
    expect(history()).toEqual({
      Parameters: [
        {
          ...common,
          Version: 1,
          Value: 'one',
          LastModifiedDate: first,
          LastModifiedUser: 'arn:aws:iam::123456789012:user/operator',
        },
        {
          ...common,
          Version: 2,
          Value: 'two',
          LastModifiedDate: new Date(kernel.now),
          LastModifiedUser: 'arn:aws:sts::123456789012:assumed-role/deployer/ci',
        },
      ],
    });
  });

  it('keeps the hundred newest versions, and answers fifty at most', async () => {
    for (let version = 1; version <= 120; version++) {
      put(`v${version}`);
      await kernel.runFor(100);
    }
    const first = history();
    const second = history({ NextToken: first.NextToken });
    const versions = [...first.Parameters!, ...second.Parameters!].map(({ Version }) => Version);
    expect([first.Parameters!.length, versions.length, versions[0], versions.at(-1), second.NextToken]).toEqual([
      50,
      100,
      21,
      120,
      undefined,
    ]);
    expect(history({ MaxResults: 3 }).Parameters).toHaveLength(3);
  });

  it('ends with its parameter', () => {
    put('one');
    call('DeleteParameter', { Name });
    expect(() => history()).toThrow(expect.objectContaining({ code: 'ParameterNotFound' }));
    put('again');
    expect(history().Parameters).toMatchObject([{ Version: 1, Value: 'again' }]);
  });

  it('ends with the stack of its parameter', async () => {
    const properties = { Name, Type: 'String', Value: 'of the stack' };
    const current = await ssm.resources['AWS::SSM::Parameter']!('Id', properties, 'stack');
    await ssm.deleters!['AWS::SSM::Parameter']!({ current, properties, logicalId: 'Id', stackName: 'stack' } as never);
    put('again');
    expect(history().Parameters).toMatchObject([{ Version: 1, Value: 'again' }]);
  });

  it.each([
    [{ Name: '/nothing' }, 'ParameterNotFound'],
    [{ NextToken: 'nonsense' }, 'InvalidNextToken'],
  ])('refuses %j', (request, code) => {
    put('one');
    expect(() => history(request)).toThrow(expect.objectContaining({ code }));
  });

  it('asks IAM about the parameter', async () => {
    const asked = ssm.operations['GetParameterHistory']!.permissions({ Name } as never, deployer);
    expect(asked).toMatchObject([{ resource: 'arn:aws:ssm:us-east-1:123456789012:parameter/rollouts/api/image' }]);
    expect(await checkRequest(asked[0]!)).toBeUndefined();
  });
});
