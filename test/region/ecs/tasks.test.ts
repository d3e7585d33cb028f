import { describe, expect, it } from 'vitest';
import { healthChanges } from '../../../region/ecs/container-health.ts';
import { readBehaviour } from '../../../region/ecs/behaviour.ts';
import { NotModelled } from '../../../region/service.ts';
import { EcsRegion, REGISTRY, digestOf, faultOf } from './ecs-fixture.ts';

const HEALTH_CHECK = { healthCheck: { command: ['CMD', 'true'], interval: 10, retries: 3, startPeriod: 20 } };
const secondsBetween = (from: Date | undefined, to: Date | undefined): number =>
  (to!.getTime() - from!.getTime()) / 1000;

/** A service of one task, and the image that it is then rolled to. */
async function rolledTo(behaviour: Record<string, string>, container: object = {}): Promise<EcsRegion> {
  const region = new EcsRegion();
  await region.steadyService({ desiredCount: 1 }, container);
  region.roll(region.push('v2', 'b', behaviour), container);
  return region;
}

const stoppedOf = (region: EcsRegion, revision: number) =>
  region
    .tasks('STOPPED')
    .filter(
      ({ lastStatus, taskDefinitionArn }) => lastStatus === 'STOPPED' && taskDefinitionArn!.endsWith(`:${revision}`),
    );

