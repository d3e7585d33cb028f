import { describe, expect, it } from 'vitest';
import { operate } from '../../rehearsal/cell/operator.ts';
import type { World } from '../../rehearsal/world.ts';
import { registerLike } from './revisions.ts';
import { proveAnImage } from './proven-image.ts';
import { assemblyOf, setting } from './setting.ts';

const PARAMETER = '/team/api/key';
const PROVISION = { port: 8000, desiredCount: 2, secrets: { API_KEY: { parameter: PARAMETER } } };
const STACKS = { registry: {}, bakeTimeSeconds: 0, provision: PROVISION } as const;
const openWorld = setting(STACKS);
const openTicking = (): Promise<World> => openWorld({ hasTicks: true });
const changed = (provision: object): Promise<string> =>
  assemblyOf({ ...STACKS, provision: { ...PROVISION, ...provision } });

const EMPTY = { desiredCount: 0, runningCount: 0, rolloutState: 'COMPLETED' };
const FULL = { desiredCount: 2, runningCount: 2 };

/** Registers the revision without an image again, with its health check at another port. */
function registerOnPort(world: World, port: number): Promise<string> {
  return registerLike(world, 'api:1', (containers) => containers.replaceAll('8000', String(port)));
}

/** Waits for the tick to launch; answers the execution's ARN. */
async function launchOfTick(world: World): Promise<string> {
  const { length } = world.rollouts();
  const isLaunching = (): boolean => world.rollouts().length > length;
  await world.region.kernel.runUntil(isLaunching, 'the launch of the tick', 3_600_000);
  return world.rollouts().at(-1)!.executionArn;
}

async function update({ region, config: { cluster, serviceName: service } }: World, change: object): Promise<void> {
  await operate(region, 'ecs', 'UpdateService', { cluster, service, ...change });
}

/** What CloudFormation sends when it takes the first deployment after the launch back. */
function emptyBehindLaunch(world: World, taskDefinition = 'api:1'): Promise<void> {
  return update(world, { desiredCount: 0, taskDefinition });
}

describe('the first deployment after the launch, whose tasks never get healthy', () => {
  async function failToDeploy(world: World, meanwhile: () => Promise<unknown> = async () => {}): Promise<void> {
    await world.push({ listensOn: 8000 });
    expect(await world.untilRolloutEnds()).toMatchObject({ outcome: 'SUCCEEDED' });
    await world.untilIdle();
    const deployment = world.deploy(await changed({ port: 9000 }));
    await Promise.all([
      meanwhile(),
      expect(deployment).rejects.toThrow(
        /^stack [\w-]+, \w+ \(AWS::ECS::Service\): .*Circuit Breaker was triggered.*; the stack was rolled back$/,
      ),
    ]);
  }

  it('leaves nothing running, and the next push launches the service again', async () => {
    const world = await openWorld();
    await failToDeploy(world);
    await world.untilIdle();
    expect(await world.service()).toMatchObject({ ...EMPTY, taskDefinition: expect.stringMatching(/:1$/) });
    const digest = await world.push({ listensOn: 8000 });
    expect(await world.untilRolloutEnds()).toMatchObject({ outcome: 'SUCCEEDED' });
    expect(await world.service()).toMatchObject({ ...FULL, imageDigests: [digest] });
  });

  it('leaves nothing running, and an empty start launches the live image again', async () => {
    const world = await openWorld();
    await failToDeploy(world);
    expect(await world.untilRolloutEnds(await world.start({}))).toMatchObject({ outcome: 'SUCCEEDED' });
    expect(await world.service()).toMatchObject(FULL);
  });

  it('leaves nothing running, until the tick launches again what was proven last', async () => {
    const world = await openTicking();
    await failToDeploy(world);
    await world.advance(500);
    await world.untilIdle();
    expect(world.rollouts().at(-1)).toMatchObject({ outcome: 'SUCCEEDED' });
    expect(await world.service()).toMatchObject(FULL);

    // The owner mends the stack: the number of tasks is not CloudFormation's any more.
    await world.deploy(await changed({ environment: { MODE: 'busy' } }));
    expect(await world.service()).toMatchObject(FULL);
  });

  it.each([5, 60, 140])('lets a push that comes %s s after its beginning launch the service again', async (seconds) => {
    const world = await openWorld();
    let digest = '';
    await failToDeploy(world, async () => {
      await world.advance(seconds);
      digest = await world.push({ listensOn: 8000 });
    });
    await world.untilIdle();
    expect(world.rollouts().at(-1)).toMatchObject({ outcome: 'SUCCEEDED' });
    expect(await world.service()).toMatchObject({ ...FULL, imageDigests: [digest] });
  });

  it('leaves a zero that a deployment makes permanent, which a rollout says how to end', async () => {
    const world = await openWorld();
    await failToDeploy(world);
    await world.deploy(await changed({ environment: { MODE: 'busy' } }));
    await world.push({ listensOn: 8000 });
    expect(await world.untilRolloutEnds()).toMatchObject({
      outcome: 'STAGED',
      message: 'The service wants zero tasks, so nothing was proven: set its desired count to run the revision.',
    });
  });
});

