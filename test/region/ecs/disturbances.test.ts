import { describe, expect, it } from 'vitest';
import type { Disturbance } from '../../../region/ecs/ecs.ts';
import { CARELESS, watch } from './careless-watcher.ts';
import { EcsRegion, REGISTRY, digestOf } from './ecs-fixture.ts';

/** Sound tasks of the service by the digest that they truly run. */
function soundTasks(region: EcsRegion): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { isSound, containers } of region.ecs.truth()) {
    const digest = containers[0]!.imageDigest!;
    if (isSound) counts[digest] = (counts[digest] ?? 0) + 1;
  }
  return counts;
}

async function rolling(disturbance: Disturbance, service: object = {}) {
  const region = new EcsRegion();
  await region.steadyService(service);
  const end = region.ecs.disturb(disturbance);
  const id = region.roll(region.push('v2', 'b'));
  return { region, end, id };
}

describe('premature-completion', () => {
  it.each(['believesCompleted', 'believesCounts'] as const)(
    'makes a watcher that %s succeed while only the old image runs',
    async (careless) => {
      const { region, id } = await rolling({ kind: 'premature-completion' });
      await region.until(() => region.service.deployments![0]!.desiredCount === 2, 'the beginning');
      expect(await watch(region, id, CARELESS[careless], 60)).toBe('succeeded');
      expect(soundTasks(region)).toEqual({ [digestOf('a')]: 2 });
    },
  );

  it('announces COMPLETED twice, too early and in time, and shows the tasks as they are', async () => {
    const { region, id } = await rolling({ kind: 'premature-completion' });
    const completed = () =>
      region
        .eventsOf('ECS Deployment State Change')
        .filter(({ deploymentId, eventName }) => deploymentId === id && eventName === 'SERVICE_DEPLOYMENT_COMPLETED');
    await region.kernel.runFor(12_000);
    expect(completed()).toHaveLength(1);
    expect(region.service).toMatchObject({
      runningCount: 2,
      pendingCount: 0,
      deployments: [
        {
          id,
          status: 'PRIMARY',
          rolloutState: 'COMPLETED',
          rolloutStateReason: `ECS deployment ${id} completed.`,
          runningCount: 2,
        },
      ],
    });
    const startedByRoll = region.tasks().filter(({ startedBy }) => startedBy === id);
    expect(startedByRoll.map(({ lastStatus }) => lastStatus)).toEqual(['PROVISIONING', 'PROVISIONING']);
    await region.untilSettled();
    expect(completed()).toHaveLength(2);
  });

  it('never hides a deployment that has FAILED', async () => {
    const { region, id } = await rolling(
      { kind: 'premature-completion' },
      { deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: false } } },
    );
    region.images.clear();
    await region.until(() => region.view.deployments[0]!.rolloutState === 'FAILED', 'the breaker');
    expect(region.service.deployments![0]).toMatchObject({ id, rolloutState: 'FAILED' });
  });

  it('ends with its end', async () => {
    const { region, end } = await rolling({ kind: 'premature-completion' });
    await region.kernel.runFor(12_000);
    end();
    expect(region.service.deployments).toMatchObject([{ rolloutState: 'IN_PROGRESS' }, { rolloutState: 'COMPLETED' }]);
  });
});

