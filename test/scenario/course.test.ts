import type { GetExecutionHistoryOutput } from '@aws-sdk/client-sfn';
import { describe, expect, it } from 'vitest';
import type { Stay } from '../../functions/rollout/course.ts';
import type { HistoryEntry, LedgerState } from '../../functions/rollout/ledger.ts';
import { operate } from '../../rehearsal/cell/operator.ts';
import type { World } from '../../rehearsal/world.ts';
import { proveAnImage } from './proven-image.ts';
import { setting } from './setting.ts';

const openWorld = setting();

async function lastEntry(world: World): Promise<HistoryEntry> {
  return (await world.history()).at(-1) as unknown as HistoryEntry;
}

/** The same from Step Functions, which forgets it after 90 days: what was entered and when, without choices and what begins it. */
async function toldByStepFunctions(
  { region }: World,
  executionArn: string,
): Promise<Pick<Stay, 'name' | 'enteredAt'>[]> {
  const { events = [] } = await operate<GetExecutionHistoryOutput>(region, 'states', 'GetExecutionHistory', {
    executionArn,
    maxResults: 1000,
  });
  const stays = events.flatMap(({ type, timestamp, stateEnteredEventDetails: entered }) =>
    entered && !['ChoiceStateEntered', 'PassStateEntered', 'SucceedStateEntered', 'FailStateEntered'].includes(type!)
      ? [{ name: entered.name!, enteredAt: Number(timestamp) }]
      : [],
  );
  return stays.filter(({ name }, index) => stays[index - 1]?.name !== name);
}

