import { describe, expect, it } from 'vitest';
import {
  NotModelled,
  type CreatedResource,
  type ResourceChange,
  type UpdatedResource,
} from '../../../region/service.ts';
import { EcsRegion } from './ecs-fixture.ts';

const TASK_DEFINITION = {
  Family: 'api',
  Cpu: '256',
  Memory: '512',
  NetworkMode: 'awsvpc',
  RequiresCompatibilities: ['FARGATE'],
  ExecutionRoleArn: 'arn:aws:iam::123456789012:role/execution',
  ContainerDefinitions: [
    {
      Name: 'app',
      Image: '',
      DockerLabels: { 'Com.Example': 'Kept' },
      LogConfiguration: { LogDriver: 'awslogs', Options: { 'awslogs-group': '/api', 'awslogs-region': 'us-east-1' } },
      HealthCheck: { Command: ['CMD', 'true'], Interval: 10 },
    },
  ],
};

async function stackOf(region: EcsRegion, service: object = {}) {
  const create = (type: string, logicalId: string, properties: object) =>
    region.ecs.resources[type]!(logicalId, properties as Record<string, unknown>, 'stack');
  const cluster = await create('AWS::ECS::Cluster', 'Cluster', { ClusterName: 'prod' });
  const [container] = TASK_DEFINITION.ContainerDefinitions;
  const definition = { ...TASK_DEFINITION, ContainerDefinitions: [{ ...container, Image: region.push('v1', 'a') }] };
  const taskDefinition = await create('AWS::ECS::TaskDefinition', 'Task', definition);
  const properties = {
    Cluster: cluster.ref,
    ServiceName: 'api',
    TaskDefinition: taskDefinition.ref,
    DesiredCount: 2,
    ...service,
  };
  return { cluster, taskDefinition, service: await create('AWS::ECS::Service', 'Service', properties) };
}

describe('CloudFormation', () => {
  it('creates cluster, task definition and service, whose first deployment then reaches a steady state', async () => {
    const region = new EcsRegion();
    const deploymentConfiguration = {
      MinimumHealthyPercent: 50,
      DeploymentCircuitBreaker: { Enable: true, Rollback: true },
    };
    const created = await stackOf(region, { DeploymentConfiguration: deploymentConfiguration, LaunchType: 'FARGATE' });
    expect(created.cluster).toEqual({
      ref: 'prod',
      attributes: { Arn: 'arn:aws:ecs:us-east-1:123456789012:cluster/prod' },
    });
    expect(created.taskDefinition.ref).toBe('arn:aws:ecs:us-east-1:123456789012:task-definition/api:1');
    expect(created.service).toMatchObject({
      ref: 'arn:aws:ecs:us-east-1:123456789012:service/prod/api',
      attributes: { ServiceArn: 'arn:aws:ecs:us-east-1:123456789012:service/prod/api', Name: 'api' },
    });
    await region.untilSteady();
    expect(region.service).toMatchObject({
      runningCount: 2,
      deploymentConfiguration: {
        minimumHealthyPercent: 50,
        maximumPercent: 200,
        deploymentCircuitBreaker: { enable: true, rollback: true },
      },
    });
  });

  it('names members as the API does and leaves the keys of maps alone', async () => {
    const region = new EcsRegion();
    await stackOf(region);
    const { taskDefinition } = region.call('DescribeTaskDefinition', { taskDefinition: 'api' });
    expect(taskDefinition!.containerDefinitions![0]).toMatchObject({
      dockerLabels: { 'Com.Example': 'Kept' },
      logConfiguration: { logDriver: 'awslogs', options: { 'awslogs-group': '/api', 'awslogs-region': 'us-east-1' } },
      healthCheck: { command: ['CMD', 'true'], interval: 10 },
    });
  });

  it('makes up names that the template leaves out', async () => {
    const region = new EcsRegion();
    const { service } = await stackOf(region, { ServiceName: undefined });
    expect(service.attributes['Name']).toMatch(/^stack-Service-[0-9a-f]{12}$/);
  });

  it.each([
    { VolumeConfigurations: [] },
    { EnableExecuteCommand: true },
    { LoadBalancers: [{ LoadBalancerName: 'classic', ContainerName: 'app', ContainerPort: 80 }] },
    { LaunchType: 'EC2' },
    { CapacityProviderStrategy: [{ CapacityProvider: 'my-instances', Weight: 1 }] },
    { CapacityProviderStrategy: [{ CapacityProvider: 'FARGATE' }, { CapacityProvider: 'FARGATE_SPOT' }] },
    { DeploymentConfiguration: { Alarms: { Enable: true, Rollback: true, AlarmNames: ['a'] } } },
    { DeploymentConfiguration: { BakeTimeInMinutes: 5 } },
  ])('refuses what is not modelled: %o', async (properties) => {
    await expect(stackOf(new EcsRegion(), properties)).rejects.toThrow(NotModelled);
  });
});

