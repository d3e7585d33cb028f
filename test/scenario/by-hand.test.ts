import { expect, it } from 'vitest';
import { operate } from '../../rehearsal/cell/operator.ts';
import { proveAnImage } from './proven-image.ts';
import { assemblyOf, rollAnImage, setting } from './setting.ts';

const openWorld = setting({ tag: { glob: 'v*' }, bakeTimeSeconds: 0 });

it('rolls the digest that a person names, and holds pushes until a person follows them again', async () => {
  const world = await openWorld();
  const first = await proveAnImage(world);
  await proveAnImage(world);
  const back = await world.untilRolloutEnds(await world.start({ image: { digest: first } }));
  expect(back.outcome).toBe('SUCCEEDED');
  expect((await world.service()).imageDigests).toEqual([first]);

  const third = await world.push();
  expect((await world.untilRolloutEnds()).outcome).toBe('HELD');
  expect((await world.service()).imageDigests).toEqual([first]);

  const followed = await world.untilRolloutEnds(await world.start({}));
  expect(followed.outcome).toBe('SUCCEEDED');
  expect((await world.service()).imageDigests).toEqual([third]);
  expect(await world.ledgerState()).not.toHaveProperty('pin');
});

it('rolls the tag that a person names, pinned by digest, though the policy would not select it', async () => {
  const world = await openWorld();
  await proveAnImage(world);
  const digest = await world.push({ tag: 'experiment' });
  await world.untilIdle();
  const rollout = await world.untilRolloutEnds(await world.start({ image: { tag: 'experiment' } }));

  expect(rollout.outcome).toBe('SUCCEEDED');
  expect((await world.service()).images).toEqual([expect.stringContaining(`@${digest}`)]);
});

it.each([
  ['a tag that ECR does not have', { image: { tag: 'nowhere' } }, 'ImageNotFound'],
  ['a digest that is none', { image: { digest: 'sha256:42' } }, 'MalformedInput'],
  ['both tag and digest', { image: { tag: 'v1', digest: `sha256:${'a'.repeat(64)}` } }, 'MalformedInput'],
  ['another service', { service: 'prod/other' }, 'MalformedInput'],
  ['a list', [], 'MalformedInput'],
  [
    'an event of another repository',
    {
      source: 'aws.ecr',
      'detail-type': 'ECR Image Action',
      detail: { 'action-type': 'PUSH', result: 'SUCCESS', 'repository-name': 'other' },
    },
    'MalformedInput',
  ],
  ['a rollback when nothing is proven', { rollback: true }, 'NothingProven'],
  ['a rollback to an image that was never proven', { rollback: { to: `sha256:${'a'.repeat(64)}` } }, 'NeverProven'],
  ['force without a reason', { force: true }, 'MalformedInput'],
])('rejects %s before any change', async (_what, input, reason) => {
  const world = await openWorld();
  const before = await world.service();
  const rollout = await world.untilRolloutEnds(await world.start(input));

  expect(rollout).toMatchObject({ status: 'FAILED', error: 'REJECTED' });
  expect(rollout.path).toEqual(['Configure', 'AcceptIntent', 'Accepted?', 'Conclude', 'Ended well?', 'Failed']);
  expect(await world.history()).toEqual([expect.objectContaining({ outcome: 'REJECTED', reason })]);
  expect(await world.service()).toEqual(before);
});

it('goes back to the proven image before, then further back, and holds pushes until a person follows them again', async () => {
  const world = await openWorld();
  const first = await proveAnImage(world);
  const second = await proveAnImage(world);
  await rollAnImage(world);
  const back = await world.untilRolloutEnds(await world.start({ rollback: true, reason: 'errors at login' }));
  expect(back.outcome).toBe('SUCCEEDED');
  expect(back.path).toEqual(
    expect.arrayContaining(['Preflight', 'RegisterRevision', 'RollService', 'AwaitSteadyState']),
  );
  expect((await world.service()).imageDigests).toEqual([second]);
  // One rollout brought a push live; going back is none.
  expect(world.logLines().filter((line) => line.includes('PushToLiveSeconds'))).toHaveLength(1);

  await world.untilRolloutEnds(await world.start({ rollback: true }));
  expect((await world.service()).imageDigests).toEqual([first]);

  const fourth = await world.push();
  expect((await world.untilRolloutEnds()).outcome).toBe('HELD');
  expect((await world.service()).imageDigests).toEqual([first]);

  expect((await world.untilRolloutEnds(await world.start({}))).outcome).toBe('SUCCEEDED');
  expect((await world.service()).imageDigests).toEqual([fourth]);
  expect(await world.ledgerState()).not.toHaveProperty('pin');
});

it('goes back to the proven image that is named', async () => {
  const world = await openWorld();
  const first = await proveAnImage(world);
  await proveAnImage(world);
  await proveAnImage(world);
  const back = await world.untilRolloutEnds(await world.start({ rollback: { to: first } }));
  expect(back.outcome).toBe('SUCCEEDED');
  expect((await world.service()).imageDigests).toEqual([first]);
});

