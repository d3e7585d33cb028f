import { expect, it } from 'vitest';
import { proveAnImage, setting } from './setting.ts';

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
  expect(await world.ledgerState()).not.toHaveProperty('hold');
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
  ['a rollback, which is not supported yet', { rollback: true }, 'MalformedInput'],
])('rejects %s before any change', async (_what, input, reason) => {
  const world = await openWorld();
  const before = await world.service();
  const rollout = await world.untilRolloutEnds(await world.start(input));

  expect(rollout).toMatchObject({ status: 'FAILED', error: 'REJECTED' });
  expect(rollout.path).toEqual(['Configure', 'AcceptIntent', 'Accepted?', 'Conclude', 'Ended well?', 'Failed']);
  expect(await world.history()).toEqual([expect.objectContaining({ outcome: 'REJECTED', reason })]);
  expect(await world.service()).toEqual(before);
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
