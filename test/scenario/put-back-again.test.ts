import { expect, it } from 'vitest';
import { operate } from '../../rehearsal/cell/operator.ts';
import type { World } from '../../rehearsal/world.ts';
import { proveAnImage } from './proven-image.ts';
import { setting } from './setting.ts';

const openWorld = setting({ bakeTimeSeconds: 0, deadlineSeconds: 900, progressSeconds: 600 });
const CRASHING = { behaviour: 'crash', afterSeconds: 5 } as const;

/** ECS takes no change of a service from the moment when the way back begins; the answer ends that. */
function noWayBack({ region }: World): () => void {
  let answerAgain = (): void => undefined;
  const leave = region.states.onStateEntered(({ state }) => {
    if (state !== 'RollBack') return;
    leave();
    const match = { service: 'ecs', operation: 'UpdateService' };
    const does = { kind: 'error', error: 'server-error', isApplied: false } as const;
    const fault = region.faults.start({ at: 'call', match, does });
    answerAgain = () => fault.stop();
  });
  return () => answerAgain();
}

const outcomesOf = async (world: World): Promise<string[]> => (await world.history()).map(({ outcome }) => outcome);

it('puts what was proven back once AWS answers again, and says so when it could not at first', async () => {
  const world = await openWorld({ hasTicks: true });
  const proven = await proveAnImage(world);
  const told = world.notifications().length;
  const answerAgain = noWayBack(world);
  const bad = await world.push(CRASHING);
  const failed = await world.untilRolloutEnds();
  expect(failed.outcome).toBe('FAILED_ROLLBACK');
  expect(failed.message).toContain('Putting back what was proven is tried again in 5 minutes.');
  answerAgain();
  await world.advance(900);

  expect(await outcomesOf(world)).toEqual(['SUCCEEDED', 'FAILED_ROLLBACK', 'ROLLED_BACK']);
  const back = (await world.history()).at(-1)!;
  expect(back).toMatchObject({ reason: 'RollbackFailed', trigger: 'tick', image: { digest: bad } });
  expect(back.message).toMatch(/^Rollout \S+ could not be taken back; its rollback target is put back\. After the/);
  expect(await world.service()).toMatchObject({ imageDigests: [proven], rolloutState: 'COMPLETED' });
  // Whoever is on duty hears of both at once: until then the service ran what failed.
  const subjects = world.notifications().flatMap(({ subject = '' }) => subject);
  expect(subjects.slice(told).filter((subject) => subject.endsWith(': prod/api'))).toEqual([
    ...['FAILED_ROLLBACK: prod/api', 'ROLLED_BACK: prod/api'],
  ]);
  // What failed is not tried again, and nothing is left to repair.
  await world.advance(7200);
  expect(world.rollouts()).toHaveLength(2);
  expect(await world.ledgerState()).not.toHaveProperty('unsettled');
});

it('goes on for hours while AWS does not answer, and tells of it when it begins, now and then, and when it is over', async () => {
  const world = await openWorld({ hasTicks: true });
  const proven = await proveAnImage(world);
  const told = world.notifications().length;
  const answerAgain = noWayBack(world);
  await world.push(CRASHING);
  await world.advance(4 * 3600);
  const waiting = await outcomesOf(world);
  expect(waiting.slice(1).filter((outcome) => outcome !== 'FAILED_ROLLBACK')).toEqual([]);
  // 5, 15 and 45 minutes after one another, and then every hour.
  expect(waiting.length - 1).toBe(6);
  answerAgain();
  await world.advance(2 * 3600);

  expect((await outcomesOf(world)).at(-1)).toBe('ROLLED_BACK');
  expect((await world.service()).imageDigests).toEqual([proven]);
  const subjects = world.notifications().flatMap(({ subject = '' }) => subject);
  expect(subjects.slice(told).filter((subject) => subject.endsWith(': prod/api'))).toEqual([
    ...['FAILED_ROLLBACK: prod/api', 'FAILED_ROLLBACK: prod/api', 'ROLLED_BACK: prod/api'],
  ]);
});

it('leaves alone what somebody deployed after the rollback had failed', async () => {
  const world = await openWorld({ hasTicks: true });
  await proveAnImage(world);
  const answerAgain = noWayBack(world);
  await world.push(CRASHING);
  await world.untilRolloutEnds();
  answerAgain();
  const { cluster, serviceName: service } = world.config;
  await operate(world.region, 'ecs', 'UpdateService', { cluster, service, taskDefinition: 'api:1' });
  await world.advance(3600);

  expect(await outcomesOf(world)).toEqual(['SUCCEEDED', 'FAILED_ROLLBACK']);
  expect((await world.service()).taskDefinition).toMatch(/:1$/);
  expect(await world.ledgerState()).not.toHaveProperty('unsettled');
});

