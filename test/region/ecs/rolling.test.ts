import { describe, expect, it } from 'vitest';
import { NotModelled } from '../../../region/service.ts';
import { EcsRegion, digestOf, faultOf } from './ecs-fixture.ts';

const HEALTH_CHECK = { healthCheck: { command: ['CMD', 'true'], interval: 10, retries: 3 } };

describe('UpdateService', () => {
  it('shows the new PRIMARY deployment as 0/0/0 and IN_PROGRESS beside the COMPLETED old one, with totals that look steady', async () => {
    const region = new EcsRegion();
    await region.steadyService();
    const taskDefinition = region.register(region.push('v2', 'b'));
    const { service } = region.call('UpdateService', { cluster: 'prod', service: 'api', taskDefinition });
    const shown = service!.deployments!.map(({ status, rolloutState, desiredCount, pendingCount, runningCount }) => [
      status,
      rolloutState,
      desiredCount,
      pendingCount,
      runningCount,
    ]);
    expect(shown).toEqual([
      ['PRIMARY', 'IN_PROGRESS', 0, 0, 0],
      ['ACTIVE', 'COMPLETED', 2, 0, 2],
    ]);
    expect(service).toMatchObject({ desiredCount: 2, runningCount: 2, pendingCount: 0, taskDefinition });
    expect(service!.deployments![0]!.id).toMatch(/^ecs-svc\/\d{19}$/);
    expect(service).not.toHaveProperty('currentServiceDeployment');
  });

  it('makes no new deployment for the same task definition and nothing else', async () => {
    const region = new EcsRegion();
    await region.steadyService();
    const before = region.service.deployments!.map(({ id }) => id);
    const { service } = region.call('UpdateService', { cluster: 'prod', service: 'api', taskDefinition: 'api:1' });
    expect(service!.deployments!.map(({ id }) => id)).toEqual(before);
  });

  it('makes a new deployment for the same task definition when it is forced', async () => {
    const region = new EcsRegion();
    await region.steadyService();
    const { service } = region.call('UpdateService', { cluster: 'prod', service: 'api', forceNewDeployment: true });
    expect(service!.deployments).toHaveLength(2);
    await region.untilSteady();
    expect(region.view.deployments).toMatchObject([{ id: service!.deployments![0]!.id, revision: 'api:1' }]);
  });

  it('makes a new deployment for another network, whose tasks run there, and none for the network that it has', async () => {
    const region = new EcsRegion();
    const network = (subnet: string) => ({ awsvpcConfiguration: { subnets: [subnet], securityGroups: ['sg-1'] } });
    await region.steadyService({ networkConfiguration: network('subnet-1') });
    const update = (subnet: string) =>
      region.call('UpdateService', { cluster: 'prod', service: 'api', networkConfiguration: network(subnet) }).service!;
    expect(update('subnet-1').deployments).toHaveLength(1);
    expect(update('subnet-2').deployments).toMatchObject([
      { networkConfiguration: network('subnet-2'), taskDefinition: region.service.taskDefinition },
      { networkConfiguration: network('subnet-1') },
    ]);
    await region.untilSettled();
    expect(region.view.deployments).toMatchObject([{ revision: 'api:1', running: 2 }]);
    const subnets = region.tasks().flatMap(({ attachments }) => attachments!.flatMap(({ details }) => details));
    expect(subnets.filter((detail) => detail?.name === 'subnetId').map((detail) => detail!.value)).toEqual([
      'subnet-2',
      'subnet-2',
    ]);
  });

  it('takes members that say what already is, and holds the grace period, without a new deployment', async () => {
    const region = new EcsRegion();
    await region.steadyService();
    const [only] = region.view.deployments;
    const { service } = region.call('UpdateService', {
      cluster: 'prod',
      service: 'api',
      taskDefinition: region.service.taskDefinition,
      desiredCount: 2,
      deploymentConfiguration: { minimumHealthyPercent: 100, maximumPercent: 200 },
      networkConfiguration: region.service.networkConfiguration,
      healthCheckGracePeriodSeconds: 90,
      platformVersion: 'LATEST',
      propagateTags: 'NONE',
      enableExecuteCommand: false,
      enableECSManagedTags: false,
    });
    expect(service).toMatchObject({
      healthCheckGracePeriodSeconds: 90,
      deployments: [{ id: only!.id }],
    });
    expect(service!.deployments).toHaveLength(1);
  });

  it('refuses missing and INACTIVE task definitions, missing services and missing clusters in the words of ECS', async () => {
    const region = new EcsRegion();
    await region.steadyService();
    region.register(region.push('v2', 'b'));
    region.call('DeregisterTaskDefinition', { taskDefinition: 'api:2' });
    const update = (input: object) =>
      faultOf(() => region.call('UpdateService', { cluster: 'prod', service: 'api', ...input }));
    expect(update({ taskDefinition: 'api:2' })).toBe('ClientException: TaskDefinition is inactive.');
    expect(update({ taskDefinition: 'api:9' })).toBe('ClientException: TaskDefinition not found.');
    region.call('DeregisterTaskDefinition', { taskDefinition: 'api:1' });
    expect(update({ forceNewDeployment: true })).toBe('ClientException: TaskDefinition is inactive.');
    expect(update({ service: 'web' })).toBe('ServiceNotFoundException: Service not found.');
    expect(update({ cluster: 'dev' })).toBe('ClusterNotFoundException: Cluster not found.');
  });

  it('refuses parameters, strategies and controllers that are not modelled, and shows the latter to callers', async () => {
    const region = new EcsRegion();
    await region.steadyService();
    region.register(region.push('v2', 'b'));
    const update = (input: object) => region.call('UpdateService', { cluster: 'prod', service: 'api', ...input });
    expect(() => update({ enableExecuteCommand: true })).toThrow(NotModelled);
    expect(() => update({ loadBalancers: [{ targetGroupArn: 'arn:other' }] })).toThrow(
      'UpdateService with this loadBalancers',
    );
    expect(() => update({ taskDefinition: 'api:2', deploymentConfiguration: { strategy: 'BLUE_GREEN' } })).toThrow(
      NotModelled,
    );
    region.ecs.createService({
      cluster: 'prod',
      serviceName: 'blue',
      taskDefinition: 'api:1',
      deploymentController: { type: 'CODE_DEPLOY' },
    });
    const { services } = region.call('DescribeServices', { cluster: 'prod', services: ['blue'] });
    expect(services![0]).toMatchObject({
      deploymentController: { type: 'CODE_DEPLOY' },
      deployments: [],
      taskSets: [],
    });
    expect(faultOf(() => update({ service: 'blue', taskDefinition: 'api:2' }))).toContain(
      'with a CODE_DEPLOY deployment controller',
    );
  });

  it('is throttled after a burst of fifty, and five a second from then on', async () => {
    const region = new EcsRegion();
    await region.steadyService();
    const update = () => region.call('UpdateService', { cluster: 'prod', service: 'api' });
    for (let call = 0; call < 50; call++) update();
    expect(faultOf(update)).toBe('ThrottlingException: Rate exceeded');
    await region.kernel.runFor(1000);
    for (let call = 0; call < 5; call++) update();
    expect(faultOf(update)).toBe('ThrottlingException: Rate exceeded');
  });
});

