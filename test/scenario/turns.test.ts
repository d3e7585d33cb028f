import { expect, it } from 'vitest';
import { once, proveAnImage, setting } from './setting.ts';

const openWorld = setting();

/** Room for one task more at a time: such a roll takes longer than a waiting push sleeps. */
const ONE_BY_ONE = { desiredCount: 12, maximumPercent: 110 };

it('lets a push wait while another rollout runs, and rolls it when the turn comes', async () => {
  const world = await openWorld();
  await proveAnImage(world);
  await world.push();
  await world.advance(20);
  const second = await world.push();
  await world.untilIdle();

  const [, first, waited] = world.rollouts();
  expect(first).toMatchObject({ outcome: 'SUCCEEDED' });
  expect(once(waited!.path).slice(0, 6)).toEqual([
    'Configure',
    'AcceptIntent',
    'Accepted?',
    'AwaitTurn',
    'Turn?',
    'AcceptIntent',
  ]);
  expect(waited).toMatchObject({ outcome: 'SUCCEEDED' });
  expect(waited!.startedAt).toBeLessThan(first!.stoppedAt!);
  expect((await world.service()).imageDigests).toEqual([second]);
  expect(await world.ledgerState()).not.toHaveProperty('pending');
});

it('keeps only the newest of several waiting pushes, and reports the others as superseded', async () => {
  const world = await openWorld();
  await proveAnImage(world);
  await world.push();
  await world.advance(10);
  await world.push();
  await world.advance(10);
  const newest = await world.push();
  await world.untilIdle();

  expect(world.rollouts().map(({ outcome }) => outcome)).toEqual(['SUCCEEDED', 'SUCCEEDED', 'SUPERSEDED', 'SUCCEEDED']);
  expect((await world.service()).imageDigests).toEqual([newest]);
});

it('never lets two rollouts change the service at once, however many pushes come', async () => {
  const world = await openWorld();
  await proveAnImage(world);
  const holders = new Set<string>();
  for (let push = 0; push < 6; push++) {
    await world.push();
    await world.advance(7);
    const holder = (await world.ledgerState())?.holder;
    if (holder) holders.add(holder.rolloutId);
  }
  await world.untilIdle();
  expect(holders.size).toBe(1);
  const updates = world.region.calls.filter(
    ({ operation, caller }) => operation === 'UpdateService' && caller?.kind === 'role',
  );
  const rolled = world.rollouts().filter(({ path }) => path.includes('RollService'));
  expect(updates).toHaveLength(rolled.length);
});

it('does not queue a second event about the image that is being rolled', async () => {
  const world = await openWorld();
  await proveAnImage(world);
  world.region.events.setDelivery((event) => (event.source === 'aws.ecr' ? 'twice' : 'once'));
  const digest = await world.push();
  await world.untilIdle();

  expect(
    world
      .rollouts()
      .map(({ outcome }) => outcome)
      .sort(),
  ).toEqual(['NO_CHANGE', 'SUCCEEDED', 'SUCCEEDED']);
  expect((await world.service()).imageDigests).toEqual([digest]);
});

it('looks again by itself when nobody wakes a waiting push', async () => {
  const world = await openWorld({ service: ONE_BY_ONE });
  await proveAnImage(world);
  await world.push();
  await world.advance(20);
  const second = await world.push();
  await world.untilIdle();

  const waited = world.rollouts().at(-1)!;
  expect(waited.path.filter((state) => state === 'AwaitTurn').length).toBeGreaterThan(1);
  expect(waited.outcome).toBe('SUCCEEDED');
  expect((await world.service()).imageDigests).toEqual([second]);
});