describe('other-image', () => {
  it('lets a watcher that believes COMPLETED succeed although a task runs another digest, which it shows', async () => {
    const { region, id } = await rolling({ kind: 'other-image', image: `${REGISTRY}/api:v1`, tasks: 1 });
    expect(await watch(region, id, CARELESS.believesCompleted, 300)).toBe('succeeded');
    expect(soundTasks(region)).toEqual({ [digestOf('a')]: 1, [digestOf('b')]: 1 });
    const shown = region.tasks().map(({ containers }) => containers![0]!.imageDigest);
    expect(shown.toSorted()).toEqual([digestOf('a'), digestOf('b')]);
  });

  it('resolves nothing by it: a tag of the deployment is what it was', async () => {
    const region = new EcsRegion();
    await region.steadyService({ desiredCount: 1 });
    region.push('v2', 'b');
    region.ecs.disturb({ kind: 'other-image', image: `${REGISTRY}/api:v1`, container: 'app', tasks: 1 });
    region.roll(`${REGISTRY}/api:v2`);
    await region.untilSettled();
    const [task] = region.tasks();
    expect(task!.containers![0]!.imageDigest).toBe(digestOf('a'));
    region.call('StopTask', { cluster: 'prod', task: task!.taskArn! });
    await region.untilSettled();
    expect(soundTasks(region)).toEqual({ [digestOf('b')]: 1 });
  });

  it('may be about one container alone, and changes nothing that whoever began it holds', async () => {
    const disturbance = { kind: 'other-image', image: `${REGISTRY}/api:v1`, container: 'sidecar', tasks: 2 } as const;
    const { region } = await rolling(disturbance);
    await region.untilSettled();
    expect(soundTasks(region)).toEqual({ [digestOf('b')]: 2 });
    expect(disturbance.tasks).toBe(2);
  });

  it('is refused for no task', () => {
    expect(() => new EcsRegion().ecs.disturb({ kind: 'other-image', image: 'x', tasks: 0 })).toThrow(
      'other-image of 0 tasks',
    );
  });
});

it('hidden-digests makes a watcher that takes no digest for no matter succeed with another image', async () => {
  const { region, id } = await rolling({ kind: 'hidden-digests' });
  region.ecs.disturb({ kind: 'other-image', image: `${REGISTRY}/api:v1`, tasks: 2 });
  const looksForOthers: Parameters<typeof watch>[2] = (deploymentId, service) => {
    const digests = region.tasks().flatMap(({ containers = [] }) => containers.map(({ imageDigest }) => imageDigest));
    const isOther = digests.some((digest) => digest !== undefined && digest !== digestOf('b'));
    return isOther ? 'waiting' : CARELESS.believesCompleted(deploymentId, service);
  };
  expect(await watch(region, id, looksForOthers, 300)).toBe('succeeded');
  expect(soundTasks(region)).toEqual({ [digestOf('a')]: 2 });
});

it('hidden-digests shows no digest, in answers and events, of the service that it names', async () => {
  const { region, end } = await rolling({ kind: 'hidden-digests', service: 'api' });
  await region.untilSettled();
  expect(region.tasks().every(({ containers }) => containers![0]!.imageDigest === undefined)).toBe(true);
  const running = region.eventsOf('ECS Task State Change').filter(({ lastStatus }) => lastStatus === 'RUNNING');
  expect(running.at(-1)).toMatchObject({
    containers: [expect.not.objectContaining({ imageDigest: expect.anything() })],
  });
  end();
  expect(region.tasks().map(({ containers }) => containers![0]!.imageDigest)).toEqual([digestOf('b'), digestOf('b')]);
});

describe('unknown-words', () => {
  const words = {
    rolloutState: { IN_PROGRESS: 'VALIDATING' },
    lastStatus: { PENDING: 'PREPARING' },
    healthStatus: { UNKNOWN: 'STARTING' },
    deploymentStatus: { ACTIVE: 'RETIRING' },
    serviceStatus: { ACTIVE: 'RECONCILING' },
    eventName: { SERVICE_DEPLOYMENT_IN_PROGRESS: 'SERVICE_DEPLOYMENT_VALIDATING' },
  };

  it('replaces those of containers, and those with which a task stops', async () => {
    const { region } = await rolling({
      kind: 'unknown-words',
      words: {
        lastStatus: { RUNNING: 'THRIVING', STOPPED: 'RETIRED' },
        healthStatus: { UNKNOWN: 'STARTING' },
        desiredStatus: { STOPPED: 'RETIRING' },
        stopCode: { ServiceSchedulerInitiated: 'ReplacedByService' },
      },
    });
    await region.untilSettled();
    const container = { lastStatus: 'THRIVING', healthStatus: 'STARTING' };
    expect(region.tasks()).toMatchObject(Array(2).fill({ lastStatus: 'THRIVING', containers: [container] }));
    const stopped = { lastStatus: 'RETIRED', desiredStatus: 'RETIRING', stopCode: 'ReplacedByService' };
    expect(region.tasks('STOPPED')).toMatchObject(
      Array(2).fill({ ...stopped, containers: [{ lastStatus: 'RETIRED' }] }),
    );
  });

  it('ends a watcher that has a case for every word', async () => {
    const { region, id } = await rolling({ kind: 'unknown-words', words });
    await expect(watch(region, id, CARELESS.knowsEveryWord, 60)).rejects.toThrow('no case for VALIDATING');
  });

  it('replaces them wherever they are shown and leaves what happens alone', async () => {
    const { region, end } = await rolling({ kind: 'unknown-words', words });
    await region.kernel.runFor(14_000);
    expect(region.service).toMatchObject({
      status: 'RECONCILING',
      deployments: [
        { status: 'PRIMARY', rolloutState: 'VALIDATING' },
        { status: 'RETIRING', rolloutState: 'COMPLETED' },
      ],
    });
    await region.untilSettled();
    expect(region.tasks()).toMatchObject(Array(2).fill({ lastStatus: 'RUNNING', healthStatus: 'STARTING' }));
    const seen = region.eventsOf('ECS Task State Change').map(({ lastStatus }) => lastStatus);
    expect(seen).toContain('PREPARING');
    expect(region.eventsOf('ECS Deployment State Change').map(({ eventName }) => eventName)).toContain(
      'SERVICE_DEPLOYMENT_VALIDATING',
    );
    end();
    expect(region.service).toMatchObject({ status: 'ACTIVE', deployments: [{ rolloutState: 'COMPLETED' }] });
  });
});