describe('a task on Fargate', () => {
  it('passes through PROVISIONING, PENDING and ACTIVATING to RUNNING in about twenty seconds', async () => {
    const region = new EcsRegion();
    const seen = new Set<string>();
    region.ecs.createService({
      cluster: 'prod',
      serviceName: 'api',
      taskDefinition: region.register(region.push('v1', 'a')),
      desiredCount: 1,
    });
    while (!region.view.isSteady && (await region.kernel.step()))
      for (const { lastStatus } of region.tasks()) seen.add(lastStatus!);
    expect([...seen]).toEqual(['PROVISIONING', 'PENDING', 'ACTIVATING', 'RUNNING']);
    const [task] = region.tasks();
    expect(secondsBetween(task!.createdAt, task!.startedAt)).toBeGreaterThan(17);
    expect(secondsBetween(task!.createdAt, task!.startedAt)).toBeLessThan(22);
    expect(task).toMatchObject({
      version: 3,
      startedBy: region.view.deployments[0]!.id,
      group: 'service:api',
      healthStatus: 'UNKNOWN',
    });
  });

  it('sends an event for every change that AWS announces, with a version that counts them', async () => {
    const region = await rolledTo({});
    await region.untilSettled();
    const [old] = stoppedOf(region, 1);
    const story = region
      .eventsOf('ECS Task State Change')
      .filter(({ taskArn }) => taskArn === old!.taskArn)
      .map(({ version, lastStatus, desiredStatus, stopCode }) => [version, lastStatus, desiredStatus, stopCode]);
    expect(story).toEqual([
      [1, 'PROVISIONING', 'RUNNING', undefined],
      [2, 'PENDING', 'RUNNING', undefined],
      [3, 'RUNNING', 'RUNNING', undefined],
      [4, 'RUNNING', 'STOPPED', undefined],
      [5, 'DEPROVISIONING', 'STOPPED', 'ServiceSchedulerInitiated'],
      [6, 'STOPPED', 'STOPPED', 'ServiceSchedulerInitiated'],
    ]);
  });

  it('is stopped by its scheduler with SIGTERM and the words of a scaling activity', async () => {
    const region = await rolledTo({});
    await region.untilSettled();
    const [old] = stoppedOf(region, 1);
    const newId = region.view.deployments[0]!.id;
    expect(old).toMatchObject({
      stopCode: 'ServiceSchedulerInitiated',
      stoppedReason: `Scaling activity initiated by (deployment ${newId})`,
      containers: [{ exitCode: 143, lastStatus: 'STOPPED' }],
      attachments: [{ status: 'DELETED' }],
    });
  });

  it.each([
    { stopTimeout: undefined, seconds: 30 },
    { stopTimeout: 5, seconds: 5 },
  ])('that ignores SIGTERM is killed after $seconds s, with exit code 137', async ({ stopTimeout, seconds }) => {
    const region = new EcsRegion();
    const image = region.push('v1', 'a', { behaviour: 'ignores-sigterm' });
    const taskDefinition = region.register(image, {}, stopTimeout === undefined ? {} : { stopTimeout });
    region.ecs.createService({ cluster: 'prod', serviceName: 'api', taskDefinition, desiredCount: 1 });
    await region.untilSteady();
    region.call('UpdateService', { cluster: 'prod', service: 'api', desiredCount: 0 });
    await region.until(() => stoppedOf(region, 1).length === 1, 'the stop');
    const [task] = stoppedOf(region, 1);
    expect(task!.containers![0]!.exitCode).toBe(137);
    expect(secondsBetween(task!.stoppingAt, task!.executionStoppedAt)).toBe(2 + seconds);
  });

  it('that cannot be pulled fails to start with the reason of the pull, and never was RUNNING', async () => {
    const region = new EcsRegion();
    await region.steadyService({ desiredCount: 1 });
    region.roll(`${REGISTRY}/api@${digestOf('f')}`);
    await region.until(() => stoppedOf(region, 2).length === 1, 'the failure');
    const [task] = stoppedOf(region, 2);
    expect(task).toMatchObject({
      stopCode: 'TaskFailedToStart',
      stoppedReason: `CannotPullContainerError: ${REGISTRY}/api@${digestOf('f')}: not found`,
      version: 4,
    });
    expect(task).not.toHaveProperty('startedAt');
    expect(task!.containers![0]).not.toHaveProperty('exitCode');
  });

  it('whose essential container exits stops with that exit code, and is replaced', async () => {
    const region = await rolledTo({ behaviour: 'crash', 'after-seconds': '7', 'exit-code': '3' });
    await region.until(() => stoppedOf(region, 2).length === 2, 'two crashes');
    const [task] = stoppedOf(region, 2);
    expect(task).toMatchObject({
      stopCode: 'EssentialContainerExited',
      stoppedReason: 'Essential container in task exited',
      containers: [{ exitCode: 3 }],
    });
    expect(secondsBetween(task!.startedAt, task!.executionStoppedAt)).toBe(7);
    expect(region.view.deployments[1]).toMatchObject({ revision: 'api:1', running: 1, healthy: 1 });
  });

  it('that runs out of memory says so in its container, with exit code 137', async () => {
    const region = await rolledTo({ behaviour: 'out-of-memory', 'after-seconds': '7' });
    await region.until(() => stoppedOf(region, 2).length === 1, 'the end');
    expect(stoppedOf(region, 2)[0]).toMatchObject({
      stopCode: 'EssentialContainerExited',
      containers: [{ exitCode: 137, reason: 'OutOfMemoryError: Container killed due to memory usage' }],
    });
  });

  it('lives on when a container that is not essential exits', async () => {
    const region = new EcsRegion();
    const sidecar = region.push('side', 'c', { behaviour: 'crash', 'after-seconds': '9', 'exit-code': '2' });
    const containerDefinitions = [
      { name: 'app', image: region.push('v1', 'a') },
      { name: 'side', image: sidecar, essential: false },
    ];
    const taskDefinition = region.register('', { containerDefinitions });
    region.ecs.createService({ cluster: 'prod', serviceName: 'api', taskDefinition, desiredCount: 1 });
    await region.untilSettled();
    const [task] = region.tasks();
    expect(task).toMatchObject({
      lastStatus: 'RUNNING',
      version: 4,
      containers: [{ lastStatus: 'RUNNING' }, { exitCode: 2, lastStatus: 'STOPPED' }],
    });
  });

  it('stops its other containers with SIGTERM when an essential one ends first', async () => {
    const region = new EcsRegion();
    const containerDefinitions = [
      { name: 'app', image: region.push('v1', 'a') },
      { name: 'side', image: region.push('side', 'c', { behaviour: 'crash', 'after-seconds': '9' }) },
    ];
    const taskDefinition = region.register('', { containerDefinitions });
    region.ecs.createService({ cluster: 'prod', serviceName: 'api', taskDefinition, desiredCount: 1 });
    await region.until(() => stoppedOf(region, 1).length === 1, 'the end');
    expect(stoppedOf(region, 1)[0]!.containers!.map(({ name, exitCode }) => [name, exitCode])).toEqual([
      ['app', 143],
      ['side', 1],
    ]);
  });

  it('can be described for an hour after it stopped', async () => {
    const region = await rolledTo({});
    await region.untilSettled();
    const [old] = stoppedOf(region, 1);
    const describe = () => region.call('DescribeTasks', { cluster: 'prod', tasks: [old!.taskArn!] });
    await region.kernel.runFor(3_500_000);
    expect(describe().tasks).toHaveLength(1);
    await region.kernel.runFor(200_000);
    expect(describe()).toEqual({ tasks: [], failures: [{ arn: old!.taskArn, reason: 'MISSING' }] });
  });

  it('stopped by a person carries their reason at once, without a stop code until it is torn down', async () => {
    const region = await rolledTo({});
    await region.untilSettled();
    const [before] = region.tasks();
    const { task } = region.call('StopTask', { cluster: 'prod', task: before!.taskArn!, reason: 'by hand' });
    expect(task).toMatchObject({ lastStatus: 'RUNNING', desiredStatus: 'STOPPED', stoppedReason: 'by hand' });
    expect(task).not.toHaveProperty('stopCode');
    await region.kernel.runFor(30_000);
    expect(stoppedOf(region, 2)[0]).toMatchObject({ stopCode: 'UserInitiated', stoppedReason: 'by hand' });
    expect(region.tasks()[0]!.taskArn).not.toBe(before!.taskArn);
    await region.untilSteady();
    expect(region.view.deployments[0]).toMatchObject({ running: 1, rolloutState: 'COMPLETED' });
  });
});

