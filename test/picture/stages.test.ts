import { expect, it } from 'vitest';
import type { ChronicledTask } from '../../picture/chronicle.ts';
import { failureOf, stagesOf } from '../../picture/stages.ts';
import { badPush, former, task } from './given-chronicle.ts';

it('tells the life of a task in stages that follow one another', () => {
  const life = task('b', 10, {
    stoppingAt: 100,
    drainingAt: 102,
    drainedAt: 132,
    executionStoppedAt: 133,
    stoppedAt: 150,
  });
  expect(stagesOf(life, 0, 200)).toEqual([
    { name: 'waiting', from: 10, to: 21 },
    { name: 'pull', from: 21, to: 27 },
    { name: 'start', from: 27, to: 29 },
    { name: 'check', from: 29, to: 39 },
    { name: 'serving', from: 39, to: 100 },
    { name: 'draining', from: 100, to: 132 },
    { name: 'stopping', from: 132, to: 150 },
  ]);
});

it('ends a task that never came up where it failed', () => {
  const never = badPush().tasks.find(({ taskId }) => taskId === 'cccccccc33')!;
  expect(stagesOf(never, 0, 200).map(({ name, to }) => [name, to])).toEqual([
    ['waiting', 31],
    ['pull', 37],
    ['start', 39],
    ['check', 44],
    ['stopping', 66],
  ]);
});

it('shows of a task only what lies within the axis', () => {
  expect(stagesOf(former('a', 40), 0, 50)).toEqual([
    { name: 'serving', from: 0, to: 40 },
    { name: 'stopping', from: 40, to: 50 },
  ]);
  expect(stagesOf(former('a', 40), 100, 150)).toEqual([]);
});

it('lets a task that nobody saw come up serve from the start', () => {
  const known: ChronicledTask = { taskId: 'a', deploymentId: 'd', containers: [] };
  expect(stagesOf(known, 5, 50)).toEqual([{ name: 'serving', from: 5, to: 50 }]);
});

it.each<[string | undefined, Partial<ChronicledTask>]>([
  ['exit 3', { stopCode: 'EssentialContainerExited', containers: [{ name: 'api', exitCode: 3 }] }],
  [
    'exit 3',
    {
      stopCode: 'EssentialContainerExited',
      containers: [
        { name: 'log', exitCode: 0 },
        { name: 'api', exitCode: 3 },
      ],
    },
  ],
  ['exit code unknown', { stopCode: 'EssentialContainerExited' }],
  [
    'out of memory',
    {
      stopCode: 'EssentialContainerExited',
      containers: [{ name: 'api', exitCode: 137, reason: 'OutOfMemoryError: killed' }],
    },
  ],
  ['cannot pull', { stopCode: 'TaskFailedToStart', stoppedReason: 'CannotPullContainerError: 403' }],
  ['failed to start', { stopCode: 'TaskFailedToStart', stoppedReason: 'ResourceInitializationError: secrets' }],
  ['unhealthy', { stopCode: 'ServiceSchedulerInitiated', stoppedReason: 'Task failed container health checks' }],
  ['stopped by hand', { stopCode: 'UserInitiated' }],
  [undefined, { stopCode: 'ServiceSchedulerInitiated', stoppedReason: 'Scaling activity initiated by (deployment d)' }],
  [undefined, { stopCode: 'ReplacedByService', stoppedReason: 'Scaling activity initiated by (deployment d)' }],
  ['AnyNewCode', { stopCode: 'AnyNewCode', stoppedReason: 'Something happened' }],
  [undefined, {}],
])('says %s of a task that stopped so', (words, changes) => {
  expect(failureOf(task('b', 0, { stoppedAt: 50, ...changes }))).toBe(words);
});
