import { describe, expect, it } from 'vitest';
import { NotModelled } from '../../rehearsal/region/service.ts';
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
      LogConfiguration: { LogDriver: 'awslogs', Options: { 'awslogs-group': '/api' } },
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
    expect(created.service).toEqual({
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
      logConfiguration: { logDriver: 'awslogs', options: { 'awslogs-group': '/api' } },
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
    { CapacityProviderStrategy: [{ CapacityProvider: 'FARGATE_SPOT', Weight: 1 }] },
    { DeploymentConfiguration: { Alarms: { Enable: true, Rollback: true, AlarmNames: ['a'] } } },
    { DeploymentConfiguration: { BakeTimeInMinutes: 5 } },
  ])('refuses what is not modelled: %o', async (properties) => {
    await expect(stackOf(new EcsRegion(), properties)).rejects.toThrow(NotModelled);
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
