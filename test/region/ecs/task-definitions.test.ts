import type { ListTaskDefinitionsResponse, RegisterTaskDefinitionRequest } from '@aws-sdk/client-ecs';
import { describe, expect, it } from 'vitest';
import { isFargateSize } from '../../../region/ecs/fargate-sizes.ts';
import type { Caller } from '../../../region/service.ts';
import { EcsRegion, REGISTRY, faultOf } from './ecs-fixture.ts';

const IMAGE = `${REGISTRY}/api:v1`;
const ROLE: Caller = { kind: 'role', roleArn: 'arn:aws:iam::123456789012:role/path/deployer', sessionName: 'rollout' };

const definition = (more: Partial<RegisterTaskDefinitionRequest> = {}): RegisterTaskDefinitionRequest => ({
  family: 'api',
  cpu: '256',
  memory: '512',
  networkMode: 'awsvpc',
  requiresCompatibilities: ['FARGATE'],
  executionRoleArn: 'arn:aws:iam::123456789012:role/execution',
  containerDefinitions: [{ name: 'app', image: IMAGE }],
  ...more,
});
const register = (region: EcsRegion, more: Partial<RegisterTaskDefinitionRequest> = {}, caller?: Caller) =>
  region.call('RegisterTaskDefinition', definition(more), caller);

