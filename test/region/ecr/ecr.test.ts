import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type {
  BatchDeleteImageResponse,
  BatchGetImageResponse,
  DescribeImagesResponse,
  DescribeRepositoriesResponse,
  ListImagesResponse,
  PutImageResponse,
  UpdateImageStorageClassResponse,
} from '@aws-sdk/client-ecr';
import { beforeEach, describe, expect, it } from 'vitest';
import type { EcrService } from '../../../region/ecr/ecr.ts';
import { imageIndex, imageManifest, type BuiltManifest } from '../../../region/ecr/image-manifests.ts';
import type { Kernel } from '../../../region/kernel/kernel.ts';
import type { BusEvent } from '../../../region/service.ts';
import { ecrAlone } from './ecr-alone.ts';

const repositoryName = 'team/api';
const good = imageManifest({ seedText: 'good' });
const other = imageManifest({ seedText: 'other' });

let kernel: Kernel;
let events: BusEvent[];
let ecr: EcrService;

beforeEach(() => {
  ({ kernel, events, ecr } = ecrAlone());
  ecr.createRepository({ repositoryName });
});

function call<Answer>(name: string, request: object): Answer {
  return ecr.operations[name]!.apply({ repositoryName, ...request } as never, { kind: 'operator' }) as Answer;
}

function put(image: BuiltManifest, imageTag?: string, more: object = {}): PutImageResponse {
  return call('PutImage', { imageManifest: image.text, ...(imageTag !== undefined && { imageTag }), ...more });
}

function describeImages(request: object = {}): NonNullable<DescribeImagesResponse['imageDetails']> {
  return call<DescribeImagesResponse>('DescribeImages', request).imageDetails!;
}

function details(): Record<string, unknown>[] {
  return events.map(({ detail }) => ({ ...detail }));
}

describe('PutImage', () => {
  it('answers with the sha256 of the manifest text', () => {
    const digest = `sha256:${createHash('sha256').update(good.text).digest('hex')}`;
    expect(put(good, 'v1').image?.imageId).toEqual({ imageDigest: digest, imageTag: 'v1' });
  });

  it('emits exactly one event for a tagged image, without resources', () => {
    put(good, 'v1');
    expect(events).toEqual([
      {
        source: 'aws.ecr',
        'detail-type': 'ECR Image Action',
        resources: [],
        detail: {
          result: 'SUCCESS',
          'repository-name': repositoryName,
          'image-digest': good.digest,
          'action-type': 'PUSH',
          'artifact-media-type': 'application/vnd.oci.image.config.v1+json',
          'image-tag': 'v1',
          'manifest-media-type': 'application/vnd.oci.image.manifest.v1+json',
        },
      },
    ]);
  });

  it('emits an empty image-tag for an untagged image', () => {
    put(good);
    expect(details().map((detail) => detail['image-tag'])).toEqual(['']);
  });

  it('emits an event for every child and one without artifact-media-type for the tagged index', () => {
    const index = imageIndex([{ manifest: good, platform: 'linux/amd64' }], { attestation: true });
    ecr.pushImage({ repositoryName, image: index, tag: 'v1' });
    expect(details().map((detail) => detail['image-tag'])).toEqual(['', '', 'v1']);
    expect(details().map((detail) => 'artifact-media-type' in detail)).toEqual([true, true, false]);
    expect(details().at(-1)!['image-digest']).toBe(index.digest);
  });

  it('refuses a digest that is not that of the manifest', () => {
    expect(() => put(good, 'v1', { imageDigest: other.digest })).toThrow(
      expect.objectContaining({ code: 'ImageDigestDoesNotMatchException' }),
    );
    expect(events).toEqual([]);
  });

  it('refuses an index whose children are not there', () => {
    const index = imageIndex([{ manifest: good, platform: 'linux/amd64' }]);
    expect(() => put(index, 'v1')).toThrow(expect.objectContaining({ code: 'ReferencedImagesNotFoundException' }));
  });

  it('refuses the same manifest under the same tag, without an event', () => {
    put(good, 'v1');
    expect(() => put(good, 'v1')).toThrow(expect.objectContaining({ code: 'ImageAlreadyExistsException' }));
    expect(() => put(good)).toThrow(expect.objectContaining({ code: 'ImageAlreadyExistsException' }));
    expect(events).toHaveLength(1);
  });

  it('keeps the push time when an image gets another tag, and emits an event', async () => {
    put(good, 'v1');
    const pushedAt = new Date(kernel.now);
    await kernel.runFor(60_000);
    put(good, 'live');
    expect(describeImages()).toEqual([
      expect.objectContaining({ imageTags: ['v1', 'live'], imagePushedAt: pushedAt, imageDigest: good.digest }),
    ]);
    expect(details().map((detail) => detail['image-tag'])).toEqual(['v1', 'live']);
  });

  it('moves a mutable tag and leaves the former image untagged', () => {
    put(good, 'live');
    put(other, 'live');
    const tagsByDigest = describeImages().map(({ imageDigest, imageTags }) => [imageDigest, imageTags]);
    expect(tagsByDigest).toEqual([
      [good.digest, undefined],
      [other.digest, ['live']],
    ]);
  });

  it.each([
    ['no JSON', 'nonsense', 'InvalidParameterException'],
    [
      'no layers',
      '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json"}',
      'InvalidParameterException',
    ],
    ['no media type', '{"schemaVersion":2}', 'InvalidParameterException'],
  ])('refuses a manifest with %s', (_, imageManifest, code) => {
    expect(() => call('PutImage', { imageManifest })).toThrow(expect.objectContaining({ code }));
  });

  it('does not model referrers or Docker schema 1', () => {
    const referrer = JSON.stringify({ ...(JSON.parse(good.text) as object), subject: {} });
    expect(() => call('PutImage', { imageManifest: referrer })).toThrow('not modelled');
    const mediaType = 'application/vnd.docker.distribution.manifest.v1+json';
    expect(() => call('PutImage', { imageManifest: JSON.stringify({ mediaType }) })).toThrow('not modelled');
  });

  it.each(['-v1', 'a b', 'x'.repeat(129), ''])('refuses the tag %j', (tag) => {
    expect(() => put(good, tag)).toThrow(expect.objectContaining({ code: 'InvalidParameterException' }));
  });

  it('names a repository that does not exist', () => {
    expect(() => put(good, 'v1', { repositoryName: 'nope' })).toThrow(
      "The repository with name 'nope' does not exist in the registry with id '123456789012'",
    );
  });
});

