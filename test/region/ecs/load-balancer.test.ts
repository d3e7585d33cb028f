import type { Task } from '@aws-sdk/client-ecs';
import { describe, expect, it } from 'vitest';
import { NotModelled } from '../../../region/service.ts';
import { EcsRegion, faultOf } from './ecs-fixture.ts';
import { create, loadBalancer, routedTargetGroup } from '../ec2/network-fixture.ts';

const PORTS = { portMappings: [{ containerPort: 8000 }] };
const CHECKED = { ...PORTS, healthCheck: { command: ['CMD', 'true'], interval: 5, retries: 2 } };
const DRAIN_SECONDS = { Key: 'deregistration_delay.timeout_seconds', Value: '20' };

interface Setting {
  readonly group?: object;
  readonly service?: object;
  readonly container?: object;
}

const behind = (targetGroupArn: string) => [{ targetGroupArn, containerName: 'app', containerPort: 8000 }];

/** A steady service of two tasks behind a load balancer whose targets drain for 20 s. */
async function balanced({ group, service, container = PORTS }: Setting = {}) {
  const region = new EcsRegion();
  const arn = await routedTargetGroup(region, { TargetGroupAttributes: [DRAIN_SECONDS], ...group });
  await region.steadyService({ loadBalancers: behind(arn), ...service }, container);
  return { region, arn };
}

const secondsBetween = (from: Date | undefined, to: number): number => (to - from!.getTime()) / 1000;
const running = (region: EcsRegion): Task[] => region.tasks().filter(({ lastStatus }) => lastStatus === 'RUNNING');
const stopped = (region: EcsRegion): Task[] =>
  region.tasks('STOPPED').filter(({ lastStatus }) => lastStatus === 'STOPPED');

describe('a task behind a load balancer', () => {
  it('counts as healthy only once its target passed as many checks as the target group wants', async () => {
    const { region, arn } = await balanced({ service: { desiredCount: 1 } });
    const [task] = running(region);
    // 3 checks, 10 s apart; then the scheduler looks.
    expect(secondsBetween(task!.startedAt, region.kernel.now)).toBe(32);
    expect(task!.healthStatus).toBe('UNKNOWN');
    expect(region.messages).toContain(`registered 1 targets in (target-group ${arn})`);
    expect(region.service.loadBalancers).toEqual(behind(arn));
  });

  it('needs both its health check and its target', async () => {
    const { region } = await balanced({ service: { desiredCount: 1 }, container: CHECKED });
    const [task] = running(region);
    expect(task!.healthStatus).toBe('HEALTHY');
    expect(secondsBetween(task!.startedAt, region.kernel.now)).toBe(32);
  });

  it('is held up by a health check that is slower than its target', async () => {
    const container = { ...PORTS, healthCheck: { command: ['CMD', 'true'], interval: 50 } };
    const { region } = await balanced({ service: { desiredCount: 1 }, container });
    const [task] = running(region);
    expect(secondsBetween(task!.startedAt, region.kernel.now)).toBe(52);
  });

  it('keeps the old tasks until the new targets are healthy, and then drains them before their SIGTERM', async () => {
    const { region, arn } = await balanced();
    const old = running(region).map(({ taskArn }) => taskArn);
    region.roll(region.push('v2', 'b'), PORTS);
    const isDraining = () => region.tasks('STOPPED').some(({ lastStatus }) => lastStatus === 'DEACTIVATING');
    await region.until(isDraining, 'DEACTIVATING');
    expect(region.view.deployments[0]).toMatchObject({ revision: 'api:2', healthy: 2, rolloutState: 'IN_PROGRESS' });
    await region.untilSettled();
    const ended = stopped(region);
    expect(ended.map(({ taskArn }) => taskArn).toSorted()).toEqual(old.toSorted());
    for (const { stoppingAt, executionStoppedAt } of ended) {
      // STOPPING is delivered after 2 s, targets drain for 20 s, SIGTERM takes 1 s.
      expect(secondsBetween(stoppingAt, executionStoppedAt!.getTime())).toBe(23);
    }
    const tail = region.messages.slice(region.messages.findIndex((text) => text.startsWith('deregistered')));
    expect(tail[0]).toBe(`deregistered 1 targets in (target-group ${arn})`);
    expect(tail[1]).toMatch(/^\(service api, taskSet ecs-svc\/\d+\) has begun draining connections on 1 tasks\.$/);
    const statuses = region
      .eventsOf('ECS Task State Change')
      .filter(({ taskArn }) => taskArn === old[0])
      .map(({ lastStatus }) => lastStatus);
    expect(statuses.slice(-4)).toEqual(['RUNNING', 'DEACTIVATING', 'DEPROVISIONING', 'STOPPED']);
  });

  it('drains for five minutes unless the target group says otherwise', async () => {
    const { region } = await balanced({ group: { TargetGroupAttributes: [] } });
    region.roll(region.push('v2', 'b'), PORTS);
    await region.until(() => stopped(region).length === 2, 'two stopped tasks');
    const [task] = stopped(region);
    expect(secondsBetween(task!.stoppingAt, task!.executionStoppedAt!.getTime())).toBe(303);
  });

  it('leaves its target group without a delay when its container has ended by itself', async () => {
    const { region, arn } = await balanced();
    region.roll(region.push('v2', 'b', { behaviour: 'crash', 'after-seconds': '15' }), PORTS);
    await region.until(() => stopped(region).length > 0, 'a stopped task');
    const [task] = stopped(region);
    expect(task).toMatchObject({ stopCode: 'EssentialContainerExited', containers: [{ exitCode: 1 }] });
    expect(secondsBetween(task!.executionStoppedAt, task!.stoppedAt!.getTime())).toBeLessThan(30);
    expect(region.messages).toContain(`deregistered 1 targets in (target-group ${arn})`);
    expect(region.view.deployments[0]).toMatchObject({ failedTasks: expect.any(Number) });
    expect(region.view.deployments[0]!.failedTasks).toBeGreaterThan(0);
  });
});

