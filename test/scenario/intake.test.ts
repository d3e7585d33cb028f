import { expect, it } from 'vitest';
import { imageManifest } from '../../region/ecr/image-manifests.ts';
import type { World } from '../../rehearsal/world.ts';
import { proveAnImage } from './proven-image.ts';
import { assemblyOf, setting, openAuditedTogether } from './setting.ts';

const openWorld = setting({ tag: { glob: 'v*' }, bakeTimeSeconds: 0 });
const HOUR = 3600;

/** Lets every push event come this much later than EventBridge would bring it. */
function delayPushes(world: World, delayMs: number): void {
  world.region.events.setDelivery((event) => (event.source === 'aws.ecr' ? { delayMs } : 'once'));
}

/** The event of a push, as a person would write it or copy it from somewhere. */
function pushEvent(digest: string, tag: string, time: string): object {
  return {
    version: '0',
    id: '0f1e2d3c-0000-4000-8000-000000000000',
    source: 'aws.ecr',
    'detail-type': 'ECR Image Action',
    time,
    detail: {
      'action-type': 'PUSH',
      result: 'SUCCESS',
      'repository-name': 'team/api',
      'image-digest': digest,
      'image-tag': tag,
    },
  };
}

it('rolls the first push although the tick has looked before its event came', async () => {
  const world = await openWorld({ hasTicks: true });
  delayPushes(world, 10 * 60_000);
  const digest = await world.push();
  await world.advance(HOUR);

  expect(world.rollouts().map(({ reason }) => reason)).toEqual(['FirstLook', expect.anything()]);
  expect((await world.history()).map(({ outcome }) => outcome)).toEqual(['SUCCEEDED']);
  expect((await world.service()).imageDigests).toEqual([digest]);
});

it('rolls the first image after a look at an empty repository though its event is lost', async () => {
  const world = await openWorld({ hasTicks: true });
  await world.advance(10 * 60);
  world.region.events.setDelivery((event) => (event.source === 'aws.ecr' ? 'never' : 'once'));
  const digest = await world.push();
  await world.advance(HOUR);

  expect((await world.service()).imageDigests).toEqual([digest]);
  expect((await world.history()).map(({ outcome }) => outcome)).toEqual(['SUCCEEDED']);
});

it('never rolls what it only finds: the service runs something older on purpose', async () => {
  const world = await openWorld({ hasTicks: true });
  const before = await world.service();
  world.region.events.setDelivery((event) => (event.source === 'aws.ecr' ? 'never' : 'once'));
  await world.push();
  await world.advance(HOUR);

  expect(await world.service()).toEqual(before);
  expect(await world.history()).toEqual([]);
  expect(world.rollouts()).toHaveLength(1);
});

it('takes no time of an event that lies ahead: the next push rolls', async () => {
  const world = await openWorld();
  const first = await proveAnImage(world);
  await world.untilRolloutEnds(await world.start(pushEvent(first, 'v1', '9999-12-31T23:59:59Z')));
  const second = await world.push();

  expect((await world.untilRolloutEnds()).outcome).toBe('SUCCEEDED');
  expect((await world.service()).imageDigests).toEqual([second]);
});

it('books an event that somebody started by hand as replayed, and lifts no quarantine for it', async () => {
  const world = await openWorld();
  await proveAnImage(world);
  const bad = await world.push({ behaviour: 'crash' });
  await world.untilRolloutEnds();
  await world.advance(60);
  const now = new Date(world.region.kernel.now).toISOString();
  const replayed = await world.untilRolloutEnds(await world.start(pushEvent(bad, 'v2', now)));

  expect(replayed).toMatchObject({ outcome: 'HELD', reason: 'Quarantined' });
  expect((await world.history()).map(({ trigger }) => trigger)).toEqual(['push', 'push', 'replayed']);
});

it('books a malformed input by hand as a person’s, and what a push brought with whatever became of it', async () => {
  const world = await openWorld();
  const proven = await proveAnImage(world);
  await world.untilRolloutEnds(await world.start({ image: 'v1' }));
  await world.push();
  await world.advance(10);
  const superseded = await world.push();
  await world.advance(10);
  expect((await world.ledgerState())?.pending).toMatchObject({ image: { digest: superseded, tag: 'v3' } });
  await world.start({ rollback: { to: proven } });
  await world.untilIdle();

  const history = await world.history();
  expect(history.find(({ reason }) => reason === 'MalformedInput')).toMatchObject({ trigger: 'person' });
  expect(history.find(({ outcome }) => outcome === 'SUPERSEDED')).toMatchObject({
    trigger: 'push',
    image: { digest: superseded, tag: 'v3' },
  });
});

it('follows pushes again after {} although its own rollout fails', async () => {
  const world = await openWorld();
  const first = await proveAnImage(world);
  await proveAnImage(world);
  await world.untilRolloutEnds(await world.start({ rollback: { to: first } }));
  await world.push({ behaviour: 'crash' });
  expect((await world.untilRolloutEnds()).outcome).toBe('HELD');
  expect((await world.untilRolloutEnds(await world.start({}))).outcome).toBe('ROLLED_BACK');
  expect(await world.ledgerState()).not.toHaveProperty('pin');

  const good = await world.push();
  expect((await world.untilRolloutEnds()).outcome).toBe('SUCCEEDED');
  expect((await world.service()).imageDigests).toEqual([good]);
});

it('leaves no record of a push of a tag that only rollouts give', async () => {
  const world = await setting({ tag: { glob: '*' }, bakeTimeSeconds: 0 })();
  const digest = await proveAnImage(world);
  const before = (await world.history()).length;
  const event = pushEvent(digest, 'rollouts-keep-web-1', '2026-01-05T09:00:00Z');
  expect((await world.untilRolloutEnds(await world.start(event))).outcome).toBe('NO_CHANGE');
  expect(await world.history()).toHaveLength(before);
});

it('rolls an image that is replicated to the repository, which nobody pushes here', async () => {
  const world = await openWorld();
  await proveAnImage(world);
  const image = imageManifest({ seedText: 'of another Region', platform: world.platform });
  const replicated = { repositoryName: 'team/api', image, tag: 'v7', sourceRegion: 'eu-west-1' };
  const digest = world.region.ecr.replicate(replicated);

  expect((await world.untilRolloutEnds()).outcome).toBe('SUCCEEDED');
  expect((await world.service()).imageDigests).toEqual([digest]);
  expect((await world.history()).at(-1)).toMatchObject({ trigger: 'push', image: { digest, tag: 'v7' } });
});

it('rolls one image onto two services, and no success starts an execution of the other', async () => {
  const sibling = { repository: 'team/api', container: 'api', cluster: 'prod', service: 'worker', bakeTimeSeconds: 0 };
  const tag = { glob: '*' };
  const assembly = await assemblyOf({ tag, bakeTimeSeconds: 0, registry: {} }, [{ ...sibling, tag }]);
  const worlds = await openAuditedTogether({ assembly });
  const digest = await worlds[0]!.push();
  for (const world of worlds) await world.untilIdle();

  for (const world of worlds) {
    expect(world.rollouts().map(({ outcome }) => outcome)).toEqual(['SUCCEEDED']);
    expect((await world.service()).imageDigests).toEqual([digest]);
  }
});