describe('tag immutability', () => {
  const wildcard = [{ filterType: 'WILDCARD' as const, filter: 'rollouts-*' }];

  it.each([
    ['IMMUTABLE', [], 'v1', true],
    ['IMMUTABLE_WITH_EXCLUSION', wildcard, 'v1', true],
    ['IMMUTABLE_WITH_EXCLUSION', wildcard, 'rollouts-keep-1', false],
    ['IMMUTABLE_WITH_EXCLUSION', wildcard, 'my-rollouts-keep', true],
    ['MUTABLE_WITH_EXCLUSION', wildcard, 'rollouts-keep-1', true],
    ['MUTABLE_WITH_EXCLUSION', wildcard, 'v1', false],
    ['MUTABLE', [], 'v1', false],
  ] as const)(
    '%s with %j: the tag %s is refused to move: %s',
    (imageTagMutability, exclusionFilters, tag, isRefused) => {
      ecr.createRepository({ repositoryName: 'guarded', imageTagMutability, exclusionFilters });
      put(good, tag, { repositoryName: 'guarded' });
      const move = (): unknown => put(other, tag, { repositoryName: 'guarded' });
      if (isRefused) expect(move).toThrow(expect.objectContaining({ code: 'ImageTagAlreadyExistsException' }));
      else expect(move()).toMatchObject({ image: { imageId: { imageDigest: other.digest } } });
    },
  );

  it('does not model filters with many wildcards', () => {
    const exclusionFilters = [{ filterType: 'WILDCARD' as const, filter: '*a*b*' }];
    expect(() =>
      ecr.createRepository({
        repositoryName: 'guarded',
        imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION',
        exclusionFilters,
      }),
    ).toThrow('not modelled');
  });

  it('refuses filters where the setting takes none, and the reverse', () => {
    const create = (imageTagMutability: 'IMMUTABLE' | 'IMMUTABLE_WITH_EXCLUSION', exclusionFilters = wildcard) =>
      ecr.createRepository({ repositoryName: 'guarded', imageTagMutability, exclusionFilters });
    expect(() => create('IMMUTABLE')).toThrow(expect.objectContaining({ code: 'InvalidParameterException' }));
    expect(() => create('IMMUTABLE_WITH_EXCLUSION', [])).toThrow(
      expect.objectContaining({ code: 'InvalidParameterException' }),
    );
  });
});

