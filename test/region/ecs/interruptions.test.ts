import { describe, expect, it } from 'vitest';
import { NotModelled } from '../../../region/service.ts';
import { routedTargetGroup } from '../ec2/network-fixture.ts';
import { CARELESS, watch } from './careless-watcher.ts';
import { EcsRegion, REGISTRY, digestOf } from './ecs-fixture.ts';

const SPOT = { capacityProviderStrategy: [{ capacityProvider: 'FARGATE_SPOT', weight: 1 }] };
const MAINTENANCE = 'Service api: ECS is performing maintenance on the underlying infrastructure hosting the task';

/** What the events tell of one task. */
function storyOf(region: EcsRegion, arn: string): unknown[] {
  return region
    .eventsOf('ECS Task State Change')
    .filter(({ taskArn }) => taskArn === arn)
    .map(({ lastStatus, desiredStatus, stopCode, stoppedReason }) => [
      lastStatus,
      desiredStatus,
      stopCode,
      stoppedReason,
    ]);
}

const mostOf = async (region: EcsRegion, seconds: number): Promise<number> => {
  let most = 0;
  const end = region.kernel.now + seconds * 1000;
  while (await region.kernel.step(end)) most = Math.max(most, region.view.running + region.view.pending);
  return most;
};

describe('a Spot interruption', () => {
  it('comes with a notice, then stops the task with its own code, and the service replaces it', async () => {
    const region = new EcsRegion();
    await region.steadyService(SPOT);
    expect(region.tasks()[0]).toMatchObject({ capacityProviderName: 'FARGATE_SPOT' });
    const [arn] = region.ecs.interrupt('prod', 'api', { cause: 'spot', tasks: 1 });
    await region.untilSettled();
    expect(storyOf(region, arn!).slice(3)).toEqual([
      ['RUNNING', 'STOPPED', 'TerminationNotice', 'Your Spot Task was interrupted.'],
      ['DEPROVISIONING', 'STOPPED', 'SpotInterruption', 'Your Spot Task was interrupted.'],
      ['STOPPED', 'STOPPED', 'SpotInterruption', 'Your Spot Task was interrupted.'],
    ]);
    expect(region.view.deployments).toMatchObject([{ rolloutState: 'COMPLETED', running: 2, failedTasks: 0 }]);
  });

  it('makes a watcher that blames every stop fail a roll that succeeds', async () => {
    const region = new EcsRegion();
    await region.steadyService(SPOT);
    const id = region.roll(region.push('v2', 'b'));
    await region.until(() => region.view.deployments[0]!.running === 2, 'the new tasks');
    region.ecs.interrupt('prod', 'api', { cause: 'spot' });
    expect(await watch(region, id, CARELESS.blamesEveryStop, 300)).toBe('failed');
    await region.untilSettled();
    expect(region.view.deployments).toMatchObject([{ id, rolloutState: 'COMPLETED', running: 2 }]);
  });

  it('sends SIGTERM at once, whatever its target group drains for', async () => {
    const region = new EcsRegion();
    const targetGroupArn = await routedTargetGroup(region);
    const loadBalancers = [{ targetGroupArn, containerName: 'app', containerPort: 8000 }];
    await region.steadyService({ ...SPOT, loadBalancers }, { portMappings: [{ containerPort: 8000 }] });
    const [arn] = region.ecs.interrupt('prod', 'api', { cause: 'spot', tasks: 1 });
    await region.kernel.runFor(30_000);
    const [task] = region.call('DescribeTasks', { cluster: 'prod', tasks: [arn!] }).tasks!;
    expect(task!.executionStoppedAt!.getTime() - task!.stoppingAt!.getTime()).toBe(3_000);
  });

  it('is refused for a service that runs on no Spot capacity, and a mixed strategy by name', async () => {
    const region = new EcsRegion();
    await region.steadyService();
    expect(() => region.ecs.interrupt('prod', 'api', { cause: 'spot' })).toThrow(NotModelled);
  });
});

