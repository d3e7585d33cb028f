import { expect, it } from 'vitest';
import { operate } from '../../rehearsal/cell/operator.ts';
import { proveAnImage } from './proven-image.ts';
import { once, setting } from './setting.ts';

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

  const [first, waited] = world.rollouts();
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

  expect(world.rollouts().map(({ outcome }) => outcome)).toEqual(['SUCCEEDED', 'SUPERSEDED', 'SUCCEEDED']);
  expect((await world.service()).imageDigests).toEqual([newest]);
});

it("keeps a person's place in the queue when a newer push comes", async () => {
  const world = await openWorld();
  const proven = await proveAnImage(world);
  await proveAnImage(world);
  await world.push();
  await world.advance(10);
  await world.start({ rollback: { to: proven } });
  await world.advance(10);
  await world.push();
  await world.untilIdle();

  expect(world.rollouts().map(({ outcome }) => outcome)).toEqual(['SUCCEEDED', 'SUCCEEDED', 'SUPERSEDED']);
  expect((await world.service()).imageDigests).toEqual([proven]);
});

it("gives a newer push the place of a person's choice that was stopped while it waited", async () => {
  const world = await openWorld();
  const proven = await proveAnImage(world);
  await proveAnImage(world);
  await world.push();
  await world.advance(10);
  const executionArn = await world.start({ rollback: { to: proven } });
  await world.advance(10);
  await operate(world.region, 'states', 'StopExecution', { executionArn });
  const newest = await world.push();
  await world.untilIdle();

  const stopped = (await world.history()).find((record) => record.executionArn === executionArn);
  const message = 'A person stopped it while it waited for its turn; it changed nothing.';
  const request = { rollback: { to: proven } };
  expect(stopped).toMatchObject({ outcome: 'ABORTED', reason: 'StoppedByPerson', message, request, trigger: 'person' });
  expect((await world.service()).imageDigests).toEqual([newest]);
  expect(world.rollouts().at(-1)).toMatchObject({ outcome: 'SUCCEEDED' });
});

it('goes one step back, not two, when the rollout that a rollback waits for fails', async () => {
  const world = await openWorld();
  await proveAnImage(world);
  const second = await proveAnImage(world);
  await world.push({ behaviour: 'crash' });
  await world.advance(10);
  await world.start({ rollback: true });
  await world.untilIdle();

  expect(world.rollouts().map(({ outcome }) => outcome)).toEqual(['ROLLED_BACK', 'NO_CHANGE']);
  expect((await world.service()).imageDigests).toEqual([second]);
  expect(await world.ledgerState()).toHaveProperty('pin');
});

it('never lets two rollouts change the service at once, however many pushes come', async () => {
  const world = await openWorld();
  await proveAnImage(world);
  const owners = new Set<string>();
  for (let push = 0; push < 6; push++) {
    await world.push();
    await world.advance(7);
    const owner = (await world.ledgerState())?.owner;
    if (owner) owners.add(owner.rolloutId);
  }
  await world.untilIdle();
  expect(owners.size).toBe(1);
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
  ).toEqual(['NO_CHANGE', 'SUCCEEDED']);
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

it('gives a rollout its record that a person stopped while it waited, and its place away', async () => {
  const world = await setting()({ hasTicks: true });
  await proveAnImage(world);
  await world.push();
  await world.advance(20);
  const second = await world.push();
  await world.advance(10);
  const waiting = world.rollouts().at(-1)!;
  const cause = 'not now';
  await operate(world.region, 'states', 'StopExecution', { executionArn: waiting.executionArn, cause });
  expect(await world.ledgerState()).toHaveProperty('pending');
  await world.advance(1500);

  expect(await world.ledgerState()).not.toHaveProperty('pending');
  const rolloutId = waiting.executionArn.slice(waiting.executionArn.lastIndexOf(':') + 1);
  expect((await world.history()).find((record) => record.rolloutId === rolloutId)).toMatchObject({
    outcome: 'ABORTED',
    reason: 'StoppedByPerson',
    message: 'A person stopped it (not now) while it waited for its turn; it changed nothing.',
  });
  // The push itself was never dealt with, and the tick comes back to it.
  expect((await world.service()).imageDigests).toEqual([second]);
});