describe('BatchGetImage', () => {
  it('reports missing images as failures beside those that it found', () => {
    put(good, 'v1');
    const answer = call<BatchGetImageResponse>('BatchGetImage', {
      imageIds: [
        { imageTag: 'v1' },
        { imageTag: 'nope' },
        {},
        { imageDigest: 'sha256:short' },
        { imageDigest: other.digest, imageTag: 'v1' },
      ],
    });
    expect(answer.images).toEqual([
      {
        registryId: '123456789012',
        repositoryName,
        imageId: { imageDigest: good.digest, imageTag: 'v1' },
        imageManifest: good.text,
        imageManifestMediaType: good.mediaType,
      },
    ]);
    expect(answer.failures?.map(({ failureCode }) => failureCode)).toEqual([
      'ImageNotFound',
      'MissingDigestAndTag',
      'InvalidImageDigest',
      'ImageTagDoesNotMatchDigest',
    ]);
  });
});

describe('DescribeImages', () => {
  it('shows an attestation like an untagged image, and an index as large as its largest child', () => {
    const index = imageIndex([{ manifest: good, platform: 'linux/amd64' }], { attestation: true });
    ecr.pushImage({ repositoryName, image: index, tag: 'v1' });
    const [image, attestation, tagged] = describeImages();
    expect(attestation).toMatchObject({
      imageManifestMediaType: 'application/vnd.oci.image.manifest.v1+json',
      artifactMediaType: 'application/vnd.oci.image.config.v1+json',
      imageStatus: 'ACTIVE',
    });
    expect(attestation).not.toHaveProperty('imageTags');
    expect(attestation!.imageSizeInBytes).toBeLessThan(3_000);
    expect(tagged!.imageSizeInBytes).toBe(image!.imageSizeInBytes);
    expect(tagged).not.toHaveProperty('artifactMediaType');
  });

  it('filters by tag status', () => {
    put(good, 'v1');
    put(other);
    const digests = (tagStatus: string) =>
      describeImages({ filter: { tagStatus } }).map(({ imageDigest }) => imageDigest);
    expect(digests('TAGGED')).toEqual([good.digest]);
    expect(digests('UNTAGGED')).toEqual([other.digest]);
  });

  it('pages through all images, each exactly once', () => {
    const images = ['a', 'b', 'c'].map((seedText) => imageManifest({ seedText }));
    for (const image of images) put(image);
    const first = call<DescribeImagesResponse>('DescribeImages', { maxResults: 2 });
    const second = call<DescribeImagesResponse>('DescribeImages', { maxResults: 2, nextToken: first.nextToken });
    const seen = [...first.imageDetails!, ...second.imageDetails!].map(({ imageDigest }) => imageDigest);
    expect(seen).toEqual(images.map(({ digest }) => digest));
    expect(second).not.toHaveProperty('nextToken');
  });

  it('refuses an unknown image by name, a foreign token, and paging beside imageIds', () => {
    expect(() => describeImages({ imageIds: [{ imageTag: 'nope' }] })).toThrow(
      "The image with imageId {imageDigest:'null', imageTag:'nope'} does not exist within the repository with name 'team/api'",
    );
    expect(() => describeImages({ nextToken: 'x' })).toThrow(
      expect.objectContaining({ code: 'InvalidParameterException' }),
    );
    expect(() => describeImages({ imageIds: [], maxResults: 1 })).toThrow(
      expect.objectContaining({ code: 'InvalidParameterException' }),
    );
  });
});

describe('pull through cache', () => {
  it('has no rules, and none of a prefix that is asked for', () => {
    expect(call('DescribePullThroughCacheRules', {})).toEqual({ pullThroughCacheRules: [] });
    expect(() => call('DescribePullThroughCacheRules', { ecrRepositoryPrefixes: ['hub'] })).toThrow(
      /prefix 'hub' was not found/,
    );
  });
});

