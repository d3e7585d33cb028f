import { expect, it } from 'vitest';
import { assembliesIn } from '../../campaign/assemblies.ts';
import { planOf } from '../../campaign/generate-plan.ts';
import { skipIdleTicks } from '../../campaign/idle-ticks.ts';
import { playPlan, type Played } from '../../campaign/play-plan.ts';
import type { CloudWatchState } from '../../region/cloudwatch/model.ts';
import { operate } from '../../rehearsal/cell/operator.ts';
import type { World } from '../../rehearsal/world.ts';
import { scratchDirectory, setting } from '../scenario/setting.ts';

const openWorld = setting();
const TICK_SECONDS = 300;

it('lets one tick in six run where nothing changes, and counts those that do not for the alarms', async () => {
  const world = await openWorld({ hasTicks: true });
  const ticks = ticksOf(world);
  const before = countedRuns(world);
  const runAll = await skipIdleTicks(world);
  await world.advance(24 * TICK_SECONDS);
  // The first starts a rollout, the second looks after that, the third finds nothing.
  expect(ticks()).toBeLessThan(8);
  expect(ticks()).toBeGreaterThan(4);
  expect(world.alarms()).toEqual([]);
  expect(countedRuns(world) - before).toBe(24);

  runAll();
  const ranBefore = ticks();
  await world.advance(6 * TICK_SECONDS);
  expect(ticks() - ranBefore).toBe(6);
});

it('lets the next tick run after anything was written or has happened', async () => {
  const world = await openWorld({ hasTicks: true });
  await skipIdleTicks(world);
  await world.advance(4 * TICK_SECONDS);
  const ticks = ticksOf(world);
  await world.advance(TICK_SECONDS);
  expect(ticks()).toBe(0);

  const { cluster, serviceName: service } = world.config;
  await operate(world.region, 'ecs', 'UpdateService', { cluster, service, desiredCount: 3 });
  await world.advance(TICK_SECONDS);
  expect(ticks()).toBe(1);
  await world.advance(2 * TICK_SECONDS);
  const calm = ticks();
  world.region.ecs.interrupt(cluster, service, { cause: 'host-failure', tasks: 1 });
  await world.advance(TICK_SECONDS);
  expect(ticks()).toBe(calm + 1);
});

it.each(['before', 'after'])(
  'lets the tick run at which another try is due, promised %s others are skipped',
  async (when) => {
    const world = await openWorld({ hasTicks: true });
    await world.advance(3 * TICK_SECONDS);
    if (when === 'before') await promise(world, 4 * TICK_SECONDS);
    await skipIdleTicks(world);
    if (when === 'after') await promise(world, 4 * TICK_SECONDS);
    // What was written is looked at.
    await world.advance(2 * TICK_SECONDS);
    const ticks = ticksOf(world);
    await world.advance(2 * TICK_SECONDS);
    expect(ticks()).toBe(0);
    await world.advance(TICK_SECONDS);
    expect(ticks()).toBe(1);
    await world.advance(TICK_SECONDS);
    expect(ticks()).toBe(1);
  },
);

it('ends every rollout as it would end with every tick', async () => {
  const assemblyOf = assembliesIn(scratchDirectory());
  const plan = planOf(4);
  const skipping = await playPlan(plan, { assemblyOf });
  const every = await playPlan(plan, { assemblyOf, playsEveryTick: true });
  expect(skipping.traceDigest).not.toBe(every.traceDigest);
  expect(endings(skipping)).toEqual(endings(every));
});

function endings({ met, violations, rollouts }: Played): object {
  return { violations, rollouts, outcomes: [...met].filter(([thing]) => thing.startsWith('outcome ')).sort() };
}

/** Writes a record whose image is to be tried again in so many seconds. */
async function promise({ region, cell, config }: World, seconds: number): Promise<void> {
  const Item = {
    service: { S: config.service },
    entry: { S: 'ended#1' },
    endedAt: { N: String(region.kernel.now) },
    triedAgainAt: { N: String(region.kernel.now + seconds * 1000) },
  };
  await operate(region, 'dynamodb', 'PutItem', { TableName: cell.outputs['LedgerTable'], Item });
}

/** Counts how often the tick ran. */
function ticksOf({ region }: World): () => number {
  let ticks = 0;
  region.onApplied(({ caller, operation }) => {
    const isTick = caller?.kind === 'role' && caller.roleArn.includes('HandlersTick');
    if (isTick && (operation === 'GetItem' || operation === 'Query')) ticks++;
  });
  return () => ticks;
}

/** How many runs of the tick alarms could count. */
function countedRuns({ region }: World): number {
  const { metrics } = region.cloudwatch.state as CloudWatchState;
  const counted = [...metrics].filter(([key]) => /AWS\/Lambda.*Invocations.*Tick/.test(key));
  return counted.flatMap(([, values]) => values).reduce((sum, { value }) => sum + value, 0);
}
