import { expect, it } from 'vitest';
import { CANARIES } from '../../rehearsal/surroundings.ts';
import { proveAnImage } from './proven-image.ts';
import { rollAnImage, setting } from './setting.ts';

const openWorld = setting();

const TO_THE_WATCH = [
  'Configure',
  'AcceptIntent',
  'Accepted?',
  'Preflight',
  'Cleared?',
  'RegisterRevision',
  'RollService',
  'Rolled?',
];
const PROVEN = [
  ...TO_THE_WATCH,
  'AwaitSteadyState',
  'AwaitSteadyState',
  'Steady?',
  'Bake',
  'Bake',
  'Passed?',
  'Conclude',
  'Ended well?',
  'Done',
];
const BACK = [
  'Steady?',
  'RollbackTarget?',
  'RollBack',
  'RolledBack?',
  'AwaitRollback',
  'AwaitRollback',
  'Conclude',
  'Ended well?',
  'Failed',
];

it('rolls the first push onto a service that was deployed by hand, and pins it by digest', async () => {
  const world = await openWorld();
  const digest = await world.push({ isIndex: true });
  const rollout = await world.untilRolloutEnds();

  expect(rollout).toMatchObject({ status: 'SUCCEEDED', outcome: 'SUCCEEDED', path: PROVEN });
  expect(await world.service()).toMatchObject({
    images: [`123456789012.dkr.ecr.us-east-1.amazonaws.com/team/api@${digest}`],
    rolloutState: 'COMPLETED',
    desiredCount: 2,
    runningCount: 2,
    deployments: 1,
  });
  const state = await world.ledgerState();
  expect(state).toMatchObject({ seen: { digest, tag: 'live' }, quarantine: [], outbox: [] });
  expect(state?.verified.map((revision) => revision.digest)).toContain(digest);
  expect(state).not.toHaveProperty('owner');
  expect(world.region.ssm.valueOf('/rollouts/api/image')).toBe(
    `123456789012.dkr.ecr.us-east-1.amazonaws.com/team/api@${digest}`,
  );
  expect((await world.history()).map(({ outcome }) => outcome)).toEqual(['SUCCEEDED']);
  expect(world.notifications().map(({ subject }) => subject)).toEqual(['SUCCEEDED: prod/api']);
});

it('rolls a second good push onto the revision that the first one proved', async () => {
  const world = await openWorld();
  const first = await rollAnImage(world);
  const second = await world.push();
  const rollout = await world.untilRolloutEnds();

  expect(rollout).toMatchObject({ outcome: 'SUCCEEDED', path: PROVEN });
  expect((await world.service()).imageDigests).toEqual([second]);
  expect((await world.ledgerState())?.verified.map(({ digest }) => digest).slice(0, 2)).toEqual([second, first]);
});

it('takes back an image whose container exits, and says which container and how', async () => {
  const world = await openWorld();
  const good = await proveAnImage(world);
  const { taskDefinition: proven } = await world.service();
  const bad = await world.push({ behaviour: 'crash', afterSeconds: 5, exitCode: 3 });
  const rollout = await world.untilRolloutEnds();

  expect(rollout).toMatchObject({
    status: 'FAILED',
    error: 'ROLLED_BACK',
    path: [...TO_THE_WATCH, 'AwaitSteadyState', ...BACK],
  });
  expect(rollout.cause).toContain('container api exited with code 3');
  expect(await world.service()).toMatchObject({
    taskDefinition: proven,
    imageDigests: [good],
    runningCount: 2,
    rolloutState: 'COMPLETED',
  });
  expect((await world.ledgerState())?.quarantine.map(({ digest }) => digest)).toEqual([bad]);
  expect(world.region.ssm.valueOf('/rollouts/api/image')).toContain(good);
  expect(world.notifications().map(({ subject }) => subject)).toEqual(['ROLLED_BACK: prod/api']);
});

it('takes back an image that no task can pull', async () => {
  const world = await openWorld();
  const good = await proveAnImage(world);
  await world.push({ behaviour: 'unpullable' });
  const rollout = await world.untilRolloutEnds();

  expect(rollout).toMatchObject({
    outcome: 'ROLLED_BACK',
    path: [...TO_THE_WATCH, 'AwaitSteadyState', 'AwaitSteadyState', ...BACK],
  });
  expect(rollout.cause).toContain('CannotPullContainerError');
  expect((await world.service()).imageDigests).toEqual([good]);
});

it('changes nothing when the selected image runs already', async () => {
  const world = await openWorld();
  await proveAnImage(world);
  const before = await world.service();
  const rollout = await world.untilRolloutEnds(await world.start());

  expect(rollout).toMatchObject({ status: 'SUCCEEDED', outcome: 'NO_CHANGE' });
  expect(rollout.path).toEqual(['Configure', 'AcceptIntent', 'Accepted?', 'Conclude', 'Ended well?', 'Done']);
  expect(await world.service()).toEqual(before);
});

it('never shows what stands in the environment or the secrets of a task definition', async () => {
  const world = await openWorld();
  await proveAnImage(world);
  await world.push({ behaviour: 'crash' });
  await world.untilRolloutEnds();

  const shown = JSON.stringify([
    world.logLines(),
    world.notifications(),
    await world.history(),
    await world.ledgerState(),
    world.rollouts(),
  ]);
  expect(world.logLines().length).toBeGreaterThan(20);
  for (const canary of Object.values(CANARIES)) expect(shown).not.toContain(canary);
});

it('is configured by the deployment alone, whatever stands in the event', async () => {
  const world = await openWorld();
  world.region.events.setDelivery((event) => (event.source === 'aws.ecr' ? 'never' : 'once'));
  const digest = await world.push();
  const event = {
    source: 'aws.ecr',
    'detail-type': 'ECR Image Action',
    time: '2026-01-05T09:10:00Z',
    detail: {
      'action-type': 'PUSH',
      result: 'SUCCESS',
      'repository-name': 'team/api',
      'image-digest': digest,
      'image-tag': 'live',
    },
  };
  const rollout = await world.untilRolloutEnds(
    await world.start({ ...event, config: { repository: 'other', bakeTimeSeconds: 0 } }),
  );

  expect(rollout).toMatchObject({ outcome: 'SUCCEEDED', path: PROVEN });
  expect((await world.service()).imageDigests).toEqual([digest]);
});
