import { describe, expect, it } from 'vitest';
import { failureThreshold } from '../../../region/ecs/circuit-breaker.ts';
import { startThrottleMs } from '../../../region/ecs/timing.ts';
import { EcsRegion, REGISTRY, digestOf } from './ecs-fixture.ts';

const HEALTH_CHECK = { healthCheck: { command: ['CMD', 'true'], interval: 10, retries: 3 } };
const BREAKER = { deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: true } } };
const NO_ROLLBACK = { deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: false } } };
const MISSING = `${REGISTRY}/api@${digestOf('f')}`;

describe('the threshold', () => {
  it.each([
    [undefined, 1, 3],
    [undefined, 25, 13],
    [undefined, 400, 200],
    [undefined, 800, 200],
    [undefined, 0, 3],
    [{ type: 'BOUNDED_PERCENT', value: 100 }, 50, 50],
    [{ type: 'UNBOUNDED_PERCENT', value: 50 }, 1, 1],
    [{ type: 'UNBOUNDED_PERCENT', value: 50 }, 800, 400],
    [{ type: 'COUNT', value: 7 }, 800, 7],
  ] as const)('of configuration %o at desired count %i is %i', (thresholdConfiguration, desiredCount, expected) => {
    const breaker = { enable: true, rollback: true, ...(thresholdConfiguration && { thresholdConfiguration }) };
    expect(failureThreshold(breaker, desiredCount)).toBe(expected);
  });
});