describe('a rolling deployment', () => {
  it('tells its story in service events and ends COMPLETED with only the new tasks', async () => {
    const region = new EcsRegion();
    await region.steadyService();
    const told = region.messages.length;
    const id = region.roll(region.push('v2', 'b'));
    await region.untilSteady();
    const messages = region.messages.slice(told);
    expect(messages[0]).toBe('has started 2 tasks: (task) (task).');
    expect(messages.slice(1, -2).join(' ')).toMatch(/^(has stopped [12] running tasks: (\(task\) ?)+\. ?)+$/);
    expect(messages.slice(-2)).toEqual([`(deployment ${id}) deployment completed.`, 'has reached a steady state.']);
    expect(region.view.deployments).toMatchObject([
      { id, revision: 'api:2', rolloutState: 'COMPLETED', running: 2, healthy: 2, pending: 0 },
    ]);
    expect(region.tasks().map(({ containers }) => containers![0]!.imageDigest)).toEqual([digestOf('b'), digestOf('b')]);
  });

  /** Seconds from the start of the first deployment's task until it is COMPLETED and steady, in the service's own events. */
  async function secondsToCompleted(container: object, seed: number): Promise<number> {
    const region = new EcsRegion(seed);
    const taskDefinition = region.register(region.push('v1', 'a'), {}, container);
    region.ecs.createService({ cluster: 'prod', serviceName: 'api', taskDefinition, desiredCount: 1 });
    await region.untilSteady();
    const [steady, completed, started] = region.service.events!;
    expect([steady, completed, started].map((event) => event!.message)).toEqual([
      '(service api) has reached a steady state.',
      expect.stringContaining('deployment completed.'),
      expect.stringContaining('has started 1 tasks'),
    ]);
    return (completed!.createdAt!.getTime() - started!.createdAt!.getTime()) / 1000;
  }

  it.each([1, 2, 3, 4, 5])(
    'with nothing to replace and no health check is COMPLETED about 28 s after its tasks were started, as was recorded (seed %i)',
    async (seed) => {
      const seconds = await secondsToCompleted({}, seed);
      expect(seconds).toBeGreaterThan(24);
      expect(seconds).toBeLessThan(32);
    },
  );

  it('with a health check is not COMPLETED before that passes', async () => {
    expect(await secondsToCompleted({ healthCheck: { ...HEALTH_CHECK.healthCheck, interval: 60 } }, 1)).toBeGreaterThan(
      70,
    );
  });

  it('is COMPLETED although its one container exits some seconds later, and stays so', async () => {
    const region = new EcsRegion();
    const taskDefinition = region.register(region.push('v1', 'a', { behaviour: 'crash', 'after-seconds': '20' }));
    region.ecs.createService({ cluster: 'prod', serviceName: 'api', taskDefinition, desiredCount: 1 });
    await region.untilSteady();
    await region.until(() => region.tasks('STOPPED').length === 1, 'the crash');
    expect(region.view).toMatchObject({
      isSteady: false,
      deployments: [{ rolloutState: 'COMPLETED', failedTasks: 0 }],
    });
  });

  it('is COMPLETED only when its tasks count as healthy, 40 s after RUNNING without a health check, if there are old ones to stop', async () => {
    const region = new EcsRegion();
    await region.steadyService({ desiredCount: 1 });
    const id = region.roll(region.push('v2', 'b'));
    const isNewRunning = () => region.view.deployments[0]!.running === 1;
    await region.until(isNewRunning, 'the new task RUNNING');
    await region.kernel.runFor(35_000);
    expect(region.view.deployments.map(({ rolloutState, running }) => [rolloutState, running])).toEqual([
      ['IN_PROGRESS', 1],
      ['COMPLETED', 1],
    ]);
    await region.until(() => region.view.deployments.length === 1, 'the old deployment gone');
    await region.untilSteady();
    expect(region.view.deployments[0]).toMatchObject({ id, rolloutState: 'COMPLETED' });
    const [old] = region.tasks('STOPPED');
    expect(old!.stoppingAt!.getTime() - region.tasks()[0]!.startedAt!.getTime()).toBeGreaterThanOrEqual(40_000 * 0.9);
  });

  it.each([
    { desiredCount: 4, minimumHealthyPercent: 100, maximumPercent: 200, most: 8, least: 4 },
    { desiredCount: 4, minimumHealthyPercent: 50, maximumPercent: 100, most: 4, least: 2 },
    { desiredCount: 3, minimumHealthyPercent: 50, maximumPercent: 150, most: 4, least: 2 },
    { desiredCount: 1, minimumHealthyPercent: 0, maximumPercent: 100, most: 1, least: 0 },
    { desiredCount: 3, minimumHealthyPercent: 100, maximumPercent: 134, most: 4, least: 3 },
  ])(
    'stays within $minimumHealthyPercent % and $maximumPercent % of $desiredCount (rounded up, rounded down)',
    async (given) => {
      const { desiredCount, most, least, ...deploymentConfiguration } = given;
      const region = new EcsRegion();
      await region.steadyService({ desiredCount, deploymentConfiguration });
      region.roll(region.push('v2', 'b'));
      let seenMost = 0;
      let seenLeast = desiredCount;
      while (!region.view.isSteady && (await region.kernel.step())) {
        const { running, pending, deployments } = region.view;
        seenMost = Math.max(seenMost, running + pending);
        seenLeast = Math.min(
          seenLeast,
          deployments.reduce((sum, { healthy }) => sum + healthy, 0),
        );
      }
      expect([seenMost, seenLeast]).toEqual([most, least]);
      expect(region.view.deployments).toMatchObject([
        { revision: 'api:2', rolloutState: 'COMPLETED', running: desiredCount },
      ]);
    },
  );

  it('says so once when the percentages leave no room to start or stop anything', async () => {
    const region = new EcsRegion();
    await region.steadyService({
      desiredCount: 3,
      deploymentConfiguration: { minimumHealthyPercent: 100, maximumPercent: 125 },
    });
    region.roll(region.push('v2', 'b'));
    await region.kernel.runFor(600_000);
    const said = region.messages.filter((message) => message.startsWith('was unable to stop or start tasks'));
    expect(said).toHaveLength(1);
    expect(region.view.deployments).toMatchObject([
      { rolloutState: 'IN_PROGRESS', running: 0 },
      { rolloutState: 'COMPLETED', running: 3 },
    ]);
  });

  it('completes trivially with a desired count of 0', async () => {
    const region = new EcsRegion();
    await region.steadyService({ desiredCount: 0 });
    const id = region.roll(region.push('v2', 'b'));
    await region.untilSteady();
    expect(region.view.deployments).toMatchObject([{ id, rolloutState: 'COMPLETED', running: 0 }]);
    expect(region.pulls).toEqual([]);
  });

  it('leaves nothing scheduled once the service is steady', async () => {
    const region = new EcsRegion();
    await region.steadyService();
    region.roll(region.push('v2', 'b'));
    await region.untilSteady();
    await region.kernel.runFor(60_000);
    expect(region.kernel.nextDueAt).toBeUndefined();
  });

  it('gives the same trace and events for the same seed, and others for another', async () => {
    const play = async (seed: number): Promise<string> => {
      const region = new EcsRegion(seed);
      await region.steadyService();
      region.roll(region.push('v2', 'b'));
      await region.untilSteady();
      return JSON.stringify([region.trace, region.events]);
    };
    const [first, second, other] = [await play(7), await play(7), await play(8)];
    expect(second).toBe(first);
    expect(other).not.toBe(first);
  });
});

