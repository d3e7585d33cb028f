import type { Task } from '@aws-sdk/client-ecs';
import { describe, expect, it } from 'vitest';
import { watchTasks } from '../../../cli/verbs/console/watched-tasks.ts';
import { cannedCell } from './canned-cell.ts';

const ARN = 'arn:aws:ecs:eu-west-1:111122223333:task/default/0123';
const at = (seconds: number): number => 1_800_000_000 + seconds;

/** Looks at one task that is told differently each time, at the seconds of the looks. */
async function watch(
  looks: readonly (readonly [seconds: number, task: Partial<Record<keyof Task, unknown>>])[],
  hasCheck = true,
) {
  let task: Partial<Record<keyof Task, unknown>> = {};
  const { cell } = cannedCell({
    'ecs:ListTasks': ({ desiredStatus }: { desiredStatus: string }) => ({
      taskArns: (task.desiredStatus ?? 'RUNNING') === desiredStatus ? [ARN] : [],
    }),
    'ecs:DescribeTasks': () => ({
      tasks: [{ taskArn: ARN, taskDefinitionArn: 'td', desiredStatus: 'RUNNING', startedAt: at(10), ...task }],
    }),
    'ecs:DescribeTaskDefinition': () => ({
      taskDefinition: {
        family: 'web',
        containerDefinitions: [
          { name: 'web', image: 'i', ...(hasCheck && { healthCheck: { command: ['CMD', 'true'] } }) },
        ],
      },
    }),
  });
  const tasks = watchTasks(cell);
  let seen;
  for (const [seconds, told] of looks) {
    task = told;
    [seen] = await tasks.look(at(seconds) * 1000);
  }
  const secondsOf = (moment: number | undefined) => (moment === undefined ? undefined : moment / 1000 - at(0));
  return {
    healthy: secondsOf(seen!.healthyAt),
    draining: secondsOf(seen!.drainingAt),
    drained: secondsOf(seen!.drainedAt),
    isGuessed: seen!.isGuessed,
  };
}

const UP = { lastStatus: 'RUNNING', healthStatus: 'UNKNOWN' };
const HEALTHY = { lastStatus: 'RUNNING', healthStatus: 'HEALTHY' };
const GONE = {
  lastStatus: 'STOPPED',
  desiredStatus: 'STOPPED',
  stopCode: 'ServiceSchedulerInitiated',
  executionStoppedAt: at(80),
};

describe('what ECS does not date', () => {
  it.each([
    [
      'is the look that first saw it',
      [
        [12, UP],
        [20, HEALTHY],
        [30, HEALTHY],
      ],
      { healthy: 20, isGuessed: false },
    ],
    ['is its start where nobody looked before, and says so', [[20, HEALTHY]], { healthy: 10, isGuessed: true }],
    ['is unknown while it is not', [[12, UP]], { healthy: undefined, isGuessed: false }],
    [
      'is its start for one that made room before anybody looked, and says so',
      [[90, GONE]],
      { healthy: 10, isGuessed: true },
    ],
    [
      'is nothing for one that exited before anybody looked',
      [[90, { ...GONE, stopCode: 'EssentialContainerExited' }]],
      { healthy: undefined, isGuessed: false },
    ],
  ] as const)('when it became healthy %s', async (_, looks, told) => {
    expect(await watch(looks)).toMatchObject(told);
  });

  it('is its start, exactly, without a health check', async () => {
    expect(await watch([[20, UP]], false)).toMatchObject({ healthy: 10, isGuessed: false });
  });

  it('when it was drained is the look that first saw it stopping, and no later than its end', async () => {
    const draining = { lastStatus: 'DEACTIVATING', desiredStatus: 'STOPPED', stoppingAt: at(40) };
    expect(
      await watch([
        [20, HEALTHY],
        [45, draining],
        [70, { ...draining, lastStatus: 'STOPPING' }],
      ]),
    ).toMatchObject({ draining: 40, drained: 70 });
    expect(
      await watch([
        [20, HEALTHY],
        [45, draining],
        [95, GONE],
      ]),
    ).toMatchObject({ draining: 40, drained: 80 });
  });
});
