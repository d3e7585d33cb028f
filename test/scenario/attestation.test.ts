import { expect, it } from 'vitest';
import type { LedgerState } from '../../functions/rollout/ledger.ts';
import { imageManifest } from '../../region/ecr/image-manifests.ts';
import { operate } from '../../rehearsal/cell/operator.ts';
import type { World } from '../../rehearsal/world.ts';
import { proveAnImage } from './proven-image.ts';
import { setting } from './setting.ts';

const openWorld = setting({ tag: { glob: '*' } });

/** An attestation as buildx makes it, with the config of an image, but with a tag: ECR lists it as an image. */
async function pushAttestation(world: World, tag: string): Promise<string> {
  const image = imageManifest({ seedText: tag });
  world.region.ecr.pushImage({ repositoryName: 'team/api', image });
  const manifest = JSON.parse(image.text) as { layers: object[] };
  const layers = [{ ...manifest.layers[0], mediaType: 'application/vnd.in-toto+json' }];
  const pushed = await operate<{ image: { imageId: { imageDigest: string } } }>(world.region, 'ecr', 'PutImage', {
    repositoryName: 'team/api',
    imageManifest: JSON.stringify({ ...manifest, layers }),
    imageManifestMediaType: image.mediaType,
    imageTag: tag,
  });
  return pushed.image.imageId.imageDigest;
}

it('does not supersede the image that was pushed before it and waits for its turn', async () => {
  const world = await openWorld({ hasTicks: true });
  await proveAnImage(world);
  const first = await world.push();
  await world.advance(10);
  const second = await world.push();
  await world.advance(10);
  const attestation = await pushAttestation(world, 'attested');
  await world.advance(1200);

  const ended = (await world.history()).slice(1).map(({ outcome, image }) => [outcome, image?.digest]);
  expect(ended).toContainEqual(['SUCCEEDED', first]);
  expect(ended).toContainEqual(['REJECTED', attestation]);
  expect(ended.at(-1)).toEqual(['SUCCEEDED', second]);
  expect((await world.service()).imageDigests).toEqual([second]);
});

it('is looked at once, and never again', async () => {
  const world = await openWorld({ hasTicks: true });
  const proven = await proveAnImage(world);
  await pushAttestation(world, 'attested');
  await world.advance(600);
  const rollouts = world.rollouts().length;
  await world.advance(3600);
  expect(world.rollouts()).toHaveLength(rollouts);
  expect(((await world.ledgerState()) as LedgerState).seen?.digest).toBe(proven);
  const next = await world.push();
  expect(await world.untilRolloutEnds()).toMatchObject({ outcome: 'SUCCEEDED' });
  expect((await world.service()).imageDigests).toEqual([next]);
});