describe('a changed desired count', () => {
  it('starts or stops tasks of the COMPLETED deployment without a new one', async () => {
    const region = new EcsRegion();
    await region.steadyService({ desiredCount: 1 });
    const [before] = region.service.deployments!;
    const scale = (desiredCount: number) =>
      region.call('UpdateService', { cluster: 'prod', service: 'api', desiredCount }).service!;
    expect(scale(3).deployments).toMatchObject([{ id: before!.id, desiredCount: 3, rolloutState: 'COMPLETED' }]);
    await region.untilSteady();
    expect(region.view.running).toBe(3);
    expect(scale(0).deployments).toMatchObject([{ id: before!.id, desiredCount: 0, runningCount: 3 }]);
    await region.untilSteady();
    expect(region.view).toMatchObject({ running: 0, pending: 0 });
    expect(region.messages.slice(-2)).toEqual([
      'has stopped 3 running tasks: (task) (task) (task).',
      'has reached a steady state.',
    ]);
  });

  it('is honoured in the middle of a deployment', async () => {
    const region = new EcsRegion();
    await region.steadyService();
    region.roll(region.push('v2', 'b'));
    await region.kernel.runFor(20_000);
    region.call('UpdateService', { cluster: 'prod', service: 'api', desiredCount: 1 });
    await region.untilSteady();
    expect(region.view.deployments).toMatchObject([
      { revision: 'api:2', rolloutState: 'COMPLETED', desiredCount: 1, running: 1 },
    ]);
  });
});

