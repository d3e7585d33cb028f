import {
  BatchGetImageCommand,
  DescribeImagesCommand,
  ECRClient,
  ImageAlreadyExistsException,
  ImageNotFoundException,
  ImageTagAlreadyExistsException,
  PutImageCommand,
  RepositoryNotFoundException,
  type BatchGetImageCommandInput,
  type ImageFailureCode,
} from '@aws-sdk/client-ecr';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { ecr as client } from '../../../functions/aws/clients.ts';
import {
  candidateImages,
  findImage,
  imageStatuses,
  pinnedImage,
  readManifest,
  tagImage,
} from '../../../functions/aws/registry.ts';
import type { ImageDigest } from '../../../functions/rollout/identifiers.ts';
import { digest, EXACT, GLOB, NOW } from '../rollout/given.ts';
import { useEnvironment } from './environment.ts';

const ecr = mockClient(ECRClient);
useEnvironment();
afterAll(() => ecr.restore());
const missing = new ImageNotFoundException({ message: 'x', $metadata: {} });
const detail = (digit: string, ...imageTags: string[]): object => ({
  imageDigest: digest(digit),
  imagePushedAt: new Date(NOW),
  ...(imageTags.length > 0 && { imageTags }),
});
const asked = (): unknown[] => ecr.commandCalls(DescribeImagesCommand).map(({ args }) => args[0].input);
beforeEach(() => ecr.reset());

describe('the images to choose from', () => {
  it('are all tagged ones, page by page', async () => {
    ecr.on(DescribeImagesCommand, { nextToken: 'p2' }).resolves({ imageDetails: [detail('b', 'two', 'three')] });
    ecr
      .on(DescribeImagesCommand, { nextToken: undefined })
      .resolves({ imageDetails: [detail('a', 'one')], nextToken: 'p2' });
    expect(await candidateImages(client, { repository: 'team/web', tagPolicy: GLOB })).toEqual([
      { digest: digest('a'), tags: ['one'], pushedAt: NOW },
      { digest: digest('b'), tags: ['two', 'three'], pushedAt: NOW },
    ]);
    expect(asked()[0]).toMatchObject({ repositoryName: 'team/web', filter: { tagStatus: 'TAGGED' } });
  });

  it('are not listed for ever when ECR never stops giving pages', async () => {
    ecr.on(DescribeImagesCommand).resolves({ imageDetails: [detail('a', 'one')], nextToken: 'again' });
    await expect(candidateImages(client, { repository: 'team/web', tagPolicy: GLOB })).rejects.toThrow(
      "ECR lists 100 pages with 100 tagged images, and there are more in repository team/web: 100,000 are its quota, and no more are read. Let a lifecycle policy expire old tags, or follow one tag: tag: { exact: '…' } in the configuration.",
    );
    expect(asked()).toHaveLength(100);
  });

  it('are the one that an exact tag points to, or none', async () => {
    ecr
      .on(DescribeImagesCommand)
      .resolvesOnce({ imageDetails: [detail('a', 'latest')] })
      .rejects(missing);
    const exact = { repository: 'team/web', tagPolicy: EXACT };
    expect(await candidateImages(client, exact)).toMatchObject([{ digest: digest('a') }]);
    expect(asked()[0]).toMatchObject({ imageIds: [{ imageTag: 'latest' }] });
    expect(await candidateImages(client, exact)).toEqual([]);
  });
});

describe('an image', () => {
  it('is found though it is archived, so that it is not taken for deleted', async () => {
    ecr.on(DescribeImagesCommand).resolves({ imageDetails: [detail('a')] });
    expect(await findImage(client, 'team/web', { imageDigest: digest('a') })).toEqual({
      digest: digest('a'),
      tags: [],
      pushedAt: NOW,
    });
    expect(asked()[0]).toMatchObject({ filter: { imageStatus: 'ANY' } });
  });

  it('is absent when ECR has none, and not when the repository is gone', async () => {
    ecr
      .on(DescribeImagesCommand)
      .rejectsOnce(missing)
      .rejects(new RepositoryNotFoundException({ message: 'x', $metadata: {} }));
    expect(await findImage(client, 'team/web', { imageTag: 'x' })).toBeUndefined();
    await expect(findImage(client, 'team/web', { imageTag: 'x' })).rejects.toMatchObject({
      name: 'RepositoryNotFoundException',
    });
  });

  it('is none where its digest is not one that we know how to pin', async () => {
    ecr.on(DescribeImagesCommand).resolves({ imageDetails: [{ ...detail('a'), imageDigest: 'sha512:00' }] });
    expect(await findImage(client, 'team/web', { imageTag: 'x' })).toBeUndefined();
    expect(await candidateImages(client, { repository: 'team/web', tagPolicy: GLOB })).toEqual([]);
  });

  it('has the status that ECR tells, ACTIVE where it tells none', async () => {
    ecr
      .on(DescribeImagesCommand)
      .resolves({ imageDetails: [{ ...detail('a'), imageStatus: 'ARCHIVED' }, detail('b')] });
    expect(await imageStatuses(client, 'team/web', [digest('a'), digest('b'), digest('a')])).toEqual({
      [digest('a')]: 'ARCHIVED',
      [digest('b')]: 'ACTIVE',
    });
    expect(asked()).toHaveLength(1);
    expect(asked()[0]).toMatchObject({ imageIds: [{ imageDigest: digest('a') }, { imageDigest: digest('b') }] });
  });

  it('is told from a missing one, although one missing image fails the whole call', async () => {
    ecr.on(DescribeImagesCommand).rejects(missing);
    ecr
      .on(DescribeImagesCommand, { imageIds: [{ imageDigest: digest('b') }] })
      .resolves({ imageDetails: [detail('b')] });
    expect(await imageStatuses(client, 'team/web', [digest('a'), digest('b')])).toEqual({ [digest('b')]: 'ACTIVE' });
  });

  it('is pinned by its digest', () => {
    expect(pinnedImage('registry.example/team/web', digest('a'))).toBe(`registry.example/team/web@${digest('a')}`);
  });
});

