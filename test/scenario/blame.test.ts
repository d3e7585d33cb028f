import { describe, expect, it } from 'vitest';
import type { ServiceError } from '../../region/faults/model.ts';
import { operate } from '../../rehearsal/cell/operator.ts';
import type { World } from '../../rehearsal/world.ts';
import type { LedgerState } from '../../functions/rollout/ledger.ts';
import { proveAnImage } from './proven-image.ts';
import { once, setting } from './setting.ts';

const openWorld = setting({ bakeTimeSeconds: 0 });
const openHurried = setting({ bakeTimeSeconds: 0, deadlineSeconds: 600 });

const TRYING = ['Configure', 'AcceptIntent', 'Accepted?', 'Preflight', 'Cleared?', 'RegisterRevision', 'RollService'];
const BACK = ['RollbackTarget?', 'RollBack', 'RolledBack?'];
const FAILED = ['Conclude', 'Ended well?', 'Failed'];

/** Lets UpdateService of the handlers fail, without effect, the first time with one error and then with another. */
function failUpdates({ region }: World, first: ServiceError, then = first): { stop(): void } {
  const match = { service: 'ecs', operation: 'UpdateService' };
  const does = { kind: 'error', isApplied: false } as const;
  return region.faults.start(
    { at: 'call', match, when: { times: 1 }, does: { ...does, error: first } },
    { at: 'call', match, does: { ...does, error: then } },
  );
}

const inTrouble = (message: string): ServiceError => ({ code: 'ServerException', message, status: 500 });

async function ledgerOf(world: World): Promise<LedgerState> {
  return (await world.ledgerState()) as LedgerState;
}

const looks = (world: World): string[] =>
  world.logLines('roll-service').filter((line) => /step failed.*a second look makes sure/.test(line));

describe('a rollout of which nothing ever came to the service', () => {
  it('is rejected with what AWS said first, once two looks have shown the service as it was', async () => {
    const world = await openWorld();
    const good = await proveAnImage(world);
    const before = await world.service();
    failUpdates(world, inTrouble('ECS is in trouble.'), inTrouble('Still.'));
    const digest = await world.push();
    const { outcome, error, message, path } = await world.untilRolloutEnds();

    expect([outcome, error]).toEqual(['REJECTED', 'REJECTED']);
    expect(message).toBe(
      'ServerException: ECS is in trouble. Nothing was put on the service. It is tried again in 5 minutes.',
    );
    expect(once(path)).toEqual([...TRYING, ...BACK, ...FAILED]);
    expect(looks(world).length).toBeGreaterThan(0);
    expect(await world.service()).toEqual(before);
    expect((await world.history()).at(-1)).toMatchObject({ reason: 'ServerException', image: { digest } });
    expect((await ledgerOf(world)).quarantine).toEqual([]);
    expect(before.imageDigests).toEqual([good]);
  });

  it('is rejected at its deadline, without a second look, when AWS only ever turned it away', async () => {
    const world = await openHurried();
    await proveAnImage(world);
    failUpdates(world, 'throttling');
    const since = world.seconds;
    await world.push();
    const { outcome, message } = await world.untilRolloutEnds();

    expect(outcome).toBe('REJECTED');
    expect(message).toMatch(
      /^ThrottlingException: .* Nothing was put on the service\. It is tried again in 5 minutes\.$/,
    );
    expect(looks(world)).toEqual([]);
    expect(world.seconds - since).toBeGreaterThan(600);
    expect(world.seconds - since).toBeLessThan(800);
  });

  it('is rejected where nothing proven ran before, too', async () => {
    const world = await openWorld({ service: { desiredCount: 0 } });
    failUpdates(world, 'server-error');
    await world.push();
    expect(await world.untilRolloutEnds()).toMatchObject({ outcome: 'REJECTED' });
  });

  it('is taken back after all when what was sent is applied between the two looks', async () => {
    const world = await openWorld();
    const good = await proveAnImage(world);
    const trouble = failUpdates(world, 'server-error');
    await world.push();
    for (let second = 0; looks(world).length === 0 && second < 600; second++) await world.advance(1);
    const taskDefinition = (await ledgerOf(world)).owner!.targets[0];
    const { cluster, serviceName: service } = world.config;
    await operate(world.region, 'ecs', 'UpdateService', { cluster, service, taskDefinition });
    trouble.stop();
    const { outcome } = await world.untilRolloutEnds();

    expect(looks(world)).toHaveLength(1);
    expect(outcome).toBe('ROLLED_BACK');
    expect((await world.service()).imageDigests).toEqual([good]);
  });
});

