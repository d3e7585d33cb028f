import type { DescribeTasksResponse, ListTasksResponse, Task } from '@aws-sdk/client-ecs';
import { expect, it } from 'vitest';
import type { ChronicledTask } from '../../picture/chronicle.ts';
import { stagesOf } from '../../picture/stages.ts';
import { operate } from '../../rehearsal/cell/operator.ts';
import { followChronicle } from '../../rehearsal/chronicler.ts';
import type { World } from '../../rehearsal/world.ts';
import { setting } from '../scenario/setting.ts';

const open = setting();

it('tells of each task what ECS tells, and who made each deployment', async () => {
  const world = await open();
  await world.push();
  await world.untilRolloutEnds();
  const chronicler = followChronicle(world);
  const beganAt = world.region.kernel.now;
  await world.push({ behaviour: 'crash', afterSeconds: 5, exitCode: 3 });
  await world.untilRolloutEnds();
  const told = chronicler.chronicle();
  const seconds = (date: Date | undefined): number | undefined => date && (date.getTime() - beganAt) / 1000;

  expect(told.deployments.map(({ by, revision, image }) => [by, revision, image])).toEqual([
    ['before', 'api:3', expect.stringMatching(/^[0-9a-f]{12}$/)],
    ['rollout', 'api:4', 'live'],
    ['rollback', 'api:3', expect.stringMatching(/^[0-9a-f]{12}$/)],
  ]);
  const described = await tasksOf(world);
  expect(described.length).toBeGreaterThan(3);
  for (const task of described) {
    const chronicled = told.tasks.find(({ taskId }) => task.taskArn!.endsWith(`/${taskId}`))!;
    const isSeen = (task.stoppingAt ?? task.createdAt)!.getTime() > beganAt;
    if (!isSeen) continue;
    expect(timesOf(chronicled)).toEqual([
      seconds(task.createdAt),
      seconds(task.pullStartedAt),
      seconds(task.pullStoppedAt),
      seconds(task.startedAt),
      seconds(task.stoppingAt),
      seconds(task.stoppedAt),
    ]);
    expect(chronicled.deploymentId).toBe(task.startedBy);
    expect(chronicled.containers.map(({ exitCode }) => exitCode)).toEqual(
      task.containers?.map(({ exitCode }) => exitCode),
    );
  }
  const crashed = told.tasks.filter(({ containers }) => containers[0]?.exitCode === 3);
  expect(crashed.length).toBeGreaterThan(0);
});

it('tells the states of a rollout one after the other, from its start to its end, and its outcome', async () => {
  const world = await open();
  const chronicler = followChronicle(world);
  await world.push();
  const { startedAt, stoppedAt, path } = await world.untilRolloutEnds();
  const { rollouts, beganAt, events } = chronicler.chronicle();
  const [rollout] = rollouts;
  expect(rollout).toMatchObject({ outcome: 'SUCCEEDED', image: 'live' });
  expect([rollout!.startedAt, rollout!.endedAt]).toEqual([startedAt, stoppedAt!].map((at) => (at - beganAt) / 1000));
  expect(rollout!.states.map(({ name }) => name)).toEqual(path.filter((state) => !state.endsWith('?')));
  rollout!.states.slice(1).forEach(({ enteredAt }, index) => expect(rollout!.states[index]!.leftAt).toBe(enteredAt));
  expect(rollout!.states.at(-1)!.leftAt).toBe(rollout!.endedAt);
  expect(events.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['push', 'decided', 'ecs', 'ended']));
});

it('tells of a rollout that was superseded for which image it was started', async () => {
  const world = await open();
  const chronicler = followChronicle(world);
  const digests: string[] = [];
  for (let push = 0; push < 3; push++) {
    digests.push(await world.push());
    await world.advance(3);
  }
  await world.untilRolloutEnds();
  await world.untilIdle();
  const { rollouts } = chronicler.chronicle();
  expect(rollouts.map(({ outcome, image }) => [outcome, image])).toEqual([
    ['SUCCEEDED', `live ${digests[0]!.slice(7, 14)}`],
    ['SUPERSEDED', `live ${digests[1]!.slice(7, 14)}`],
    ['SUCCEEDED', `live ${digests[2]!.slice(7, 14)}`],
  ]);
});

it('tells whose deployment it is that nobody of ours made, how many tasks are wanted, and what was noted', async () => {
  const world = await open({ service: { desiredCount: 2, circuitBreaker: 'rollback' } });
  const chronicler = followChronicle(world);
  const { cluster, serviceName: service } = world.config;
  chronicler.note(chronicler.now(), 'fault', 'slow', 1000);
  await operate(world.region, 'ecs', 'UpdateService', { cluster, service, forceNewDeployment: true, desiredCount: 3 });
  await world.push({ tag: 'rollouts-keep-prod-api-1' });
  chronicler.note(chronicler.now() + 301, 'fault', 'comes too late', 1000);
  await world.advance(300);
  chronicler.endNoted();
  const { deployments, desiredCounts, events, tasks } = chronicler.chronicle();
  expect(deployments.map(({ by }) => by)).toEqual(['before', 'someone else']);
  expect(desiredCounts.map(({ count }) => count)).toEqual([2, 3]);
  expect(events.filter(({ kind }) => kind === 'deed')).toEqual([
    { at: expect.closeTo(0, 0) as number, kind: 'deed', text: 'scales to 3' },
  ]);
  expect(events.filter(({ kind }) => kind === 'fault')).toEqual([{ at: 0, until: 300, kind: 'fault', text: 'slow' }]);
  // An image's second name is nobody's push.
  expect(events.filter(({ kind }) => kind === 'push' || kind === 'kept').map(({ kind }) => kind)).toEqual(['kept']);
  const served = tasks.map((task) => stagesOf(task, 0, 300).find(({ name }) => name === 'serving'));
  expect(served.map((stage) => stage?.from === 0)).toEqual([true, true, false, false, false]);
});

const timesOf = (task: ChronicledTask): (number | undefined)[] => [
  task.createdAt,
  task.pullStartedAt,
  task.pullStoppedAt,
  task.startedAt,
  task.stoppingAt,
  task.stoppedAt,
];

async function tasksOf({ region, config }: World): Promise<Task[]> {
  const { cluster, serviceName } = config;
  const listed = async (desiredStatus: string): Promise<string[]> => {
    const request = { cluster, serviceName, desiredStatus };
    return (await operate<ListTasksResponse>(region, 'ecs', 'ListTasks', request)).taskArns ?? [];
  };
  const tasks = [...(await listed('RUNNING')), ...(await listed('STOPPED'))];
  return (await operate<DescribeTasksResponse>(region, 'ecs', 'DescribeTasks', { cluster, tasks })).tasks ?? [];
}
