import { describe, expect, it } from 'vitest';
import { artifactTypeOf, isImageType, type ManifestTypes } from '../../../functions/rollout/media-types.ts';

const OCI = 'application/vnd.oci.image';
const DOCKER = 'application/vnd.docker';
const HELM = 'application/vnd.cncf.helm.config.v1+json';

it('takes for images what ECR tells to be one, and an index, of which it tells nothing', () => {
  expect([undefined, `${OCI}.config.v1+json`, `${DOCKER}.container.image.v1+json`].map(isImageType)).toEqual([
    true,
    true,
    true,
  ]);
  expect([HELM, '', 'application/vnd.oci.empty.v1+json'].map(isImageType)).toEqual([false, false, false]);
});

describe('a manifest', () => {
  const image = (changes: ManifestTypes = {}): ManifestTypes => ({
    config: { mediaType: `${OCI}.config.v1+json` },
    layers: [{ mediaType: `${OCI}.layer.v1.tar+gzip` }],
    ...changes,
  });

  it.each<[string, ManifestTypes]>([
    ['of OCI', image()],
    [
      'of Docker, with a foreign layer',
      {
        config: { mediaType: `${DOCKER}.container.image.v1+json` },
        layers: [
          { mediaType: `${DOCKER}.image.rootfs.diff.tar.gzip` },
          { mediaType: `${DOCKER}.image.rootfs.foreign.diff.tar.gzip` },
        ],
      },
    ],
    ['whose layers name no type', image({ layers: [{}] })],
    ['that is an index of OCI', { manifests: [{ mediaType: `${OCI}.manifest.v1+json` }] }],
    ['that is an index of indexes', { manifests: [{ mediaType: `${OCI}.index.v1+json` }] }],
    ['that is a list of Docker', { manifests: [{ mediaType: `${DOCKER}.distribution.manifest.v2+json` }] }],
    ['that is a list whose entries name no type', { manifests: [{}] }],
  ])('%s is an image', (_case, manifest) => {
    expect(artifactTypeOf(manifest)).toBeUndefined();
  });

  it.each<[string, string, ManifestTypes]>([
    ['of a chart', HELM, image({ config: { mediaType: HELM } })],
    ['that says of itself what it is', 'application/spdx+json', image({ artifactType: 'application/spdx+json' })],
    [
      'of an attestation, which has the config of an image',
      'application/vnd.in-toto+json',
      image({ layers: [{ mediaType: 'application/vnd.in-toto+json' }] }),
    ],
    [
      'of a build cache, which lists its config',
      'application/vnd.buildkit.cacheconfig.v0',
      {
        manifests: [{ mediaType: `${OCI}.manifest.v1+json` }, { mediaType: 'application/vnd.buildkit.cacheconfig.v0' }],
      },
    ],
  ])('%s is none', (_case, type, manifest) => {
    expect(artifactTypeOf(manifest)).toBe(type);
  });
});

it('takes an entry for what its manifest is where it names no type', () => {
  expect(artifactTypeOf({ layers: [{}], manifests: [{}] })).toBeUndefined();
  const strange = { mediaType: 'application/vnd.in-toto+json' };
  expect(artifactTypeOf({ layers: [{}, strange] })).toBe(strange.mediaType);
});
