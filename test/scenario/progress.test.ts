import type { ListTasksResponse, DescribeTasksResponse } from '@aws-sdk/client-ecs';
import { marshall } from '@aws-sdk/util-dynamodb';
import { describe, expect, it } from 'vitest';
import type { LedgerState } from '../../functions/rollout/ledger.ts';
import { waitingOf } from '../../functions/rollout/lease.ts';
import type { Watch } from '../../functions/rollout/watch.ts';
import type { ImageOptions } from '../../rehearsal/pushed-image.ts';
import { operate } from '../../rehearsal/cell/operator.ts';
import type { World } from '../../rehearsal/world.ts';
import { registerLike } from './revisions.ts';
import { proveAnImage } from './proven-image.ts';
import { setting } from './setting.ts';

const openWorld = setting();
const HOUR = 3600;
/** The defaults. */
const PROGRESS_SECONDS = 1800;
/** A stall is noticed at the next look. */
const BETWEEN_LOOKS_SECONDS = 300;
/** Each task takes this long to become healthy. */
const SLOW = { behaviour: 'slow-start', afterSeconds: 240 } as const;

/** One task more than the service wants, and none less: they are replaced one by one. */
function oneByOne(desiredCount: number): { readonly service: object } {
  const maximumPercent = Math.ceil(100 * (1 + 1 / desiredCount));
  return { service: { desiredCount, minimumHealthyPercent: 100, maximumPercent } };
}

/** Somebody gives the containers a health check that allows a start of five minutes, and an image of theirs; nobody hears of it. */
async function checkHealth(world: World, theirs?: ImageOptions): Promise<void> {
  const healthCheck = { command: ['CMD-SHELL', 'true'], interval: 30, retries: 3, startPeriod: 300 };
  world.region.events.setDelivery(() => 'never');
  const digest = theirs && (await world.push(theirs));
  const { taskDefinition } = await world.service();
  const revision = await registerLike(world, taskDefinition, (containers) => {
    const checked = (JSON.parse(containers) as object[]).map((container) => ({ ...container, healthCheck }));
    const text = JSON.stringify(checked);
    return digest ? text.replace(':by-hand', `@${digest}`) : text;
  });
  const request = { cluster: 'prod', service: 'api', taskDefinition: revision };
  await operate(world.region, 'ecs', 'UpdateService', request);
  await world.advance(HOUR);
  world.region.events.setDelivery(() => 'once');
}

/** Stops every task of the service's newest deployment that runs, as nobody's fault. */
async function stopNewTasks({ region }: World): Promise<void> {
  const cluster = 'prod';
  const { taskArns } = await operate<ListTasksResponse>(region, 'ecs', 'ListTasks', { cluster, serviceName: 'api' });
  const { tasks } = await operate<DescribeTasksResponse>(region, 'ecs', 'DescribeTasks', { cluster, tasks: taskArns });
  const primary = region.ecs.serviceView(cluster, 'api').deployments[0]!.id;
  const running = tasks!.filter(({ startedBy, lastStatus }) => startedBy === primary && lastStatus === 'RUNNING');
  for (const { taskArn } of running) await operate(region, 'ecs', 'StopTask', { cluster, task: taskArn });
}

async function elapsed(world: World, act: () => Promise<unknown>): Promise<number> {
  const before = world.seconds;
  await act();
  return world.seconds - before;
}

describe('a slow roll is no failed roll:', () => {
  it('15 tasks one by one, each of which takes four minutes to become healthy, succeed', async () => {
    const world = await openWorld(oneByOne(15));
    await checkHealth(world);
    const digest = await world.push(SLOW);
    const seconds = await elapsed(world, async () =>
      expect(await world.untilRolloutEnds()).toMatchObject({ outcome: 'SUCCEEDED' }),
    );
    expect(seconds).toBeGreaterThan(HOUR);
    expect((await world.service()).imageDigests).toEqual([digest]);
  });

  it('60 tasks one by one succeed', async () => {
    const world = await openWorld(oneByOne(60));
    const digest = await world.push();
    const seconds = await elapsed(world, async () =>
      expect(await world.untilRolloutEnds()).toMatchObject({ outcome: 'SUCCEEDED' }),
    );
    expect(seconds).toBeGreaterThan(HOUR);
    expect((await world.service()).imageDigests).toEqual([digest]);
  });
});

const openHurried = setting({ progressSeconds: 600, deadlineSeconds: 1700, bakeTimeSeconds: 900 });
const openShort = setting({ deadlineSeconds: HOUR });

