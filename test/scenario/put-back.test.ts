import type { UpdateServiceResponse } from '@aws-sdk/client-ecs';
import { expect, it } from 'vitest';
import { COPY_TAG } from '../../functions/rollout/next-revision.ts';
import { operate } from '../../rehearsal/cell/operator.ts';
import type { World } from '../../rehearsal/world.ts';
import { proveAnImage } from './proven-image.ts';
import { describeRevision, registerLike } from './revisions.ts';
import { setting } from './setting.ts';

const BAD = { behaviour: 'crash', afterSeconds: 5, exitCode: 1 } as const;

/** Puts a revision on the service by hand, unnoticed, and lets it become steady. */
async function deployByHand(world: World, taskDefinition: string): Promise<void> {
  const { region, config } = world;
  region.events.setDelivery(() => 'never');
  const update = { cluster: config.cluster, service: config.serviceName, taskDefinition };
  await operate<UpdateServiceResponse>(region, 'ecs', 'UpdateService', update);
  await world.advance(600);
  region.events.setDelivery(() => 'once');
}

it('puts back what ran, not what its moving tag means by then', async () => {
  const world = await setting()();
  const good = await proveAnImage(world);
  const pinned = (await world.service()).taskDefinition;
  await deployByHand(world, await registerLike(world, pinned, (text) => text.replace(/@sha256:[0-9a-f]{64}/, ':live')));
  const before = await world.service();
  expect(before.images).toEqual([expect.stringMatching(/:live$/)]);

  await world.push({ ...BAD });
  expect((await world.untilRolloutEnds()).outcome).toBe('ROLLED_BACK');
  const after = await world.service();
  expect(after.imageDigests).toEqual([good]);
  expect(after.images).toEqual([before.images[0]!.replace(/:live$/, `@${good}`)]);
  const { tags } = await operate<{ tags: object[] }>(world.region, 'ecs', 'DescribeTaskDefinition', {
    taskDefinition: after.taskDefinition,
    include: ['TAGS'],
  });
  expect(tags).toContainEqual({ key: COPY_TAG, value: before.taskDefinition });

  // What was put back is pinned: the next bad image needs no further copy.
  await world.push({ ...BAD });
  expect((await world.untilRolloutEnds()).outcome).toBe('ROLLED_BACK');
  expect((await world.service()).taskDefinition).toBe(after.taskDefinition);
});

it('puts a copy back of a revision that is INACTIVE, as some tools leave the one that runs', async () => {
  const world = await setting()();
  const good = await proveAnImage(world);
  const { taskDefinition } = await world.service();
  await operate(world.region, 'ecs', 'DeregisterTaskDefinition', { taskDefinition });
  await world.push({ ...BAD });
  expect((await world.untilRolloutEnds()).outcome).toBe('ROLLED_BACK');
  const after = await world.service();
  expect(after).toMatchObject({ imageDigests: [good], rolloutState: 'COMPLETED' });
  expect((await describeRevision(world, after.taskDefinition)).status).toBe('ACTIVE');

  await world.push();
  expect((await world.untilRolloutEnds()).outcome).toBe('SUCCEEDED');
});

it('puts a copy back of a revision that somebody deregisters while the image is watched that replaced it', async () => {
  const world = await setting()();
  const good = await proveAnImage(world);
  const before = await world.service();
  await world.push({ behaviour: 'crash', afterSeconds: 40, exitCode: 1 });
  const isWatched = (): boolean => world.rollouts().some(({ path }) => path.includes('AwaitSteadyState'));
  await world.region.kernel.runUntil(isWatched, 'the watch', 600_000);
  await operate(world.region, 'ecs', 'DeregisterTaskDefinition', { taskDefinition: before.taskDefinition });
  const { outcome, message } = await world.untilRolloutEnds();

  expect(outcome).toBe('ROLLED_BACK');
  expect(message).toMatch(/^Essential container in task exited; container api exited with code 1\./);
  const after = await world.service();
  expect(after).toMatchObject({ images: before.images, imageDigests: [good], rolloutState: 'COMPLETED' });
  expect(after.taskDefinition).not.toBe(before.taskDefinition);
  expect((await describeRevision(world, after.taskDefinition)).status).toBe('ACTIVE');
  expect(world.refusals()).toEqual([]);
});

it('refuses to roll beside another container that names the repository by the moving tag', async () => {
  const world = await setting()();
  await proveAnImage(world);
  const { taskDefinition } = await world.service();
  const { account, region } = world.region;
  const image = `${account}.dkr.ecr.${region}.amazonaws.com/${world.config.repository}:live`;
  const worker = JSON.stringify({ name: 'worker', image, essential: false });
  await deployByHand(world, await registerLike(world, taskDefinition, (text) => text.replace(/]$/, `,${worker}]`)));
  const before = await world.service();

  await world.push({ ...BAD });
  const rollout = await world.untilRolloutEnds();
  expect(rollout).toMatchObject({
    error: 'REJECTED',
    message: expect.stringContaining('The container worker names') as string,
  });
  expect(await world.service()).toEqual(before);
});
