import { expect, it } from 'vitest';
import { operate } from '../../rehearsal/cell/operator.ts';
import type { World } from '../../rehearsal/world.ts';
import { once, setting } from './setting.ts';
import { registerLike } from './revisions.ts';

const BAKE_SECONDS = 600;
const openBaking = setting({ bakeTimeSeconds: BAKE_SECONDS });
/** How long a task takes until it passes its health check, and, a little less, between two steps of the scaling. */
const [START_SECONDS, STEP_SECONDS] = [240, 160];

/** The service's containers get a health check that allows for the start; nobody hears of it. */
async function checkHealth(world: World): Promise<void> {
  const healthCheck = { command: ['CMD-SHELL', 'true'], interval: 30, retries: 3, startPeriod: 300 };
  world.region.events.setDelivery(() => 'never');
  const { taskDefinition } = await world.service();
  const revision = await registerLike(world, taskDefinition, (containers) =>
    JSON.stringify((JSON.parse(containers) as object[]).map((container) => ({ ...container, healthCheck }))),
  );
  const request = { cluster: 'prod', service: 'api', taskDefinition: revision };
  await operate(world.region, 'ecs', 'UpdateService', request);
  await world.advance(BAKE_SECONDS);
  world.region.events.setDelivery(() => 'once');
}

async function rollUntilItBakes(world: World): Promise<string> {
  await checkHealth(world);
  const digest = await world.push({ behaviour: 'slow-start', afterSeconds: START_SECONDS });
  const isBaking = (): boolean => world.rollouts().at(-1)?.path.at(-1) === 'Bake';
  await world.region.kernel.runUntil(isBaking, 'the bake', 3_600_000);
  return digest;
}

async function scale({ region }: World, desiredCount: number): Promise<void> {
  await operate(region, 'ecs', 'UpdateService', { cluster: 'prod', service: 'api', desiredCount });
}

it('a service that grows for longer than its bake, and never stands still, is whole in the end, and counts as such then', async () => {
  const world = await openBaking({ service: { desiredCount: 4 } });
  const digest = await rollUntilItBakes(world);
  for (let desired = 5; desired <= 13; desired++) {
    await world.advance(STEP_SECONDS);
    await scale(world, desired);
  }
  expect(world.rollouts().at(-1)?.path.at(-1)).toBe('Bake');
  const { outcome, message } = await world.untilRolloutEnds();
  expect([outcome, message]).toEqual(['SUCCEEDED', '13 of 13 tasks run exactly the expected digest and are healthy.']);
  expect((await world.service()).imageDigests).toEqual([digest]);
});

it('a task that has not passed its health check yet is not healthy', async () => {
  const world = await openBaking({ service: { desiredCount: 4 } });
  await rollUntilItBakes(world);
  const before = world.seconds;
  await world.advance(BAKE_SECONDS - STEP_SECONDS);
  await scale(world, 5);
  const { outcome } = await world.untilRolloutEnds();
  expect(outcome).toBe('SUCCEEDED');
  expect(world.seconds - before).toBeGreaterThan(BAKE_SECONDS - STEP_SECONDS + START_SECONDS);
});

it('a service that scales in and out while it rolls gets as far as one that stands still', async () => {
  const world = await openBaking({ service: { desiredCount: 6, maximumPercent: 117 } });
  await checkHealth(world);
  const digest = await world.push({ behaviour: 'slow-start', afterSeconds: START_SECONDS });
  for (const desired of [3, 8, 2, 9, 6]) {
    await world.advance(2 * STEP_SECONDS);
    await scale(world, desired);
  }
  const { outcome, path } = await world.untilRolloutEnds();
  expect([outcome, once(path).at(-5)]).toEqual(['SUCCEEDED', 'Bake']);
  expect((await world.service()).imageDigests).toEqual([digest]);
});