it('remembers that an image failed although its rollout was stopped on the way back', async () => {
  const world = await openWorld({ hasTicks: true });
  const good = await proveAnImage(world);
  const digest = await world.push({ behaviour: 'crash', afterSeconds: 5 });
  const isOnItsWayBack = (): boolean => world.rollouts().some(({ path }) => path.includes('AwaitRollback'));
  await world.region.kernel.runUntil(isOnItsWayBack, 'the rollback', 3_600_000);
  const { executionArn } = world.rollouts().at(-1)!;
  await operate(world.region, 'states', 'StopExecution', { executionArn });
  await world.advance(1800);
  await world.untilIdle();

  expect((await world.service()).imageDigests).toEqual([good]);
  expect((await ledgerOf(world)).quarantine).toMatchObject([{ digest, reason: 'EssentialContainerExited' }]);
  expect(await world.untilRolloutEnds(await world.start({}))).toMatchObject({ outcome: 'HELD' });
});

it('tries a push again that AWS was too busy for, and announces only what came of it in the end', async () => {
  const world = await openWorld({ hasTicks: true });
  await proveAnImage(world);
  const told = world.notifications().length;
  const match = { service: 'ecs', operation: 'RegisterTaskDefinition' };
  const trouble = world.region.faults.start({
    ...{ at: 'call', match },
    does: { kind: 'error', error: 'server-error', isApplied: false },
  });
  const digest = await world.push();
  expect(await world.untilRolloutEnds()).toMatchObject({ outcome: 'REJECTED' });
  await world.advance(700);
  expect((await world.history()).map(({ outcome }) => outcome)).toEqual(['SUCCEEDED', 'REJECTED', 'REJECTED']);
  trouble.stop();
  await world.advance(1800);

  expect((await world.service()).imageDigests).toEqual([digest]);
  expect(world.rollouts().map(({ outcome }) => outcome)).toEqual(['REJECTED', 'REJECTED', 'SUCCEEDED']);
  const subjects = world.notifications().flatMap(({ subject = '' }) => subject);
  // That functions fail is told of AWS's trouble; of the push only the end is.
  const ofTrouble = /FunctionsFailing/;
  expect(subjects.slice(told).filter((subject) => !ofTrouble.test(subject))).toEqual(['SUCCEEDED: prod/api']);
  expect(await ledgerOf(world)).not.toHaveProperty('retry');
});

it('keeps its promise of another try although a person tried the same meanwhile, in vain', async () => {
  const world = await openWorld({ hasTicks: true });
  await proveAnImage(world);
  const trouble = world.region.faults.start({
    ...{ at: 'call', match: { service: 'ecr', operation: 'BatchGetImage' } },
    does: { kind: 'error', error: 'server-error', isApplied: false },
  });
  const digest = await world.push();
  await world.untilRolloutEnds();
  const byHand = await world.untilRolloutEnds(await world.start({ force: true, reason: 'It is urgent.' }));
  expect(byHand.path).toContain('Preflight');
  trouble.stop();
  await world.advance(900);

  expect((await world.history()).map(({ outcome, triedAgainAt }) => [outcome, triedAgainAt !== undefined])).toEqual([
    ['SUCCEEDED', false],
    ['REJECTED', true],
    ['REJECTED', false],
    ['SUCCEEDED', false],
  ]);
  expect((await world.service()).imageDigests).toEqual([digest]);
});

it('waits for its turn to register a revision for as long as the rollout may take, and keeps its lease', async () => {
  const world = await openWorld({ hasTicks: true });
  await proveAnImage(world);
  const match = { service: 'ecs', operation: 'RegisterTaskDefinition' };
  const does = { kind: 'error', error: 'throttling', isApplied: false } as const;
  world.region.faults.start({ at: 'call', match, when: { lastsSeconds: 700 }, does });
  await world.push();
  // By now a lease would be over that nobody renewed, and the next push would take the service.
  await world.advance(660);
  const digest = await world.push();
  await world.untilIdle();

  expect(world.rollouts().map(({ outcome }) => outcome)).toEqual(['SUCCEEDED', 'SUCCEEDED']);
  expect(once(world.rollouts()[1]!.path)).toContain('AwaitTurn');
  expect((await world.service()).imageDigests).toEqual([digest]);
});

it('gives that up at its deadline', async () => {
  const world = await openHurried();
  await proveAnImage(world);
  const match = { service: 'ecs', operation: 'RegisterTaskDefinition' };
  const does = { kind: 'error', error: 'throttling', isApplied: false } as const;
  world.region.faults.start({ at: 'call', match, does });
  const since = world.seconds;
  await world.push();
  expect(await world.untilRolloutEnds()).toMatchObject({ outcome: 'REJECTED' });
  expect(world.seconds - since).toBeGreaterThan(600);
  expect(world.seconds - since).toBeLessThan(1000);
});
