import { describe, expect, it } from 'vitest';
import { imageManifest } from '../../../region/ecr/image-manifests.ts';
import { createRegion, type Region } from '../../../region/region.ts';
import { NotModelled } from '../../../region/service.ts';
import { create, routed } from '../ec2/network-fixture.ts';

const TARGET = {
  ServiceNamespace: 'ecs',
  ScalableDimension: 'ecs:service:DesiredCount',
  ResourceId: 'service/prod/api',
  MinCapacity: 1,
  MaxCapacity: 4,
};

const TARGET_ID = 'service/prod/api|ecs:service:DesiredCount|ecs';

async function service(desiredCount: number): Promise<Region> {
  const region = createRegion();
  region.ecr.createRepository({ repositoryName: 'api' });
  region.ecr.pushImage({ repositoryName: 'api', image: imageManifest({ seedText: 'api' }), tag: '1' });
  region.ecs.createCluster('prod');
  await create(region, 'AWS::IAM::Role', {
    RoleName: 'execution',
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: 'ecs-tasks.amazonaws.com' }, Action: 'sts:AssumeRole' }],
    },
    ManagedPolicyArns: ['arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy'],
  });
  const { ref: taskDefinition } = await create(region, 'AWS::ECS::TaskDefinition', {
    Family: 'api',
    Cpu: '256',
    Memory: '512',
    NetworkMode: 'awsvpc',
    RequiresCompatibilities: ['FARGATE'],
    ExecutionRoleArn: 'arn:aws:iam::123456789012:role/execution',
    ContainerDefinitions: [{ Name: 'app', Image: '123456789012.dkr.ecr.us-east-1.amazonaws.com/api:1' }],
  });
  region.ecs.createService({ cluster: 'prod', serviceName: 'api', taskDefinition, desiredCount });
  await region.kernel.runFor(180_000);
  return region;
}

const target = (region: Region, properties: object = {}) =>
  create(region, 'AWS::ApplicationAutoScaling::ScalableTarget', { ...TARGET, ...properties });
const countOf = ({ ecs }: Region): number => ecs.serviceView('prod', 'api').desiredCount;

describe('a scalable target', () => {
  it.each<[string, () => { type: string; ref: string }]>([
    ['itself', () => ({ type: 'AWS::ApplicationAutoScaling::ScalableTarget', ref: TARGET_ID })],
    ['its service', () => ({ type: 'AWS::ECS::Service', ref: 'arn:aws:ecs:us-east-1:123456789012:service/prod/api' })],
  ])('adjusts nothing once %s has been deleted', async (_, deleted) => {
    const region = await service(0);
    await target(region);
    const { type, ref } = deleted();
    const current = { ref, attributes: {} };
    await region.deleters[type]!({ logicalId: 'Thing', type, stackName: 'stack', current, properties: { ...TARGET } });
    await region.kernel.runFor(180_000);
    expect(countOf(region)).toBe(0);
  });

  it.each([
    ['raises a count below its minimum', 0, 1],
    ['lowers a count above its maximum', 6, 4],
    ['leaves a count within its bounds alone', 3, 3],
  ])('%s, a little after its creation', async (_, before, after) => {
    const region = await service(before);
    expect(await target(region)).toEqual({
      ref: 'service/prod/api|ecs:service:DesiredCount|ecs',
      attributes: { Id: 'service/prod/api|ecs:service:DesiredCount|ecs' },
    });
    expect(countOf(region)).toBe(before);
    await region.kernel.runFor(180_000);
    expect(countOf(region)).toBe(after);
    expect(region.ecs.serviceView('prod', 'api')).toMatchObject({ running: after, isSteady: true });
  });

  it.each([
    ['of a service that does not exist', { ResourceId: 'service/prod/web' }, "ECS service doesn't exist"],
    ['of no service', { ResourceId: 'prod/api' }, 'Unsupported service namespace'],
    ['whose bounds cross', { MinCapacity: 5 }, 'must not exceed MaxCapacity 4'],
  ])('%s is refused', async (_, properties, message) => {
    await expect(target(await service(1), properties)).rejects.toThrow(message);
  });

  it('is registered once', async () => {
    const region = await service(1);
    await target(region);
    await expect(target(region)).rejects.toThrow('is registered already');
  });

  it.each([{ ScheduledActions: [] }, { SuspendedState: {} }, { ServiceNamespace: 'dynamodb' }])(
    'is not modelled with %o',
    async (properties) => {
      await expect(target(createRegion(), properties)).rejects.toThrow(NotModelled);
    },
  );
});

describe('a scaling policy', () => {
  const policy = (region: Region, metric: object, properties: object = {}) =>
    create(region, 'AWS::ApplicationAutoScaling::ScalingPolicy', {
      PolicyName: 'load',
      PolicyType: 'TargetTrackingScaling',
      ScalingTargetId: 'service/prod/api|ecs:service:DesiredCount|ecs',
      TargetTrackingScalingPolicyConfiguration: { TargetValue: 60, PredefinedMetricSpecification: metric },
      ...properties,
    });
  const CPU = { PredefinedMetricType: 'ECSServiceAverageCPUUtilization' };

  it('belongs to a scalable target, under a name of its own', async () => {
    const region = await service(1);
    await expect(policy(region, CPU)).rejects.toThrow('No scalable target registered');
    await target(region);
    const { ref, attributes } = await policy(region, CPU);
    expect(ref).toMatch(
      /^arn:aws:autoscaling:us-east-1:123456789012:scalingPolicy:[0-9a-f-]{36}:resource\/ecs\/service\/prod\/api:policyName\/load$/,
    );
    expect(attributes).toEqual({ Arn: ref });
    await expect(policy(region, CPU)).rejects.toThrow('The policy load exists already');
  });

  it('counts requests only of a target group that a load balancer forwards to', async () => {
    const region = await service(1);
    await target(region);
    const { ref, loadBalancer } = await routed(region);
    const label = `${loadBalancer.split(':loadbalancer/')[1]}/${ref.split(':')[5]}`;
    const requests = (ResourceLabel?: string) =>
      policy(region, { PredefinedMetricType: 'ALBRequestCountPerTarget', ResourceLabel });
    await expect(requests()).rejects.toThrow('A resource label goes with ALBRequestCountPerTarget');
    await expect(requests('app/a/1/targetgroup/b/2')).rejects.toThrow('does not route traffic');
    expect((await requests(label)).ref).toContain('policyName/load');
  });

  it('is not modelled in steps', async () => {
    const steps = policy(createRegion(), CPU, { PolicyType: 'StepScaling' });
    await expect(steps).rejects.toThrow(NotModelled);
  });
});