describe('the image of a task', () => {
  it('is resolved from its tag once per deployment: a tag that moves changes nothing until the next deployment', async () => {
    const region = new EcsRegion();
    region.push('live', 'a');
    region.ecs.createService({
      cluster: 'prod',
      serviceName: 'api',
      taskDefinition: region.register(`${REGISTRY}/api:live`),
      desiredCount: 1,
    });
    await region.untilSteady();
    region.push('live', 'b');
    region.call('UpdateService', { cluster: 'prod', service: 'api', desiredCount: 2 });
    await region.untilSteady();
    const digests = () => region.tasks().map(({ containers }) => containers![0]!.imageDigest);
    expect(digests()).toEqual([digestOf('a'), digestOf('a')]);
    expect(region.pulls.at(-1)).toBe(`${REGISTRY}/api@${digestOf('a')}`);
    region.call('UpdateService', { cluster: 'prod', service: 'api', forceNewDeployment: true });
    await region.untilSteady();
    expect(digests()).toEqual([digestOf('b'), digestOf('b')]);
  });
});

describe('container health', () => {
  it('is UNKNOWN until the first check, then HEALTHY, and only then does the task count', async () => {
    const region = await rolledTo({ behaviour: 'slow-start', 'after-seconds': '33' }, HEALTH_CHECK);
    await region.until(() => region.view.deployments[0]!.running === 1, 'RUNNING');
    await region.kernel.runFor(39_000);
    const newest = () => region.tasks().find(({ taskDefinitionArn }) => taskDefinitionArn!.endsWith(':2'))!;
    expect([newest().healthStatus, region.view.deployments[0]!.healthy]).toEqual(['UNKNOWN', 0]);
    await region.kernel.runFor(2_000);
    expect([newest().healthStatus, region.view.deployments[0]!.healthy]).toEqual(['HEALTHY', 1]);
    expect(newest().containers![0]!.healthStatus).toBe('HEALTHY');
    await region.untilSteady();
  });

  it('that fails replaces the task: the replacement starts first, then the unhealthy one is stopped', async () => {
    const region = await rolledTo({ behaviour: 'never-healthy' }, HEALTH_CHECK);
    const told = region.messages.length;
    await region.until(() => stoppedOf(region, 2).length === 1, 'the first replacement');
    expect(region.messages.slice(told)).toEqual([
      'has started 1 tasks: (task).',
      'has started 1 tasks: (task). Amazon ECS replaced 1 tasks due to an unhealthy status.',
      '(task) failed container health checks.',
      'has stopped 1 running tasks: (task).',
    ]);
    const [task] = stoppedOf(region, 2);
    expect(task).toMatchObject({
      stopCode: 'ServiceSchedulerInitiated',
      stoppedReason: 'Task failed container health checks',
    });
    expect(task!.containers![0]).toMatchObject({ exitCode: 143, healthStatus: 'UNHEALTHY' });
  });

  it('that fails stops the task first where maximumPercent allows nothing above the desired count', async () => {
    const region = new EcsRegion();
    await region.steadyService(
      { desiredCount: 1, deploymentConfiguration: { minimumHealthyPercent: 0, maximumPercent: 100 } },
      HEALTH_CHECK,
    );
    region.roll(region.push('v2', 'b', { behaviour: 'never-healthy' }), HEALTH_CHECK);
    let most = 0;
    const isReplaced = () => {
      most = Math.max(most, region.view.running + region.view.pending);
      return stoppedOf(region, 2).length === 2;
    };
    await region.until(isReplaced, 'two replacements');
    expect(most).toBe(1);
  });

  it('is not looked at by the scheduler within healthCheckGracePeriodSeconds', async () => {
    const region = new EcsRegion();
    await region.steadyService({ desiredCount: 1, healthCheckGracePeriodSeconds: 200 }, HEALTH_CHECK);
    region.roll(region.push('v2', 'b', { behaviour: 'never-healthy' }), HEALTH_CHECK);
    await region.until(() => stoppedOf(region, 2).length === 1, 'the first replacement');
    const [task] = stoppedOf(region, 2);
    expect(secondsBetween(task!.startedAt, task!.stoppingAt)).toBe(200);
  });

  it.each([
    [{ interval: 10 }, { kind: 'healthy' }, [[10, 'HEALTHY']]],
    [{}, { kind: 'healthy' }, [[30, 'HEALTHY']]],
    [{ interval: 10, retries: 2 }, { kind: 'never-healthy' }, [[20, 'UNHEALTHY']]],
    [{ interval: 10, retries: 2, startPeriod: 25 }, { kind: 'never-healthy' }, [[40, 'UNHEALTHY']]],
    [{ interval: 10, retries: 2, startPeriod: 60 }, { kind: 'slow-start', afterSeconds: 65 }, [[70, 'HEALTHY']]],
    [
      { interval: 10, retries: 2 },
      { kind: 'slow-start', afterSeconds: 65 },
      [
        [20, 'UNHEALTHY'],
        [70, 'HEALTHY'],
      ],
    ],
  ] as const)('of check %o and behaviour %o changes at %o', (check, behaviour, expected) => {
    const changes = healthChanges({ command: ['CMD', 'true'], ...check }, behaviour);
    expect(changes.map(({ afterMs, status }) => [afterMs / 1000, status])).toEqual(expected);
  });
});