it('an image that flaps earns no time: tasks that come and go are no progress', async () => {
  const world = await openWorld(oneByOne(4));
  await checkHealth(world);
  const [good] = (await world.service()).imageDigests;
  await world.push(SLOW);
  await world.advance(60);
  const seconds = await elapsed(world, async () => {
    while ((await watchOf(world))?.kind !== 'rollback') {
      await stopNewTasks(world);
      await world.advance(60);
    }
  });
  expect(seconds).toBeGreaterThan(PROGRESS_SECONDS - 120);
  // None of them ever passes its health check.
  expect(seconds).toBeLessThan(PROGRESS_SECONDS + 120);
  const { outcome, message } = await world.untilRolloutEnds();
  expect(outcome).toBe('ROLLED_BACK');
  expect(message).toContain('No progress for 1800 s: at most 0 of 4 new tasks were healthy');
  expect(message).toContain('If it only needs longer, raise progressSeconds.');
  expect((await world.service()).imageDigests).toEqual([good]);
});

it('a roll that never gets anywhere ends when the time for progress is over, and the way back gets as long', async () => {
  const world = await openWorld();
  await proveAnImage(world);
  const end = world.region.ecs.disturb({ kind: 'no-capacity' });
  await world.push();
  const seconds = await elapsed(world, async () => {
    const { message } = await world.untilRolloutEnds();
    expect(message).toMatch(/^ECS says that it was unable to place a task\./);
  });
  end();
  expect(seconds).toBeGreaterThan(2 * PROGRESS_SECONDS);
  expect(seconds).toBeLessThan(2 * PROGRESS_SECONDS + 60);
});

it('a way back that takes longer than any roll may ends well', async () => {
  const world = await openHurried(oneByOne(8));
  await checkHealth(world, SLOW);
  const [good] = (await world.service()).imageDigests;
  await world.push(SLOW);
  await world.advance(1720);
  expect((await watchOf(world))?.kind).toBe('rollback');
  const seconds = await elapsed(world, async () =>
    expect(await world.untilRolloutEnds()).toMatchObject({ outcome: 'ROLLED_BACK' }),
  );
  expect(seconds).toBeGreaterThan(1700);
  expect((await world.service()).imageDigests).toEqual([good]);
});

it('no progress moves the last deadline, and the message names it', async () => {
  const world = await openHurried(oneByOne(8));
  await checkHealth(world);
  await world.push(SLOW);
  await world.advance(1690);
  expect((await watchOf(world))?.kind).toBe('steady');
  await world.advance(30);
  expect((await watchOf(world))?.kind).toBe('rollback');
  const { message } = await world.untilRolloutEnds();
  expect(message).toMatch(/^No steady state by the deadline: at most [5-7] of 8 new tasks were healthy/);
  expect(message).toContain('If it only needs longer, raise deadlineSeconds.');
});

it('an execution that is redriven goes on with the deadline that progress has moved', async () => {
  const world = await openWorld(oneByOne(8));
  await checkHealth(world);
  const digest = await world.push(SLOW);
  await world.advance(PROGRESS_SECONDS + 60);
  const { executionArn } = world.rollouts().at(-1)!;
  await operate(world.region, 'states', 'StopExecution', { executionArn });
  await world.advance(5);
  await operate(world.region, 'states', 'RedriveExecution', { executionArn });
  expect(await world.untilRolloutEnds(executionArn)).toMatchObject({ outcome: 'SUCCEEDED' });
  expect((await world.service()).imageDigests).toEqual([digest]);
});

it('a watch that an earlier release began waits until the deadline that it wrote', async () => {
  const world = await openShort();
  await proveAnImage(world);
  const end = world.region.ecs.disturb({ kind: 'no-capacity' });
  await world.push();
  await world.advance(30);
  world.excuse('deadline', /./, 'an earlier release wrote the ledger');
  await writeAsBefore(world);
  await world.advance(PROGRESS_SECONDS + 2 * BETWEEN_LOOKS_SECONDS);
  expect((await watchOf(world))?.kind).toBe('steady');
  const { message } = await world.untilRolloutEnds();
  end();
  expect(message).toMatch(/^ECS says that it was unable to place a task\./);
});

/** The ledger as it was before a watch had progress. */
async function writeAsBefore(world: World): Promise<void> {
  const state = (await world.ledgerState()) as LedgerState;
  const { owner } = state;
  const { watch } = waitingOf(owner)!;
  const { progressSeconds: _seconds, progress: _progress, ...before } = watch;
  const phase = { ...owner!.phase, watch: { ...before, deadline: owner!.deadline } };
  const item = { ...state, owner: { ...owner!, phase } };
  await operate(world.region, 'dynamodb', 'PutItem', {
    TableName: world.cell.outputs['LedgerTable'],
    Item: marshall(item, { removeUndefinedValues: true }),
  });
}

async function watchOf(world: World): Promise<Watch | undefined> {
  return waitingOf(((await world.ledgerState()) as LedgerState | undefined)?.owner)?.watch;
}

it('a roll that may take longer than it gets says so in its record, and succeeds all the same', async () => {
  const world = await setting({ progressSeconds: 60 })({ service: { hasHealthCheck: true } });
  await world.push();
  const { outcome, message } = await world.untilRolloutEnds();
  expect(outcome).toBe('SUCCEEDED');
  expect(message).toMatch(
    /Replacing 2 of 2 tasks may take \d+ s .* and progressSeconds is 60: set progressSeconds to 300/,
  );
});
