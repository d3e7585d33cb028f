import type { GetItemOutput } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
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

it.each([
  ['before', 'retry'],
  ['after', 'retry'],
  ['before', 'unsettled'],
  ['after', 'unsettled'],
] as const)(
  'lets the tick run at which another try is due, promised %s others are skipped as %s',
  async (when, what) => {
    const world = await openWorld({ hasTicks: true });
    await world.advance(3 * TICK_SECONDS);
    if (when === 'before') await promise(world, what, 4 * TICK_SECONDS);
    await skipIdleTicks(world);
    if (when === 'after') await promise(world, what, 4 * TICK_SECONDS);
    // What was written is looked at.
    await world.advance(2 * TICK_SECONDS);
    const ticks = ticksOf(world);
    await world.advance(2 * TICK_SECONDS);
    expect(ticks()).toBe(0);
    await world.advance(TICK_SECONDS);
    expect(ticks()).toBe(1);
  },
);

it('skips the ticks after the one at which another try was due', async () => {
  const world = await openWorld({ hasTicks: true });
  await world.advance(3 * TICK_SECONDS);
  await promise(world, 'retry', TICK_SECONDS);
  await skipIdleTicks(world);
  await world.advance(2 * TICK_SECONDS);
  const ticks = ticksOf(world);
  await world.advance(2 * TICK_SECONDS);
  expect(ticks()).toBe(0);
});

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

/** Has the ledger say that something, which is not there any more, is to be tried again in so many seconds. */
async function promise({ region, cell, config }: World, what: 'retry' | 'unsettled', seconds: number): Promise<void> {
  const TableName = cell.outputs['LedgerTable'];
  const Key = { service: { S: config.service }, entry: { S: 'state' } };
  const { Item } = await operate<GetItemOutput>(region, 'dynamodb', 'GetItem', { TableName, Key });
  const dueAt = region.kernel.now + seconds * 1000;
  const gone = { image: { digest: 'sha256:gone', tag: 'live' }, failures: 1, dueAt };
  const left = { rolloutId: 'gone', startedAt: 0, targets: [], isTriedAgain: false };
  const promised = marshall({ [what]: what === 'retry' ? gone : { ...gone, ...left } });
  await operate(region, 'dynamodb', 'PutItem', { TableName, Item: { ...Item, ...promised } });
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