describe('a task whose target is unhealthy', () => {
  const fails = async (region: EcsRegion, image: Record<string, string>, container = PORTS): Promise<Task> => {
    region.roll(region.push('v2', 'b', image), container);
    await region.until(() => stopped(region).length > 0, 'a stopped task');
    return stopped(region)[0]!;
  };

  it.each([
    ['is never healthy', { behaviour: 'never-healthy' }],
    ['listens on another port', { 'listens-on': '80' }],
  ])('is replaced and stopped when its image %s', async (_, image) => {
    const { region, arn } = await balanced();
    const task = await fails(region, image);
    expect(task).toMatchObject({
      stopCode: 'ServiceSchedulerInitiated',
      stoppedReason: `Task failed ELB health checks in (target-group ${arn})`,
      containers: [{ exitCode: 143 }],
    });
    // 2 checks, 10 s apart; then the scheduler looks.
    expect(secondsBetween(task.startedAt, task.stoppingAt!.getTime())).toBeCloseTo(22, 0);
    expect(region.messages).toContain(
      `(task) (port 8000) is unhealthy in (target-group ${arn}) due to (reason Health checks failed)`,
    );
    expect(region.messages.join('\n')).toMatch(/has started 2 tasks: .* due to an unhealthy status\./);
    expect(region.view.deployments[0]).toMatchObject({ revision: 'api:2', healthy: 0, rolloutState: 'IN_PROGRESS' });
    expect(region.view.deployments[1]).toMatchObject({ revision: 'api:1', healthy: 2 });
  });

  it('is left alone during the grace period, and is stopped at its end', async () => {
    const { region } = await balanced({ service: { healthCheckGracePeriodSeconds: 90 } });
    const task = await fails(region, { behaviour: 'never-healthy' });
    expect(secondsBetween(task.startedAt, task.stoppingAt!.getTime())).toBeCloseTo(90, 0);
  });

  it('survives when its image becomes healthy within the grace period', async () => {
    const { region } = await balanced({ service: { healthCheckGracePeriodSeconds: 90 } });
    region.roll(region.push('v2', 'b', { behaviour: 'slow-start', 'after-seconds': '45' }), PORTS);
    await region.untilSteady();
    expect(region.view.deployments).toMatchObject([{ revision: 'api:2', healthy: 2, failedTasks: 0 }]);
    expect(stopped(region).every(({ stoppedReason }) => stoppedReason!.startsWith('Scaling activity'))).toBe(true);
  });

  it('is stopped for its container when that fails its own check, too', async () => {
    const { region } = await balanced({ container: CHECKED });
    const task = await fails(region, { 'listens-on': '80' }, CHECKED);
    expect(task.stoppedReason).toBe('Task failed container health checks');
  });

  it('counts for the circuit breaker, which rolls back', async () => {
    const deploymentConfiguration = { deploymentCircuitBreaker: { enable: true, rollback: true } };
    const { region } = await balanced({ service: { deploymentConfiguration } });
    const failed = region.roll(region.push('v2', 'b', { behaviour: 'never-healthy' }), PORTS);
    await region.until(() => region.view.deployments[0]!.revision === 'api:1', 'the rollback');
    expect(region.view.deployments.find(({ id }) => id === failed)).toMatchObject({ rolloutState: 'FAILED' });
    await region.untilSteady();
    expect(region.view.deployments).toMatchObject([{ revision: 'api:1', rolloutState: 'COMPLETED', healthy: 2 }]);
  });
});

