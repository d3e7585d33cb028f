import type { PutImageResponse } from '@aws-sdk/client-ecr';
import { expect, it } from 'vitest';
import { operate } from '../../rehearsal/cell/operator.ts';
import type { World } from '../../rehearsal/world.ts';
import { imageIndex, imageManifest } from '../../region/ecr/image-manifests.ts';
import { proveAnImage } from './proven-image.ts';
import { setting } from './setting.ts';

const open = setting({ tag: { glob: '*' }, bakeTimeSeconds: 0 });

interface Manifest {
  readonly config: object;
  readonly layers: readonly object[];
}

/** Tags an artifact in the service's own repository, of which ECR tells as of any push. */
async function pushArtifact(
  { region, config }: World,
  tag: string,
  change: (from: Manifest) => object,
): Promise<string> {
  const image = imageManifest({ seedText: tag });
  region.events.setDelivery(() => 'never');
  region.ecr.pushImage({ repositoryName: config.repository, image });
  await region.kernel.runFor(1000);
  region.events.setDelivery(() => 'once');
  const put = await operate<PutImageResponse>(region, 'ecr', 'PutImage', {
    repositoryName: config.repository,
    imageManifest: JSON.stringify(change(JSON.parse(image.text) as Manifest)),
    imageManifestMediaType: 'application/vnd.oci.image.manifest.v1+json',
    imageTag: tag,
  });
  return put.image!.imageId!.imageDigest!;
}

const typed =
  (mediaType: string) =>
  (from: Manifest): object => ({ ...from, config: { ...from.config, mediaType } });

it.each([
  ['build cache', 'application/vnd.buildkit.cacheconfig.v0'],
  ['chart', 'application/vnd.cncf.helm.config.v1+json'],
])('a %s beside the images changes nothing, and no later image waits for it', async (_what, mediaType) => {
  const world = await open();
  const good = await proveAnImage(world);
  await pushArtifact(world, 'v99', typed(mediaType));
  expect(await world.untilRolloutEnds()).toMatchObject({ outcome: 'NO_CHANGE' });
  expect((await world.service()).imageDigests).toEqual([good]);
  const next = await world.push();
  expect((await world.untilRolloutEnds()).outcome).toBe('SUCCEEDED');
  expect((await world.service()).imageDigests).toEqual([next]);
});

it('an attestation with the config of an image is refused before any change', async () => {
  const world = await open();
  const good = await proveAnImage(world);
  await pushArtifact(world, 'att', (from) => ({
    ...from,
    layers: [{ ...from.layers[0], mediaType: 'application/vnd.in-toto+json' }],
  }));
  const { outcome, message } = await world.untilRolloutEnds();
  expect(outcome).toBe('REJECTED');
  expect(message).toContain('no container image but application/vnd.in-toto+json');
  expect((await world.service()).imageDigests).toEqual([good]);
});

it('an artifact that a person names is refused by its type', async () => {
  const world = await open();
  await proveAnImage(world);
  const digest = await pushArtifact(world, 'chart', typed('application/vnd.cncf.helm.config.v1+json'));
  await world.untilIdle();
  const { outcome, message } = await world.untilRolloutEnds(await world.start({ image: { digest } }));
  expect(outcome).toBe('REJECTED');
  expect(message).toContain('application/vnd.cncf.helm.config.v1+json: name an image');
});

it('an index of indexes is rolled: what its tasks show is the image two levels below', async () => {
  const world = await setting({ bakeTimeSeconds: 0 })();
  await proveAnImage(world);
  const { region, config, platform } = world;
  const manifest = imageManifest({ seedText: 'nested', platform });
  region.events.setDelivery(() => 'never');
  const inner = region.ecr.pushImage({
    repositoryName: config.repository,
    image: imageIndex([{ manifest, platform }], { attestation: true }),
  });
  await region.kernel.runFor(1000);
  region.events.setDelivery(() => 'once');
  const [os, architecture] = platform.split('/');
  const mediaType = 'application/vnd.oci.image.index.v1+json';
  const entry = { mediaType, digest: inner, size: 500, platform: { os, architecture } };
  await operate<PutImageResponse>(region, 'ecr', 'PutImage', {
    repositoryName: config.repository,
    imageManifest: JSON.stringify({ schemaVersion: 2, mediaType, manifests: [entry] }),
    imageManifestMediaType: mediaType,
    imageTag: 'live',
  });
  expect(await world.untilRolloutEnds()).toMatchObject({ outcome: 'SUCCEEDED' });
});
