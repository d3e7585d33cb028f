import type {
  DescribeServicesResponse,
  DescribeTaskDefinitionResponse,
  ListServiceDeploymentsResponse,
  RegisterTaskDefinitionResponse,
} from '@aws-sdk/client-ecs';
import { describe, expect, it } from 'vitest';
import { operate } from '../../rehearsal/cell/operator.ts';
import { ECS_FAULTS } from '../../rehearsal/faults/ecs-faults.ts';
import type { World } from '../../rehearsal/world.ts';
import type { TaskTruth } from '../../region/ecs/ecs.ts';
import { imageManifest } from '../../region/ecr/image-manifests.ts';
import { proveAnImage } from './proven-image.ts';
import { setting } from './setting.ts';

const openWorld = setting();
const SPOT = { members: { capacityProviderStrategy: [{ capacityProvider: 'FARGATE_SPOT', weight: 1 }] } };
/** By then no fault is left, and ECS has repaired what it left behind. */
const AFTERMATH_SECONDS = 900;
/** No push waits longer for somebody else's deployment. */
const DEADLINE_SECONDS = 1200;
const FAULTS = ECS_FAULTS.map((fault) => [fault.name, fault] as const);

/** Whether ECS has begun to run the image, as it truly is. */
function hasNewTasks({ region }: World, digest: string): () => boolean {
  const isNew = (task: TaskTruth): boolean => task.isSound && task.containers[0]?.imageDigest === digest;
  return () => region.ecs.truth().filter(isNew).length === 2;
}

/** Whether nothing is left of the deployments before the one that a push began. */
function hasCompleted({ region }: World): () => boolean {
  const before = region.ecs.serviceView('prod', 'api').deployments[0]!.id;
  return () => {
    const { deployments, isSteady } = region.ecs.serviceView('prod', 'api');
    return isSteady && deployments[0]!.id !== before;
  };
}

async function serviceMessages({ region }: World): Promise<string[]> {
  const request = { cluster: 'prod', services: ['api'] };
  const { services } = await operate<DescribeServicesResponse>(region, 'ecs', 'DescribeServices', request);
  return services![0]!.events!.map(({ message }) => message!);
}

/** Somebody else rolls an image of theirs, which does what the annotations say. */
async function deployByHand({ region, config }: World, annotations: Record<string, string>): Promise<void> {
  const image = imageManifest({ seedText: 'of somebody else', annotations });
  const digest = region.ecr.pushImage({ repositoryName: config.repository, image });
  const { taskDefinition } = await operate<DescribeTaskDefinitionResponse>(region, 'ecs', 'DescribeTaskDefinition', {
    taskDefinition: config.family,
  });
  const { family, cpu, memory, networkMode, requiresCompatibilities, executionRoleArn } = taskDefinition!;
  const reference = `${region.account}.dkr.ecr.${region.region}.amazonaws.com/${config.repository}@${digest}`;
  const { taskDefinition: theirs } = await operate<RegisterTaskDefinitionResponse>(
    region,
    'ecs',
    'RegisterTaskDefinition',
    {
      ...{ family, cpu, memory, networkMode, requiresCompatibilities, executionRoleArn },
      containerDefinitions: taskDefinition!.containerDefinitions!.map((one) => ({ ...one, image: reference })),
    },
  );
  const update = { cluster: 'prod', service: 'api', taskDefinition: theirs!.taskDefinitionArn };
  await operate(region, 'ecs', 'UpdateService', update);
}

/** Lets ECS go back, as its circuit breaker does. */
async function stopDeployment({ region }: World): Promise<void> {
  const request = { cluster: 'prod', service: 'api', status: ['IN_PROGRESS'] };
  const { serviceDeployments } = await operate<ListServiceDeploymentsResponse>(
    region,
    'ecs',
    'ListServiceDeployments',
    request,
  );
  const { serviceDeploymentArn } = serviceDeployments![0]!;
  await operate(region, 'ecs', 'StopServiceDeployment', { serviceDeploymentArn, stopType: 'ROLLBACK' });
}

/** The auditor holds each of these worlds to the truth about its tasks, whatever ECS shows. */
describe('when ECS acts up', () => {
  it.each(FAULTS)('(%s) a good image is proven, or taken back', async (_name, fault) => {
    const world = await openWorld({ service: SPOT });
    const good = await proveAnImage(world);
    const { end } = fault.inject(world);
    const digest = await world.push();
    const { outcome } = await world.untilRolloutEnds();
    end();
    expect(['SUCCEEDED', ...(fault.mayAlsoEnd ?? [])]).toContain(outcome);
    await world.advance(AFTERMATH_SECONDS);
    expect((await world.service()).imageDigests).toEqual([outcome === 'SUCCEEDED' ? digest : good]);
  });

  it.each(FAULTS)(
    '(%s) an image that crashes is taken back within minutes, and the message says why',
    async (_name, fault) => {
      const world = await openWorld({ service: SPOT });
      const good = await proveAnImage(world);
      const { end } = fault.inject(world);
      await world.push({ behaviour: 'crash', afterSeconds: 9, exitCode: 3 });
      const before = world.seconds;
      const { outcome, message } = await world.untilRolloutEnds();
      end();
      expect([outcome, message]).toEqual(['ROLLED_BACK', expect.stringContaining('container api exited with code 3')]);
      expect(world.seconds - before).toBeLessThan(AFTERMATH_SECONDS);
      await world.advance(AFTERMATH_SECONDS);
      expect((await world.service()).imageDigests).toEqual([good]);
    },
  );
});

