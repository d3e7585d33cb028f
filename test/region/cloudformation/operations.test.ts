import {
  CloudFormationClient,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
  GetTemplateCommand,
  ListStackResourcesCommand,
  ListStacksCommand,
  type DescribeStacksOutput,
  type ListStackResourcesOutput,
  type Stack,
} from '@aws-sdk/client-cloudformation';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { imageManifest } from '../../../region/ecr/image-manifests.ts';
import { createRegion, type Region } from '../../../region/region.ts';
import type { Caller } from '../../../region/service.ts';
import { clientConfiguration, driven, operator } from '../wire/endpoint.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 0, 5, 9) }));
afterEach(() => void vi.useRealTimers());

let region: Region;
let client: CloudFormationClient;
beforeEach(() => {
  region = createRegion();
  client = new CloudFormationClient(clientConfiguration(region.connect, 'OPERATOR'));
});

type Command = Parameters<CloudFormationClient['send']>[0];

/** Over the wire, by AWS's own client. */
const send = <Output>(command: object): Promise<Output> =>
  driven(region.kernel, client.send(command as Command) as Promise<Output>);

const parameter = (Value: string) => ({
  Type: 'AWS::SSM::Parameter',
  Properties: { Name: '/shop', Type: 'String', Value },
});
const TEMPLATE = {
  Description: 'A shop & its <sign>',
  Parameters: {
    Size: { Type: 'String', Default: 'small' },
    Version: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/cdk-bootstrap/x/version' },
    Secret: { Type: 'String', Default: 'hush', NoEcho: true },
  },
  Resources: { Parameter: parameter('x') },
  Outputs: { Name: { Value: { Ref: 'Parameter' }, Description: 'Its name' } },
};
const deploy = (template: object = TEMPLATE, name = 'Shop', tags = {}) =>
  region.deployStack({ name, template, assets: new Map(), tags });
const described = async (StackName?: string): Promise<Stack[]> =>
  (await send<DescribeStacksOutput>(new DescribeStacksCommand({ StackName }))).Stacks!;