describe('deletion', () => {
  it('removes the image with its last tag only, with an event for each tag', () => {
    put(good, 'v1');
    put(good, 'live');
    call('BatchDeleteImage', { imageIds: [{ imageTag: 'v1' }] });
    expect(describeImages()).toHaveLength(1);
    call('BatchDeleteImage', { imageIds: [{ imageTag: 'live' }] });
    expect(describeImages()).toEqual([]);
    expect(details().slice(2)).toEqual(
      ['v1', 'live'].map((tag) => ({
        result: 'SUCCESS',
        'repository-name': repositoryName,
        'image-digest': good.digest,
        'action-type': 'DELETE',
        'image-tag': tag,
      })),
    );
  });

  it('by digest removes all tags at once', () => {
    put(good, 'v1');
    put(good, 'live');
    const answer = call<BatchDeleteImageResponse>('BatchDeleteImage', { imageIds: [{ imageDigest: good.digest }] });
    expect(answer.imageIds).toEqual([
      { imageDigest: good.digest, imageTag: 'v1' },
      { imageDigest: good.digest, imageTag: 'live' },
    ]);
    expect(describeImages()).toEqual([]);
  });

  it('takes tags of an image that an index references, but not the last one', () => {
    const index = imageIndex([{ manifest: good, platform: 'linux/amd64' }]);
    ecr.pushImage({ repositoryName, image: index, tag: 'v1' });
    put(good, 'a');
    put(good, 'b');
    const remove = (imageTag: string) =>
      call<BatchDeleteImageResponse>('BatchDeleteImage', { imageIds: [{ imageTag }] });
    expect(remove('a')).toEqual({ imageIds: [{ imageDigest: good.digest, imageTag: 'a' }], failures: [] });
    expect(remove('b').failures).toEqual([expect.objectContaining({ failureCode: 'ImageReferencedByManifestList' })]);
  });

  it('is refused for an image that an index references', () => {
    const index = imageIndex([{ manifest: good, platform: 'linux/amd64' }]);
    ecr.pushImage({ repositoryName, image: index, tag: 'v1' });
    const answer = call<BatchDeleteImageResponse>('BatchDeleteImage', { imageIds: [{ imageDigest: good.digest }] });
    expect(answer.failures).toEqual([expect.objectContaining({ failureCode: 'ImageReferencedByManifestList' })]);
    expect(describeImages()).toHaveLength(2);
  });
});

describe('archiving', () => {
  const archive = (targetStorageClass: string) =>
    call<UpdateImageStorageClassResponse>('UpdateImageStorageClass', {
      imageId: { imageTag: 'v1' },
      targetStorageClass,
    });

  it('hides the image from answers that do not ask for its status', () => {
    put(good, 'v1');
    expect(archive('ARCHIVE').imageStatus).toBe('ARCHIVED');
    expect(describeImages()).toEqual([]);
    expect(() => describeImages({ imageIds: [{ imageTag: 'v1' }] })).toThrow('does not exist');
    expect(describeImages({ filter: { imageStatus: 'ANY' }, imageIds: [{ imageTag: 'v1' }] })).toEqual([
      expect.objectContaining({ imageStatus: 'ARCHIVED', lastArchivedAt: new Date(kernel.now) }),
    ]);
  });

  it('ends with an event each way, the way back only after a while', async () => {
    put(good, 'v1');
    archive('ARCHIVE');
    expect(archive('STANDARD').imageStatus).toBe('ACTIVATING');
    expect(describeImages({ filter: { imageStatus: 'ACTIVATING' } })).toHaveLength(1);
    await kernel.runFor(20 * 60_000);
    expect(describeImages()).toEqual([expect.objectContaining({ imageStatus: 'ACTIVE' })]);
    expect(details().slice(1)).toEqual([
      expect.objectContaining({ 'action-type': 'UPDATE_STORAGE_CLASS', 'target-storage-class': 'ARCHIVE' }),
      expect.objectContaining({
        'target-storage-class': 'STANDARD',
        'last-activated-at': new Date(kernel.now).toISOString(),
      }),
    ]);
  });

  it('is refused for an image that is there already', () => {
    put(good, 'v1');
    expect(() => archive('STANDARD')).toThrow(
      expect.objectContaining({ code: 'ImageStorageClassUpdateNotSupportedException' }),
    );
  });
});