describe('a manifest', () => {
  const answered = (manifest: object | undefined): void => {
    const images = manifest ? [{ imageManifest: JSON.stringify(manifest) }] : [];
    ecr.on(BatchGetImageCommand).resolves({ images });
  };

  it('of an index has its children, those without a platform too, and no attestations', async () => {
    const attestation = { digest: digest('e'), platform: { os: 'unknown', architecture: 'unknown' } };
    answered({
      manifests: [
        { digest: digest('c'), platform: { os: 'linux', architecture: 'amd64' } },
        { digest: digest('d'), platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } },
        attestation,
        { digest: digest('f') },
        { digest: 'sha512:00', platform: { os: 'linux', architecture: 'amd64' } },
      ],
    });
    expect(await readManifest(client, 'team/web', digest('b'))).toEqual({
      digest: digest('b'),
      children: [
        { digest: digest('c'), os: 'linux', architecture: 'amd64' },
        { digest: digest('d'), os: 'linux', architecture: 'arm64' },
        { digest: digest('f') },
      ],
    });
  });

  it('of an index that lists an index has the children of that, too', async () => {
    const amd64 = { os: 'linux', architecture: 'amd64' };
    const mediaType = 'application/vnd.oci.image.index.v1+json';
    const manifests = {
      [digest('b')]: [
        { digest: digest('c'), mediaType },
        { digest: digest('d'), platform: amd64 },
      ],
      [digest('c')]: [
        { digest: digest('e'), platform: { os: 'linux', architecture: 'arm64' } },
        { digest: digest('f'), mediaType: 'application/vnd.docker.distribution.manifest.list.v2+json' },
      ],
      [digest('f')]: [{ digest: digest('a'), platform: amd64 }],
    };
    ecr.on(BatchGetImageCommand).callsFake(({ imageIds }: BatchGetImageCommandInput) => ({
      images: [{ imageManifest: JSON.stringify({ manifests: manifests[imageIds![0]!.imageDigest as ImageDigest] }) }],
    }));
    expect((await readManifest(client, 'team/web', digest('b')))?.children).toEqual([
      { digest: digest('c'), os: 'linux', architecture: 'arm64' },
      { digest: digest('e'), os: 'linux', architecture: 'arm64' },
      { digest: digest('f'), ...amd64 },
      { digest: digest('a'), ...amd64 },
      { digest: digest('d'), ...amd64 },
    ]);
  });

  it.each<[string, object, string]>([
    [
      'a chart',
      { config: { mediaType: 'application/vnd.cncf.helm.config.v1+json' } },
      'application/vnd.cncf.helm.config.v1+json',
    ],
    [
      'an artifact by its own type',
      { artifactType: 'application/spdx+json', config: { mediaType: 'application/vnd.oci.empty.v1+json' } },
      'application/spdx+json',
    ],
    [
      'an attestation with the config of an image',
      {
        config: { mediaType: 'application/vnd.oci.image.config.v1+json' },
        layers: [{ mediaType: 'application/vnd.in-toto+json' }],
      },
      'application/vnd.in-toto+json',
    ],
    [
      'a build cache that is an index',
      { manifests: [{ mediaType: 'application/vnd.buildkit.cacheconfig.v0' }] },
      'application/vnd.buildkit.cacheconfig.v0',
    ],
  ])('of %s tells what it is', async (_case, manifest, artifactType) => {
    answered(manifest);
    expect(await readManifest(client, 'team/web', digest('b'))).toMatchObject({ artifactType });
  });

  it.each([
    'application/vnd.oci.image.layer.v1.tar+gzip',
    'application/vnd.oci.image.layer.v1.tar+zstd',
    'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
    'application/vnd.docker.image.rootfs.diff.tar.gzip',
    'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
  ])('with layers of %s is an image', async (mediaType) => {
    answered({ config: { mediaType: 'application/vnd.docker.container.image.v1+json' }, layers: [{ mediaType }] });
    expect(await readManifest(client, 'team/web', digest('b'))).toEqual({ digest: digest('b') });
  });

  it('of a single image has none, which is not the same as an empty index', async () => {
    answered({ config: { digest: digest('f') }, layers: [] });
    expect(await readManifest(client, 'team/web', digest('b'))).toEqual({ digest: digest('b') });
    answered({ manifests: [] });
    expect(await readManifest(client, 'team/web', digest('b'))).toEqual({ digest: digest('b'), children: [] });
  });

  it('that ECR has and cannot read says why, and one that may be read a moment later is no answer', async () => {
    const failing = (failureCode: ImageFailureCode): void =>
      void ecr.on(BatchGetImageCommand).resolves({ images: [], failures: [{ failureCode }] });
    failing('KmsError');
    expect(await readManifest(client, 'team/web', digest('b'))).toEqual({
      digest: digest('b'),
      unreadable: `ECR cannot read ${digest('b')} (KmsError)`,
    });
    failing('UpstreamUnavailable');
    await expect(readManifest(client, 'team/web', digest('b'))).rejects.toThrow('UpstreamUnavailable');
  });

  it('is asked for with the types of indexes too, and absent when ECR has none', async () => {
    answered(undefined);
    expect(await readManifest(client, 'team/web', digest('b'))).toBeUndefined();
    const [call] = ecr.commandCalls(BatchGetImageCommand);
    expect(call?.args[0].input).toMatchObject({
      imageIds: [{ imageDigest: digest('b') }],
      acceptedMediaTypes: expect.arrayContaining([
        'application/vnd.oci.image.index.v1+json',
        'application/vnd.docker.distribution.manifest.list.v2+json',
      ]) as unknown,
    });
  });
});

