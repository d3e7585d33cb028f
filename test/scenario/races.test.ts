import { expect, it } from 'vitest';
import { operate } from '../../rehearsal/cell/operator.ts';
import type { World } from '../../rehearsal/world.ts';
import { proveAnImage } from './proven-image.ts';
import { setting } from './setting.ts';

const openWorld = setting({ bakeTimeSeconds: 0 });

const isCompletion = (event: { readonly detail: Readonly<Record<string, unknown>> }): boolean =>
  event.detail['eventName'] === 'SERVICE_DEPLOYMENT_COMPLETED';

async function expectLive(world: World, digest: string): Promise<void> {
  expect(await world.service()).toMatchObject({
    imageDigests: [digest],
    rolloutState: 'COMPLETED',
    runningCount: 2,
    deployments: 1,
  });
  expect(await world.ledgerState()).not.toHaveProperty('owner');
}

it('is woken by the event when the token was stored before', async () => {
  const world = await openWorld();
  await proveAnImage(world);
  const digest = await world.push();
  const rollout = await world.untilRolloutEnds();

  expect(rollout.outcome).toBe('SUCCEEDED');
  expect(world.logLines('wake-rollout').join('\n')).toContain('EvidenceComplete');
  await expectLive(world, digest);
});

it('sees by its own look what an event said before the token was stored', async () => {
  const world = await openWorld();
  await proveAnImage(world);
  let stalled = false;
  // The watch's token write waits until ECS is through: the event then comes before the token.
  const digest = await world.push();
  const release = world.killHandler({ function: 'WatchRollout', operation: 'dynamodb:PutItem', phase: 'arrive' });
  world.region.events.setDelivery((event) => {
    if (isCompletion(event)) stalled = true;
    return 'once';
  });
  const rollout = await world.untilRolloutEnds();

  expect(release.hasHappened()).toBe(true);
  expect(stalled).toBe(true);
  expect(rollout.outcome).toBe('SUCCEEDED');
  await expectLive(world, digest);
});

it('finds out by the safety net when the event is lost, and only later', async () => {
  const world = await openWorld();
  await proveAnImage(world);
  const woken = world.logLines('wake-rollout').length;
  world.region.events.setDelivery((event) => (event.source === 'aws.ecs' ? 'never' : 'once'));
  const digest = await world.push();
  const rollout = await world.untilRolloutEnds();

  expect(rollout.outcome).toBe('SUCCEEDED');
  expect(rollout.path.filter((state) => state === 'AwaitSteadyState').length).toBeGreaterThan(1);
  expect(world.logLines('wake-rollout')).toHaveLength(woken);
  await expectLive(world, digest);
});

it('hears an event twice and judges once', async () => {
  const world = await openWorld();
  await proveAnImage(world);
  world.region.events.setDelivery((event) => (event.source === 'aws.ecs' ? 'twice' : 'once'));
  const digest = await world.push();
  const rollout = await world.untilRolloutEnds();
  await world.untilIdle();

  expect(rollout.outcome).toBe('SUCCEEDED');
  expect((await world.history()).map(({ outcome }) => outcome)).toEqual(['SUCCEEDED', 'SUCCEEDED']);
  await expectLive(world, digest);
});

it('lets an event about a watch that is over change nothing', async () => {
  const world = await openWorld();
  const digest = await proveAnImage(world);
  const before = await world.ledgerState();
  const started = world.rollouts().length;
  world.region.events.setDelivery(() => ({ delayMs: 600_000 }));
  await world.push();
  await world.advance(900);
  world.region.events.setDelivery(() => 'once');
  await world.untilIdle();

  expect(before).not.toHaveProperty('owner');
  expect(world.rollouts()).toHaveLength(started + 1);
  expect(await world.ledgerState()).not.toHaveProperty('owner');
  expect((await world.service()).imageDigests).not.toEqual([digest]);
});

it('rolls a push whose event was lost as soon as the tick looks', async () => {
  const world = await openWorld({ hasTicks: true });
  await proveAnImage(world);
  world.region.events.setDelivery((event) => (event.source === 'aws.ecr' ? 'never' : 'once'));
  const digest = await world.push();
  await world.advance(900);

  expect(world.rollouts().at(-1)).toMatchObject({ outcome: 'SUCCEEDED' });
  await expectLive(world, digest);
});

