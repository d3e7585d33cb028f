import { describe, expect, it } from 'vitest';
import { EcsRegion, REGISTRY, digestOf } from './ecs-fixture.ts';

const BREAKER = { deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: true } } };
const MISSING = `${REGISTRY}/api@${digestOf('f')}`;

/** A service as a stack creates it before there is any image: it runs nothing of a placeholder. */
async function emptyService(placeholder?: string): Promise<EcsRegion> {
  const region = new EcsRegion();
  const taskDefinition = region.register(placeholder ?? region.push('placeholder', 'a'));
  region.ecs.createService({ cluster: 'prod', serviceName: 'api', taskDefinition, desiredCount: 0, ...BREAKER });
  await region.untilSteady(30_000);
  return region;
}

function launch(region: EcsRegion, image: string, desiredCount = 2): string {
  const update = { cluster: 'prod', service: 'api', taskDefinition: region.register(image), desiredCount };
  return region.call('UpdateService', update).service!.deployments![0]!.id!;
}

describe('an update that is refused', () => {
  it.each([
    [{ desiredCount: 5_001 }, 'desiredCount must not exceed the service quota of 5000 tasks per service, but is 5001.'],
    [{ desiredCount: -1 }, 'desiredCount must not be negative.'],
    [
      { healthCheckGracePeriodSeconds: -1 },
      'healthCheckGracePeriodSeconds must be between 0 and 2147483647, but is -1.',
    ],
  ])('leaves the service as it was: %j', async (refused, message) => {
    const region = await emptyService();
    const before = structuredClone(region.service);
    const deploymentConfiguration = { maximumPercent: 150, minimumHealthyPercent: 50 };
    const update = { cluster: 'prod', service: 'api', deploymentConfiguration, ...refused };
    expect(() => region.call('UpdateService', update)).toThrow(message);
    expect(region.service).toEqual(before);
  });
});

describe('a service that was created with a desired count of 0', () => {
  it('is COMPLETED and steady as soon as the scheduler has looked at it, and has started nothing', async () => {
    const region = await emptyService();
    expect(region.service).toMatchObject({ desiredCount: 0, runningCount: 0, pendingCount: 0 });
    expect(region.view.deployments).toMatchObject([{ rolloutState: 'COMPLETED', desiredCount: 0, failedTasks: 0 }]);
    expect(region.eventsOf('ECS Task State Change')).toEqual([]);
    expect(region.pulls).toEqual([]);
  });

  it('starts the new task definition only, when it is rolled and launched in one update', async () => {
    const region = await emptyService();
    const launched = launch(region, region.push('v1', 'b'));
    expect(region.view.deployments).toMatchObject([
      { id: launched, status: 'PRIMARY', desiredCount: 0 },
      { status: 'ACTIVE', desiredCount: 0 },
    ]);
    await region.untilSettled();
    expect(region.view).toMatchObject({ desiredCount: 2, running: 2 });
    expect(region.view.deployments).toMatchObject([{ id: launched, revision: 'api:2', rolloutState: 'COMPLETED' }]);
    const started = region.eventsOf('ECS Task State Change').map(({ taskDefinitionArn }) => taskDefinitionArn);
    expect(new Set(started)).toEqual(new Set([region.service.taskDefinition]));
  });

  it('starts tasks of its COMPLETED deployment, without a new one, when only the count is raised', async () => {
    const region = await emptyService();
    const [only] = region.view.deployments;
    region.call('UpdateService', { cluster: 'prod', service: 'api', desiredCount: 3 });
    await region.untilSteady();
    expect(region.view).toMatchObject({ desiredCount: 3, running: 3 });
    expect(region.view.deployments).toMatchObject([{ id: only!.id, rolloutState: 'COMPLETED' }]);
    expect(region.call('ListServiceDeployments', { cluster: 'prod', service: 'api' }).serviceDeployments).toHaveLength(
      1,
    );
  });
});

