import { expect, it } from 'vitest';
import type { World } from '../../rehearsal/world.ts';
import type { LedgerState } from '../../functions/rollout/ledger.ts';
import { operate } from '../../rehearsal/cell/operator.ts';
import { proveAnImage } from './proven-image.ts';
import { setting } from './setting.ts';

const openWorld = setting({ bakeTimeSeconds: 0 });
/** Too short for its rolls: each is taken back half way. */
const openHurried = setting({ bakeTimeSeconds: 0, deadlineSeconds: 900, progressSeconds: 600 });
const openBaking = setting({ bakeTimeSeconds: 300 });
/** Rolls task by task for almost eight minutes. */
const SLOW = { desiredCount: 12, maximumPercent: 109, hasHealthCheck: true };
const MINUTE = 60;

/** Until when the lease of the rollout that owns the service runs, in seconds from now. */
async function leaseLeft(world: World): Promise<number> {
  const { owner } = (await world.ledgerState()) as LedgerState;
  return (owner!.leaseUntil - world.region.kernel.now) / 1000;
}

function until(world: World, state: string): Promise<void> {
  const isThere = (): boolean => world.rollouts().at(-1)?.path.at(-1) === state;
  return world.region.kernel.runUntil(isThere, state, 3600_000);
}

it.each([10, 12, 20])(
  'a rollout that is well keeps its service through %i minutes without a ledger',
  async (minutes) => {
    const world = await openWorld({ service: SLOW });
    await proveAnImage(world);
    const digest = await world.push();
    await until(world, 'AwaitSteadyState');
    await world.advance(2);
    const when = { lastsSeconds: minutes * MINUTE };
    const does = { kind: 'error', error: 'server-error', isApplied: false } as const;
    world.region.faults.start({ at: 'call', match: { service: 'dynamodb' }, when, does });
    await world.advance(minutes * MINUTE + 1);
    expect((await leaseLeft(world)) > 0).toBe(minutes === 10);
    await world.start({});
    await world.untilIdle();

    expect(world.rollouts().map(({ outcome }) => outcome)).toEqual(['SUCCEEDED', 'NO_CHANGE']);
    expect((await world.service()).imageDigests).toEqual([digest]);
  },
);

it('one that does nothing any more, though it runs, is taken over ten minutes after its lease was found to be over', async () => {
  const world = await openWorld({ service: SLOW });
  const good = await proveAnImage(world);
  await world.push();
  await until(world, 'AwaitSteadyState');
  const watch = world.region.lambda.functions.find((name) => name.includes('WatchRollout'))!;
  const does = { kind: 'error', error: 'ServiceException', runs: 'never' } as const;
  const stop = world.region.faults.start({ at: 'invocation', match: { functionName: watch }, does });
  world.region.events.setDelivery(() => 'never');
  await world.advance(30 * MINUTE);
  await world.start({});
  await world.advance(9 * MINUTE);
  expect((await world.history()).at(-1)?.outcome).toBe('SUCCEEDED');
  await world.advance(4 * MINUTE);
  stop.stop();
  await world.untilIdle();

  const records = await world.history();
  expect(records.map(({ outcome }) => outcome).slice(-2)).toEqual(['ABORTED', 'ROLLED_BACK']);
  expect(records.at(-2)?.message).toMatch(
    /^Its execution runs, but has not renewed its lease; rollout .* took over\.$/,
  );
  expect((await world.service()).imageDigests).toEqual([good]);
});

it('a bake at which nobody can look is given up when it is over, and not at the deadline of the roll', async () => {
  const world = await openBaking({ service: { hasHealthCheck: true } });
  const good = await proveAnImage(world);
  await world.push();
  await until(world, 'Bake');
  await world.advance(10);
  const watch = world.region.lambda.functions.find((name) => name.includes('WatchRollout'))!;
  const does = { kind: 'error', error: 'ServiceException', runs: 'never' } as const;
  const stop = world.region.faults.start({ at: 'invocation', match: { functionName: watch }, does });
  world.region.events.setDelivery(() => 'never');
  await world.advance(25 * MINUTE);
  expect(world.rollouts().at(-1)?.path).toContain('AwaitRollback');
  stop.stop();

  expect(await world.untilRolloutEnds()).toMatchObject({ outcome: 'ROLLED_BACK' });
  expect((await world.service()).imageDigests).toEqual([good]);
});

it('a way back that gets on, at which nobody can look for longer than it may stand still, ends well', async () => {
  const world = await openHurried({ service: { ...SLOW, desiredCount: 30, maximumPercent: 104 } });
  const good = await proveAnImage(world);
  await world.push();
  await until(world, 'AwaitRollback');
  await world.advance(800);
  const match = { service: 'ecs', operation: 'DescribeServices' };
  const does = { kind: 'error', error: 'throttling', isApplied: false } as const;
  world.region.faults.start({ at: 'call', match, when: { lastsSeconds: 15 * MINUTE }, does });

  expect(await world.untilRolloutEnds()).toMatchObject({ outcome: 'ROLLED_BACK' });
  expect((await world.service()).imageDigests).toEqual([good]);
});

it('someone who forces a new deployment of the failed revision, while it is taken back, is told at once', async () => {
  const world = await openWorld({ service: { hasHealthCheck: true } });
  await proveAnImage(world);
  await world.push({ behaviour: 'crash' });
  await until(world, 'AwaitRollback');
  await world.advance(5);
  const [taskDefinition] = ((await world.ledgerState()) as LedgerState).owner!.targets;
  const forced = { cluster: 'prod', service: 'api', taskDefinition, forceNewDeployment: true };
  await operate(world.region, 'ecs', 'UpdateService', forced);
  const before = world.seconds;
  const { outcome, message } = await world.untilRolloutEnds();

  expect(outcome).toBe('ABORTED_EXTERNAL');
  expect(message).toMatch(/Someone forced a new deployment of api:\d+, which this rollout was taking back/);
  expect(world.seconds - before).toBeLessThan(MINUTE);
});
