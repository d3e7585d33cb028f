import type { BatchGetImageResponse, DescribeImagesResponse } from '@aws-sdk/client-ecr';
import { expect, it } from 'vitest';
import { operate } from '../../rehearsal/cell/operator.ts';
import type { World } from '../../rehearsal/world.ts';
import { proveAnImage } from './proven-image.ts';
import { setting } from './setting.ts';

const openWorld = setting({ registry: {} });

async function tagsOf({ region, config }: World, imageDigest: string): Promise<readonly string[]> {
  const request = { repositoryName: config.repository, imageIds: [{ imageDigest }] };
  const { imageDetails } = await operate<DescribeImagesResponse>(region, 'ecr', 'DescribeImages', request);
  return imageDetails![0]!.imageTags ?? [];
}

async function tag({ region, config }: World, imageDigest: string, imageTag: string): Promise<void> {
  const { repository: repositoryName } = config;
  const { images } = await operate<BatchGetImageResponse>(region, 'ecr', 'BatchGetImage', {
    repositoryName,
    imageIds: [{ imageDigest }],
  });
  const { imageManifest, imageManifestMediaType } = images![0]!;
  const request = { repositoryName, imageManifest, imageManifestMediaType, imageTag, imageDigest };
  await operate(region, 'ecr', 'PutImage', request);
}

it('brings the keep tag back that somebody put on another image, and then is idle', async () => {
  const world = await openWorld({ hasTicks: true });
  const first = await proveAnImage(world);
  const second = await proveAnImage(world);
  const KEEP = ['rollouts-keep-api-1', 'rollouts-keep-api-2'];
  await tag(world, second, KEEP[0]!);
  expect(await tagsOf(world, first)).not.toContain(KEEP[0]);
  await world.advance(600);

  expect(await tagsOf(world, first)).toContain(KEEP[0]);
  expect(await tagsOf(world, second)).toContain(KEEP[1]);
  expect(await tagsOf(world, second)).not.toContain(KEEP[0]);
  expect(world.rollouts()).toHaveLength(1);
  await world.advance(1200);
  expect(world.rollouts()).toHaveLength(1);
  expect((await world.history()).map(({ outcome }) => outcome)).toEqual(['SUCCEEDED', 'SUCCEEDED']);
});

it('gives the slot of an image up that is gone, so that its tag is looked for no more', async () => {
  const world = await openWorld({ hasTicks: true });
  const first = await proveAnImage(world);
  const second = await proveAnImage(world);
  await tag(world, second, 'rollouts-keep-api-1');
  const request = { repositoryName: world.config.repository, imageIds: [{ imageDigest: first }] };
  await operate(world.region, 'ecr', 'BatchDeleteImage', request);
  await world.advance(600);
  expect(world.rollouts()).toHaveLength(1);
  await world.advance(1200);
  expect(world.rollouts()).toHaveLength(1);
});