describe('repositories', () => {
  it('are created from a template with the properties that the CDK emits', async () => {
    const created = await ecr.resources['AWS::ECR::Repository']!(
      'Images',
      {
        RepositoryName: 'from/template',
        EmptyOnDelete: true,
        ImageScanningConfiguration: { ScanOnPush: true },
        ImageTagMutability: 'IMMUTABLE_WITH_EXCLUSION',
        ImageTagMutabilityExclusionFilters: [
          { ImageTagMutabilityExclusionFilterType: 'WILDCARD', ImageTagMutabilityExclusionFilterValue: 'keep-*' },
        ],
        EncryptionConfiguration: { EncryptionType: 'AES256' },
      },
      'Stack',
    );
    expect(created).toEqual({
      ref: 'from/template',
      attributes: {
        Arn: 'arn:aws:ecr:us-east-1:123456789012:repository/from/template',
        RepositoryUri: '123456789012.dkr.ecr.us-east-1.amazonaws.com/from/template',
      },
    });
    const { repositories } = call<DescribeRepositoriesResponse>('DescribeRepositories', {
      repositoryNames: ['from/template'],
    });
    expect(repositories).toEqual([
      expect.objectContaining({
        imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION',
        imageTagMutabilityExclusionFilters: [{ filterType: 'WILDCARD', filter: 'keep-*' }],
        imageScanningConfiguration: { scanOnPush: true },
      }),
    ]);
  });

  it.each([
    ['RepositoryPolicyText', { RepositoryPolicyText: {} }],
    ['EncryptionConfiguration.EncryptionType', { EncryptionConfiguration: { EncryptionType: 'KMS' } }],
    ['EncryptionConfiguration.KmsKey', { EncryptionConfiguration: { EncryptionType: 'AES256', KmsKey: 'alias/x' } }],
  ])('refuse a property that is not modelled, by name: %s', (name, properties) => {
    const create = (): unknown => ecr.resources['AWS::ECR::Repository']!('Images', properties, 'Stack');
    expect(create).toThrow(new RegExp(`${name}.*not modelled`));
  });

  it('list one identifier per tag', () => {
    put(good, 'v1');
    put(good, 'live');
    put(other);
    expect(call<ListImagesResponse>('ListImages', {}).imageIds).toEqual([
      { imageDigest: good.digest, imageTag: 'v1' },
      { imageDigest: good.digest, imageTag: 'live' },
      { imageDigest: other.digest },
    ]);
  });
});

describe('permissions', () => {
  it.each(['PutImage', 'BatchGetImage', 'DescribeImages', 'ListImages', 'BatchDeleteImage'])(
    '%s is asked for on the ARN of the repository',
    (name) => {
      const asked = ecr.operations[name]!.permissions({ repositoryName } as never, { kind: 'operator' });
      const resource = 'arn:aws:ecr:us-east-1:123456789012:repository/team/api';
      expect(asked).toEqual([{ action: `ecr:${name}`, resource }]);
    },
  );

  it('GetAuthorizationToken is asked for on every resource', () => {
    const asked = ecr.operations.GetAuthorizationToken!.permissions({} as never, { kind: 'operator' });
    expect(asked).toEqual([{ action: 'ecr:GetAuthorizationToken', resource: '*' }]);
  });
});

describe.skipIf(!process.env.CAPTURES)('recorded events of ECR (folder in CAPTURES)', () => {
  const folder = join(process.env.CAPTURES ?? '.', 'ecr-events');
  const recorded = process.env.CAPTURES
    ? readdirSync(folder)
        .filter((file) => file.endsWith('.json'))
        .map((file) => ({ file, ...(JSON.parse(readFileSync(join(folder, file), 'utf8')) as BusEvent) }))
        .filter((event) => event['detail-type'] === 'ECR Image Action')
    : [];

  it.each(recorded)('$file has exactly the members that the region sends', ({ file, detail }) => {
    const index = imageIndex([{ manifest: good, platform: 'linux/amd64' }]);
    ecr.pushImage({ repositoryName, image: index, tag: 'v1' });
    put(other, 'old');
    call('UpdateImageStorageClass', { imageId: { imageTag: 'old' }, targetStorageClass: 'ARCHIVE' });
    call('BatchDeleteImage', { imageIds: [{ imageTag: 'v1' }] });
    const isIndex = String(detail['manifest-media-type']).includes('index');
    const sent = details().filter(
      (own) =>
        own['action-type'] === detail['action-type'] &&
        String(own['manifest-media-type']).includes('index') === isIndex,
    );
    expect(sent.length, file).toBeGreaterThan(0);
    for (const own of sent) expect(Object.keys(own).sort()).toEqual(Object.keys(detail).sort());
  });
});

describe('GetRepositoryPolicy', () => {
  it('says that there is none, of a repository that there is', () => {
    const none = `Repository policy does not exist for the repository with name 'team/api' in the registry with id '123456789012'`;
    expect(() => call('GetRepositoryPolicy', {})).toThrow(
      expect.objectContaining({ code: 'RepositoryPolicyNotFoundException', message: none }),
    );
    expect(() => call('GetRepositoryPolicy', { repositoryName: 'gone' })).toThrow(
      expect.objectContaining({ code: 'RepositoryNotFoundException' }),
    );
  });
});