describe('tagging an image', () => {
  const manifest = {
    imageManifest: '{"schemaVersion":2}',
    imageManifestMediaType: 'application/vnd.oci.image.index.v1+json',
  };
  const put = (): unknown[] => ecr.commandCalls(PutImageCommand).map(({ args }) => args[0].input);

  it('puts the manifest that the digest has under the tag', async () => {
    ecr.on(BatchGetImageCommand).resolves({ images: [manifest] });
    ecr.on(PutImageCommand).resolves({});
    await tagImage(client, 'team/web', digest('a'), 'rollouts-keep-1');
    expect(put()).toEqual([
      { repositoryName: 'team/web', imageDigest: digest('a'), imageTag: 'rollouts-keep-1', ...manifest },
    ]);
  });

  it('is done when the image has the tag already', async () => {
    ecr.on(BatchGetImageCommand).resolves({ images: [manifest] });
    ecr.on(PutImageCommand).rejects(new ImageAlreadyExistsException({ message: 'x', $metadata: {} }));
    await expect(tagImage(client, 'team/web', digest('a'), 'rollouts-keep-1')).resolves.toBe('tagged');
  });

  it('fails when ECR refuses the tag for another reason', async () => {
    ecr.on(BatchGetImageCommand).resolves({ images: [manifest] });
    ecr.on(PutImageCommand).rejects(new ImageTagAlreadyExistsException({ message: 'x', $metadata: {} }));
    await expect(tagImage(client, 'team/web', digest('a'), 'rollouts-keep-1')).rejects.toThrow();
  });

  it('leaves an image alone that is gone', async () => {
    const failures = [{ failureCode: 'ImageNotFound' as const, failureReason: 'Requested image not found' }];
    ecr.on(BatchGetImageCommand).resolves({ images: [], failures });
    expect(await tagImage(client, 'team/web', digest('a'), 'rollouts-keep-1')).toBe('gone');
    expect(put()).toEqual([]);
  });

  it.each<[ImageFailureCode, string]>([
    ['KmsError', 'AwsRefused'],
    ['ImageInaccessible', 'AwsRefused'],
    ['UpstreamAccessDenied', 'AwsRefused'],
    ['UpstreamTooManyRequests', 'AwsUnavailable'],
    ['UpstreamUnavailable', 'AwsUnavailable'],
  ])('does not take an image for gone that ECR cannot read: %s', async (failureCode, name) => {
    ecr.on(BatchGetImageCommand).resolves({ images: [], failures: [{ failureCode, failureReason: 'the key is off' }] });
    await expect(tagImage(client, 'team/web', digest('a'), 'rollouts-keep-1')).rejects.toMatchObject({
      name,
      message: `ECR cannot read ${digest('a')} (${failureCode}: the key is off)`,
    });
    expect(put()).toEqual([]);
  });
});