describe('no-capacity', () => {
  it.each([
    ['capacity', 'Capacity is unavailable at this time. Please try again later or in a different availability zone.'],
    ['vcpu-quota', "You've reached the limit on the number of vCPUs you can run concurrently."],
  ] as const)(
    'by %s is told by service events alone: a watcher that waits for failed tasks waits for ever',
    async (cause, text) => {
      const { region, id } = await rolling({ kind: 'no-capacity', cause });
      expect(await watch(region, id, CARELESS.waitsForFailedTasks, 3_600)).toBe('waiting');
      expect(region.tasks('STOPPED')).toEqual([]);
      expect(region.messages.at(-1)).toBe(
        `was unable to place a task. Reason: ${text} For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.`,
      );
      const failures = region
        .eventsOf('ECS Service Action')
        .filter(({ eventName }) => eventName === 'SERVICE_TASK_PLACEMENT_FAILURE');
      expect(failures.at(-1)).toMatchObject({ eventType: 'ERROR', reason: 'RESOURCE:FARGATE' });
    },
  );

  it('lets nothing take the place of a task that fails its check', async () => {
    const region = new EcsRegion();
    const check = { healthCheck: { command: ['CMD', 'true'], interval: 10, retries: 3 } };
    await region.steadyService({}, check);
    const id = region.roll(region.push('v2', 'b', { behaviour: 'never-healthy' }), check);
    await region.until(() => region.view.deployments[0]!.running === 2, 'the new tasks');
    region.ecs.disturb({ kind: 'no-capacity' });
    await region.until(() => region.view.deployments[0]!.failedTasks > 0, 'a failed check');
    await region.kernel.runFor(120_000);
    expect(region.view.deployments[0]).toMatchObject({ id, running: 0, pending: 0 });
  });

  it('of one service leaves another alone', async () => {
    const { region } = await rolling({ kind: 'no-capacity', service: 'other' });
    await region.untilSettled();
    expect(region.view.deployments).toMatchObject([{ revision: 'api:2', running: 2 }]);
  });
});

it('failed-pulls: tasks fail to start with those words as long as it lasts, whatever the registry has', async () => {
  const { region } = await rolling({
    kind: 'failed-pulls',
    cause: 'unexpected status code https://r/x: 503 Service Unavailable',
  });
  await region.until(() => region.tasks('STOPPED').length > 1, 'two tasks that failed to start');
  expect(region.tasks('STOPPED')[0]).toMatchObject({
    stopCode: 'TaskFailedToStart',
    stoppedReason: 'CannotPullContainerError: unexpected status code https://r/x: 503 Service Unavailable',
  });
  expect(region.view.deployments[0]).toMatchObject({ running: 0 });
});

