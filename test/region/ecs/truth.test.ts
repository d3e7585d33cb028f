import { describe, expect, it } from 'vitest';
import type { TaskTruth } from '../../../region/ecs/ecs.ts';
import type { EcsState } from '../../../region/ecs/model.ts';
import { routedTargetGroup } from '../ec2/network-fixture.ts';
import { EcsRegion, digestOf } from './ecs-fixture.ts';
import { TruthMirror } from './truth-mirror.ts';

const PORTS = { portMappings: [{ containerPort: 8000 }] };

/** Lets time pass act by act; after each the mirror must show what is. */
async function follow(region: EcsRegion, seconds: number): Promise<void> {
  const mirror = new TruthMirror(region);
  const end = region.kernel.now + seconds * 1000;
  while (await region.kernel.step(end)) mirror.check(region.kernel.now - end);
}

describe('the truth about tasks', () => {
  it('says at every moment which digest runs and whether it is sound, without a call', async () => {
    const region = new EcsRegion();
    const told: TaskTruth[] = [];
    region.ecs.onTruth((truth) => told.push(truth));
    await region.steadyService({ desiredCount: 1 });
    const before = told.length;
    region.roll(region.push('v2', 'b', { behaviour: 'crash', 'after-seconds': '5' }));
    const { buckets } = region.ecs.state as EcsState;
    const left = structuredClone(buckets);
    await region.kernel.runFor(40_000);
    expect(region.ecs.truth()).not.toEqual([]);
    expect(buckets).toEqual(left);
    const rolled = told.slice(before).filter(({ taskDefinition }) => taskDefinition.endsWith('api:2'));
    const first = rolled.filter(({ taskArn }) => taskArn === rolled[0]!.taskArn);
    const shown = first.map(({ lastStatus, isSound, containers: [app] }) => [lastStatus, isSound, app!.imageDigest]);
    expect(shown).toEqual([
      ['PROVISIONING', false, undefined],
      ['PENDING', false, undefined],
      ['ACTIVATING', false, undefined],
      ['ACTIVATING', false, digestOf('b')],
      ['RUNNING', true, digestOf('b')],
      ['RUNNING', false, digestOf('b')],
      ['STOPPING', false, digestOf('b')],
      ['DEPROVISIONING', false, digestOf('b')],
    ]);
    expect(first.every(({ at }, index) => index === 0 || at >= first[index - 1]!.at)).toBe(true);
  });

  it('is told of every change behind a load balancer, answered and not', async () => {
    const region = new EcsRegion();
    const targetGroupArn = await routedTargetGroup(region, {});
    const loadBalancers = [{ targetGroupArn, containerName: 'app', containerPort: 8000 }];
    await region.steadyService({ loadBalancers }, PORTS);
    region.roll(region.push('v2', 'b'), PORTS);
    await follow(region, 120);
    region.roll(region.push('v3', 'c', { behaviour: 'never-healthy' }), PORTS);
    await follow(region, 400);
  });

  it('is told of every change of a task that gets nothing of what its execution role has to fetch', async () => {
    const region = new EcsRegion();
    await region.steadyService();
    region.refused.add('ecr:GetAuthorizationToken');
    region.roll(region.push('v2', 'b'));
    await follow(region, 200);
  });

  it('is told of every change of a service whose tasks are scaled in and end hard', async () => {
    const region = new EcsRegion();
    await region.steadyService();
    region.roll(region.push('v2', 'b', { behaviour: 'ignores-sigterm' }));
    await region.untilSettled();
    region.call('UpdateService', { cluster: 'prod', service: 'api', desiredCount: 0 });
    await follow(region, 120);
  });

  it('calls no task sound that fails a check, or that has not passed it yet', async () => {
    const region = new EcsRegion();
    const check = { healthCheck: { command: ['CMD', 'true'], interval: 10, retries: 3 } };
    await region.steadyService({ desiredCount: 1 }, check);
    const told: TaskTruth[] = [];
    region.ecs.onTruth((truth) => void (truth.taskDefinition.endsWith('api:2') && told.push(truth)));
    region.roll(region.push('v2', 'b', { behaviour: 'never-healthy' }), check);
    await region.kernel.runFor(100_000);
    const health = told
      .filter(({ lastStatus }) => lastStatus === 'RUNNING')
      .map(({ containers: [app] }) => app!.health);
    expect(new Set(health)).toEqual(new Set(['UNKNOWN', 'UNHEALTHY']));
    expect(told.some(({ isSound }) => isSound)).toBe(false);
  });

  it('calls a task sound whose sidecar has ended, and says that it has', async () => {
    const region = new EcsRegion();
    const sidecar = { name: 'sidecar', image: region.push('side', 'e', { behaviour: 'crash', 'after-seconds': '5' }) };
    const app = { name: 'app', image: region.push('v1', 'a'), essential: true };
    const containerDefinitions = [app, { ...sidecar, essential: false }];
    const taskDefinition = region.register('', { containerDefinitions });
    region.ecs.createService({ cluster: 'prod', serviceName: 'api', taskDefinition, desiredCount: 1 });
    await region.untilSteady();
    const [task] = region.ecs.truth();
    expect(task).toMatchObject({ isSound: true, containers: [{ isRunning: true }, { isRunning: false }] });
  });

  it('is told to nobody who has stopped to listen', async () => {
    const region = new EcsRegion();
    let told = 0;
    const stop = region.ecs.onTruth(() => told++);
    await region.steadyService();
    expect(told).toBeGreaterThan(0);
    stop();
    told = 0;
    region.roll(region.push('v2', 'b'));
    await region.untilSettled();
    expect(told).toBe(0);
  });
});
