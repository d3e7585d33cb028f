import { expect, it } from 'vitest';
import type { EcrState } from '../../region/ecr/model.ts';
import { addOldImages } from '../../rehearsal/cell/old-images.ts';
import type { World } from '../../rehearsal/world.ts';
import { proveAnImage } from './proven-image.ts';
import { setting } from './setting.ts';

const openByGlob = setting({ tag: { glob: 'main-*' }, bakeTimeSeconds: 0 });
const openByVersion = setting({ tag: { semver: '>=1.0.0' }, bakeTimeSeconds: 0 });

const PAGE = 1000;
const TICK_SECONDS = 300;

/** Images that the tag policy selects one by one, pushed in the weeks before. */
function fill({ region, config }: World, count: number, tagOf: (index: number) => string): void {
  addOldImages(region, config, count, tagOf);
}

/** Counts the calls of our functions from now on, by service and operation. */
function countCalls({ region }: World): Map<string, number> {
  const counts = new Map<string, number>();
  region.onPark(({ phase, service, operation, caller }) => {
    if (phase === 'answer' || caller?.kind !== 'role') return 'proceed';
    const name = `${service}:${operation}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
    return 'proceed';
  });
  return counts;
}

/** Pushes an image of which no event comes. */
async function pushUnheard(world: World, tag?: string): Promise<string> {
  world.region.events.setDelivery(() => 'never');
  const digest = await world.push(tag === undefined ? {} : { tag });
  await world.advance(60);
  world.region.events.setDelivery(() => 'once');
  return digest;
}

const slowPages = { at: 'call', match: { service: 'ecr', operation: 'DescribeImages' } } as const;
const takes = (ms: number) =>
  ({ ...slowPages, does: { kind: 'latency', way: 'answer', spread: { minMs: ms, maxMs: ms } } }) as const;

it.each([10_000, 20_000])('rolls a push among %i images at slow pages, by a page of them', async (count) => {
  const world = await openByGlob();
  await proveAnImage(world);
  fill(world, count, (index) => `main-old-${index}`);
  world.region.faults.start(takes(3000));
  const calls = countCalls(world);
  const digest = await world.push();
  expect(await world.untilRolloutEnds()).toMatchObject({ outcome: 'SUCCEEDED' });
  expect((await world.service()).imageDigests).toEqual([digest]);
  expect(calls.get('ecr:DescribeImages')).toBeLessThanOrEqual(5);
});

it('lists all of 60,000 images at slow pages, in as many attempts as that takes, before the first image is rolled that it sees', async () => {
  const world = await openByVersion();
  fill(world, 60_000, (index) => `1.0.${index}`);
  world.region.faults.start(takes(2000));
  const digest = await world.push({ tag: '1.0.90000' });
  expect(await world.untilRolloutEnds()).toMatchObject({ outcome: 'SUCCEEDED' });
  expect((await world.service()).imageDigests).toEqual([digest]);
}, 120_000);

it('lists no page again that it has had before one that ECR does not give', async () => {
  const world = await openByVersion();
  fill(world, 10 * PAGE, (index) => `1.0.${index}`);
  // The first look and four pages, then all three attempts of the SDK.
  world.region.faults.start({
    ...slowPages,
    when: { nth: 6, times: 3 },
    does: { kind: 'error', error: 'server-error', isApplied: false },
  });
  const calls = countCalls(world);
  await world.push({ tag: '1.0.50000' });
  expect(await world.untilRolloutEnds()).toMatchObject({ outcome: 'SUCCEEDED' });
  // With what is looked at first by each attempt, the three failures, and what a rollout asks of the image itself.
  expect(calls.get('ecr:DescribeImages')).toBeLessThanOrEqual(19);
});

it('rolls no lower version though its push is the first thing that it sees of thousands', async () => {
  const world = await openByVersion();
  fill(world, 3 * PAGE, (index) => `2.0.${index}`);
  const before = (await world.service()).taskDefinition;
  await world.push({ tag: '1.9.9' });
  expect(await world.untilRolloutEnds()).toMatchObject({ outcome: 'NO_CHANGE' });
  expect((await world.service()).taskDefinition).toBe(before);
});

it('rolls what is selected among all images for whoever asks for that, though no event told of it', async () => {
  const world = await openByGlob();
  await proveAnImage(world);
  fill(world, 3 * PAGE, (index) => `main-old-${index}`);
  const digest = await pushUnheard(world, 'main-9');
  await world.start({});
  expect(await world.untilRolloutEnds()).toMatchObject({ outcome: 'SUCCEEDED' });
  expect((await world.service()).imageDigests).toEqual([digest]);
});

it.each(['first', 'last'])(
  'finds a push that no event told of on the %s page within two passes of the tick',
  async (page) => {
    const world = await openByGlob({ hasTicks: true });
    await proveAnImage(world);
    fill(world, 4 * PAGE, (index) => `main-old-${index}`);
    // The pass is beyond the first page by then.
    await world.advance(2 * TICK_SECONDS);
    const digest = await pushUnheard(world, 'main-9');
    if (page === 'first') moveToFront(world, digest);
    await world.advance(2 * 5 * TICK_SECONDS);
    expect((await world.service()).imageDigests).toEqual([digest]);
    expect(world.rollouts()).toHaveLength(1);
  },
);

/** Lets ECR, which lists in no order, list an image first. */
function moveToFront({ region, config }: World, digest: string): void {
  const { images } = (region.ecr.state as EcrState).repositories.get(config.repository)!;
  const [front, others] = [images.get(digest)!, [...images].filter(([other]) => other !== digest)];
  images.clear();
  for (const [known, image] of [[digest, front] as const, ...others]) images.set(known, image);
}

it.each([10, 2500, 20_000])('is idle among %i images by no more calls than among ten', async (count) => {
  const world = await openByGlob({ hasTicks: true });
  await proveAnImage(world);
  fill(world, count, (index) => `main-old-${index}`);
  await world.advance(2 * TICK_SECONDS);
  const calls = countCalls(world);
  await world.advance(24 * TICK_SECONDS);
  expect(world.rollouts()).toEqual([]);
  const perTick = [...calls.values()].reduce((sum, each) => sum + each, 0) / 24;
  // Beside them, once an hour, the queue of what could not be delivered.
  expect(perTick).toBeLessThanOrEqual((count > PAGE ? 3 : 2) + 1 / 12);
});

it('takes a first look at thousands of images and rolls none of them, and then what is pushed unheard', async () => {
  const world = await openByGlob({ hasTicks: true });
  fill(world, 3 * PAGE, (index) => `main-old-${index}`);
  await world.advance(10 * TICK_SECONDS);
  expect((await world.history()).map(({ outcome }) => outcome)).not.toContain('SUCCEEDED');
  expect((await world.ledgerState())?.seen).toMatchObject({ tag: `main-old-${3 * PAGE - 1}` });
  const digest = await pushUnheard(world, 'main-9');
  await world.advance(12 * TICK_SECONDS);
  expect((await world.service()).imageDigests).toEqual([digest]);
});
