import {
  DescribeServicesCommand,
  ECSClient,
  RegisterTaskDefinitionCommand,
  UpdateServiceCommand,
  waitUntilServicesStable,
  type RegisterTaskDefinitionCommandInput,
  type UpdateServiceCommandInput,
} from '@aws-sdk/client-ecs';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { EcsState } from '../../../region/ecs/model.ts';
import { createRegion, type Region } from '../../../region/region.ts';
import { served, type Served } from '../wire/over-loopback.ts';

const OF_SERVICE = { cluster: 'prod', services: ['api'] };

/** What a team keeps beside its code, with a sidecar by tag and the empty lists of `describe-task-definition`. */
const taskDefinition = (image: string): RegisterTaskDefinitionCommandInput => ({
  family: 'api',
  cpu: '256',
  memory: '512',
  networkMode: 'awsvpc',
  requiresCompatibilities: ['FARGATE'],
  volumes: [],
  placementConstraints: [],
  containerDefinitions: [
    { name: 'app', image, essential: true, environment: [], mountPoints: [], volumesFrom: [] },
    { name: 'agent', image: 'public.ecr.aws/datadog/agent:7', essential: false },
  ],
});

/** A region with the service `api`, and an SDK client as the action makes one. */
async function deployed(): Promise<{ region: Region; door: Served; client: ECSClient }> {
  const region = createRegion();
  const door = await served(region);
  const client = new ECSClient({
    region: 'us-east-1',
    endpoint: `http://127.0.0.1:${door.port}`,
    credentials: { accessKeyId: 'OPERATOR', secretAccessKey: 'any' },
  });
  onTestFinished(() => client.destroy());
  region.ecs.createCluster('prod');
  const first = await client.send(new RegisterTaskDefinitionCommand(taskDefinition('nginx:1.27')));
  const { taskDefinitionArn } = first.taskDefinition!;
  region.ecs.createService({
    cluster: 'prod',
    serviceName: 'api',
    taskDefinition: taskDefinitionArn!,
    desiredCount: 2,
  });
  await waitUntilServicesStable({ client, minDelay: 0.05, maxDelay: 0.05, maxWaitTime: 20 }, OF_SERVICE);
  return { region, door, client };
}

describe('amazon-ecs-deploy-task-definition', () => {
  it('deploys, request by request', async () => {
    const { region, client } = await deployed();
    region.forgetCalls();
    const { taskDefinition: registered } = await client.send(
      new RegisterTaskDefinitionCommand(taskDefinition('nginx:1.28')),
    );
    const described = await client.send(new DescribeServicesCommand(OF_SERVICE));
    expect([described.failures, described.services?.[0]?.status]).toEqual([[], 'ACTIVE']);
    expect(described.services?.[0]?.deploymentController?.type ?? 'ECS').toBe('ECS');
    const update = {
      cluster: 'prod',
      service: 'api',
      taskDefinition: registered?.taskDefinitionArn,
      forceNewDeployment: false,
      enableECSManagedTags: null,
      propagateTags: null,
      volumeConfigurations: [],
    } as unknown as UpdateServiceCommandInput;
    const updated = await client.send(new UpdateServiceCommand(update));
    expect(updated.service?.deployments).toHaveLength(2);
    const waiting = { client, minDelay: 0.05, maxDelay: 0.05, maxWaitTime: 20 };
    await waitUntilServicesStable(waiting, OF_SERVICE);
    const { services } = await client.send(new DescribeServicesCommand(OF_SERVICE));
    expect(services?.[0]).toMatchObject({ runningCount: 2, taskDefinition: registered?.taskDefinitionArn });
    const called = region.calls.map(({ operation, outcome }) => `${operation} ${outcome}`);
    expect(called.slice(0, 3)).toEqual(['RegisterTaskDefinition ok', 'DescribeServices ok', 'UpdateService ok']);
    expect(new Set(called.slice(3))).toEqual(new Set(['DescribeServices ok']));
  });

  it('may send the tags and the count that its inputs name', async () => {
    const { client } = await deployed();
    const more = { desiredCount: 1, enableECSManagedTags: false, propagateTags: 'NONE' } as const;
    const update = { cluster: 'prod', service: 'api', volumeConfigurations: [], ...more };
    const { service } = await client.send(new UpdateServiceCommand(update));
    expect(service?.desiredCount).toBe(1);
  });
});

describe('an empty list in UpdateService', () => {
  const update = async (more: object, before: object = {}) => {
    const { region, door } = await deployed();
    const { clusters } = region.ecs.state as EcsState;
    Object.assign([...clusters.get('prod')!.services.values()][0]!, before);
    const target = 'AmazonEC2ContainerServiceV20141113.UpdateService';
    const { status, body } = await door.json(target, { cluster: 'prod', service: 'api', ...more });
    return [status, body.message ?? ''];
  };

  it.each([
    'volumeConfigurations',
    'loadBalancers',
    'serviceRegistries',
    'placementConstraints',
    'placementStrategy',
    'capacityProviderStrategy',
  ])('says nothing where the service has no %s', async (name) => {
    expect(await update({ [name]: [] })).toEqual([200, '']);
  });

  it('is refused by name where it would remove something', async () => {
    const loadBalancers = [{ targetGroupArn: 'arn:x', containerName: 'app', containerPort: 80 }];
    expect(await update({ loadBalancers: [] }, { loadBalancers })).toEqual([
      400,
      'UpdateService with this loadBalancers is not modelled by this region',
    ]);
    expect(await update({ networkConfiguration: { awsvpcConfiguration: { subnets: [] } } })).toEqual([
      400,
      'subnets can not be empty.',
    ]);
  });

  it('leaves the network as it is when it names none', async () => {
    expect(await update({ networkConfiguration: {}, deploymentConfiguration: {} })).toEqual([200, '']);
  });
});

describe('a desired count', () => {
  it('goes up to the quota of a service', async () => {
    const { door } = await deployed();
    const target = 'AmazonEC2ContainerServiceV20141113.UpdateService';
    const of = { cluster: 'prod', service: 'api' };
    const refused = await door.json(target, { ...of, desiredCount: 5_001 });
    expect([refused.status, refused.body]).toEqual([
      400,
      {
        __type: 'InvalidParameterException',
        message: 'desiredCount must not exceed the service quota of 5000 tasks per service, but is 5001.',
      },
    ]);
    expect((await door.json(target, { ...of, desiredCount: 1e308 })).status).toBe(400);
  });

  it('of the whole quota keeps neither callers nor the end waiting', async () => {
    const { door } = await deployed();
    const service = 'AmazonEC2ContainerServiceV20141113';
    await door.json(`${service}.UpdateService`, { cluster: 'prod', service: 'api', desiredCount: 5_000 });
    const beganAt = performance.now();
    expect((await door.json(`${service}.ListClusters`, {})).status).toBe(200);
    await door.stop();
    expect(performance.now() - beganAt).toBeLessThan(20_000);
  }, 60_000);
});