describe('a service behind a load balancer', () => {
  const creating = (region: EcsRegion, loadBalancers: object[]) => () => {
    const taskDefinition = region.register(region.push('v1', 'a'), {}, PORTS);
    region.ecs.createService({ cluster: 'prod', serviceName: 'api', taskDefinition, loadBalancers });
  };

  it('is refused while no listener forwards to its target group', async () => {
    const region = new EcsRegion();
    const { vpc } = await loadBalancer(region);
    const group = { VpcId: vpc, Port: 8000, Protocol: 'HTTP', TargetType: 'ip' };
    const { ref: arn } = await create(region, 'AWS::ElasticLoadBalancingV2::TargetGroup', group);
    expect(faultOf(creating(region, behind(arn)))).toBe(
      `InvalidParameterException: The target group with targetGroupArn ${arn} does not have an associated load balancer.`,
    );
  });

  it('is refused when its target group takes instances instead of addresses', async () => {
    const region = new EcsRegion();
    const arn = await routedTargetGroup(region, { TargetType: 'instance' });
    expect(faultOf(creating(region, behind(arn)))).toContain('has target type instance, which is incompatible');
  });

  it.each([
    ['a target group', { targetGroupArn: 'arn:none' }, 'The specified target group does not exist: arn:none'],
    ['a container', { containerName: 'web' }, 'The container web does not exist in the task definition.'],
    ['a port', { containerPort: 80 }, 'The container app did not have a container port 80 defined.'],
  ])('is refused when it names %s that is missing', async (_, members, message) => {
    const region = new EcsRegion();
    const [entry] = behind(await routedTargetGroup(region));
    const fault = faultOf(creating(region, [{ ...entry, ...members }]));
    expect(fault).toBe(`InvalidParameterException: ${message}`);
  });

  it('takes no revision that lacks the port', async () => {
    const { region } = await balanced();
    const taskDefinition = region.register(region.push('v2', 'b'));
    const update = () => region.call('UpdateService', { cluster: 'prod', service: 'api', taskDefinition });
    expect(faultOf(update)).toContain('The container app did not have a container port 8000 defined.');
    expect(region.view).toMatchObject({ isSteady: true, deployments: [{ revision: 'api:1' }] });
  });

  it('takes the same load balancers again without a new deployment, and no others', async () => {
    const { region, arn } = await balanced();
    const update = (loadBalancers: ReturnType<typeof behind>) =>
      region.call('UpdateService', { cluster: 'prod', service: 'api', loadBalancers });
    const { service } = update(behind(arn));
    expect(service).toMatchObject({ loadBalancers: behind(arn), deployments: [{ status: 'PRIMARY' }] });
    expect(service!.deployments).toHaveLength(1);
    expect(() => update(behind('arn:other'))).toThrow('UpdateService with this loadBalancers');
  });

  it('is not modelled with a Classic Load Balancer', () => {
    const classic = [{ loadBalancerName: 'classic', containerName: 'app', containerPort: 8000 }];
    expect(creating(new EcsRegion(), classic)).toThrow(NotModelled);
  });
});
