import type { ListServiceDeploymentsResponse } from '@aws-sdk/client-ecs';
import { expect, it } from 'vitest';
import { operate } from '../../rehearsal/cell/operator.ts';
import { proveAnImage } from './proven-image.ts';
import { once, setting } from './setting.ts';

const openWorld = setting();

const TAKEN_BACK = ['RollbackTarget?', 'RollBack', 'RolledBack?', 'AwaitRollback', 'Conclude', 'Ended well?', 'Failed'];

it('reports STAGED, not success, when the service runs zero tasks', async () => {
  const world = await openWorld({ service: { desiredCount: 0 } });
  await world.push();
  const rollout = await world.untilRolloutEnds();

  expect(rollout.outcome).toBe('STAGED');
  expect((await world.service()).desiredCount).toBe(0);
  expect((await world.ledgerState())?.verified).toEqual([]);
});

it("adopts ECS's own rollback and proves what it restored", async () => {
  const world = await openWorld({ service: { circuitBreaker: 'rollback' } });
  const good = await proveAnImage(world);
  const { taskDefinition: proven } = await world.service();
  const before = world.region.calls.filter(({ operation }) => operation === 'UpdateService').length;
  await world.push();
  await world.advance(25);
  const { serviceDeployments } = await operate<ListServiceDeploymentsResponse>(
    world.region,
    'ecs',
    'ListServiceDeployments',
    {
      cluster: 'prod',
      service: 'api',
      status: ['IN_PROGRESS'],
    },
  );
  const { serviceDeploymentArn } = serviceDeployments![0]!;
  await operate(world.region, 'ecs', 'StopServiceDeployment', { serviceDeploymentArn, stopType: 'ROLLBACK' });
  const rollout = await world.untilRolloutEnds();

  expect(rollout.error).toBe('ROLLED_BACK_BY_ECS');
  expect(once(rollout.path).slice(-9)).toEqual(['AwaitSteadyState', 'Steady?', ...TAKEN_BACK]);
  expect(await world.service()).toMatchObject({ taskDefinition: proven, imageDigests: [good], runningCount: 2 });
  expect(world.region.calls.filter(({ operation }) => operation === 'UpdateService')).toHaveLength(before + 1);
});

it('frees the service although nobody can be notified, and tells it once somebody can', async () => {
  const world = await openWorld({ hasTicks: true });
  const [, role] = [...world.cell.resources].find(([logicalId]) => logicalId.startsWith('HandlersConcludeRole'))!;
  const policies = world.region.iam.policiesOf(role.attributes['Arn']!);
  world.removePermission({ role: 'Conclude', action: 'sns:Publish' });
  const digest = await world.push();
  const rollout = await world.untilRolloutEnds();

  expect(rollout).toMatchObject({ status: 'FAILED', error: 'AwsRefused' });
  expect(rollout.path.at(-1)).toBe('Unconcluded');
  const state = await world.ledgerState();
  expect(state).not.toHaveProperty('owner');
  expect(state?.outbox.map(({ outcome }) => outcome)).toEqual(['SUCCEEDED']);
  expect((await world.service()).imageDigests).toEqual([digest]);
  await world.advance(1800);
  expect((await world.ledgerState())?.outbox).toHaveLength(1);
  // Until then the alarms, which need no handler, say that something is wrong.
  expect(world.notifications().filter(({ message }) => message.includes('ExecutionsUnrecorded')).length).toBeGreaterThan(0);
  expect(world.notifications().map(({ subject }) => subject)).not.toContain('SUCCEEDED: prod/api');
  const second = await world.push();
  await world.untilRolloutEnds();
  expect((await world.ledgerState())?.outbox).toHaveLength(2);

  world.region.iam.replacePolicies(role.attributes['Arn']!, policies);
  await world.advance(900);
  expect((await world.ledgerState())?.outbox).toEqual([]);
  const told = world.notifications().filter(({ subject }) => subject === 'SUCCEEDED: prod/api');
  expect(told).toHaveLength(2);
  // The first record was announced together with the second, and must not make its image the live one again.
  expect(world.region.ssm.valueOf('/rollouts/api/image')).toContain(second);
});

it('keeps as history what nobody could be told for hours, rings, and goes on', async () => {
  const world = await setting({ tickMinutes: 60 })({ hasTicks: true });
  const down = world.region.faults.start({
    at: 'call',
    match: { service: 'sns', operation: 'Publish', caller: 'role' },
    does: { kind: 'error', error: 'server-error', isApplied: false },
  });
  await world.push();
  expect(await world.untilRolloutEnds()).toMatchObject({ status: 'FAILED', error: 'AwsUnavailable' });
  await world.advance(5 * 3600);
  expect((await world.ledgerState())?.outbox).toHaveLength(1);
  expect(world.alarms()).not.toContainEqual(expect.stringContaining('NeedsSomeone'));
  await world.advance(2 * 3600);

  expect((await world.ledgerState())?.outbox).toEqual([]);
  const rung = world.notifications().filter(({ message }) => message.includes('NeedsSomeone'));
  expect(rung.length).toBeGreaterThan(0);
  expect((await world.history()).map(({ outcome }) => outcome)).toEqual(['SUCCEEDED']);
  down.stop();
  const second = await world.push();
  expect((await world.untilRolloutEnds()).outcome).toBe('SUCCEEDED');
  expect(world.region.ssm.valueOf('/rollouts/api/image')).toContain(second);
  world.excuse('notification', /was announced 0 times, not 1/, 'the topic was down for longer than anybody is told');
});