describe('overlapping updates', () => {
  it('lets the newer one win: the older service deployment is STOPPED and its tasks stay ACTIVE until replaced', async () => {
    const region = new EcsRegion();
    await region.steadyService();
    const second = region.roll(region.push('v2', 'b'));
    await region.kernel.runFor(20_000);
    const third = region.roll(region.push('v3', 'c'));
    const statuses = () =>
      region
        .call('ListServiceDeployments', { cluster: 'prod', service: 'api' })
        .serviceDeployments!.map(({ status }) => status);
    expect(statuses()).toEqual(['PENDING', 'STOP_REQUESTED', 'SUCCESSFUL']);
    expect(region.view.deployments.map(({ id, status }) => [id, status])).toEqual([
      [third, 'PRIMARY'],
      [second, 'ACTIVE'],
      [region.view.deployments[2]!.id, 'ACTIVE'],
    ]);
    await region.untilSteady();
    expect(statuses()).toEqual(['SUCCESSFUL', 'STOPPED', 'SUCCESSFUL']);
    expect(region.view.deployments).toMatchObject([{ id: third, revision: 'api:3' }]);
  });

  it('frees the room that tasks of a superseded, never healthy deployment take', async () => {
    const region = new EcsRegion();
    await region.steadyService({}, HEALTH_CHECK);
    region.roll(region.push('v2', 'b', { behaviour: 'never-healthy' }), HEALTH_CHECK);
    await region.kernel.runFor(90_000);
    region.roll(region.push('v3', 'c'), HEALTH_CHECK);
    await region.untilSteady();
    expect(region.view.deployments).toMatchObject([{ revision: 'api:3', rolloutState: 'COMPLETED', running: 2 }]);
  });
});