describe('DescribeStacks', () => {
  it('tells of a stack by its name and by its id', async () => {
    await deploy(TEMPLATE, 'Shop', { team: 'maps' });
    const [stack] = await described('Shop');
    expect(stack).toMatchObject({
      StackName: 'Shop',
      StackId: expect.stringMatching(
        /^arn:aws:cloudformation:us-east-1:123456789012:stack\/Shop\/[-0-9a-f]{36}$/,
      ) as string,
      Description: 'A shop & its <sign>',
      StackStatus: 'CREATE_COMPLETE',
      CreationTime: new Date('2026-01-05T09:00:00Z'),
      Parameters: [
        { ParameterKey: 'Size', ParameterValue: 'small' },
        { ParameterKey: 'Version', ParameterValue: '/cdk-bootstrap/x/version', ResolvedValue: '21' },
        { ParameterKey: 'Secret', ParameterValue: '****' },
      ],
      Outputs: [{ OutputKey: 'Name', OutputValue: '/shop', Description: 'Its name' }],
      Tags: [{ Key: 'team', Value: 'maps' }],
    });
    expect(stack!.LastUpdatedTime).toBeUndefined();
    expect(await described(stack!.StackId)).toEqual([stack]);
    await region.kernel.runFor(60_000);
    const LastUpdatedTime = new Date(region.kernel.now);
    await deploy({ ...TEMPLATE, Outputs: {} });
    const [updated] = await described('Shop');
    expect(updated).toMatchObject({
      StackStatus: 'UPDATE_COMPLETE',
      Outputs: [],
      LastUpdatedTime,
    });
  });

  it('answers AWS’s error for a name that no stack has', async () => {
    await expect(described('Nowhere')).rejects.toMatchObject({
      name: 'ValidationError',
      message: 'Stack with id Nowhere does not exist',
      $metadata: { httpStatusCode: 400 },
    });
  });

  it('tells of all stacks in pages, the newest first, without those that are deleted', async () => {
    for (let number = 1; number <= 102; number++) await deploy({}, `S${number}`);
    await region.deleteStack('S7');
    const first = await send<DescribeStacksOutput>(new DescribeStacksCommand({}));
    const rest = await send<DescribeStacksOutput>(new DescribeStacksCommand({ NextToken: first.NextToken }));
    expect([first.Stacks!.length, first.Stacks![0]!.StackName]).toEqual([100, 'S102']);
    expect(rest).toMatchObject({ Stacks: [{ StackName: 'S1' }] });
    expect(rest.NextToken).toBeUndefined();
    await expect(send(new DescribeStacksCommand({ NextToken: 'made up' }))).rejects.toThrow(
      'is not one that was answered',
    );
  });

  it('is asked of IAM about the stack itself, and about all of them without a name', async () => {
    await deploy();
    const caller: Caller = { kind: 'role', roleArn: 'arn:aws:iam::123456789012:role/reader', sessionName: 's' };
    const [{ StackId }] = (await described('Shop')) as [Stack];
    const document = {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 'cloudformation:Describe*', Resource: StackId!.replace(/[^/]+$/, '*') }],
    };
    await region.resources['AWS::IAM::Role']!(
      'Role',
      {
        RoleName: 'reader',
        AssumeRolePolicyDocument: {
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
        },
        Policies: [{ PolicyName: 'own', PolicyDocument: document }],
      },
      'other',
    );
    const as = (name: string, input: object) => region.call(caller, 'cloudformation', name, input);
    const stacks = [expect.objectContaining({ StackName: 'Shop' })];
    await expect(as('DescribeStacks', { StackName: 'Shop' })).resolves.toMatchObject({ Stacks: stacks });
    for (const [name, member] of [
      ['DescribeStackEvents', 'StackEvents'],
      ['DescribeStackResources', 'StackResources'],
    ] as const)
      await expect(as(name, { StackName: 'Shop' })).resolves.toMatchObject({
        [member]: expect.arrayContaining(stacks) as unknown,
      });
    for (const [name, input] of Object.entries({
      DescribeStacks: {},
      ListStacks: {},
      GetTemplate: { StackName: 'Shop' },
      DeleteStack: { StackName: 'Shop' },
    }))
      await expect(as(name, input)).rejects.toThrow(`is not authorized to perform: cloudformation:${name}`);
    await expect(as('DescribeStacks', { StackName: 'Other' })).rejects.toThrow('stack/Other/*');
  });
});

describe('DescribeStackEvents', () => {
  it('tells what happened, the latest first, of a deleted stack by its id', async () => {
    await deploy();
    const [{ StackId }] = (await described('Shop')) as [Stack];
    await region.deleteStack('Shop');
    const { StackEvents } = await send<{ StackEvents: object[] }>(
      new DescribeStackEventsCommand({ StackName: StackId }),
    );
    const lines = StackEvents.map((event) => {
      const { LogicalResourceId, ResourceStatus, ResourceStatusReason = '' } = event as Record<string, string>;
      return `${LogicalResourceId} ${ResourceStatus} ${ResourceStatusReason}`.trim();
    });
    expect(lines.reverse()).toEqual([
      'Shop CREATE_IN_PROGRESS User Initiated',
      'Parameter CREATE_IN_PROGRESS',
      'Parameter CREATE_COMPLETE',
      'Shop CREATE_COMPLETE',
      'Shop DELETE_IN_PROGRESS User Initiated',
      'Parameter DELETE_IN_PROGRESS',
      'Parameter DELETE_COMPLETE',
      'Shop DELETE_COMPLETE',
    ]);
    expect(StackEvents.find((event) => 'ResourceProperties' in event)).toMatchObject({
      StackId,
      ResourceType: 'AWS::SSM::Parameter',
      PhysicalResourceId: '/shop',
      ResourceProperties: '{"Name":"/shop","Type":"String","Value":"x"}',
    });
    await expect(send(new DescribeStackEventsCommand({ StackName: 'Shop' }))).rejects.toThrow('does not exist');
  });
});

