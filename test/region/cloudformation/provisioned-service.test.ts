import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Service } from '@aws-sdk/client-ecs';
import { describe, expect, it } from 'vitest';
import type { Template } from '../../../region/cloudformation/template.ts';
import { imageManifest } from '../../../region/ecr/image-manifests.ts';
import { createRegion, type Region } from '../../../region/region.ts';
import { operator } from '../wire/endpoint.ts';

/**
 * The template is what aws-cdk-lib 2.276.0 wrote for its own Vpc (public subnets), ApplicationLoadBalancer, FargateService
 * and autoScaleTaskCount, without metadata; synthesizing it takes longer than the rest of this tier. The right to pull is
 * ours: CDK grants none for an image that it is given as a text.
 */
const template = JSON.parse(
  readFileSync(join(import.meta.dirname, '..', '..', 'fixtures', 'provisioned-service.template.json'), 'utf8'),
) as Template;

function regionWithImage(): Region {
  const region = createRegion();
  region.ecr.createRepository({ repositoryName: 'api' });
  region.ecr.pushImage({ repositoryName: 'api', image: imageManifest({ seedText: 'api' }), tag: '1' });
  return region;
}

const withoutService = (): Template => {
  const { Outputs: _outputs, ...rest } = template;
  const Resources = Object.entries(rest.Resources ?? {}).filter(
    ([, { Type }]) => !/^AWS::(ECS::Service|ApplicationAutoScaling::)/.test(Type),
  );
  return { ...rest, Resources: Object.fromEntries(Resources) };
};

const DEPLOYED = { name: 'Provisioned', assets: new Map<string, string>() };

describe('a stack with a service of its own', () => {
  it('is created as the CDK writes it, and its tasks become healthy targets', async () => {
    const region = regionWithImage();
    await region.deployStack({ ...DEPLOYED, template });
    // The template says nothing of a count: one task, until the scalable target wants two.
    expect(region.ecs.serviceView('prod', 'api')).toMatchObject({ desiredCount: 1, running: 1, isSteady: true });
    const isScaled = (): boolean => region.ecs.serviceView('prod', 'api').running === 2;
    await region.kernel.runUntil(isScaled, 'two tasks', 600_000);
    await region.kernel.runUntil(() => region.ecs.serviceView('prod', 'api').isSteady, 'healthy targets', 600_000);
    expect(region.ecs.serviceView('prod', 'api').deployments).toMatchObject([{ healthy: 2, failedTasks: 0 }]);
  });

  it('is deleted whole: the service drains, and networks go when nothing stands in them any more', async () => {
    const region = regionWithImage();
    await region.deployStack({ ...DEPLOYED, template });
    const startedAt = region.kernel.now;
    const seen: unknown[] = [];
    region.kernel.after(20_000, 'timer', 'looks', async () => {
      const { services } = await described(region);
      seen.push(services[0]!.status, services[0]!.desiredCount);
      const update = { cluster: 'prod', service: 'api', desiredCount: 3 };
      await expect(region.call(operator, 'ecs', 'UpdateService', update)).rejects.toThrow('Service was not ACTIVE.');
    });
    await region.deleteStack('Provisioned');
    expect(seen).toEqual(['DRAINING', 0]);
    // Targets are deregistered, which takes its time.
    expect(region.kernel.now - startedAt).toBeGreaterThan(20_000);
    const [ec2, elb, scaling] = [region.ec2, region.elasticLoadBalancing, region.applicationAutoScaling];
    const sizes = [ec2, elb, scaling].map(({ state }) =>
      Object.values(state as Record<string, Map<string, unknown>>).map(({ size }) => size),
    );
    expect(sizes).toEqual([[0, 0, 0, 0, 0], [0, 0, 0], [0]]);
    expect(await region.call(operator, 'ecs', 'ListClusters', {})).toMatchObject({ clusterArns: [] });
    const active = await region.call(operator, 'ecs', 'ListTaskDefinitions', {});
    expect(active).toMatchObject({ taskDefinitionArns: [] });
    await region.kernel.runFor(600_000);
    await region.deployStack({ ...DEPLOYED, template });
  });

  it('loses the service alone, whose name is then free again', async () => {
    const region = regionWithImage();
    await region.deployStack({ ...DEPLOYED, template });
    await region.deployStack({ ...DEPLOYED, template: withoutService() });
    expect((await described(region)).services[0]).toMatchObject({ status: 'INACTIVE', deployments: [] });
    expect(await region.call(operator, 'ecs', 'ListServices', { cluster: 'prod' })).toMatchObject({ serviceArns: [] });
    await region.deployStack({ ...DEPLOYED, template });
    expect((await described(region)).services[0]).toMatchObject({ status: 'ACTIVE', runningCount: 1 });
  });

  it('keeps a cluster with a service of somebody else, and the networks in which its tasks stand', async () => {
    const region = regionWithImage();
    await region.deployStack({ ...DEPLOYED, template });
    const { services } = await described(region);
    const { taskDefinition, networkConfiguration } = services[0]!;
    region.ecs.createService({
      cluster: 'prod',
      serviceName: 'foreign',
      taskDefinition: taskDefinition!,
      networkConfiguration: networkConfiguration!,
    });
    await region.kernel.runFor(60_000);
    const rejection = await region.deleteStack('Provisioned').catch((failure: Error) => failure.message);
    expect(rejection).toContain('The Cluster cannot be deleted while Services are active.');
    expect(rejection).toMatch(/The subnet 'subnet-\w+' has dependencies and cannot be deleted\./);
    expect(rejection).toMatch(/resource sg-\w+ has a dependent object/);
    expect(rejection).toMatch(/The vpc 'vpc-\w+' has dependencies and cannot be deleted\./);
  });
});

function described(region: Region): Promise<{ services: Service[] }> {
  return region.call(operator, 'ecs', 'DescribeServices', { cluster: 'prod', services: ['api'] });
}
