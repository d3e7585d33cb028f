import type { BatchGetImageResponse } from '@aws-sdk/client-ecr';
import { expect, it } from 'vitest';
import { operate } from '../../rehearsal/cell/operator.ts';
import type { World } from '../../rehearsal/world.ts';
import { proveAnImage } from './proven-image.ts';
import { setting } from './setting.ts';

const openWorld = setting({ tag: { glob: 'v*' }, bakeTimeSeconds: 0 });

/** Gives an image another tag, as somebody does who wants it rolled again. */
async function tagAgain({ region, config }: World, imageDigest: string, imageTag: string): Promise<void> {
  const { repository: repositoryName } = config;
  const asked = { repositoryName, imageIds: [{ imageDigest }] };
  const { images } = await operate<BatchGetImageResponse>(region, 'ecr', 'BatchGetImage', asked);
  const { imageManifest, imageManifestMediaType } = images![0]!;
  await operate(region, 'ecr', 'PutImage', { repositoryName, imageManifest, imageManifestMediaType, imageTag });
}

/** Lets time pass until the newest rollout has come to this state, and answers its execution. */
async function untilIn(world: World, state: string): Promise<{ readonly executionArn: string }> {
  const isThere = (): boolean => world.rollouts().at(-1)?.path.at(-1) === state;
  await world.region.kernel.runUntil(isThere, state, 3_600_000);
  return { executionArn: world.rollouts().at(-1)!.executionArn };
}

it('takes the service for a push of the very image whose rollout was stopped with a change in flight', async () => {
  const world = await openWorld({ hasTicks: true });
  await proveAnImage(world);
  const digest = await world.push();
  await operate(world.region, 'states', 'StopExecution', await untilIn(world, 'AwaitSteadyState'));
  await tagAgain(world, digest, 'v9');
  await world.untilIdle();

  // No tick had to find what was stopped, which is put back before anything new is rolled.
  const [stopped, back] = world.rollouts();
  expect([stopped, back]).toMatchObject([{ outcome: 'ABORTED' }, { outcome: 'ROLLED_BACK' }]);
  expect(back!.path.slice(0, 5)).toEqual(['Configure', 'AcceptIntent', 'Accepted?', 'AwaitTurn', 'Turn?']);

  // Then it is the turn of the image, which was pushed again after it had been stopped.
  await world.advance(900);
  expect(world.rollouts().map(({ outcome }) => outcome)).toEqual(['ABORTED', 'ROLLED_BACK', 'SUCCEEDED']);
  expect((await world.service()).imageDigests).toEqual([digest]);
});

it('tries an image again that somebody pushes again while it is taken back', async () => {
  const world = await openWorld();
  await proveAnImage(world);
  const digest = await world.push({ behaviour: 'crash', afterSeconds: 5 });
  await untilIn(world, 'AwaitRollback');
  // Events carry whole seconds: a push in the second of the verdict may have come before it.
  await world.advance(1);
  await tagAgain(world, digest, 'v9');
  await world.untilIdle();

  expect(world.rollouts().map(({ outcome }) => outcome)).toEqual(['ROLLED_BACK', 'ROLLED_BACK']);
  expect(world.rollouts().at(-1)!.path).toContain('RollService');
});

/** Somebody deploys the running revision anew. */
async function redeploy({ region, config }: World): Promise<void> {
  const { cluster, serviceName: service } = config;
  await operate(region, 'ecs', 'UpdateService', { cluster, service, forceNewDeployment: true });
}

it('tells of a push that somebody stopped while it let a deployment finish, by the next tick and once', async () => {
  const world = await openWorld({ hasTicks: true });
  await proveAnImage(world);
  await redeploy(world);
  const digest = await world.push();
  const { executionArn } = await untilIn(world, 'LetFinish');
  await operate(world.region, 'states', 'StopExecution', { executionArn, cause: 'not this one' });
  await world.advance(1200);

  const message =
    "A person stopped it (not this one) while it let somebody else's deployment finish; it changed nothing.";
  const records = (await world.history()).filter((record) => record.executionArn === executionArn);
  expect(records).toMatchObject([
    { outcome: 'ABORTED', reason: 'StoppedByPerson', message, image: { digest }, trigger: 'push' },
  ]);
  expect(world.notifications().filter((sent) => sent.message.includes('not this one'))).toHaveLength(1);
  expect(await world.ledgerState()).toMatchObject({ lettingFinish: [] });
  // Whoever wants it gone for good chooses another one: what is selected is rolled.
  expect(world.rollouts().at(-1)).toMatchObject({ outcome: 'SUCCEEDED' });
});

it('tells of such a push also where its image is gone by then, and nothing else is left to do', async () => {
  const world = await openWorld({ hasTicks: true });
  await proveAnImage(world);
  await redeploy(world);
  const imageDigest = await world.push();
  const { executionArn } = await untilIn(world, 'LetFinish');
  await operate(world.region, 'states', 'StopExecution', { executionArn });
  const { repository: repositoryName } = world.config;
  await operate(world.region, 'ecr', 'BatchDeleteImage', { repositoryName, imageIds: [{ imageDigest }] });
  await world.advance(900);

  expect((await world.history()).filter((record) => record.executionArn === executionArn)).toMatchObject([
    { outcome: 'ABORTED', reason: 'StoppedByPerson', image: { digest: imageDigest } },
  ]);
  const [last] = world.logLines('tick').filter((line) => line.includes('WaiterDied'));
  expect(last).toContain('start');
  expect(await world.ledgerState()).toMatchObject({ lettingFinish: [] });
});

it('tells nothing of pushes that let a deployment finish and then went their way', async () => {
  const world = await openWorld({ hasTicks: true });
  await proveAnImage(world);
  await redeploy(world);
  await world.push();
  await untilIn(world, 'LetFinish');
  await world.push();
  await world.advance(1800);

  const outcomes = (await world.history()).map(({ outcome }) => outcome);
  expect(outcomes.filter((outcome) => outcome === 'ABORTED')).toEqual([]);
  expect(world.rollouts().map(({ outcome }) => outcome)).toEqual(['SUCCEEDED', 'NO_CHANGE']);
  expect(await world.ledgerState()).toMatchObject({ lettingFinish: [] });
});
