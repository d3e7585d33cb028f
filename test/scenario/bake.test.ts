import { expect, it } from 'vitest';
import { operate } from '../../rehearsal/cell/operator.ts';
import { once, setting } from './setting.ts';

const withoutBake = setting({ bakeTimeSeconds: 0 });
const LATE_CRASH = { behaviour: 'crash', afterSeconds: 70, exitCode: 3 } as const;

it('bakes a service that nothing checks for a minute, whatever is configured, and takes back what crashes meanwhile', async () => {
  const world = await withoutBake();
  const before = await world.service();
  await world.push(LATE_CRASH);
  const { outcome, message, path } = await world.untilRolloutEnds();
  expect(outcome).toBe('ROLLED_BACK');
  expect(message).toContain('exited with code 3');
  expect(once(path)).toContain('Bake');
  expect((await world.service()).imageDigests).toEqual(before.imageDigests);
});

it('proves an image that nothing checks no earlier than a minute after its last task has started', async () => {
  const world = await withoutBake();
  await world.push();
  const { outcome, path } = await world.untilRolloutEnds();
  expect(outcome).toBe('SUCCEEDED');
  expect(once(path)).toContain('Bake');
  const { cluster } = world.config;
  const { taskArns } = await operate<{ taskArns: string[] }>(world.region, 'ecs', 'ListTasks', { cluster });
  const { tasks } = await operate<{ tasks: { startedAt: Date }[] }>(world.region, 'ecs', 'DescribeTasks', {
    cluster,
    tasks: taskArns,
  });
  const lastStarted = Math.max(...tasks.map(({ startedAt }) => startedAt.getTime()));
  const [record] = await world.history();
  expect(record!.endedAt - lastStarted).toBeGreaterThanOrEqual(60_000);
});

it('bakes as configured where the container has a health check', async () => {
  const world = await withoutBake({ service: { hasHealthCheck: true } });
  await world.push();
  const { outcome, path } = await world.untilRolloutEnds();
  expect(outcome).toBe('SUCCEEDED');
  expect(path).not.toContain('Bake');
});