describe('the history entry', () => {
  it.each([
    ['succeeded', {}, 'SUCCEEDED'],
    ['was rolled back', { behaviour: 'crash', afterSeconds: 40 } as const, 'ROLLED_BACK'],
  ])(
    'of a rollout that %s has the states that Step Functions tells of, to the millisecond',
    async (_how, image, end) => {
      const world = await openWorld();
      await proveAnImage(world);
      await world.push(image);
      const { outcome } = await world.untilRolloutEnds();
      const { course, executionArn, endedAt } = await lastEntry(world);
      expect(outcome).toBe(end);
      const told = await toldByStepFunctions(world, executionArn);
      expect(course!.states!.map(({ name, enteredAt }) => ({ name, enteredAt }))).toEqual(told);
      expect(course!.states!.map(({ leftAt }) => leftAt)).toEqual([
        ...told.slice(1).map(({ enteredAt }) => enteredAt),
        endedAt,
      ]);
    },
  );

  it('says what each step decided, and when', async () => {
    const world = await openWorld();
    await proveAnImage(world);
    await world.push({ behaviour: 'crash', afterSeconds: 40 });
    await world.untilRolloutEnds();
    const { decisions } = (await lastEntry(world)).course!;
    expect(decisions!.map(({ state, word, reason }) => `${state}: ${word} (${reason})`)).toEqual([
      'AcceptIntent: roll (Selected)',
      'Preflight: go (Ready)',
      'RollService: rolled (Updated)',
      'AwaitSteadyState: failed (EssentialContainerExited)',
      'RollBack: rolled (Updated)',
      'AwaitRollback: steady (EvidenceComplete)',
    ]);
    expect(decisions!.map(({ at }) => at)).toEqual(
      decisions!.map(({ at }) => at).toSorted((one, other) => one - other),
    );
  });

  it('never says what somebody answered in the name of a watch', async () => {
    const world = await openWorld();
    await proveAnImage(world);
    await world.push({ behaviour: 'crash', afterSeconds: 40 });
    await world.region.kernel.runUntil(
      () => world.rollouts().at(-1)?.path.at(-1) === 'AwaitSteadyState',
      'wait',
      600_000,
    );
    await world.advance(3);
    const { events = [] } = await operate<GetExecutionHistoryOutput>(world.region, 'states', 'GetExecutionHistory', {
      executionArn: world.rollouts().at(-1)!.executionArn,
      reverseOrder: true,
    });
    const { parameters } = events.find(({ type }) => type === 'TaskScheduled')!.taskScheduledEventDetails!;
    const { token } = (JSON.parse(parameters!) as { Payload: { token: string } }).Payload;
    const forged = { word: 'steady', reason: 'Forged', message: 'It is fine, believe me.' };
    await operate(world.region, 'states', 'SendTaskSuccess', { taskToken: token, output: JSON.stringify(forged) });
    await world.untilRolloutEnds();
    expect(JSON.stringify(await lastEntry(world))).not.toMatch(/Forged|believe me/);
  });

  it.each([
    ['all at once', {}],
    ['all at once, and are checked', { hasHealthCheck: true }],
    ['half of them first, and are checked', { hasHealthCheck: true, minimumHealthyPercent: 50, maximumPercent: 100 }],
    ['one after the other, and are checked', { hasHealthCheck: true, maximumPercent: 125 }],
  ])(
    'dates every task as ECS does, and its health soon after it truly was: tasks are replaced %s',
    async (_how, deploys) => {
      const world = await openWorld({ service: { desiredCount: 4, ...deploys } });
      await proveAnImage(world);
      const soundAt = new Map<string, number>();
      world.region.ecs.onTruth(({ taskArn, isSound, desiredStatus, at }) => {
        const id = taskArn.slice(taskArn.lastIndexOf('/') + 1);
        if (isSound && desiredStatus === 'RUNNING' && !soundAt.has(id)) soundAt.set(id, at);
      });
      await world.push();
      await world.untilRolloutEnds();
      const { desiredCount, tasks, tasksLeftOut } = (await lastEntry(world)).course!;
      expect([desiredCount, tasksLeftOut]).toEqual([4, { before: 0, new: 0, back: 0, other: 0 }]);
      expect(tasks!.map(({ role }) => role).toSorted()).toEqual([...Array(4).fill('before'), ...Array(4).fill('new')]);
      for (const task of tasks!.filter(({ role }) => role === 'new')) {
        const times = [task.createdAt, task.pullStartedAt, task.pullStoppedAt, task.startedAt, task.healthyAt];
        expect(times.toSorted((one, other) => one! - other!)).toEqual(times);
        const lateness = task.healthyAt! - soundAt.get(task.taskId)!;
        expect(lateness).toBeGreaterThanOrEqual(0);
        expect(lateness).toBeLessThan(60_000);
        expect(task.healthyWithinSeconds).toBe((task.healthyAt! - task.startedAt!) / 1000);
      }
      for (const task of tasks!.filter(({ role }) => role === 'before'))
        expect(task).toMatchObject({ stoppingAt: expect.any(Number) as number, stopCode: 'ServiceSchedulerInitiated' });
    },
  );

  it('tells what failed and what was put back from what ran before, and how it ended', async () => {
    const world = await openWorld();
    await proveAnImage(world);
    await world.push({ behaviour: 'crash', afterSeconds: 40 });
    await world.untilRolloutEnds();
    const { tasks = [] } = (await lastEntry(world)).course!;
    const failed = tasks.find(({ role, stopCode }) => role === 'new' && stopCode === 'EssentialContainerExited');
    expect(failed).toMatchObject({ containers: [{ name: 'api', exitCode: 1 }] });
    expect(failed).not.toHaveProperty('healthyAt');
    expect(tasks.map(({ role }) => role)).toEqual(expect.arrayContaining(['before', 'new', 'back']));
  });

  it.each(['ecs:ListTasks', 'ecs:DescribeTasks', 'ecs:DescribeServices'])(
    'has no tasks where nobody may look at them, and a rollout ends as well: %s',
    async (action) => {
      const world = await openWorld();
      await proveAnImage(world);
      world.removePermission({ role: 'Conclude', action });
      await world.push();
      expect((await world.untilRolloutEnds()).outcome).toBe('SUCCEEDED');
      const { states, tasks } = (await lastEntry(world)).course!;
      expect([states!.length > 5, tasks]).toEqual([true, undefined]);
    },
  );

  it('alone has it: what waits to be told does not, nor does any message', async () => {
    const world = await openWorld();
    await proveAnImage(world);
    world.excuse('outbox', /still waits/, 'nobody may be told');
    world.removePermission({ role: 'Conclude', action: 'sns:Publish' });
    await world.push();
    await world.untilRolloutEnds();
    const { outbox } = (await world.ledgerState()) as unknown as LedgerState;
    expect(outbox.map(({ rolloutId }) => rolloutId)).toEqual([(await lastEntry(world)).rolloutId]);
    expect(Object.keys(outbox[0]!)).not.toContain('course');
    expect((await lastEntry(world)).course!.states!.map(({ name }) => name)).toContain('Bake');
  });
});