describe('service deployments and revisions', () => {
  it('name the current one from the moment at which the scheduler takes it up, and what it has resolved', async () => {
    const region = new EcsRegion();
    await region.steadyService();
    region.push('v2', 'b');
    region.roll('123456789012.dkr.ecr.us-east-1.amazonaws.com/api:v2');
    expect(region.service.currentServiceDeployment).toBeUndefined();
    await region.kernel.runFor(10_000);
    const arn = region.service.currentServiceDeployment!;
    expect(arn).toMatch(/^arn:aws:ecs:us-east-1:123456789012:service-deployment\/prod\/api\/[A-Za-z0-9_-]{21}$/);
    const describe = () =>
      region.call('DescribeServiceDeployments', { serviceDeploymentArns: [arn] }).serviceDeployments![0]!;
    expect(describe()).toMatchObject({
      status: 'IN_PROGRESS',
      targetServiceRevision: { requestedTaskCount: 2 },
      sourceServiceRevisions: [{ runningTaskCount: 2 }],
      deploymentCircuitBreaker: { status: 'DISABLED' },
    });
    await region.untilSteady();
    expect(describe()).toMatchObject({ status: 'SUCCESSFUL', targetServiceRevision: { runningTaskCount: 2 } });
    const revisionArn = describe().targetServiceRevision!.arn!;
    const { serviceRevisions } = region.call('DescribeServiceRevisions', { serviceRevisionArns: [revisionArn] });
    expect(serviceRevisions![0]!.containerImages).toEqual([
      {
        containerName: 'app',
        imageDigest: digestOf('b'),
        image: '123456789012.dkr.ecr.us-east-1.amazonaws.com/api:v2',
      },
    ]);
  });

  it('answer MISSING for ARNs that are not there', () => {
    const region = new EcsRegion();
    const arn = 'arn:aws:ecs:us-east-1:123456789012:service-deployment/prod/api/x';
    expect(region.call('DescribeServiceDeployments', { serviceDeploymentArns: [arn] })).toEqual({
      serviceDeployments: [],
      failures: [{ arn, reason: 'MISSING' }],
    });
  });

  it('roll back on StopServiceDeployment although no circuit breaker is configured', async () => {
    const region = new EcsRegion();
    await region.steadyService();
    const [old] = region.view.deployments;
    region.roll(region.push('v2', 'b'));
    await region.kernel.runFor(10_000);
    const arn = region.service.currentServiceDeployment!;
    region.call('StopServiceDeployment', { serviceDeploymentArn: arn });
    const status = () =>
      region.call('DescribeServiceDeployments', { serviceDeploymentArns: [arn] }).serviceDeployments![0]!.status;
    expect(status()).toBe('ROLLBACK_REQUESTED');
    await region.untilSteady();
    expect(status()).toBe('ROLLBACK_SUCCESSFUL');
    expect(region.view.deployments).toMatchObject([{ id: old!.id, revision: 'api:1', running: 2 }]);
    expect(faultOf(() => region.call('StopServiceDeployment', { serviceDeploymentArn: arn }))).toContain(
      'ConflictException',
    );
  });
});

