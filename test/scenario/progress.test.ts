import type { DescribeTaskDefinitionResponse, RegisterTaskDefinitionResponse } from '@aws-sdk/client-ecs';
import { expect, it } from 'vitest';
import { operate } from '../../rehearsal/cell/operator.ts';
import type { World } from '../../rehearsal/world.ts';
import { proveAnImage } from './proven-image.ts';
import { setting } from './setting.ts';

const openWorld = setting();
const HOUR = 3600;

/** One task more than the service wants, and none less: they are replaced one by one. */
const oneByOne = (desiredCount: number): { service: object } => ({
  service: { desiredCount, minimumHealthyPercent: 100, maximumPercent: Math.ceil(100 * (1 + 1 / desiredCount)) },
});
/** Somebody gives the container a health check that allows a start of five minutes. */
async function checkHealth(world: World): Promise<void> {
  const { region } = world;
  const { taskDefinition } = await world.service();
  const answer = await operate<DescribeTaskDefinitionResponse>(region, 'ecs', 'DescribeTaskDefinition', {
    taskDefinition,
  });
  const { family, cpu, memory, networkMode, requiresCompatibilities, executionRoleArn, ...rest } =
    answer.taskDefinition!;
  const healthCheck = { command: ['CMD-SHELL', 'true'], interval: 30, retries: 3, startPeriod: 300 };
  const containerDefinitions = rest.containerDefinitions!.map((container) => ({ ...container, healthCheck }));
  const revision = { family, cpu, memory, networkMode, requiresCompatibilities, executionRoleArn };
  const { taskDefinition: checked } = await operate<RegisterTaskDefinitionResponse>(
    region,
    'ecs',
    'RegisterTaskDefinition',
    { ...revision, containerDefinitions },
  );
  const request = { cluster: 'prod', service: 'api', taskDefinition: checked!.taskDefinitionArn };
  await operate(region, 'ecs', 'UpdateService', request);
  await world.advance(4 * HOUR);
}

it('a roll of 15 tasks one by one, each of which takes four minutes to become healthy, succeeds', async () => {
  const world = await openWorld(oneByOne(15));
  await checkHealth(world);
  const before = world.seconds;
  const digest = await world.push({ behaviour: 'slow-start', afterSeconds: 240 });
  expect(await world.untilRolloutEnds()).toMatchObject({ outcome: 'SUCCEEDED' });
  console.log(world.seconds - before);
  expect(world.seconds - before).toBeGreaterThan(HOUR);
  expect((await world.service()).imageDigests).toEqual([digest]);
});

it('60', async () => {
  const world = await openWorld(oneByOne(60));
  const before = world.seconds;
  await world.push();
  const { outcome, message } = await world.untilRolloutEnds();
  console.log(outcome, message, world.seconds - before);
});