it('does not let the tick repeat a rollback or undo a deploy by hand', async () => {
  const world = await openWorld({ hasTicks: true });
  await proveAnImage(world);
  await world.push({ behaviour: 'crash' });
  await world.untilRolloutEnds();
  const settled = world.rollouts().length;
  await world.advance(3600);
  expect(world.rollouts()).toHaveLength(settled);

  await operate(world.region, 'ecs', 'UpdateService', { cluster: 'prod', service: 'api', taskDefinition: 'api:1' });
  await world.advance(3600);
  expect(world.rollouts()).toHaveLength(settled);
  expect((await world.service()).taskDefinition).toMatch(/:1$/);
});

it('lets one of two rollouts take over from a dead one, and the other wait for its turn', async () => {
  const world = await openWorld();
  await proveAnImage(world);
  // Two instances of AcceptIntent are warm from here on, so that neither rollout is faster than the other.
  await startTwo(world);
  const digest = await world.push();
  await world.advance(20);
  const { executionArn } = world.rollouts().at(-1)!;
  await operate(world.region, 'states', 'StopExecution', { executionArn });
  // Both look at the dead owner at the same time; when the second one would take over, a live one has.
  await startTwo(world);

  const [, , stopped, first, second] = world.rollouts();
  expect([stopped, first, second]).toMatchObject([
    { outcome: 'ABORTED' },
    { outcome: 'ROLLED_BACK' },
    { outcome: 'SUCCEEDED' },
  ]);
  expect(second!.path.slice(0, 4)).toEqual(['Configure', 'AcceptIntent', 'Accepted?', 'AwaitTurn']);
  await expectLive(world, digest);
});

it('pauses between looks while the last change of a rollout that was stopped in the middle may still arrive', async () => {
  const world = await openWorld();
  await proveAnImage(world);
  await world.push();
  const isWatched = (): boolean => world.rollouts().some(({ path }) => path.at(-1) === 'AwaitSteadyState');
  await world.region.kernel.runUntil(isWatched, 'the watch', 600_000);
  const { executionArn } = world.rollouts().at(-1)!;
  await operate(world.region, 'states', 'StopExecution', { executionArn });
  const digest = await world.push();
  await world.untilIdle();

  const next = world.rollouts().at(-1)!;
  expect(next.path.filter((state) => state === 'AcceptIntent')).toHaveLength(2);
  expect(next.outcome).toBe('ROLLED_BACK');
  // Not until the next tick, or until nobody has called for ten minutes.
  expect((next.stoppedAt! - next.startedAt) / 1000).toBeLessThan(180);
  await world.start();
  await world.untilIdle();
  await expectLive(world, digest);
});

async function startTwo(world: World): Promise<void> {
  await world.start();
  await world.start();
  await world.untilIdle();
}

it.each([
  ['of another revision', 'api:1', /^Someone else deployed api:1 /],
  [
    'of ours, which was forced',
    undefined,
    /^Someone forced a new deployment of api:\d+, which this rollout was watching/,
  ],
])('notices within seconds that somebody else began a deployment %s', async (_what, taskDefinition, says) => {
  const world = await openWorld();
  await proveAnImage(world);
  await world.push();
  const isWatched = (): boolean => world.rollouts().some(({ path }) => path.at(-1) === 'AwaitSteadyState');
  await world.region.kernel.runUntil(isWatched, 'the watch', 600_000);
  await world.advance(10);
  const forceNewDeployment = taskDefinition === undefined;
  const theirs = { cluster: 'prod', service: 'api', taskDefinition, forceNewDeployment };
  await operate(world.region, 'ecs', 'UpdateService', theirs);
  const since = world.seconds;
  const { outcome, message } = await world.untilRolloutEnds();

  expect([outcome, message]).toEqual(['ABORTED_EXTERNAL', expect.stringMatching(says)]);
  expect(world.seconds - since).toBeLessThan(20);
});