it('rolls what runs again when it is forced, and tells the reason to whoever asks later', async () => {
  const world = await openWorld();
  const digest = await proveAnImage(world);
  const before = await world.service();
  const request = { force: true, reason: 'the database password changed' };
  expect((await world.untilRolloutEnds(await world.start({}))).outcome).toBe('NO_CHANGE');
  const forced = await world.untilRolloutEnds(await world.start(request));

  expect(forced.outcome).toBe('SUCCEEDED');
  const execution = { executionArn: forced.executionArn };
  const { output } = await operate<{ output: string }>(world.region, 'states', 'DescribeExecution', execution);
  expect(JSON.parse(output)).toMatchObject({ outcome: 'SUCCEEDED', request, digest });
  const after = await world.service();
  expect(after.imageDigests).toEqual([digest]);
  expect(after.taskDefinition).not.toBe(before.taskDefinition);
  const record = { request, message: expect.stringContaining(request.reason) as unknown };
  expect((await world.history()).at(-1)).toMatchObject(record);
  expect(JSON.parse(world.notifications().at(-1)!.message)).toMatchObject(record);
});

it('never forces an image past Preflight', async () => {
  const world = await openWorld();
  await proveAnImage(world);
  const before = await world.service();
  const digest = await world.push({ tag: 'experiment', isIndex: true, platform: 'linux/arm64' });
  await world.untilIdle();
  const forced = await world.untilRolloutEnds(
    await world.start({ image: { digest }, force: true, reason: 'trust me' }),
  );

  expect(forced.outcome).toBe('REJECTED');
  expect((await world.history()).at(-1)).toMatchObject({ reason: 'WrongPlatform', request: { force: true } });
  expect(await world.service()).toEqual(before);
});

it('lifts a quarantine when it is forced, and not before', async () => {
  const world = await openWorld();
  await proveAnImage(world);
  const bad = await world.push({ behaviour: 'crash' });
  expect((await world.untilRolloutEnds()).outcome).toBe('ROLLED_BACK');
  await world.untilIdle();
  expect((await world.untilRolloutEnds(await world.start({}))).outcome).toBe('HELD');

  const forced = await world.untilRolloutEnds(await world.start({ force: true, reason: 'its queue is there now' }));
  expect(forced.path).toContain('RollService');
  expect((await world.history()).at(-1)).toMatchObject({
    image: { digest: bad },
    request: { force: true, reason: 'its queue is there now' },
  });
});

it('does not try a failed digest again for a redelivered event, but for a person', async () => {
  const world = await openWorld();
  await proveAnImage(world);
  const bad = await world.push({ behaviour: 'crash' });
  await world.untilRolloutEnds();
  const event = {
    source: 'aws.ecr',
    'detail-type': 'ECR Image Action',
    time: '2026-01-05T09:00:00Z',
    detail: {
      'action-type': 'PUSH',
      result: 'SUCCESS',
      'repository-name': 'team/api',
      'image-digest': bad,
      'image-tag': 'v2',
    },
  };
  expect((await world.untilRolloutEnds(await world.start(event))).outcome).toBe('HELD');

  const again = await world.untilRolloutEnds(await world.start({ image: { digest: bad } }));
  expect(again.outcome).toBe('ROLLED_BACK');
});

it('says that the same image runs again where one that ran already was forced, and crashed later', async () => {
  const world = await openWorld();
  const older = await proveAnImage(world);
  const digest = await world.push({ behaviour: 'crash', afterSeconds: 110 });
  expect((await world.untilRolloutEnds()).outcome).toBe('SUCCEEDED');
  const { taskDefinition } = await world.service();
  // It bakes for longer by now than it lasts.
  await world.deploy(await assemblyOf({ tag: { glob: 'v*' }, bakeTimeSeconds: 300 }));
  const forced = await world.untilRolloutEnds(await world.start({ force: true, reason: 'a new certificate' }));

  expect(forced.outcome).toBe('ROLLED_BACK');
  const revision = taskDefinition.slice(taskDefinition.lastIndexOf('/') + 1);
  expect(forced.message).toContain(`What was put back, ${revision}, is an earlier revision of the same image.`);
  expect(forced.message).toContain('To run another proven one: rollouts rollback.');
  expect(await world.service()).toMatchObject({ taskDefinition, imageDigests: [digest], rolloutState: 'COMPLETED' });
  // Nothing else is lost: it is what a bad push goes back to, and a person can go back further.
  expect(await world.ledgerState()).toMatchObject({ quarantine: [], verified: [{ digest }, { digest: older }] });
  await world.push({ behaviour: 'crash', afterSeconds: 5 });
  expect((await world.untilRolloutEnds()).outcome).toBe('ROLLED_BACK');
  expect((await world.service()).imageDigests).toEqual([digest]);
  expect((await world.untilRolloutEnds(await world.start({ rollback: true }))).outcome).toBe('SUCCEEDED');
  expect((await world.service()).imageDigests).toEqual([older]);
});
