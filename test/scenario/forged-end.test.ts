import type { DescribeTasksResponse, ListTasksResponse } from '@aws-sdk/client-ecs';
import type { GetExecutionHistoryOutput } from '@aws-sdk/client-sfn';
import { expect, it } from 'vitest';
import type { LedgerState } from '../../functions/rollout/ledger.ts';
import { operate } from '../../rehearsal/cell/operator.ts';
import type { World } from '../../rehearsal/world.ts';
import { proveAnImage } from './proven-image.ts';
import { setting } from './setting.ts';

const openWorld = setting();

/** Ends the last rollout's execution where it waits, by the one name that no Catch finds: whoever has its token may. */
async function end(world: World, step: string): Promise<void> {
  const isThere = (): boolean => world.rollouts().at(-1)?.path.at(-1) === step;
  await world.region.kernel.runUntil(isThere, step, 3_600_000);
  await world.advance(2);
  const { events = [] } = await operate<GetExecutionHistoryOutput>(world.region, 'states', 'GetExecutionHistory', {
    executionArn: world.rollouts().at(-1)!.executionArn,
    reverseOrder: true,
    maxResults: 100,
  });
  const { parameters } = events.find(({ type }) => type === 'TaskScheduled')!.taskScheduledEventDetails!;
  const { Payload } = JSON.parse(parameters!) as { Payload: { token: string } };
  await operate(world.region, 'states', 'SendTaskFailure', { taskToken: Payload.token, error: 'States.Runtime' });
}

const told = async (world: World): Promise<object[]> =>
  (await world.history()).slice(1).map(({ outcome, reason, image }) => [outcome, reason, image?.digest]);

it.each(['AwaitSteadyState', 'Bake'])(
  'an execution that ends in %s with a good image leaves what was proven, and the tick tries the image again',
  async (step) => {
    const world = await openWorld({ hasTicks: true });
    const good = await proveAnImage(world);
    const digest = await world.push();
    await end(world, step);
    await world.advance(400);
    expect((await world.service()).imageDigests).toEqual([good]);
    const died = [
      ['ABORTED', 'ExecutionEnded', digest],
      ['ROLLED_BACK', 'RolloutDied', digest],
    ];
    expect(await told(world)).toEqual(died);
    expect((await world.history()).at(-1)!.message).toMatch(/died .*It is tried again in 5 minutes\.$/);
    await world.advance(600);
    expect(await told(world)).toEqual([...died, ['SUCCEEDED', 'EvidenceComplete', digest]]);
    expect((await world.service()).imageDigests).toEqual([digest]);
  },
);

it('an execution that ends on its way back from an image that failed is finished, and that image stays away', async () => {
  const world = await openWorld({ hasTicks: true });
  const good = await proveAnImage(world);
  const bad = await world.push({ behaviour: 'crash', afterSeconds: 5 });
  await end(world, 'AwaitRollback');
  await world.advance(3600);
  expect(await told(world)).toEqual([
    ['ABORTED', 'ExecutionEnded', bad],
    ['ROLLED_BACK', 'RolloutDied', bad],
  ]);
  expect((await world.service()).imageDigests).toEqual([good]);
  const { quarantine, owner, retry } = (await world.ledgerState()) as LedgerState;
  expect([quarantine.map(({ digest }) => digest), owner, retry]).toEqual([[bad], undefined, undefined]);
});

it('what ECS has put back already, and of which a task has just been replaced, is believed once that one is healthy', async () => {
  const world = await openWorld({ service: { hasHealthCheck: true, circuitBreaker: 'rollback' } });
  const good = await proveAnImage(world);
  const { taskDefinition } = await world.service();
  await world.push({ behaviour: 'crash', afterSeconds: 5 });
  await end(world, 'AwaitSteadyState');
  const { region } = world;
  const { cluster } = world.config;
  await world.advance(1800);
  expect(await world.service()).toMatchObject({ taskDefinition, rolloutState: 'COMPLETED' });
  const { taskArns = [] } = await operate<ListTasksResponse>(region, 'ecs', 'ListTasks', { cluster });
  await operate(region, 'ecs', 'StopTask', { cluster, task: taskArns[0] });

  await world.push();
  expect((await world.untilRolloutEnds()).outcome).toBe('ROLLED_BACK');
  const { taskArns: tasks } = await operate<ListTasksResponse>(region, 'ecs', 'ListTasks', { cluster });
  const described = await operate<DescribeTasksResponse>(region, 'ecs', 'DescribeTasks', { cluster, tasks });
  expect(described.tasks!.map(({ healthStatus }) => healthStatus)).toEqual(['HEALTHY', 'HEALTHY']);
  expect((await world.service()).imageDigests).toEqual([good]);
});

it('an execution that ends while it waits for its turn gets its record, and its image is rolled all the same', async () => {
  const world = await openWorld({ hasTicks: true });
  await proveAnImage(world);
  const first = await world.push();
  await world.advance(20);
  const second = await world.push();
  await end(world, 'AwaitTurn');
  await world.advance(900);
  expect(await told(world)).toEqual([
    ['SUCCEEDED', 'EvidenceComplete', first],
    ['ABORTED', 'ExecutionEnded', second],
    ['SUCCEEDED', 'EvidenceComplete', second],
  ]);
});