it('takes back an image that another one ran in place of, and says that', async () => {
  const world = await openWorld();
  await proveAnImage(world);
  ECS_FAULTS.find(({ name }) => name === 'ecs-other-image')!.inject(world);
  await world.push();
  expect(await world.untilRolloutEnds()).toMatchObject({
    outcome: 'ROLLED_BACK',
    message: expect.stringMatching(/^Task \S+ runs another image than the one that was pushed\./) as unknown,
  });
});

describe('interruptions blame nobody', () => {
  const CAUSES = [
    ['spot', 'steady'],
    ['spot', 'bake'],
    ['host-failure', 'steady'],
    ['host-failure', 'bake'],
    ['retirement', 'bake'],
  ] as const;
  it.each(CAUSES)('%s of every task while the rollout waits (%s)', async (cause, kind) => {
    const world = await openWorld({ service: SPOT });
    await proveAnImage(world);
    const digest = await world.push();
    const isReached = kind === 'bake' ? hasCompleted(world) : hasNewTasks(world, digest);
    await world.region.kernel.runUntil(isReached, kind, 600_000);
    expect(world.region.ecs.interrupt('prod', 'api', { cause }).length).toBeGreaterThan(1);
    expect(await world.untilRolloutEnds()).toMatchObject({ outcome: 'SUCCEEDED' });
    expect((await world.service()).imageDigests).toEqual([digest]);
  });
});

it('says that nothing could be placed, and why, when the deadline comes', async () => {
  const world = await openWorld();
  await proveAnImage(world);
  const end = world.region.ecs.disturb({ kind: 'no-capacity' });
  await world.push();
  const { outcome, message } = await world.untilRolloutEnds();
  end();
  // The way back has nothing to place its tasks on either; the old ones still run.
  expect(outcome).toBe('FAILED_ROLLBACK');
  expect(message).toContain(
    'ECS says that it was unable to place a task. Reason: Capacity is unavailable at this time.',
  );
  expect((await world.ledgerState())?.quarantine).toEqual([]);
});

it("recognises ECS's rollback to the last COMPLETED deployment although another one was PRIMARY before ours", async () => {
  const world = await setting({ deadlineSeconds: DEADLINE_SECONDS })({ service: { circuitBreaker: 'rollback' } });
  const good = await proveAnImage(world);
  const { taskDefinition: proven } = await world.service();
  await deployByHand(world, { 'rehearsal.behaviour': 'crash', 'rehearsal.after-seconds': '20' });
  await world.advance(DEADLINE_SECONDS + 60);
  await world.push();
  await world.advance(25);
  await stopDeployment(world);
  expect(await world.untilRolloutEnds()).toMatchObject({ outcome: 'ROLLED_BACK_BY_ECS' });
  expect(await world.service()).toMatchObject({ taskDefinition: proven, imageDigests: [good], runningCount: 2 });
});

it('recognises it, too, when that deployment is COMPLETED again before anybody looks', async () => {
  const world = await openWorld({ service: { circuitBreaker: 'rollback' } });
  const good = await proveAnImage(world);
  const { taskDefinition: proven } = await world.service();
  await deployByHand(world, { 'rehearsal.behaviour': 'crash', 'rehearsal.after-seconds': '20' });
  await world.advance(60);
  // Ours is never placed, and of what ECS does about it nobody hears: the watch looks after 60 s, and after 300 s more.
  const end = world.region.ecs.disturb({ kind: 'no-capacity' });
  world.region.events.setDelivery(() => 'never');
  await world.push();
  await world.start({});
  await world.advance(90);
  await stopDeployment(world);
  end();
  const { outcome, message } = await world.untilRolloutEnds();

  expect(outcome).toBe('ROLLED_BACK_BY_ECS');
  expect(message).toMatch(/ECS rolled back to ecs-svc\/\d+: ECS deployment ecs-svc\/\d+ completed\./);
  expect(await world.service()).toMatchObject({ taskDefinition: proven, imageDigests: [good], runningCount: 2 });
});

it('proves an image while ECS moves tasks between Availability Zones', async () => {
  const awsvpcConfiguration = { subnets: ['subnet-a', 'subnet-b'], securityGroups: ['sg-1'] };
  const members = { networkConfiguration: { awsvpcConfiguration }, desiredCount: 4 };
  const world = await openWorld({ service: { members } });
  await proveAnImage(world);
  const end = world.region.ecs.disturb({ kind: 'impaired-zone', zone: 'us-east-1a' });
  const digest = await world.push();
  await world.region.kernel.runUntil(hasCompleted(world), 'the bake', 600_000);
  end();
  expect(await world.untilRolloutEnds()).toMatchObject({ outcome: 'SUCCEEDED' });
  await world.advance(AFTERMATH_SECONDS);
  expect(await world.service()).toMatchObject({ imageDigests: [digest], runningCount: 4 });
  expect(await serviceMessages(world)).toContainEqual(expect.stringContaining('to AZ Rebalance'));
});

describe('a replicated image', () => {
  const replicate = (world: World): string =>
    world.region.ecr.replicate({
      repositoryName: world.config.repository,
      image: imageManifest({ seedText: 'pushed elsewhere' }),
      tag: 'live',
      sourceRegion: 'eu-west-1',
    });

  it('rolls as a pushed one does', async () => {
    const world = await openWorld();
    await proveAnImage(world);
    const digest = replicate(world);
    expect((await world.untilRolloutEnds()).outcome).toBe('SUCCEEDED');
    expect((await world.service()).imageDigests).toEqual([digest]);
  });

  it('is rolled when the tick finds it', async () => {
    const world = await openWorld({ hasTicks: true });
    await proveAnImage(world);
    const digest = replicate(world);
    await world.advance(3600);
    expect(world.rollouts().map(({ outcome }) => outcome)).toEqual(['SUCCEEDED']);
    expect((await world.service()).imageDigests).toEqual([digest]);
  });
});