it('draws nothing: a world with a disturbance that finds nothing to do is the world without one', async () => {
  const play = async (disturbances: readonly Disturbance[]): Promise<unknown> => {
    const region = new EcsRegion(7);
    for (const disturbance of disturbances) region.ecs.disturb(disturbance);
    await region.steadyService();
    region.roll(region.push('v2', 'b'));
    await region.untilSettled();
    expect(region.ecs.disturbances().map(({ acted }) => acted)).toEqual(disturbances.map(() => 0));
    return [region.trace, region.events];
  };
  const idle: readonly Disturbance[] = [
    { kind: 'unknown-words', words: {} },
    { kind: 'no-capacity', service: 'other' },
    { kind: 'premature-completion', service: 'other' },
    { kind: 'failed-pulls', service: 'other', cause: 'EOF' },
    { kind: 'impaired-zone', zone: 'us-east-1c' },
  ];
  expect(await play(idle)).toEqual(await play([]));
});

const OTHER_WORDS = { lastStatus: { PENDING: 'PREPARING' } };

it.each<Disturbance>([
  { kind: 'premature-completion' },
  { kind: 'other-image', image: `${REGISTRY}/api:v1`, tasks: 1 },
  { kind: 'hidden-digests' },
  { kind: 'unknown-words', words: OTHER_WORDS },
  { kind: 'no-capacity' },
  { kind: 'failed-pulls', cause: 'EOF' },
  { kind: 'impaired-zone', zone: 'us-east-1a' },
])('$kind counts what it does, and nothing while there is nothing to do', async (disturbance) => {
  const region = new EcsRegion();
  const subnets = ['subnet-a', 'subnet-b'];
  await region.steadyService({ networkConfiguration: { awsvpcConfiguration: { subnets } } });
  region.ecs.disturb(disturbance);
  const [begun] = region.ecs.disturbances();
  await region.kernel.runFor(120_000);
  expect(begun!.acted).toBe(0);
  region.roll(region.push('v2', 'b'));
  await region.kernel.runFor(120_000);
  expect(begun!.acted).toBeGreaterThan(0);
});

it('no-capacity acts where nothing takes the place of what was taken back', async () => {
  const region = new EcsRegion();
  await region.steadyService();
  region.ecs.disturb({ kind: 'no-capacity' });
  const [begun] = region.ecs.disturbances();
  region.ecs.interrupt('prod', 'api', { cause: 'retirement', tasks: 1 });
  await region.kernel.runFor(60_000);
  expect(begun!.acted).toBeGreaterThan(0);
});

it('hidden-digests counts no digest that there never was', async () => {
  const region = new EcsRegion();
  await region.steadyService();
  region.ecs.disturb({ kind: 'hidden-digests' });
  const [begun] = region.ecs.disturbances();
  region.roll(region.push('v2', 'b'));
  region.images.clear();
  await region.until(() => region.view.deployments[0]!.failedTasks > 0, 'a failed pull');
  expect(begun!.acted).toBe(0);
});

describe('the circuit breaker', () => {
  it('goes back to the last COMPLETED deployment although another one was PRIMARY when the failed roll began', async () => {
    const region = new EcsRegion();
    await region.steadyService({
      deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: true } },
    });
    const [first] = region.view.deployments;
    const second = region.roll(region.push('v2', 'b', { behaviour: 'crash', 'after-seconds': '20' }));
    await region.kernel.runFor(120_000);
    expect(region.service.deployments![0]).toMatchObject({
      id: second,
      status: 'PRIMARY',
      rolloutState: 'IN_PROGRESS',
    });
    const third = region.roll(`${REGISTRY}/api@${digestOf('0')}`);
    await region.until(() => region.view.deployments[0]!.id !== third, 'the rollback');
    expect(region.view.deployments[0]).toMatchObject({ id: first!.id, revision: 'api:1', rolloutState: 'IN_PROGRESS' });
    await region.untilSettled();
    // "One deployment and its counts" says that all is well, with an image that neither the second nor the third roll named.
    expect(await watch(region, third, CARELESS.believesCounts, 60)).toBe('succeeded');
    expect(soundTasks(region)).toEqual({ [digestOf('a')]: 2 });
  });
});