describe('DescribeStackResources', () => {
  it('tells where each resource stands, all of a stack or one, by its own name too', async () => {
    await deploy();
    const [{ StackId }] = (await described('Shop')) as [Stack];
    const ask = (input: object) => send<{ StackResources: object[] }>(new DescribeStackResourcesCommand(input));
    const { StackResources } = await ask({ StackName: 'Shop' });
    expect(StackResources).toMatchObject([
      { StackId, LogicalResourceId: 'Parameter', PhysicalResourceId: '/shop', ResourceStatus: 'CREATE_COMPLETE' },
    ]);
    expect((await ask({ PhysicalResourceId: '/shop' })).StackResources).toEqual(StackResources);
    await expect(ask({ StackName: 'Shop', LogicalResourceId: 'Other' })).rejects.toThrow(
      'Resource Other does not exist for stack Shop',
    );
    await expect(ask({})).rejects.toThrow('Either a stack name or a physical resource id must be specified');
  });
});

it('ListStackResources lists what a stack has, in pages, also when it is gone', async () => {
  const Resources = Object.fromEntries(
    Array.from({ length: 101 }, (_, number) => [
      `P${number}`,
      { Type: 'AWS::SSM::Parameter', Properties: { Name: `/p/${number}`, Type: 'String', Value: 'x' } },
    ]),
  );
  await deploy({ Resources });
  const [{ StackId }] = (await described('Shop')) as [Stack];
  const list = (StackName: string | undefined, NextToken?: string) =>
    send<ListStackResourcesOutput>(new ListStackResourcesCommand({ StackName, NextToken }));
  const first = await list('Shop');
  const second = await list('Shop', first.NextToken);
  expect([first.StackResourceSummaries!.length, second.StackResourceSummaries!.length, second.NextToken]).toEqual([
    100,
    1,
    undefined,
  ]);
  const names = [...first.StackResourceSummaries!, ...second.StackResourceSummaries!];
  expect(new Set(names.map(({ LogicalResourceId }) => LogicalResourceId)).size).toBe(101);
  expect(names.find(({ LogicalResourceId }) => LogicalResourceId === 'P7')).toEqual({
    LogicalResourceId: 'P7',
    PhysicalResourceId: '/p/7',
    ResourceType: 'AWS::SSM::Parameter',
    LastUpdatedTimestamp: expect.any(Date) as Date,
    ResourceStatus: 'CREATE_COMPLETE',
    DriftInformation: { StackResourceDriftStatus: 'NOT_CHECKED' },
  });
  await region.deleteStack('Shop');
  expect((await list(StackId)).StackResourceSummaries![0]).toMatchObject({ ResourceStatus: 'DELETE_COMPLETE' });
  await expect(list('Shop')).rejects.toThrow('Stack with id Shop does not exist');
});

describe('ListStacks', () => {
  it('tells of deleted stacks too, for 90 days, and of some statuses only', async () => {
    await deploy({}, 'Old');
    await region.deleteStack('Old');
    await region.kernel.runFor(60_000);
    await deploy();
    const list = async (StackStatusFilter?: ('DELETE_COMPLETE' | 'CREATE_COMPLETE')[]) => {
      const answer = await send<{ StackSummaries: { StackName: string }[] }>(
        new ListStacksCommand({ StackStatusFilter }),
      );
      return answer.StackSummaries.map(({ StackName }) => StackName);
    };
    expect(await list()).toEqual(['Shop', 'Old']);
    expect(await list(['DELETE_COMPLETE'])).toEqual(['Old']);
    expect(await list(['CREATE_COMPLETE'])).toEqual(['Shop']);
    await region.kernel.runFor(90 * 24 * 3_600_000);
    expect(await list()).toEqual(['Shop']);
  });
});

it('GetTemplate answers the template as it was deployed', async () => {
  await deploy();
  const { TemplateBody } = await send<{ TemplateBody: string }>(new GetTemplateCommand({ StackName: 'Shop' }));
  expect(JSON.parse(TemplateBody)).toEqual(TEMPLATE);
});