describe('CloudFormation at an update', () => {
  const change = async (
    region: EcsRegion,
    type: string,
    current: CreatedResource,
    before: object,
    after: object,
  ): Promise<UpdatedResource> => {
    const updater = region.ecs.updaters![type]!;
    const all = { logicalId: 'Thing', type, stackName: 'stack', current, before, after };
    return await updater.update(all as ResourceChange);
  };
  const definitionOf = (image: string): object => ({
    ...TASK_DEFINITION,
    ContainerDefinitions: [{ ...TASK_DEFINITION.ContainerDefinitions[0], Image: image }],
  });
  /** Rolls the service onto a revision whose image nobody has. */
  const breakService = async (
    region: EcsRegion,
    service: CreatedResource,
    taskDefinition: CreatedResource,
    more: object = {},
  ): ReturnType<typeof change> => {
    const [former, next] = [definitionOf('x'), definitionOf('y')];
    const broken = await change(region, 'AWS::ECS::TaskDefinition', taskDefinition, former, next);
    const before = { Cluster: 'prod', ServiceName: 'api', TaskDefinition: taskDefinition.ref, ...more };
    return change(region, 'AWS::ECS::Service', service, before, { ...before, TaskDefinition: broken.ref });
  };
  const statusOf = (region: EcsRegion, taskDefinition: string): string | undefined =>
    region.call('DescribeTaskDefinition', { taskDefinition }).taskDefinition!.status;

  it('registers another revision for a changed task definition; the replaced one becomes INACTIVE when it is deleted', async () => {
    const region = new EcsRegion();
    const { taskDefinition } = await stackOf(region);
    const before = definitionOf(region.push('v1', 'a'));
    const after = definitionOf(region.push('v2', 'b'));
    const answer = await change(region, 'AWS::ECS::TaskDefinition', taskDefinition, before, after);
    expect(answer.ref).toBe('arn:aws:ecs:us-east-1:123456789012:task-definition/api:2');
    expect(['api:1', 'api:2'].map((revision) => statusOf(region, revision))).toEqual(['ACTIVE', 'ACTIVE']);
    await region.ecs.deleters!['AWS::ECS::TaskDefinition']!({
      logicalId: 'TaskDefinition',
      type: 'AWS::ECS::TaskDefinition',
      stackName: 'stack',
      current: taskDefinition,
      properties: { ...before },
    });
    expect(['api:1', 'api:2'].map((revision) => statusOf(region, revision))).toEqual(['INACTIVE', 'ACTIVE']);
  });

  it('tags a revision in place', async () => {
    const region = new EcsRegion();
    const { taskDefinition } = await stackOf(region);
    const before = definitionOf(region.push('v1', 'a'));
    const after = { ...before, Tags: [{ Key: 'team', Value: 'maps' }] };
    const answer = await change(region, 'AWS::ECS::TaskDefinition', taskDefinition, before, after);
    expect(answer).toEqual(taskDefinition);
    expect(region.call('ListTagsForResource', { resourceArn: answer.ref }).tags).toEqual([
      { key: 'team', value: 'maps' },
    ]);
  });

  it('puts the task definition of the template back on a service that was rolled, even if only its grace period changed', async () => {
    const region = new EcsRegion();
    const { service, taskDefinition } = await stackOf(region);
    await region.untilSteady();
    region.roll(region.push('v2', 'b'));
    await region.untilSteady();
    const before = { Cluster: 'prod', ServiceName: 'api', TaskDefinition: taskDefinition.ref, DesiredCount: 2 };
    const after = { ...before, HealthCheckGracePeriodSeconds: 60 };
    const { awaited } = await change(region, 'AWS::ECS::Service', service, before, after);
    expect(region.service).toMatchObject({ taskDefinition: taskDefinition.ref, healthCheckGracePeriodSeconds: 60 });
    expect(awaited!()).toBeUndefined();
    await region.untilSteady();
    expect(awaited!()).toMatchObject({ ref: service.ref });
    expect(region.view.deployments).toMatchObject([{ revision: 'api:1', running: 2 }]);
  });

  it('sends a desired count again that stands in the template, and leaves the present one alone when none does', async () => {
    const region = new EcsRegion();
    const { service, taskDefinition } = await stackOf(region);
    await region.untilSteady();
    const scale = (desiredCount: number) =>
      region.call('UpdateService', { cluster: 'prod', service: 'api', desiredCount });
    const before = { Cluster: 'prod', ServiceName: 'api', TaskDefinition: taskDefinition.ref, DesiredCount: 2 };
    scale(5);
    await change(region, 'AWS::ECS::Service', service, before, { ...before, HealthCheckGracePeriodSeconds: 60 });
    expect(region.service.desiredCount).toBe(2);
    scale(5);
    await change(region, 'AWS::ECS::Service', service, before, { ...before, DesiredCount: undefined });
    expect(region.service.desiredCount).toBe(5);
  });

  it('hears that the circuit breaker was triggered, although ECS then restores the service', async () => {
    const region = new EcsRegion();
    const breaker = { DeploymentConfiguration: { DeploymentCircuitBreaker: { Enable: true, Rollback: true } } };
    const { service, taskDefinition } = await stackOf(region, breaker);
    await region.untilSteady();
    const { awaited } = await breakService(region, service, taskDefinition, breaker);
    await region.untilSteady();
    expect(region.view.deployments).toMatchObject([{ revision: 'api:1', rolloutState: 'COMPLETED' }]);
    expect(awaited).toThrow("Error occurred during operation 'ECS Deployment Circuit Breaker was triggered'.");
  });

  it('gives up a service that is not steady after three hours', async () => {
    const region = new EcsRegion();
    const { service, taskDefinition } = await stackOf(region);
    await region.untilSteady();
    const { awaited } = await breakService(region, service, taskDefinition);
    await region.kernel.runFor(2.9 * 3_600_000);
    expect(awaited!()).toBeUndefined();
    await region.kernel.runFor(0.2 * 3_600_000);
    expect(awaited).toThrow('service/prod/api did not stabilize.');
  });
});

describe('clusters', () => {
  it('are listed and described with their running tasks', async () => {
    const region = new EcsRegion();
    await region.steadyService();
    expect(region.call('ListClusters', {}).clusterArns).toEqual(['arn:aws:ecs:us-east-1:123456789012:cluster/prod']);
    const { clusters, failures } = region.call('DescribeClusters', { clusters: ['prod', 'dev'] });
    expect(clusters).toMatchObject([{ clusterName: 'prod', runningTasksCount: 2 }]);
    expect(failures).toEqual([{ arn: 'arn:aws:ecs:us-east-1:123456789012:cluster/dev', reason: 'MISSING' }]);
    expect(region.call('ListServices', { cluster: 'prod' }).serviceArns).toEqual([
      'arn:aws:ecs:us-east-1:123456789012:service/prod/api',
    ]);
  });
});
