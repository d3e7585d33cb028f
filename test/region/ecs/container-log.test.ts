import { expect, it } from 'vitest';
import { EcsRegion } from './ecs-fixture.ts';
import { CONTAINER } from './first-stop.ts';

const { logConfiguration } = CONTAINER;

/** A service whose only task has run for a while, or has ended. */
async function taskThat(behaviour: Record<string, string>, container: object = { logConfiguration }) {
  const region = new EcsRegion();
  const taskDefinition = region.register(region.push('v1', 'a', behaviour), {}, container);
  region.ecs.createService({ cluster: 'prod', serviceName: 'api', taskDefinition, desiredCount: 1 });
  await region.kernel.runFor(40_000);
  const [task] = [...region.tasks('STOPPED'), ...region.tasks()];
  const id = task!.taskArn!.split('/').at(-1)!;
  return { region, task: task!, id, written: region.logs.get(`ecs/app/${id}`) };
}

it('writes what its image says as it starts, to prefix/container/task, to be read seconds later', async () => {
  const { task, written } = await taskThat({ says: 'listening\non port 80' });
  expect(written!.map(({ group, line }) => [group, line])).toEqual([
    ['api', 'listening'],
    ['api', 'on port 80'],
  ]);
  expect(new Set(written!.map(({ at }) => at))).toEqual(new Set([task.startedAt!.getTime()]));
  for (const { lagMs } of written!) expect(lagMs).toBeGreaterThan(5_000);
});

it('writes it as it ends where it ends by itself, be it before its task has started', async () => {
  const { task, written } = await taskThat({ behaviour: 'crash', 'after-seconds': '5', says: 'no database' });
  expect(written!.map(({ at, line }) => [at, line])).toEqual([[task.executionStoppedAt!.getTime(), 'no database']]);
  const early = await taskThat({ behaviour: 'crash', 'after-seconds': '0', says: 'no database' });
  expect(early.written!.map(({ line }) => line)).toEqual(['no database']);
});

it('has an empty stream where it says nothing', async () => {
  expect((await taskThat({})).written).toEqual([]);
});

it.each([
  [
    'another driver',
    { logConfiguration: { logDriver: 'splunk', options: { 'splunk-token': 't', 'splunk-url': 'u' } } },
  ],
  ['no driver', {}],
  ['another Region', inRegion('eu-west-1')],
])('has no stream with %s', async (_, container) => {
  const { region, task } = await taskThat({ says: 'listening' }, container);
  expect([task.lastStatus, [...region.logs]]).toEqual(['RUNNING', []]);
});

it('loses its lines where the execution role may not write them', async () => {
  const region = new EcsRegion();
  region.refused.add('logs:PutLogEvents');
  const taskDefinition = region.register(region.push('v1', 'a', { says: 'listening' }), {}, { logConfiguration });
  region.ecs.createService({ cluster: 'prod', serviceName: 'api', taskDefinition, desiredCount: 1 });
  await region.kernel.runFor(40_000);
  expect([region.tasks()[0]!.lastStatus, ...region.logs.values()]).toEqual(['RUNNING', []]);
});

it('refuses to create a group, by name', async () => {
  const { options } = logConfiguration;
  const region = new EcsRegion();
  region.missing.add('api');
  const creating = {
    logConfiguration: { ...logConfiguration, options: { ...options, 'awslogs-create-group': 'true' } },
  };
  const taskDefinition = region.register(region.push('v1', 'a'), {}, creating);
  region.ecs.createService({ cluster: 'prod', serviceName: 'api', taskDefinition, desiredCount: 1 });
  await expect(region.kernel.runFor(40_000)).rejects.toThrow(
    'awslogs-create-group, of api, which is not there, is not',
  );
});

function inRegion(name: string): object {
  return {
    logConfiguration: { ...logConfiguration, options: { ...logConfiguration.options, 'awslogs-region': name } },
  };
}