describe('a service that was emptied behind its launch', () => {
  it.each([0, 8])('is launched by a push %s s later, while its old tasks still drain', async (seconds) => {
    const world = await openWorld();
    await proveAnImage(world);
    await emptyBehindLaunch(world);
    await world.advance(seconds);
    expect((await world.service()).runningCount).toBe(2);
    await world.push();
    expect(await world.untilRolloutEnds()).toMatchObject({ outcome: 'SUCCEEDED' });
    expect(await world.service()).toMatchObject(FULL);
  });

  it('gets the image proven last from the tick after a pushed one that fails', async () => {
    const world = await openTicking();
    const proven = await proveAnImage(world);
    await emptyBehindLaunch(world);
    await world.push({ behaviour: 'crash', afterSeconds: 5 });
    expect(await world.untilRolloutEnds()).toMatchObject({ outcome: 'FAILED_NO_ROLLBACK_TARGET' });
    await world.advance(700);
    await world.untilIdle();
    expect(await world.service()).toMatchObject({ ...FULL, imageDigests: [proven] });
  });

  it('is tried three times and never with an image further back, and launched once what hindered it is mended', async () => {
    const world = await openTicking();
    await proveAnImage(world);
    const proven = await proveAnImage(world);
    await operate(world.region, 'ssm', 'DeleteParameter', { Name: PARAMETER });
    await emptyBehindLaunch(world);
    await world.advance(7200);
    const tries = world.rollouts();
    expect(tries.map(({ outcome }) => outcome)).toEqual(Array(3).fill('FAILED_NO_ROLLBACK_TARGET'));
    const { quarantine } = (await world.ledgerState())!;
    expect(quarantine).toEqual([]);

    world.region.ssm.admitParameter(PARAMETER);
    expect(await world.untilRolloutEnds(await world.start({}))).toMatchObject({ outcome: 'SUCCEEDED' });
    expect(await world.service()).toMatchObject({ ...FULL, imageDigests: [proven] });
  });

  it('keeps its proven image although that fails in an environment that is broken, and then gets it back', async () => {
    const world = await openTicking();
    await world.push({ listensOn: 8000 });
    await world.untilRolloutEnds();
    await world.untilIdle();
    const { imageDigests } = await world.service();
    await emptyBehindLaunch(world, await registerOnPort(world, 9000));
    expect(await world.untilRolloutEnds(await launchOfTick(world))).toMatchObject({
      outcome: 'FAILED_NO_ROLLBACK_TARGET',
    });
    await emptyBehindLaunch(world);
    await world.advance(700);
    await world.untilIdle();
    expect(await world.service()).toMatchObject({ ...FULL, imageDigests });
  });

  it('is left to a person who pinned it to another image', async () => {
    const world = await openTicking();
    await proveAnImage(world);
    const before = (await world.service()).taskDefinition;
    const chosen = (await world.service()).imageDigests[0]!;
    await proveAnImage(world);
    await update(world, { taskDefinition: before });
    await world.advance(300);
    expect(await world.untilRolloutEnds(await world.start({ rollback: { to: chosen } }))).toMatchObject({
      outcome: 'NO_CHANGE',
    });
    await emptyBehindLaunch(world);
    await world.advance(3600);
    expect(await world.service()).toMatchObject(EMPTY);
  });

  it('is left to a person who went back from the image proven last, and failed', async () => {
    const world = await openTicking();
    const to = await world.push({ listensOn: 8000 });
    await world.untilRolloutEnds();
    await world.untilIdle();
    await proveAnImage(world);
    await emptyBehindLaunch(world, await registerOnPort(world, 9000));
    await world.advance(5);
    expect(await world.untilRolloutEnds(await world.start({ rollback: { to } }))).toMatchObject({
      outcome: 'FAILED_NO_ROLLBACK_TARGET',
    });
    await emptyBehindLaunch(world);
    await world.advance(3600);
    expect(await world.service()).toMatchObject(EMPTY);
  });

  it('gets back what a person went back to, never what they left', async () => {
    const world = await openTicking();
    const chosen = await proveAnImage(world);
    await proveAnImage(world);
    await world.untilRolloutEnds(await world.start({ rollback: true }));
    await world.untilIdle();
    await emptyBehindLaunch(world);
    await world.advance(700);
    await world.untilIdle();
    expect(await world.service()).toMatchObject({ ...FULL, imageDigests: [chosen] });
  });

  it('stays empty when a person stops the launch of the tick', async () => {
    const world = await openTicking();
    await proveAnImage(world);
    await emptyBehindLaunch(world);
    const executionArn = await launchOfTick(world);
    await world.advance(1);
    await operate(world.region, 'states', 'StopExecution', { executionArn });
    await world.advance(3600);
    expect(await world.service()).toMatchObject(EMPTY);
  });
});

describe('an operator’s zero', () => {
  it('stays although the launch was interrupted before', async () => {
    const world = await openWorld();
    await world.push();
    await world.advance(10);
    await update(world, { forceNewDeployment: true });
    await world.untilIdle();
    expect(world.rollouts()).toMatchObject([{ outcome: 'ABORTED_EXTERNAL' }]);
    await proveAnImage(world);
    await update(world, { desiredCount: 0 });
    await world.advance(300);
    await world.push();
    expect(await world.untilRolloutEnds()).toMatchObject({ outcome: 'STAGED' });
  });

  it.each([
    ['the launch', false],
    ['the launch after one that was taken back', true],
  ])('stays although it came in the middle of %s', async (_which, isSecond) => {
    const world = await openWorld();
    if (isSecond) {
      await world.push({ behaviour: 'crash' });
      await world.untilRolloutEnds();
      await world.untilIdle();
    }
    await world.push();
    await world.advance(10);
    await update(world, { desiredCount: 0 });
    expect(await world.untilRolloutEnds()).toMatchObject({ outcome: 'STAGED' });
    await world.untilIdle();
    await world.push();
    expect(await world.untilRolloutEnds()).toMatchObject({ outcome: 'STAGED' });
    expect(await world.service()).toMatchObject(EMPTY);
  });
});