describe('a deployment whose tasks cannot start', () => {
  it('is rolled back after three failures, about eleven minutes, to the old deployment under its old id', async () => {
    const region = new EcsRegion();
    await region.steadyService({ desiredCount: 1, ...BREAKER });
    const old = region.service.deployments![0]!;
    const startedAt = region.kernel.now;
    const failed = region.roll(MISSING);
    await region.until(() => region.view.deployments[0]!.id === old.id, 'the rollback');
    expect((region.kernel.now - startedAt) / 60_000).toBeGreaterThan(10);
    expect((region.kernel.now - startedAt) / 60_000).toBeLessThan(12.5);
    expect(region.service).toMatchObject({ taskDefinition: old.taskDefinition, runningCount: 1 });
    expect(region.service.deployments![0]).toMatchObject({
      id: old.id,
      status: 'PRIMARY',
      rolloutState: 'IN_PROGRESS',
      rolloutStateReason: `ECS deployment circuit breaker: rolling back to deploymentId ${old.id}.`,
      createdAt: new Date(region.kernel.now),
      failedTasks: 0,
    });
    await region.untilSteady();
    expect(region.view.deployments).toMatchObject([
      { id: old.id, revision: 'api:1', rolloutState: 'COMPLETED', running: 1 },
    ]);
    expect(region.messages.slice(-4)).toEqual([
      `(deployment ${failed}) deployment failed: tasks failed to start.`,
      `rolling back to deployment ${old.id}.`,
      `(deployment ${old.id}) deployment completed.`,
      'has reached a steady state.',
    ]);
  });

  it('sends IN_PROGRESS, FAILED, IN_PROGRESS of the old id, COMPLETED, each with its reason', async () => {
    const region = new EcsRegion();
    await region.steadyService({ desiredCount: 1, ...BREAKER });
    const old = region.view.deployments[0]!.id;
    const before = region.events.length;
    const failed = region.roll(MISSING);
    await region.untilSteady();
    const sent = region.events.slice(before).filter((event) => event['detail-type'] === 'ECS Deployment State Change');
    expect(
      sent.map(({ detail }) => [detail['eventType'], detail['eventName'], detail['deploymentId'], detail['reason']]),
    ).toEqual([
      ['INFO', 'SERVICE_DEPLOYMENT_IN_PROGRESS', failed, `ECS deployment ${failed} in progress.`],
      ['ERROR', 'SERVICE_DEPLOYMENT_FAILED', failed, 'ECS deployment circuit breaker: task failed to start.'],
      [
        'INFO',
        'SERVICE_DEPLOYMENT_IN_PROGRESS',
        old,
        `ECS deployment circuit breaker: rolling back to deploymentId ${old}.`,
      ],
      ['INFO', 'SERVICE_DEPLOYMENT_COMPLETED', old, `ECS deployment ${old} completed.`],
    ]);
    expect(sent[0]!.resources).toEqual(['arn:aws:ecs:us-east-1:123456789012:service/prod/api']);
    expect(sent[0]!.detail['clusterArn']).toBe('arn:aws:ecs:us-east-1:123456789012:cluster/prod');
  });

  it('is recorded as a service deployment that was rolled back, with the breaker TRIGGERED', async () => {
    const region = new EcsRegion();
    await region.steadyService({ desiredCount: 1, ...BREAKER });
    region.roll(MISSING);
    await region.untilSteady();
    const [brief] = region.call('ListServiceDeployments', { cluster: 'prod', service: 'api' }).serviceDeployments!;
    const { serviceDeployments } = region.call('DescribeServiceDeployments', {
      serviceDeploymentArns: [brief!.serviceDeploymentArn!],
    });
    expect(serviceDeployments![0]).toMatchObject({
      status: 'ROLLBACK_SUCCESSFUL',
      statusReason: 'Service deployment rolled back because the circuit breaker threshold was exceeded.',
      deploymentCircuitBreaker: { status: 'TRIGGERED', failureCount: 3, threshold: 3 },
    });
    const toOld = region.service.currentServiceRevisions![0]!.arn;
    expect(serviceDeployments![0]!.rollback).toMatchObject({ serviceRevisionArn: toOld });
  });

  it('shows the failed deployment as ACTIVE and FAILED beside the returning one until its tasks are gone', async () => {
    const region = new EcsRegion();
    await region.steadyService({ desiredCount: 2, ...BREAKER }, HEALTH_CHECK);
    const old = region.view.deployments[0]!.id;
    const failed = region.roll(region.push('v2', 'b', { behaviour: 'never-healthy' }), HEALTH_CHECK);
    await region.until(() => region.view.deployments[0]!.id === old, 'the rollback');
    expect(region.service.deployments![1]).toMatchObject({
      id: failed,
      status: 'ACTIVE',
      rolloutState: 'FAILED',
      rolloutStateReason: 'ECS deployment circuit breaker: tasks failed to start.',
    });
    await region.untilSteady();
    expect(region.view.deployments).toMatchObject([{ id: old, rolloutState: 'COMPLETED', running: 2 }]);
  });

  it('stays PRIMARY and FAILED, and starts nothing more, when the breaker does not roll back', async () => {
    const region = new EcsRegion();
    await region.steadyService({ desiredCount: 1, ...NO_ROLLBACK });
    const failed = region.roll(MISSING);
    await region.until(() => region.view.deployments[0]!.rolloutState === 'FAILED', 'the failure');
    const started = region.messages.filter((message) => message.startsWith('has started')).length;
    await region.kernel.runFor(7_200_000);
    expect(region.messages.filter((message) => message.startsWith('has started'))).toHaveLength(started);
    expect(region.view.deployments).toMatchObject([
      { id: failed, status: 'PRIMARY', rolloutState: 'FAILED', running: 0 },
      { status: 'ACTIVE', rolloutState: 'COMPLETED', running: 1 },
    ]);
    const { serviceDeployments } = region.call('ListServiceDeployments', { cluster: 'prod', service: 'api' });
    expect(serviceDeployments![0]!.status).toBe('STOPPED');
    expect(region.kernel.nextDueAt).toBeUndefined();
  });

  it('never fails without a breaker: it goes on trying, ever more slowly', async () => {
    const region = new EcsRegion();
    await region.steadyService({ desiredCount: 1 });
    const before = region.messages.length;
    region.roll(MISSING);
    await region.kernel.runFor(6 * 3_600_000);
    expect(region.view.deployments[0]).toMatchObject({ rolloutState: 'IN_PROGRESS' });
    expect(region.view.deployments[0]!.failedTasks).toBeGreaterThan(18);
    const impaired = region.messages
      .slice(before)
      .filter((message) => message.startsWith('is unable to consistently start tasks'));
    expect(impaired.length).toBeGreaterThan(0);
    const events = region
      .eventsOf('ECS Service Action')
      .filter(({ eventName }) => eventName === 'SERVICE_TASK_START_IMPAIRED');
    expect(events).toHaveLength(impaired.length);
    expect(events[0]).toMatchObject({ eventType: 'WARN' });
  });

  it('starts at once again after an update, whatever the throttle was', async () => {
    const region = new EcsRegion();
    await region.steadyService({ desiredCount: 1 });
    region.roll(MISSING);
    await region.kernel.runFor(1_800_000);
    region.roll(region.push('v3', 'c'));
    const updatedAt = region.kernel.now;
    await region.until(() => region.view.deployments[0]!.pending === 1, 'the start');
    expect(region.kernel.now - updatedAt).toBeLessThan(10_000);
  });
});

