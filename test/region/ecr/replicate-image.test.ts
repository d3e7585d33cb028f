import type { BatchCheckLayerAvailabilityResponse, DescribeImagesResponse } from '@aws-sdk/client-ecr';
import { beforeEach, describe, expect, it } from 'vitest';
import type { EcrService } from '../../../region/ecr/ecr.ts';
import { imageIndex, imageManifest } from '../../../region/ecr/image-manifests.ts';
import type { Kernel } from '../../../region/kernel/kernel.ts';
import type { BusEvent } from '../../../region/service.ts';
import { ecrAlone } from './ecr-alone.ts';

const repositoryName = 'team/api';
const sourceRegion = 'eu-west-1';
const image = imageManifest({ seedText: 'replicated' });
const other = imageManifest({ seedText: 'other' });

let kernel: Kernel;
let events: BusEvent[];
let ecr: EcrService;

beforeEach(() => {
  ({ kernel, events, ecr } = ecrAlone());
  ecr.createRepository({ repositoryName });
});

function described(): NonNullable<DescribeImagesResponse['imageDetails']> {
  const apply = ecr.operations['DescribeImages']!.apply({ repositoryName } as never, { kind: 'operator' });
  return (apply as DescribeImagesResponse).imageDetails!;
}

const told = () => events.map(({ detail }) => [detail['image-digest'], detail['image-tag'], detail['result']]);

/** A watcher that waits for what `docker push` makes, as most do. */
const hearsPushes = () =>
  events.some((event) => event['detail-type'] === 'ECR Image Action' && event.detail['action-type'] === 'PUSH');

describe('a replicated image', () => {
  it('is there and can be pulled, while a watcher of pushes hears nothing: its event is another one', async () => {
    await kernel.runFor(60_000);
    expect(ecr.replicate({ repositoryName, image, tag: 'v1', sourceRegion })).toBe(image.digest);
    expect(hearsPushes()).toBe(false);
    expect(events).toEqual([
      {
        source: 'aws.ecr',
        'detail-type': 'ECR Replication Action',
        resources: ['arn:aws:ecr:us-east-1:123456789012:repository/team/api'],
        detail: {
          result: 'SUCCESS',
          'repository-name': repositoryName,
          'image-digest': image.digest,
          'source-account': '123456789012',
          'action-type': 'REPLICATE',
          'source-region': sourceRegion,
          'image-tag': 'v1',
        },
      },
    ]);
    expect(described()).toMatchObject([
      { imageDigest: image.digest, imageTags: ['v1'], imagePushedAt: new Date(kernel.now) },
    ]);
    const reference = `123456789012.dkr.ecr.us-east-1.amazonaws.com/${repositoryName}:v1`;
    expect(ecr.pullImage(reference, 'linux/amd64')).toMatchObject({ kind: 'pulled', imageDigest: image.digest });
  });

  it('with an index comes after its children, each with an event, untagged ones with an empty tag', () => {
    const index = imageIndex([{ manifest: image, platform: 'linux/amd64' }], { attestation: true });
    ecr.replicate({ repositoryName, image: index, tag: 'v1', sourceRegion, sourceAccount: '111122223333' });
    const [, attestation] = index.children;
    expect(told()).toEqual([
      [image.digest, '', 'SUCCESS'],
      [attestation!.digest, '', 'SUCCESS'],
      [index.digest, 'v1', 'SUCCESS'],
    ]);
    expect(events.map(({ detail }) => detail['source-account'])).toEqual(Array(3).fill('111122223333'));
  });

  it('takes a tag over, and keeps its own time and tags when it comes again', async () => {
    ecr.replicate({ repositoryName, image: other, tag: 'live', sourceRegion });
    ecr.replicate({ repositoryName, image, tag: 'v1', sourceRegion });
    const since = kernel.now;
    await kernel.runFor(1_000);
    ecr.replicate({ repositoryName, image, tag: 'live', sourceRegion });
    expect(described()).toMatchObject([
      { imageDigest: other.digest },
      { imageDigest: image.digest, imageTags: ['v1', 'live'], imagePushedAt: new Date(since) },
    ]);
    expect(described()[0]).not.toHaveProperty('imageTags');
  });

  it('brings its layers, and children that are there already without a word', () => {
    const index = imageIndex([{ manifest: image, platform: 'linux/amd64' }]);
    ecr.replicate({ repositoryName, image, sourceRegion });
    ecr.replicate({ repositoryName, image: index, tag: 'v1', sourceRegion });
    expect(told()).toEqual([
      [image.digest, '', 'SUCCESS'],
      [index.digest, 'v1', 'SUCCESS'],
    ]);
    const { layers } = JSON.parse(image.text) as { layers: readonly { digest: string }[] };
    const layerDigests = layers.map(({ digest }) => digest);
    const check = ecr.operations['BatchCheckLayerAvailability']!.apply({ repositoryName, layerDigests } as never, {
      kind: 'operator',
    }) as BatchCheckLayerAvailabilityResponse;
    expect(check.layers!.map(({ layerAvailability }) => layerAvailability)).toEqual(layers.map(() => 'AVAILABLE'));
  });

  it('comes again to an immutable tag that it has', () => {
    ecr.createRepository({ repositoryName: 'strict', imageTagMutability: 'IMMUTABLE' });
    for (const _time of [1, 2]) ecr.replicate({ repositoryName: 'strict', image, tag: 'v1', sourceRegion });
    expect(told().map(([, , result]) => result)).toEqual(['SUCCESS', 'SUCCESS']);
  });

  it('fails where its tag is immutable and taken: nothing is stored and the event says so', () => {
    ecr.createRepository({ repositoryName: 'strict', imageTagMutability: 'IMMUTABLE' });
    ecr.replicate({ repositoryName: 'strict', image: other, tag: 'v1', sourceRegion });
    ecr.replicate({ repositoryName: 'strict', image, tag: 'v1', sourceRegion });
    expect(told()).toEqual([
      [other.digest, 'v1', 'SUCCESS'],
      [image.digest, 'v1', 'FAILED'],
    ]);
    const answer = ecr.operations['DescribeImages']!.apply({ repositoryName: 'strict' } as never, { kind: 'operator' });
    expect((answer as DescribeImagesResponse).imageDetails).toMatchObject([{ imageDigest: other.digest }]);
  });
});