it('leaves a deploy by hand alone, and says whose it is not', async () => {
  const world = await openWorld();
  await proveAnImage(world);
  const { taskDefinition: proven } = await world.service();
  await world.push({ behaviour: 'slow-start', afterSeconds: 200 });
  await world.advance(30);
  await operate(world.region, 'ecs', 'UpdateService', { cluster: 'prod', service: 'api', taskDefinition: 'api:1' });
  const rollout = await world.untilRolloutEnds();

  expect(rollout.error).toBe('ABORTED_EXTERNAL');
  expect(rollout.path).not.toContain('RollBack');
  await world.untilIdle();
  const { taskDefinition } = await world.service();
  expect(taskDefinition).toMatch(/:1$/);
  expect(taskDefinition).not.toBe(proven);
});

it('says that there is nothing to go back to when the very first image fails', async () => {
  const world = await openWorld({ service: { desiredCount: 1, taskDefinition: {} } });
  const { taskDefinition: byHand } = await world.service();
  await operate(world.region, 'ecs', 'UpdateService', {
    cluster: 'prod',
    service: 'api',
    taskDefinition: byHand,
    forceNewDeployment: true,
  });
  // The service is being deployed by hand at this moment: nothing that runs is proven, and a person does not wait for it.
  const digest = await world.push({ behaviour: 'crash' });
  const rollout = await world.untilRolloutEnds(await world.start({ image: { digest } }));

  expect(rollout.error).toBe('FAILED_NO_ROLLBACK_TARGET');
  expect(rollout.path).not.toContain('RollBack');
});

it('recovers a rollout that a person stopped half way, and tells both stories', async () => {
  const world = await openWorld({ hasTicks: true });
  const good = await proveAnImage(world);
  await world.push({ behaviour: 'slow-start', afterSeconds: 400 });
  await world.advance(60);
  const stopped = world.rollouts().at(-1)!;
  await operate(world.region, 'states', 'StopExecution', { executionArn: stopped.executionArn });
  await world.advance(1500);

  expect((await world.service()).imageDigests).toEqual([good]);
  expect((await world.history()).map(({ outcome }) => outcome).sort()).toEqual(['ABORTED', 'ROLLED_BACK', 'SUCCEEDED']);
  const recovery = world.rollouts().at(-1)!;
  expect(once(recovery.path)).toEqual(['Configure', 'AcceptIntent', 'Accepted?', ...TAKEN_BACK]);
  expect(await world.ledgerState()).toMatchObject({ outbox: [], quarantine: [] });
});

it('ends a bake at the first crash of our tasks', async () => {
  const world = await openWorld();
  const good = await proveAnImage(world);
  await world.push({ behaviour: 'crash', afterSeconds: 60 });
  const rollout = await world.untilRolloutEnds();

  expect(rollout).toMatchObject({ error: 'ROLLED_BACK' });
  expect(rollout.path).toContain('Bake');
  expect((await world.service()).imageDigests).toEqual([good]);
});

it.each([
  ['another controller', { members: { deploymentController: { type: 'CODE_DEPLOY' } } }, 'ControllerNotSupported'],
  ['blue/green', { members: { deploymentConfiguration: { strategy: 'BLUE_GREEN' } } }, 'StrategyNotSupported'],
  ['no room to roll', { desiredCount: 1, minimumHealthyPercent: 100, maximumPercent: 100 }, 'NoRoomToRoll'],
  [
    'another platform',
    { taskDefinition: { runtimePlatform: { cpuArchitecture: 'ARM64', operatingSystemFamily: 'LINUX' } } },
    'WrongPlatform',
  ],
] as const)('refuses %s by name before anything is touched', async (_what, service, reason) => {
  const world = await openWorld({ service: service as never });
  const before = await world.service();
  await world.push({ isIndex: true, platform: 'linux/amd64' });
  const rollout = await world.untilRolloutEnds();

  expect(rollout.error).toBe('REJECTED');
  expect(rollout.path.at(-4)).toBe('Cleared?');
  expect(await world.history()).toEqual([expect.objectContaining({ outcome: 'REJECTED', reason })]);
  expect(await world.service()).toEqual(before);
});

it('refuses a service that does not exist', async () => {
  const world = await openWorld({ service: 'absent' });
  await world.push();
  expect(await world.untilRolloutEnds()).toMatchObject({ error: 'REJECTED' });
  expect(await world.history()).toEqual([expect.objectContaining({ reason: 'ServiceMissing' })]);
});