describe('what an image does', () => {
  it.each([
    [{}, { kind: 'healthy' }],
    [{ behaviour: 'never-healthy' }, { kind: 'never-healthy' }],
    [{ behaviour: 'ignores-sigterm' }, { kind: 'ignores-sigterm' }],
    [{ behaviour: 'crash' }, { kind: 'crash', afterSeconds: 5, exitCode: 1 }],
    [
      { behaviour: 'crash', 'after-seconds': '0', 'exit-code': '42' },
      { kind: 'crash', afterSeconds: 0, exitCode: 42 },
    ],
    [
      { behaviour: 'out-of-memory', 'after-seconds': '9' },
      { kind: 'out-of-memory', afterSeconds: 9 },
    ],
    [{ behaviour: 'slow-start' }, { kind: 'slow-start', afterSeconds: 30 }],
  ])('is read from annotations %o', (given, expected) => {
    const annotations = Object.fromEntries(Object.entries(given).map(([name, value]) => [`rehearsal.${name}`, value]));
    expect(readBehaviour(annotations)).toEqual(expected);
  });

  it('is refused by name when the word or the number is unknown', () => {
    expect(() => readBehaviour({ 'rehearsal.behaviour': 'sleepy' })).toThrow(
      /rehearsal\.behaviour "sleepy" \(known: healthy, crash, .*\) is not modelled/,
    );
    expect(() => readBehaviour({ 'rehearsal.behaviour': 'crash', 'rehearsal.after-seconds': 'soon' })).toThrow(
      /after-seconds "soon"/,
    );
  });

  it('is refused before it runs where restarts or start order would change it', async () => {
    const region = new EcsRegion();
    await region.steadyService();
    const roll = (container: object) => () => region.roll(region.push('v2', 'b'), container);
    expect(roll({ restartPolicy: { enabled: true } })).toThrow(NotModelled);
    const database = { name: 'database', image: 'postgres:17', healthCheck: { command: ['CMD-SHELL', 'pg_isready'] } };
    const dependsOn = [{ containerName: 'database', condition: 'HEALTHY' as const }];
    const app = { name: 'app', image: region.push('v3', 'c'), dependsOn };
    const taskDefinition = region.register('', { containerDefinitions: [app, database] });
    expect(() => region.call('UpdateService', { cluster: 'prod', service: 'api', taskDefinition })).toThrow(
      NotModelled,
    );
    expect(roll({ restartPolicy: { enabled: false } })).not.toThrow();
  });
});

describe('ListTasks', () => {
  it('filters by what a task is meant to be, by service, family and deployment, and pages', async () => {
    const region = new EcsRegion();
    await region.steadyService({ desiredCount: 3 });
    const id = region.roll(region.push('v2', 'b'));
    await region.until(() => region.view.deployments[0]!.healthy > 0, 'healthy');
    await region.kernel.runFor(3000);
    const list = (input: object) => region.call('ListTasks', { cluster: 'prod', ...input });
    const stopping = list({ serviceName: 'api', desiredStatus: 'STOPPED' }).taskArns!;
    const { tasks } = region.call('DescribeTasks', { cluster: 'prod', tasks: stopping });
    expect(tasks!.some(({ lastStatus }) => lastStatus !== 'STOPPED')).toBe(true);
    expect(list({ startedBy: id }).taskArns).toHaveLength(3);
    expect(list({ family: 'web' }).taskArns).toEqual([]);
    const first = list({ family: 'api', maxResults: 2 });
    const rest = list({ family: 'api', maxResults: 100, nextToken: first.nextToken });
    expect([...first.taskArns!, ...rest.taskArns!]).toEqual(list({ family: 'api' }).taskArns);
    expect(rest.nextToken).toBeUndefined();
    expect(faultOf(() => list({ startedBy: id, family: 'api' }))).toContain('InvalidParameterException');
    expect(faultOf(() => list({ serviceName: 'web' }))).toBe('ServiceNotFoundException: Service not found.');
  });
});