describe('RegisterTaskDefinition', () => {
  it('numbers revisions from 1 upwards and never reuses a number', () => {
    const region = new EcsRegion();
    const revisions = [register(region), register(region)].map(({ taskDefinition }) => taskDefinition!.revision);
    region.call('DeregisterTaskDefinition', { taskDefinition: 'api:2' });
    expect([...revisions, register(region).taskDefinition!.revision]).toEqual([1, 2, 3]);
  });

  it('keeps every member, also those that no model knows yet, and adds its own', () => {
    const region = new EcsRegion();
    const futures = {
      futureMember: { deep: [1, null, 'two', { three: null }] },
      containerDefinitions: [{ name: 'app', image: IMAGE, futureSwitch: 'ON' }],
    };
    register(region, futures, ROLE);
    const { taskDefinition } = region.call('DescribeTaskDefinition', { taskDefinition: 'api' });
    expect(taskDefinition).toMatchObject({
      futureMember: { deep: [1, null, 'two', {}] },
      containerDefinitions: [
        { name: 'app', image: IMAGE, futureSwitch: 'ON', essential: true, cpu: 0, systemControls: [] },
      ],
      taskDefinitionArn: 'arn:aws:ecs:us-east-1:123456789012:task-definition/api:1',
      status: 'ACTIVE',
      compatibilities: ['EC2', 'MANAGED_INSTANCES', 'FARGATE'],
      registeredAt: new Date(region.kernel.now),
      registeredBy: 'arn:aws:sts::123456789012:assumed-role/deployer/rollout',
      volumes: [],
    });
  });

  it('stores a copy: what the caller does with its request later changes nothing', () => {
    const region = new EcsRegion();
    const input = definition({ tags: [{ key: 'a', value: 'b' }] });
    region.call('RegisterTaskDefinition', input);
    input.containerDefinitions![0]!.image = 'other';
    input.tags![0]!.value = 'other';
    const { taskDefinition, tags } = region.call('DescribeTaskDefinition', {
      taskDefinition: 'api',
      include: ['TAGS'],
    });
    expect(taskDefinition!.containerDefinitions![0]!.image).toBe(IMAGE);
    expect(tags).toEqual([{ key: 'a', value: 'b' }]);
  });

  it('gives tags back beside the definition, and only when they are asked for', () => {
    const region = new EcsRegion();
    expect(register(region, { tags: [{ key: 'a', value: 'b' }] }).tags).toEqual([{ key: 'a', value: 'b' }]);
    const { taskDefinition, tags } = region.call('DescribeTaskDefinition', { taskDefinition: 'api' });
    expect(taskDefinition).not.toHaveProperty('tags');
    expect(tags).toEqual([]);
  });

  it('answers sizes as numbers of CPU units and MiB, and ports with host port and protocol', () => {
    const region = new EcsRegion();
    const portMappings = [{ containerPort: 8000 }, { containerPort: 9000, hostPort: 9000, protocol: 'udp' as const }];
    const { taskDefinition } = register(region, {
      cpu: '.25 vCPU',
      memory: '1GB',
      containerDefinitions: [{ name: 'app', image: IMAGE, portMappings }],
    });
    expect(taskDefinition).toMatchObject({ cpu: '256', memory: '1024' });
    expect(taskDefinition!.containerDefinitions![0]!.portMappings).toEqual([
      { containerPort: 8000, hostPort: 8000, protocol: 'tcp' },
      { containerPort: 9000, hostPort: 9000, protocol: 'udp' },
    ]);
  });

  it.each<[string, Partial<RegisterTaskDefinitionRequest>, string]>([
    [
      'a size that Fargate lacks',
      { cpu: '256', memory: '4096' },
      'ClientException: No Fargate configuration exists for given values.',
    ],
    [
      'no task memory',
      { memory: '', containerDefinitions: [{ name: 'app', image: IMAGE, memory: 256 }] },
      "ClientException: Fargate requires that 'memory' be defined at the task level.",
    ],
    [
      'another network mode',
      { networkMode: 'bridge' },
      'ClientException: Fargate only supports network mode ‘awsvpc’.',
    ],
    [
      'no execution role',
      { executionRoleArn: '' },
      'ClientException: Fargate requires task definition to have execution role ARN to support ECR images.',
    ],
    ['an empty list of tags', { tags: [] }, 'InvalidParameterException: Tags can not be empty.'],
    [
      'a reserved tag key',
      { tags: [{ key: 'AWS:stack', value: '' }] },
      'InvalidParameterException: Tag keys with the prefix aws: are reserved.',
    ],
    [
      '51 tags',
      { tags: Array.from({ length: 51 }, (_, index) => ({ key: `k${index}`, value: '' })) },
      'InvalidParameterException: The maximum number of tags per resource is 50.',
    ],
    [
      '20 GiB of storage',
      { ephemeralStorage: { sizeInGiB: 20 } },
      'ClientException: EphemeralStorage size should be at least 21',
    ],
    [
      '201 GiB of storage',
      { ephemeralStorage: { sizeInGiB: 201 } },
      'ClientException: EphemeralStorage size should be at most 200',
    ],
    [
      'no image',
      { containerDefinitions: [{ name: 'app', image: '' }] },
      'ClientException: Container.image should not be null or empty.',
    ],
    [
      'eleven containers',
      { containerDefinitions: Array.from({ length: 11 }, (_, index) => ({ name: `c${index}`, image: IMAGE })) },
      'ClientException: Too many containers: at most 10 are allowed.',
    ],
    [
      'only containers that are not essential',
      { containerDefinitions: [{ name: 'a', image: IMAGE, essential: false }] },
      'ClientException: At least one essential container is required.',
    ],
    [
      'a family with a slash',
      { family: 'team/api' },
      'ClientException: Family should be 1 to 255 letters (uppercase and lowercase), numbers, underscores, and hyphens.',
    ],
  ])('refuses %s', (_, more, expected) => {
    expect(faultOf(() => register(new EcsRegion(), more))).toBe(expected);
  });

  it('refuses more than 64 KiB and accepts just under', () => {
    const region = new EcsRegion();
    const sized = (length: number) => ({
      containerDefinitions: [{ name: 'app', image: IMAGE, command: ['x'.repeat(length)] }],
    });
    expect(faultOf(() => register(region, sized(66_000)))).toMatch(
      /^ClientException: Actual length: '66\d+'. Max allowed length is '65536' bytes.$/,
    );
    expect(register(region, sized(65_000)).taskDefinition!.revision).toBe(1);
  });

  it('is throttled after a burst of twenty, and once a second from then on', async () => {
    const region = new EcsRegion();
    for (let call = 0; call < 20; call++) register(region);
    expect(faultOf(() => register(region))).toBe('ThrottlingException: Rate exceeded');
    await region.kernel.runFor(1000);
    expect(register(region).taskDefinition!.revision).toBe(21);
    expect(faultOf(() => register(region))).toBe('ThrottlingException: Rate exceeded');
  });

  it('can be made to refuse for concurrent attempts, without making a revision', () => {
    const region = new EcsRegion();
    region.ecs.refuseNextRegistrations(1);
    expect(faultOf(() => register(region))).toBe(
      'ClientException: Too many concurrent attempts to create a new revision of the specified family.',
    );
    expect(register(region).taskDefinition!.revision).toBe(1);
  });
});

describe('a deregistered task definition', () => {
  it('stays describable as INACTIVE, and its services go on running and scaling', async () => {
    const region = new EcsRegion();
    await region.steadyService({ desiredCount: 1 });
    const { taskDefinition } = region.call('DeregisterTaskDefinition', { taskDefinition: 'api:1' });
    expect(taskDefinition).toMatchObject({ status: 'INACTIVE', deregisteredAt: new Date(region.kernel.now) });
    region.call('UpdateService', { cluster: 'prod', service: 'api', desiredCount: 2 });
    await region.untilSteady();
    expect(region.view.running).toBe(2);
    expect(region.call('DescribeTaskDefinition', { taskDefinition: 'api:1' }).taskDefinition!.status).toBe('INACTIVE');
    expect(faultOf(() => region.call('DescribeTaskDefinition', { taskDefinition: 'api' }))).toBe(
      'ClientException: Unable to describe task definition.',
    );
  });

  it('is what its family name no longer means: that is the newest ACTIVE revision', () => {
    const region = new EcsRegion();
    register(region);
    register(region);
    region.call('DeregisterTaskDefinition', {
      taskDefinition: 'arn:aws:ecs:us-east-1:123456789012:task-definition/api:2',
    });
    expect(region.call('DescribeTaskDefinition', { taskDefinition: 'api' }).taskDefinition!.revision).toBe(1);
  });
});