describe('the start throttle', () => {
  it('waits not at all after one failure, some minutes after two, and 27 minutes at most', () => {
    expect([1, 2, 17].map(startThrottleMs)).toEqual([0, 250_000, 250_000]);
    expect(startThrottleMs(18)).toBe(580_000);
    expect(startThrottleMs(1000)).toBe(27 * 60_000);
  });
});

describe('a deployment whose tasks fail after RUNNING', () => {
  it('is rolled back for failed health checks, although its tasks were RUNNING', async () => {
    const region = new EcsRegion();
    await region.steadyService({ desiredCount: 1, ...BREAKER }, HEALTH_CHECK);
    region.roll(region.push('v2', 'b', { behaviour: 'never-healthy' }), HEALTH_CHECK);
    await region.until(() => region.view.deployments[0]!.failedTasks === 3, 'three failures');
    await region.untilSteady();
    expect(region.view.deployments).toMatchObject([{ revision: 'api:1', rolloutState: 'COMPLETED' }]);
  });

  it('is not noticed by the breaker, nor throttled, when its containers exit without any health check', async () => {
    const region = new EcsRegion();
    await region.steadyService({ desiredCount: 1, ...BREAKER });
    region.roll(region.push('v2', 'b', { behaviour: 'crash', 'after-seconds': '10' }));
    await region.kernel.runFor(3_600_000);
    expect(region.view.deployments[0]).toMatchObject({
      revision: 'api:2',
      rolloutState: 'IN_PROGRESS',
      failedTasks: 0,
    });
    const crashes = region
      .eventsOf('ECS Task State Change')
      .filter(({ stopCode, lastStatus }) => stopCode === 'EssentialContainerExited' && lastStatus === 'STOPPED');
    expect(crashes.length).toBeGreaterThan(50);
  });

  it('counts an exit before the first HEALTHY when there is a health check', async () => {
    const region = new EcsRegion();
    await region.steadyService({ desiredCount: 1, ...BREAKER }, HEALTH_CHECK);
    region.roll(region.push('v2', 'b', { behaviour: 'crash', 'after-seconds': '5' }), HEALTH_CHECK);
    await region.until(() => region.view.deployments[0]!.failedTasks === 3, 'three failures');
    await region.untilSteady();
    expect(region.view.deployments).toMatchObject([{ revision: 'api:1', rolloutState: 'COMPLETED' }]);
  });

  it('counts an exit before RUNNING, which is what a crash after 0 seconds is', async () => {
    const region = new EcsRegion();
    await region.steadyService({ desiredCount: 1, ...BREAKER });
    region.roll(region.push('v2', 'b', { behaviour: 'crash', 'after-seconds': '0', 'exit-code': '9' }));
    await region.until(() => region.view.deployments[0]!.failedTasks === 1, 'a failure');
    const [task] = region.tasks('STOPPED').filter(({ taskDefinitionArn }) => taskDefinitionArn!.endsWith(':2'));
    expect(task).toMatchObject({ stopCode: 'EssentialContainerExited', containers: [{ exitCode: 9 }] });
    expect(task).not.toHaveProperty('startedAt');
    await region.untilSteady();
    expect(region.view.deployments).toMatchObject([{ revision: 'api:1' }]);
  });

  it.each([
    { resetOnHealthyTask: true, outcome: { revision: 'api:2', rolloutState: 'IN_PROGRESS' } },
    { resetOnHealthyTask: false, outcome: { revision: 'api:1', rolloutState: 'COMPLETED' } },
  ])(
    'has its failures forgiven by a healthy task only with resetOnHealthyTask ($resetOnHealthyTask)',
    async (given) => {
      const region = new EcsRegion();
      const deploymentCircuitBreaker = { enable: true, rollback: true, resetOnHealthyTask: given.resetOnHealthyTask };
      await region.steadyService(
        { desiredCount: 2, deploymentConfiguration: { deploymentCircuitBreaker } },
        HEALTH_CHECK,
      );
      // Tasks take turns: one is never healthy, the next is healthy from second 10 to second 15 and then exits.
      const image = region.push('v2', 'b');
      let pulls = 0;
      region.images.set(image, () => {
        const flicker = { 'rehearsal.behaviour': 'crash', 'rehearsal.after-seconds': '15' };
        const annotations = pulls++ % 2 === 0 ? { 'rehearsal.behaviour': 'never-healthy' } : flicker;
        return { kind: 'pulled', imageDigest: digestOf('b'), annotations };
      });
      region.roll(image, HEALTH_CHECK);
      await region.kernel.runFor(1_800_000);
      expect(region.view.deployments[0]).toMatchObject(given.outcome);
    },
  );
});