describe('a launch from 0 whose tasks cannot start', () => {
  it('is rolled back to the empty deployment, which now starts the placeholder with the present desired count', async () => {
    const region = await emptyService();
    const empty = region.view.deployments[0]!.id;
    const failed = launch(region, MISSING);
    await region.until(() => region.view.deployments[0]!.id === empty, 'the rollback');
    expect(region.service).toMatchObject({ desiredCount: 2, taskDefinition: expect.stringMatching(/:1$/) as string });
    expect(region.view.deployments).toMatchObject([
      { id: empty, rolloutState: 'IN_PROGRESS', desiredCount: 2 },
      { id: failed, rolloutState: 'FAILED' },
    ]);
    await region.untilSteady();
    expect(region.view).toMatchObject({ desiredCount: 2, running: 2 });
    expect(region.view.deployments).toMatchObject([{ id: empty, revision: 'api:1', rolloutState: 'COMPLETED' }]);
  });

  it('is stalled when the placeholder cannot start either', async () => {
    const region = await emptyService(`${REGISTRY}/placeholder:none`);
    const empty = region.view.deployments[0]!.id;
    launch(region, MISSING);
    const newest = () =>
      region.call('ListServiceDeployments', { cluster: 'prod', service: 'api' }).serviceDeployments![0]!;
    await region.until(() => newest().status === 'ROLLBACK_FAILED', 'the end of the rollback');
    expect(region.view).toMatchObject({ desiredCount: 2, running: 0 });
    expect(region.view.deployments[0]).toMatchObject({ id: empty, rolloutState: 'FAILED' });
  });

  it('comes to rest, COMPLETED and empty, when the count is put back to 0 before the breaker has judged', async () => {
    const region = await emptyService();
    const failing = launch(region, MISSING);
    await region.until(() => region.view.deployments[0]!.failedTasks > 0, 'a first failure');
    region.call('UpdateService', { cluster: 'prod', service: 'api', desiredCount: 0 });
    await region.untilSettled();
    expect(region.view).toMatchObject({ desiredCount: 0, running: 0, pending: 0 });
    expect(region.view.deployments).toMatchObject([{ id: failing, rolloutState: 'COMPLETED' }]);
  });
});

describe('a running service whose desired count becomes 0', () => {
  it('stops its tasks, stays COMPLETED under the same deployment and reaches a steady state', async () => {
    const region = new EcsRegion();
    await region.steadyService();
    const [only] = region.view.deployments;
    const { service } = region.call('UpdateService', { cluster: 'prod', service: 'api', desiredCount: 0 });
    expect(service!.deployments).toMatchObject([{ id: only!.id, desiredCount: 0, rolloutState: 'COMPLETED' }]);
    expect(region.view.isSteady).toBe(false);
    await region.untilSettled();
    expect(region.view).toMatchObject({ desiredCount: 0, running: 0, pending: 0 });
    expect(region.view.deployments).toMatchObject([{ id: only!.id, rolloutState: 'COMPLETED' }]);
    expect(region.tasks()).toEqual([]);
    expect(region.tasks('STOPPED').map(({ stopCode }) => stopCode)).toEqual([
      'ServiceSchedulerInitiated',
      'ServiceSchedulerInitiated',
    ]);
    expect(region.call('ListServiceDeployments', { cluster: 'prod', service: 'api' }).serviceDeployments).toHaveLength(
      1,
    );
  });
});

describe('a roll that also raises the desired count', () => {
  it('starts tasks of the new task definition only: the old deployment keeps what it had', async () => {
    const region = new EcsRegion();
    await region.steadyService({ desiredCount: 1 });
    const before = region.events.length;
    const launched = launch(region, region.push('v2', 'b'), 3);
    await region.untilSettled();
    expect(region.view.deployments).toMatchObject([{ id: launched, desiredCount: 3, running: 3 }]);
    const startedBy = region.events.slice(before).filter(({ detail }) => detail['lastStatus'] === 'PROVISIONING');
    expect(startedBy.map(({ detail }) => detail['startedBy'])).toEqual([launched, launched, launched]);
  });
});
