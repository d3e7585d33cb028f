import type { DeploymentEarlySuccessCriteria } from '@aws-sdk/client-ecs';
import { describe, expect, it } from 'vitest';
import { EcsRegion, faultOf } from './ecs-fixture.ts';

const criteria = (
  healthyPercent: number,
  sourceServiceRevisionCleanup: 'BLOCKING' | 'DEFERRED',
): DeploymentEarlySuccessCriteria => ({ enable: true, healthyPercent, sourceServiceRevisionCleanup });

/** Four tasks that ignore SIGTERM, replaced one by one as far as room goes, by tasks whose health checks decide. */
async function regionWith(earlySuccessCriteria: DeploymentEarlySuccessCriteria): Promise<EcsRegion> {
  const region = new EcsRegion();
  const deploymentConfiguration = { minimumHealthyPercent: 75, maximumPercent: 125, earlySuccessCriteria };
  const taskDefinition = region.register(region.push('v1', 'a', { behaviour: 'ignores-sigterm' }), {}, CHECKED);
  region.ecs.createService({
    cluster: 'prod',
    serviceName: 'api',
    taskDefinition,
    desiredCount: 4,
    deploymentConfiguration,
  });
  await region.untilSettled();
  region.roll(region.push('v2', 'b'), CHECKED);
  return region;
}

const CHECKED = { healthCheck: { command: ['CMD', 'true'], interval: 10, retries: 3 }, stopTimeout: 120 };

const completed = (region: EcsRegion): boolean => region.view.deployments[0]!.rolloutState === 'COMPLETED';
/** Healthy tasks of the new deployment, and running ones of the old, at the moment of the success. */
async function atSuccess(region: EcsRegion): Promise<readonly [healthy: number, old: number | undefined]> {
  await region.until(() => completed(region), 'success');
  const [primary, old] = region.view.deployments;
  return [primary!.healthy, old?.running];
}

describe('early success criteria', () => {
  it('are not there unless they are enabled', async () => {
    const region = await regionWith({ ...criteria(75, 'DEFERRED'), enable: false });
    expect(await atSuccess(region)).toEqual([4, undefined]);
  });

  it.each([
    [75, 3],
    [76, 4],
    [100, 4],
  ])('complete a deployment at %i percent of four tasks, rounded up to %i', async (percent, healthy) => {
    const region = await regionWith(criteria(percent, 'DEFERRED'));
    const [seen, old] = await atSuccess(region);
    expect(seen).toBe(healthy);
    expect(old).toBeGreaterThan(0);
  });

  it('ask for one healthy task at least', async () => {
    const region = new EcsRegion();
    const deploymentConfiguration = { minimumHealthyPercent: 0, earlySuccessCriteria: criteria(0, 'DEFERRED') };
    await region.steadyService({ desiredCount: 2, deploymentConfiguration });
    region.roll(region.push('v2', 'b'));
    expect((await atSuccess(region))[0]).toBeGreaterThan(0);
  });

  it.each([
    ['before', 'BLOCKING'],
    ['after', 'DEFERRED'],
  ] as const)('clean up %s the success when they are %s, whatever tasks are still missing', async (_when, cleanup) => {
    const region = await regionWith(criteria(75, cleanup));
    const begun = (): number => region.view.deployments[0]!.running + region.view.deployments[0]!.pending;
    await region.until(() => begun() >= 3, 'three tasks');
    const end = region.ecs.disturb({ kind: 'no-capacity' });
    const [healthy, old = 0] = await atSuccess(region);
    expect([begun(), healthy, old > 0]).toEqual([3, 3, cleanup === 'DEFERRED']);
    await region.kernel.runFor(180_000);
    expect(region.view).toMatchObject({ isSteady: false, running: 3, deployments: [{ revision: 'api:2' }] });
    end();
    await region.untilSteady();
    expect(region.view.deployments).toMatchObject([{ revision: 'api:2', running: 4 }]);
  });

  it('tell of a success as of any other, and keep the counts that it was made of', async () => {
    const region = await regionWith(criteria(75, 'DEFERRED'));
    await atSuccess(region);
    const names = region.eventsOf('ECS Deployment State Change').map(({ eventName }) => eventName);
    expect(names.slice(-2)).toEqual(['SERVICE_DEPLOYMENT_IN_PROGRESS', 'SERVICE_DEPLOYMENT_COMPLETED']);
    const described = () => {
      const { serviceDeployments } = region.call('ListServiceDeployments', { cluster: 'prod', service: 'api' });
      const serviceDeploymentArns = [serviceDeployments![0]!.serviceDeploymentArn!];
      return region.call('DescribeServiceDeployments', { serviceDeploymentArns }).serviceDeployments![0]!;
    };
    const then = described();
    expect(then).toMatchObject({
      status: 'SUCCESSFUL',
      deploymentConfiguration: { earlySuccessCriteria: { healthyPercent: 75 } },
    });
    await region.untilSettled();
    expect(described().targetServiceRevision).toEqual(then.targetServiceRevision);
    expect(then.targetServiceRevision!.runningTaskCount).toBeLessThan(4);
    expect(described().sourceServiceRevisions).toEqual(then.sourceServiceRevisions);
  });

  it('end the guard of the circuit breaker with the success', async () => {
    const region = new EcsRegion();
    const deploymentConfiguration = {
      minimumHealthyPercent: 50,
      deploymentCircuitBreaker: { enable: true, rollback: true },
      earlySuccessCriteria: criteria(50, 'BLOCKING'),
    };
    await region.steadyService({ desiredCount: 2, deploymentConfiguration }, CHECKED);
    region.roll(region.push('v2', 'b'), CHECKED);
    await atSuccess(region);
    const image = [...region.images.keys()].find((name) => name.includes('@') && name.endsWith('b'.repeat(64)))!;
    region.images.set(image, { kind: 'failed', reason: 'CannotPullContainerError: gone' });
    for (const { taskArn } of region.tasks()) region.call('StopTask', { cluster: 'prod', task: taskArn! });
    await region.kernel.runFor(3_600_000);
    expect(region.view.deployments).toMatchObject([{ revision: 'api:2', rolloutState: 'COMPLETED', failedTasks: 0 }]);
  });

  it.each<[string, object, string]>([
    [
      'less than the minimum',
      { earlySuccessCriteria: criteria(99, 'BLOCKING') },
      'healthyPercent must not be less than minimumHealthyPercent 100, but is 99.',
    ],
    [
      'no percentage',
      { earlySuccessCriteria: { enable: true, sourceServiceRevisionCleanup: 'BLOCKING' } },
      'must specify',
    ],
    ['no clean-up', { earlySuccessCriteria: { enable: true, healthyPercent: 100 } }, 'must specify'],
    [
      'another strategy',
      { strategy: 'BLUE_GREEN', earlySuccessCriteria: criteria(100, 'BLOCKING') },
      'can only be used with the ROLLING',
    ],
  ])('are refused with %s', async (_case, deploymentConfiguration, text) => {
    const region = new EcsRegion();
    await region.steadyService();
    const refused = faultOf(() =>
      region.call('UpdateService', { cluster: 'prod', service: 'api', deploymentConfiguration }),
    );
    expect(refused).toMatch(/^InvalidParameterException: earlySuccessCriteria /);
    expect(refused).toContain(text);
    expect(region.service.deploymentConfiguration).not.toHaveProperty('earlySuccessCriteria');
  });
});