describe('ListTaskDefinitions', () => {
  it('lists one family by status, in either order, page by page', () => {
    const region = new EcsRegion();
    for (let revision = 1; revision <= 11; revision++) register(region);
    register(region, { family: 'api-two' });
    region.call('DeregisterTaskDefinition', { taskDefinition: 'api:11' });
    const list = (input: object) => region.call('ListTaskDefinitions', { familyPrefix: 'api', ...input });
    const numbers = ({ taskDefinitionArns }: ListTaskDefinitionsResponse) =>
      taskDefinitionArns!.map((arn) => Number(arn.split(':').at(-1)));
    expect(numbers(list({}))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(numbers(list({ status: 'INACTIVE' }))).toEqual([11]);
    const first = list({ sort: 'DESC', maxResults: 4 });
    const second = list({ sort: 'DESC', maxResults: 4, nextToken: first.nextToken });
    const third = list({ sort: 'DESC', maxResults: 4, nextToken: second.nextToken });
    expect([numbers(first), numbers(second), numbers(third), third.nextToken]).toEqual([
      [10, 9, 8, 7],
      [6, 5, 4, 3],
      [2, 1],
      undefined,
    ]);
    expect(region.call('ListTaskDefinitions', {}).taskDefinitionArns).toHaveLength(11);
  });
});

describe('Fargate sizes', () => {
  it('are the 74 documented pairs up to 16 vCPU', () => {
    let pairs = 0;
    for (const cpu of [256, 512, 1024, 2048, 4096, 8192, 16_384]) {
      for (let memory = 256; memory <= 131_072; memory += 256) if (isFargateSize(cpu, memory)) pairs += 1;
    }
    expect(pairs).toBe(74);
  });
});

describe('families', () => {
  it('are listed by prefix and by whether a revision is ACTIVE, page by page', () => {
    const region = new EcsRegion();
    const image = region.push('v1', 'a');
    for (const family of ['web', 'api', 'api-jobs']) region.register(image, { family });
    region.call('DeregisterTaskDefinition', { taskDefinition: 'api-jobs:1' });
    const families = (input: object) => region.call('ListTaskDefinitionFamilies', input).families;
    expect(families({})).toEqual(['api', 'api-jobs', 'web']);
    expect(families({ familyPrefix: 'api' })).toEqual(['api', 'api-jobs']);
    expect(families({ status: 'ACTIVE' })).toEqual(['api', 'web']);
    expect(families({ status: 'INACTIVE' })).toEqual(['api-jobs']);
    const first = region.call('ListTaskDefinitionFamilies', { maxResults: 2 });
    expect(first.families).toEqual(['api', 'api-jobs']);
    expect(families({ maxResults: 2, nextToken: first.nextToken })).toEqual(['web']);
    for (const input of [{ maxResults: 101 }, { nextToken: 'nonsense' }])
      expect(faultOf(() => region.call('ListTaskDefinitionFamilies', input))).toContain('InvalidParameterException');
  });
});

describe('tags', () => {
  it('can be added to and listed for task definitions, services and clusters', async () => {
    const region = new EcsRegion();
    await region.steadyService();
    const arns = ['task-definition/api:1', 'service/prod/api', 'cluster/prod'].map(
      (rest) => `arn:aws:ecs:us-east-1:123456789012:${rest}`,
    );
    for (const resourceArn of arns) {
      region.call('TagResource', { resourceArn, tags: [{ key: 'a', value: '1' }] });
      region.call('TagResource', {
        resourceArn,
        tags: [
          { key: 'a', value: '2' },
          { key: 'b', value: '3' },
        ],
      });
      expect(region.call('ListTagsForResource', { resourceArn }).tags).toEqual([
        { key: 'a', value: '2' },
        { key: 'b', value: '3' },
      ]);
      region.call('UntagResource', { resourceArn, tagKeys: ['a', 'nothing'] });
      expect(region.call('ListTagsForResource', { resourceArn }).tags).toEqual([{ key: 'b', value: '3' }]);
    }
    expect(faultOf(() => region.call('UntagResource', { resourceArn: `${arns[2]}x`, tagKeys: ['a'] }))).toContain(
      'InvalidParameterException',
    );
    expect(faultOf(() => region.call('ListTagsForResource', { resourceArn: `${arns[1]}x` }))).toContain(
      'InvalidParameterException',
    );
  });
});