describe('DescribeServices', () => {
  it('answers missing services as failures, refuses more than ten, and shows tags only when asked', async () => {
    const region = new EcsRegion();
    await region.steadyService({ tags: [{ key: 'team', value: 'a' }] });
    const { services, failures } = region.call('DescribeServices', { cluster: 'prod', services: ['api', 'web'] });
    expect(services).toHaveLength(1);
    expect(services![0]).not.toHaveProperty('tags');
    expect(failures).toEqual([{ arn: 'arn:aws:ecs:us-east-1:123456789012:service/prod/web', reason: 'MISSING' }]);
    const tagged = region.call('DescribeServices', { cluster: 'prod', services: ['api'], include: ['TAGS'] });
    expect(tagged.services![0]!.tags).toEqual([{ key: 'team', value: 'a' }]);
    const many = Array.from({ length: 11 }, (_, index) => `s${index}`);
    expect(faultOf(() => region.call('DescribeServices', { cluster: 'prod', services: many }))).toContain(
      'InvalidParameterException',
    );
  });

  it('keeps the newest hundred service events', async () => {
    const region = new EcsRegion();
    await region.steadyService({ desiredCount: 1 });
    for (let round = 0; round < 40; round++) {
      region.call('UpdateService', { cluster: 'prod', service: 'api', desiredCount: round % 2 === 0 ? 2 : 1 });
      await region.untilSteady();
    }
    const { events } = region.service;
    expect(events).toHaveLength(80 + 3);
    for (let round = 0; round < 20; round++) {
      region.call('UpdateService', { cluster: 'prod', service: 'api', desiredCount: round % 2 === 0 ? 2 : 1 });
      await region.untilSteady();
    }
    expect(region.service.events).toHaveLength(100);
    expect(region.service.events![0]!.message).toBe('(service api) has reached a steady state.');
  });
});

describe('missing Fargate capacity', () => {
  it('is announced, tried again every minute, and overcome when it returns', async () => {
    const region = new EcsRegion();
    await region.steadyService();
    const end = region.ecs.disturb({ kind: 'no-capacity' });
    region.roll(region.push('v2', 'b'));
    await region.kernel.runFor(200_000);
    const failures = region
      .eventsOf('ECS Service Action')
      .filter(({ eventName }) => eventName === 'SERVICE_TASK_PLACEMENT_FAILURE');
    expect(failures.length).toBeGreaterThanOrEqual(3);
    expect(failures[0]).toMatchObject({ eventType: 'ERROR', reason: 'RESOURCE:FARGATE' });
    expect(region.view.deployments[0]).toMatchObject({ pending: 0, running: 0, failedTasks: 0 });
    end();
    await region.untilSteady();
    expect(region.view.deployments).toMatchObject([{ revision: 'api:2', running: 2 }]);
  });
});
