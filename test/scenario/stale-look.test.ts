import { expect, it } from 'vitest';
import type { Rollout } from '../../rehearsal/cell/rollouts.ts';
import type { World } from '../../rehearsal/world.ts';
import { proveAnImage } from './proven-image.ts';
import { setting } from './setting.ts';

const openWorld = setting({ bakeTimeSeconds: 0 });
const openBaking = setting({ bakeTimeSeconds: 900 });

/** Rolls task by task for almost eight minutes: the watch has looked after 60 s and 300 s more, and would look after another 600 s. */
const SLOW = { desiredCount: 12, maximumPercent: 109, hasHealthCheck: true };

/** From now on reads of ECS are so much older than its events, which come as fast as ever. */
function lag({ region }: World, ms: number): void {
  const does = { kind: 'stale', spread: { minMs: ms, maxMs: ms } } as const;
  region.faults.start({ at: 'call', match: { service: 'ecs' }, does });
}

async function detectionLag(world: World): Promise<number> {
  const record = (await world.history()).find(({ rolloutId }) =>
    world.rollouts().at(-1)!.executionArn.endsWith(rolloutId),
  );
  return record?.detectionLagSeconds ?? Number.POSITIVE_INFINITY;
}

const looksAgain = ({ path }: Rollout): number => path.filter((state) => state === 'LookAgain').length;

it('takes no longer for a roll of almost eight minutes because ECS answers with what was true 1.5 s ago', async () => {
  const world = await openWorld({ service: SLOW });
  await proveAnImage(world);
  lag(world, 1_500);
  const since = world.seconds;
  await world.push();
  const rollout = await world.untilRolloutEnds();

  expect(rollout.outcome).toBe('SUCCEEDED');
  const looked = ['LookAgain', 'Which watch?', 'AwaitSteadyState', 'Steady?', 'Conclude', 'Ended well?', 'Done'];
  expect(rollout.path.slice(-looked.length)).toEqual(looked);
  expect(world.seconds - since).toBeGreaterThan(7 * 60);
  expect(world.seconds - since).toBeLessThan(8 * 60);
  expect(await detectionLag(world)).toBeLessThan(6);
});

it('costs no transition where what ECS answers is as new as its events', async () => {
  const world = await openWorld({ service: { hasHealthCheck: true } });
  await proveAnImage(world);
  await world.push();
  const rolled = await world.untilRolloutEnds();
  await world.push({ behaviour: 'crash' });
  const back = await world.untilRolloutEnds();

  const rolls = ['Configure', 'AcceptIntent', 'Accepted?', 'Preflight', 'Cleared?', 'RegisterRevision', 'RollService'];
  const steady = ['Rolled?', 'AwaitSteadyState', 'Steady?', 'Conclude', 'Ended well?', 'Done'];
  expect(rolled.path).toEqual([...rolls, ...steady]);
  expect(back).toMatchObject({ outcome: 'ROLLED_BACK' });
  expect(looksAgain(back)).toBe(0);
  expect(back.path.filter((state) => state === 'Conclude')).toHaveLength(1);
});

it.each([
  [8_000, 2, 11],
  [14_000, 3, 17],
])('looks as often as it takes where answers are %i ms old: %i times', async (ageMs, looks, lagMax) => {
  const world = await openWorld({ service: { hasHealthCheck: true } });
  await proveAnImage(world);
  lag(world, ageMs);
  await world.push();
  const rollout = await world.untilRolloutEnds();

  expect([rollout.outcome, looksAgain(rollout)]).toEqual(['SUCCEEDED', looks]);
  expect(await detectionLag(world)).toBeLessThan(lagMax);
});

it('leaves it to the safety net when three looks have not caught up with an event, however often that comes', async () => {
  const world = await openWorld({ service: { hasHealthCheck: true } });
  await proveAnImage(world);
  lag(world, 40_000);
  world.region.events.setDelivery((event) => (event.source === 'aws.ecs' ? 'twice' : 'once'));
  await world.push();
  const rollout = await world.untilRolloutEnds();

  expect([rollout.outcome, looksAgain(rollout)]).toEqual(['SUCCEEDED', 3]);
  expect(await detectionLag(world)).toBeLessThan(80);
});

it('sees a rollback through at once, too', async () => {
  const world = await openWorld({ service: { hasHealthCheck: true } });
  const proven = await proveAnImage(world);
  lag(world, 1_500);
  await world.push({ behaviour: 'crash' });
  const rollout = await world.untilRolloutEnds();

  expect(rollout.outcome).toBe('ROLLED_BACK');
  expect(rollout.path.join(' ')).toContain('AwaitRollback Conclude Ended well? LookAgain Which watch? AwaitRollback');
  expect((await world.service()).imageDigests).toEqual([proven]);
  expect(await detectionLag(world)).toBeLessThan(6);
});

it('sees a crash while it bakes, though the look that the event calls for still shows the task running', async () => {
  const world = await openBaking();
  await proveAnImage(world);
  await world.push({ behaviour: 'crash', afterSeconds: 200 });
  const isBaking = (): boolean => world.rollouts().at(-1)?.path.at(-1) === 'Bake';
  await world.region.kernel.runUntil(isBaking, 'the bake', 600_000);
  // A task takes 20 s from its exit until it has STOPPED, of which the event tells.
  lag(world, 24_000);
  const isGoingBack = (): boolean => world.rollouts().at(-1)?.path.at(-1) === 'RollBack';
  await world.region.kernel.runUntil(isGoingBack, 'the way back', 600_000);
  const { path } = world.rollouts().at(-1)!;
  const { outcome, message } = await world.untilRolloutEnds();

  expect(path.slice(-6)).toEqual(['LookAgain', 'Which watch?', 'Bake', 'Passed?', 'RollbackTarget?', 'RollBack']);
  expect(outcome).toBe('ROLLED_BACK');
  expect(message).toMatch(/exited with code 1/);
});

it.each([0, 1])(
  'leaves a rollout the service that Step Functions does not know yet, %i s after it began',
  async (afterSeconds) => {
    const world = await openWorld({ hasTicks: true });
    await proveAnImage(world);
    const does = { kind: 'stale', spread: { minMs: 8_000, maxMs: 8_000 } } as const;
    world.region.faults.start({ at: 'call', match: { service: 'states' }, does });
    await world.push();
    await world.region.kernel.runUntil(
      () => world.rollouts().at(-1)?.path.at(-1) === 'AwaitSteadyState',
      'the roll',
      60_000,
    );
    await world.advance(afterSeconds);
    const digest = await world.push();
    await world.untilIdle();
    expect(
      world
        .rollouts()
        .slice(-2)
        .map(({ outcome }) => outcome),
    ).toEqual(['SUCCEEDED', 'SUCCEEDED']);
    expect((await world.service()).imageDigests).toEqual([digest]);
  },
);