describe('a rollback without a COMPLETED deployment', () => {
  it('cannot happen on the first deployment: it is FAILED, stalled, and recorded as ROLLBACK_FAILED', async () => {
    const region = new EcsRegion();
    const taskDefinition = region.register(MISSING);
    region.ecs.createService({ cluster: 'prod', serviceName: 'api', taskDefinition, desiredCount: 1, ...BREAKER });
    await region.until(() => region.view.deployments[0]!.rolloutState === 'FAILED', 'the failure');
    const { serviceDeployments } = region.call('ListServiceDeployments', { cluster: 'prod', service: 'api' });
    expect(serviceDeployments![0]).toMatchObject({
      status: 'ROLLBACK_FAILED',
      statusReason: 'No rollback candidate was found to run the rollback.',
    });
    await region.kernel.runFor(3_600_000);
    expect(region.view).toMatchObject({ running: 0, pending: 0 });
    expect(region.kernel.nextDueAt).toBeUndefined();
  });

  it('stalls a third deployment that fails while the second one is still being rolled back', async () => {
    const region = new EcsRegion();
    await region.steadyService({ desiredCount: 2, ...BREAKER }, HEALTH_CHECK);
    const first = region.view.deployments[0]!.id;
    region.roll(region.push('v2', 'b', { behaviour: 'never-healthy' }), HEALTH_CHECK);
    await region.until(() => region.view.deployments[0]!.id === first, 'the rollback to the first');
    const third = region.roll(region.push('v3', 'c', { behaviour: 'never-healthy' }), HEALTH_CHECK);
    await region.until(() => region.view.deployments[0]!.rolloutState === 'FAILED', 'the stall');
    await region.kernel.runFor(3_600_000);
    expect(region.view.deployments).toMatchObject([
      { id: third, status: 'PRIMARY', rolloutState: 'FAILED' },
      { id: first, status: 'ACTIVE', rolloutState: 'IN_PROGRESS', running: 2 },
    ]);
    const statuses = region
      .call('ListServiceDeployments', { cluster: 'prod', service: 'api' })
      .serviceDeployments!.map(({ status }) => status);
    expect(statuses).toEqual(['ROLLBACK_FAILED', 'ROLLBACK_FAILED', 'SUCCESSFUL']);
  });

  it('is stalled too when the old deployment, having returned, cannot start either', async () => {
    const region = new EcsRegion();
    await region.steadyService({
      desiredCount: 1,
      deploymentConfiguration: { ...BREAKER.deploymentConfiguration, minimumHealthyPercent: 0, maximumPercent: 100 },
    });
    const old = region.view.deployments[0]!.id;
    region.images.clear();
    region.roll(MISSING);
    await region.until(() => region.view.deployments[0]!.id === old, 'the rollback', 3_600_000);
    await region.until(() => region.view.deployments[0]!.rolloutState === 'FAILED', 'the stall', 3_600_000);
    const [newest] = region.call('ListServiceDeployments', { cluster: 'prod', service: 'api' }).serviceDeployments!;
    expect(newest!.status).toBe('ROLLBACK_FAILED');
    expect(region.view).toMatchObject({ running: 0 });
  });
});

describe('a rollback of a roll into another network', () => {
  it('puts the service back into the old one', async () => {
    const region = new EcsRegion();
    await region.steadyService({ desiredCount: 1, ...BREAKER });
    const { networkConfiguration, deployments } = region.service;
    region.call('UpdateService', {
      cluster: 'prod',
      service: 'api',
      taskDefinition: region.register(MISSING),
      networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-2'] } },
    });
    await region.until(() => region.view.deployments[0]!.id === deployments![0]!.id, 'the rollback');
    expect(region.service.networkConfiguration).toEqual(networkConfiguration);
  });
});

describe('a rollback whose old tasks are gone', () => {
  it('starts them again under the old deployment id', async () => {
    const region = new EcsRegion();
    await region.steadyService({
      desiredCount: 1,
      deploymentConfiguration: { ...BREAKER.deploymentConfiguration, minimumHealthyPercent: 0, maximumPercent: 100 },
    });
    const old = region.view.deployments[0]!.id;
    region.roll(MISSING);
    await region.until(() => region.view.deployments.length === 1, 'the old deployment drained');
    await region.untilSteady();
    expect(region.view.deployments).toMatchObject([{ id: old, revision: 'api:1', running: 1 }]);
    expect(region.tasks()[0]!.startedBy).toBe(old);
  });
});
