import { expect, it } from 'vitest';
import { countCalls } from '../../rehearsal/cell/count-calls.ts';
import { setting } from './setting.ts';

const TASKS = 300;
/** ListTasks and DescribeTasks show so many at once. */
const PAGE = 100;

const openWorld = setting({ bakeTimeSeconds: 0 });
const open = () => openWorld({ service: { desiredCount: TASKS, isPinned: true } });

it('looks at hundreds of tasks a few times, and reads little of it when all of them crash at once', async () => {
  const world = await open();
  const calls = countCalls(world.region);
  const good = await world.push();
  expect((await world.untilRolloutEnds()).outcome).toBe('SUCCEEDED');
  await world.untilIdle();
  const ofTasks = calls.of('ecs ListTasks') + calls.of('ecs DescribeTasks');
  expect(ofTasks).toBeLessThanOrEqual(2 * 9 * (TASKS / PAGE));
  // As many as for two tasks.
  expect(calls.all() - ofTasks).toBeLessThanOrEqual(45);

  const before = { reads: calls.of('dynamodb GetItem'), looks: calls.of('ecs DescribeServices') };
  const bad = await world.push({ behaviour: 'crash', afterSeconds: 5 });
  expect((await world.untilRolloutEnds()).outcome).toBe('ROLLED_BACK');
  await world.untilIdle();
  expect((await world.service()).imageDigests).toEqual([good]);
  expect((await world.ledgerState())?.quarantine).toMatchObject([{ digest: bad, reason: 'EssentialContainerExited' }]);
  expect(calls.of('dynamodb GetItem') - before.reads).toBeLessThan(TASKS / 2);
  expect(calls.of('ecs DescribeServices') - before.looks).toBeLessThanOrEqual(13);
}, 60_000);

it('looks no more often at hundreds of tasks that cannot pull than at those that can', async () => {
  const world = await open();
  const calls = countCalls(world.region);
  const end = world.region.ecs.disturb({ kind: 'failed-pulls', cause: 'dial tcp 10.0.0.1:443: i/o timeout' });
  const digest = await world.push();
  await world.advance(240);
  expect(calls.of('ecs DescribeServices')).toBeLessThanOrEqual(8);
  expect(calls.of('dynamodb GetItem')).toBeLessThanOrEqual(10);
  end();
  expect((await world.untilRolloutEnds()).outcome).toBe('SUCCEEDED');
  expect((await world.service()).imageDigests).toEqual([digest]);
}, 60_000);
