import { beforeEach, describe, expect, it } from 'vitest';
import { imageManifest } from '../../../region/ecr/image-manifests.ts';
import {
  descriptorOf,
  OCI_CONFIG,
  OCI_INDEX,
  OCI_MANIFEST,
  push,
  registryFixture,
  sampleImage,
  type RegistryFixture,
} from '../registry/registry-fixture.ts';

const uri = '123456789012.dkr.ecr.us-east-1.amazonaws.com/team/api';
const crash = { 'rehearsal.behaviour': 'crash' };

let registry: RegistryFixture;

beforeEach(async () => {
  registry = await registryFixture();
});

const pull = (platform: string) => registry.region.ecr.pullImage(`${uri}:v1`, platform);

describe('the labels of an image’s configuration', () => {
  it('say how it behaves, as annotations do, and other labels are left alone', async () => {
    await push(registry.send, sampleImage({ labels: { ...crash, maintainer: 'harbour' } }), 'v1');
    expect(pull('linux/amd64')).toMatchObject({ kind: 'pulled', annotations: { ...crash, maintainer: 'harbour' } });
  });

  it('yield to annotations, of the manifest and of its index', async () => {
    const image = sampleImage({ labels: { ...crash, 'rehearsal.after-seconds': '9', 'rehearsal.exit-code': '3' } });
    const manifest = JSON.stringify({
      ...(JSON.parse(image.manifest) as object),
      annotations: { 'rehearsal.exit-code': '4' },
    });
    const index = JSON.stringify({
      schemaVersion: 2,
      mediaType: OCI_INDEX,
      manifests: [{ ...descriptorOf(OCI_MANIFEST, manifest), platform: { os: 'linux', architecture: 'amd64' } }],
      annotations: { 'rehearsal.after-seconds': '8', 'rehearsal.exit-code': '5' },
    });
    await push(registry.send, { ...image, manifest }, 'untagged');
    await registry.send('PUT', '/v2/team/api/manifests/v1', { body: index });
    const annotations = { ...crash, 'rehearsal.after-seconds': '8', 'rehearsal.exit-code': '4' };
    expect(pull('linux/amd64')).toEqual(expect.objectContaining({ annotations }));
  });

  it('say that it cannot be pulled', async () => {
    await push(registry.send, sampleImage({ labels: { 'rehearsal.behaviour': 'unpullable' } }), 'v1');
    expect(pull('linux/amd64')).toMatchObject({
      kind: 'failed',
      reason: expect.stringMatching(/403 Forbidden$/) as string,
    });
  });

  it.each([
    [{ 'rehearsal.after-seconds': 'soon', ...crash }, /rehearsal\.after-seconds "soon"/],
    [{ 'rehearsal.listens-on': 'http' }, /rehearsal\.listens-on "http"/],
    [{ 'rehearsal.behaviour': 'sleepy' }, /rehearsal\.behaviour "sleepy"/],
  ])('are refused when nobody understands them, and nothing is put: %o', async (labels, sentence) => {
    const refused = await push(registry.send, sampleImage({ labels }), 'v1');
    expect(refused.body.toString().replaceAll('\\"', '"')).toMatch(sentence);
    expect(pull('linux/amd64').kind).toBe('failed');
  });
});

describe('the platform of an image without an index', () => {
  it('is what its configuration says', async () => {
    await push(registry.send, sampleImage({ architecture: 'arm64' }), 'v1');
    expect(pull('linux/arm64').kind).toBe('pulled');
    expect(pull('linux/amd64')).toEqual({
      kind: 'failed',
      reason: expect.stringContaining("does not contain descriptor matching platform 'linux/amd64'") as string,
    });
  });

  it('is any, where nobody has uploaded the configuration', () => {
    registry.region.ecr.pushImage({
      repositoryName: 'team/api',
      image: imageManifest({ seedText: 'by hand' }),
      tag: 'v1',
    });
    expect(['linux/arm64', 'linux/amd64'].map((platform) => pull(platform).kind)).toEqual(['pulled', 'pulled']);
  });

  it.each(['{}', '[]', '{"architecture":7,"config":{"Labels":[1]}}', 'null', '{"os":"linux"}'])(
    'is any, where the configuration does not say: %s',
    async (config) => {
      const { layer, manifest } = sampleImage();
      const other = { ...(JSON.parse(manifest) as object), config: descriptorOf(OCI_CONFIG, config) };
      await push(registry.send, { layer, config, manifest: JSON.stringify(other) }, 'v1');
      expect(pull('linux/arm64')).toMatchObject({ kind: 'pulled', annotations: {} });
    },
  );
});