describe('DeleteStack', () => {
  const remove = (input: object = {}) => send(new DeleteStackCommand({ StackName: 'Shop', ...input }));
  const status = () => region.cloudformation.state.stacks.get('Shop')?.status;
  /** The beginnings of deletions of the stack, whichever of its lives it was in. */
  const deletions = () =>
    region.cloudformation.state.deletedStacks.flatMap(({ id, events }) =>
      events.filter(({ physicalId, status }) => physicalId === id && status === 'DELETE_IN_PROGRESS'),
    );

  it('answers at once, and the stack goes while time passes', async () => {
    await deploy();
    await remove({ ClientRequestToken: 'token' });
    await region.kernel.runFor(10_000);
    expect(region.ssm.valueOf('/shop')).toBeUndefined();
    expect(status()).toBeUndefined();
    // Nobody has to know whether it is gone already.
    await remove();
    await region.kernel.runFor(10_000);
    expect(status()).toBeUndefined();
    expect(deletions()).toHaveLength(1);
  });

  it('waits for what takes its time, and everything else goes on meanwhile', async () => {
    const FUNCTION = `const https = require('https');
      exports.handler = async (event) => {
        if (event.RequestType === 'Delete') await new Promise((resolve) => setTimeout(resolve, 20_000));
        const { StackId, RequestId, LogicalResourceId } = event;
        const body = JSON.stringify({ StackId, RequestId, LogicalResourceId, Status: 'SUCCESS', PhysicalResourceId: 'x' });
        const headers = { 'content-type': '', 'content-length': body.length };
        await new Promise((resolve) => https.request(event.ResponseURL, { method: 'PUT', headers }, resolve).end(body));
      };`;
    const policy = (Action: string, more: object) => ({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action, ...more }],
    });
    await deploy({
      Resources: {
        Role: {
          Type: 'AWS::IAM::Role',
          Properties: {
            AssumeRolePolicyDocument: policy('sts:AssumeRole', { Principal: { Service: 'lambda.amazonaws.com' } }),
          },
        },
        Provider: {
          Type: 'AWS::Lambda::Function',
          Properties: {
            Handler: 'index.handler',
            Runtime: 'nodejs24.x',
            Timeout: 60,
            Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
            Code: { ZipFile: FUNCTION },
          },
        },
        Thing: { Type: 'Custom::Thing', Properties: { ServiceToken: { 'Fn::GetAtt': ['Provider', 'Arn'] } } },
      },
    });
    await remove();
    await region.kernel.runFor(10_000);
    expect(status()).toBe('DELETE_IN_PROGRESS');
    await expect(deploy()).rejects.toThrow('is in DELETE_IN_PROGRESS state and can not be updated.');
    // Once more changes nothing of a deletion that is under way.
    await remove();
    expect(status()).toBe('DELETE_IN_PROGRESS');
    await region.kernel.runFor(30_000);
    expect(status()).toBeUndefined();
    expect(deletions()).toHaveLength(1);
    expect(region.lambda.functions).toEqual([]);
  });

  it('leaves a stack that could not be deleted, and then takes the names of what is to stay', async () => {
    await deploy({
      Resources: { Repository: { Type: 'AWS::ECR::Repository', Properties: { RepositoryName: 'web' } } },
    });
    region.ecr.pushImage({ repositoryName: 'web', image: imageManifest({ seedText: 'a' }), tag: '1' });
    await expect(remove({ RetainResources: ['Repository'] })).rejects.toThrow(
      'only when the stack is in the DELETE_FAILED',
    );
    await remove();
    await region.kernel.runFor(10_000);
    expect((await described('Shop'))[0]).toMatchObject({
      StackStatus: 'DELETE_FAILED',
      StackStatusReason: 'The following resource(s) failed to delete: [Repository]. ',
    });
    await remove({ RetainResources: ['Repository'] });
    await region.kernel.runFor(10_000);
    expect(status()).toBeUndefined();
    await expect(region.call(operator, 'ecr', 'DescribeRepositories', {})).resolves.toMatchObject({
      repositories: [{}],
    });
  });

  it('is refused for what is not modelled of it', async () => {
    await deploy();
    await expect(remove({ DeletionMode: 'FORCE_DELETE_STACK' })).rejects.toThrow('FORCE_DELETE_STACK is not modelled');
    await expect(remove({ RoleARN: 'arn:aws:iam::123456789012:role/x' })).rejects.toThrow('RoleARN is not modelled');
    const role: Caller = { kind: 'service', principal: 'x', sourceArn: 'y' };
    const apply = () => region.cloudformation.operations['DeleteStack']!.apply({ StackName: 'Shop' } as never, role);
    expect(apply).toThrow('DeleteStack by anybody but the operator is not modelled');
    expect(status()).toBe('CREATE_COMPLETE');
  });
});