it('rolls a push that comes meanwhile, and has nothing to put back then', async () => {
  const world = await openWorld({ hasTicks: true });
  await proveAnImage(world);
  const answerAgain = noWayBack(world);
  await world.push(CRASHING);
  await world.untilRolloutEnds();
  answerAgain();
  const fixed = await world.push();
  const rolled = await world.untilRolloutEnds();
  expect(rolled.outcome).toBe('SUCCEEDED');
  // The deployment that it finds under way is of the image that failed: there is nothing to wait for.
  expect(rolled.path).not.toContain('LetFinish');
  await world.advance(3600);

  expect(world.rollouts()).toHaveLength(2);
  expect((await world.service()).imageDigests).toEqual([fixed]);
  expect(await world.ledgerState()).not.toHaveProperty('unsettled');
});

it('tries an image again, once the service is settled, of which nothing was seen but trouble', async () => {
  const world = await openWorld({ hasTicks: true });
  await proveAnImage(world);
  const functionName = [...world.cell.resources].flatMap(([logicalId, { type, ref }]) =>
    type === 'AWS::Lambda::Function' && logicalId.includes('WatchRollout') ? [ref] : [],
  )[0]!;
  const does = { kind: 'error', error: 'ServiceException', runs: 'never' } as const;
  const fault = world.region.faults.start({ at: 'invocation', match: { functionName }, does });
  const digest = await world.push();
  expect((await world.untilRolloutEnds()).outcome).toBe('FAILED_ROLLBACK');
  fault.stop();
  await world.advance(1800);

  expect(await outcomesOf(world)).toEqual(['SUCCEEDED', 'FAILED_ROLLBACK', 'ROLLED_BACK', 'SUCCEEDED']);
  expect((await world.service()).imageDigests).toEqual([digest]);
});

it('does not keep a push waiting behind an image that crashes where nothing was proven, whose deployment never ends', async () => {
  const world = await openWorld();
  const { cluster, serviceName: service } = world.config;
  // Nothing that runs is proven while somebody deploys, and a person who names an image does not wait for the end.
  await operate(world.region, 'ecs', 'UpdateService', { cluster, service, forceNewDeployment: true });
  const digest = await world.push({ ...CRASHING, tag: 'first' });
  const first = await world.untilRolloutEnds(await world.start({ image: { digest } }));
  expect(first.outcome).toBe('FAILED_NO_ROLLBACK_TARGET');
  await world.untilIdle();
  const fixed = await world.push();
  const rolled = await world.untilRolloutEnds();

  expect(rolled.outcome).toBe('SUCCEEDED');
  expect(rolled.path).not.toContain('LetFinish');
  expect((await world.service()).imageDigests).toEqual([fixed]);
});

/** A good image that nobody could look at, and that could not be taken back: it runs, and its rollout ended FAILED_ROLLBACK. */
async function leaveUnjudged(world: World): Promise<string> {
  const functionName = [...world.cell.resources]
    .filter(([logicalId, { type }]) => type === 'AWS::Lambda::Function' && logicalId.includes('WatchRollout'))
    .map(([, { ref }]) => ref)[0]!;
  const does = { kind: 'error', error: 'ServiceException', runs: 'never' } as const;
  const blindness = world.region.faults.start({ at: 'invocation', match: { functionName }, does });
  const answerAgain = noWayBack(world);
  const digest = await world.push();
  expect((await world.untilRolloutEnds()).outcome).toBe('FAILED_ROLLBACK');
  blindness.stop();
  answerAgain();
  expect(await world.service()).toMatchObject({ imageDigests: [digest], rolloutState: 'COMPLETED' });
  return digest;
}

it('proves what was left unjudged where somebody asks for it, and does not call it running', async () => {
  const world = await openWorld({ hasTicks: true });
  await proveAnImage(world);
  const digest = await leaveUnjudged(world);
  const asked = await world.untilRolloutEnds(await world.start({ image: { digest } }));
  expect(asked.outcome).toBe('SUCCEEDED');
  expect(asked.path).toContain('RollService');
  await world.advance(3600);

  expect(await outcomesOf(world)).toEqual(['SUCCEEDED', 'FAILED_ROLLBACK', 'SUCCEEDED']);
  expect((await world.service()).imageDigests).toEqual([digest]);
});

it('leaves alone what somebody deploys once more, though it is the revision that was left', async () => {
  const world = await openWorld({ hasTicks: true });
  await proveAnImage(world);
  const digest = await leaveUnjudged(world);
  const { cluster, serviceName: service } = world.config;
  await operate(world.region, 'ecs', 'UpdateService', { cluster, service, forceNewDeployment: true });
  await world.advance(3600);

  expect(await outcomesOf(world)).toEqual(['SUCCEEDED', 'FAILED_ROLLBACK']);
  expect((await world.service()).imageDigests).toEqual([digest]);
});

it('goes back to what was proven, not to what was left, when the next push fails', async () => {
  const world = await openWorld({ hasTicks: true });
  const proven = await proveAnImage(world);
  await leaveUnjudged(world);
  await world.push(CRASHING);
  expect((await world.untilRolloutEnds()).outcome).toBe('ROLLED_BACK');
  expect((await world.service()).imageDigests).toEqual([proven]);
});