describe('Fargate maintenance', () => {
  it('replaces retired tasks before it stops them, and says why', async () => {
    const region = new EcsRegion();
    await region.steadyService();
    const arns = region.ecs.interrupt('prod', 'api', { cause: 'retirement' });
    expect(await mostOf(region, 200)).toBe(4);
    for (const arn of arns) {
      expect(storyOf(region, arn).at(-1)).toEqual(['STOPPED', 'STOPPED', 'ServiceSchedulerInitiated', MAINTENANCE]);
    }
    expect(region.view).toMatchObject({ isSteady: true, running: 2 });
    expect(region.kernel.nextDueAt).toBeUndefined();
    const told = region.messages.slice(-5);
    expect(told).toEqual([
      'has started 1 tasks: (task).',
      'has started 1 tasks: (task).',
      'has stopped 1 running tasks: (task).',
      'has stopped 1 running tasks: (task).',
      'has reached a steady state.',
    ]);
  });

  it('stops them first where there is no room for more', async () => {
    const region = new EcsRegion();
    await region.steadyService({ deploymentConfiguration: { minimumHealthyPercent: 50, maximumPercent: 100 } });
    const [arn] = region.ecs.interrupt('prod', 'api', { cause: 'retirement', tasks: 1 });
    expect(await mostOf(region, 200)).toBe(2);
    expect(region.view).toMatchObject({ isSteady: true, running: 2 });
    expect(storyOf(region, arn!).at(-1)).toEqual(['STOPPED', 'STOPPED', 'ServiceSchedulerInitiated', MAINTENANCE]);
  });

  it('starts another successor when one dies, and stops no task before one is healthy', async () => {
    const region = new EcsRegion();
    await region.steadyService({ desiredCount: 1 });
    const image = `${REGISTRY}/api@${digestOf('a')}`;
    const pulled = region.images.get(image)!;
    const crash = { 'rehearsal.behaviour': 'crash', 'rehearsal.after-seconds': '3' };
    region.images.set(image, { kind: 'pulled', imageDigest: digestOf('a'), annotations: crash });
    const [arn] = region.ecs.interrupt('prod', 'api', { cause: 'retirement' });
    await region.until(() => region.tasks('STOPPED').length === 1, 'the end of the first successor');
    expect(region.tasks('STOPPED')[0]!.taskArn).not.toBe(arn);
    region.images.set(image, pulled);
    await region.untilSettled();
    expect(storyOf(region, arn!).at(-1)).toEqual(['STOPPED', 'STOPPED', 'ServiceSchedulerInitiated', MAINTENANCE]);
    expect(region.view).toMatchObject({ isSteady: true, running: 1 });
  });

  it('takes RUNNING tasks only, drawn from all of them', async () => {
    const region = new EcsRegion();
    await region.steadyService({ desiredCount: 4 });
    const arns = region.tasks().map(({ taskArn }) => taskArn!);
    const taken = new Set<string>();
    for (let round = 0; round < 20; round++)
      taken.add(region.ecs.interrupt('prod', 'api', { cause: 'retirement', tasks: 1 })[0]!);
    expect(taken).toEqual(new Set(arns));
    region.call('UpdateService', { cluster: 'prod', service: 'api', desiredCount: 8 });
    await region.until(() => region.view.pending > 0, 'tasks that do not run yet');
    expect(region.ecs.interrupt('prod', 'api', { cause: 'host-failure' }).toSorted()).toEqual(arns.toSorted());
  });

  it('is outrun by a deployment', async () => {
    const region = new EcsRegion();
    await region.steadyService();
    region.ecs.interrupt('prod', 'api', { cause: 'retirement' });
    await region.kernel.runFor(10_000);
    const id = region.roll(region.push('v2', 'b'));
    await region.untilSettled();
    expect(region.view.deployments).toMatchObject([{ id, rolloutState: 'COMPLETED', running: 2 }]);
    expect(region.kernel.nextDueAt).toBeUndefined();
  });

  it('is in vain as long as nothing can be placed', async () => {
    const region = new EcsRegion();
    await region.steadyService();
    const end = region.ecs.disturb({ kind: 'no-capacity' });
    region.ecs.interrupt('prod', 'api', { cause: 'retirement' });
    await region.kernel.runFor(300_000);
    expect(region.view.running).toBe(2);
    end();
    expect(await mostOf(region, 200)).toBe(4);
  });

  it('of a failed host takes the task first: a watcher that blames every stop fails a roll that succeeds', async () => {
    const region = new EcsRegion();
    await region.steadyService();
    const id = region.roll(region.push('v2', 'b'));
    await region.until(() => region.view.deployments[0]!.running === 2, 'the new tasks');
    const arns = region.ecs.interrupt('prod', 'api', { cause: 'host-failure', tasks: 4 });
    expect(arns).toHaveLength(4);
    expect(await watch(region, id, CARELESS.blamesEveryStop, 300)).toBe('failed');
    await region.untilSettled();
    expect(region.view.deployments).toMatchObject([{ id, rolloutState: 'COMPLETED', running: 2 }]);
  });
});
