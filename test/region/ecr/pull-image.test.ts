import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { EcrService } from '../../../region/ecr/ecr.ts';
import { imageIndex, imageManifest } from '../../../region/ecr/image-manifests.ts';

import { ecrAlone } from './ecr-alone.ts';

const repositoryName = 'team/api';
const uri = `123456789012.dkr.ecr.us-east-1.amazonaws.com/${repositoryName}`;
const retried = 'CannotPullContainerError: pull image manifest has been retried';
const amd64 = imageManifest({ seedText: 'amd64', annotations: { 'rehearsal.behaviour': 'healthy' } });
const arm64 = imageManifest({ seedText: 'arm64' });

let ecr: EcrService;

beforeEach(() => {
  ({ ecr } = ecrAlone());
  ecr.createRepository({ repositoryName });
});

describe('pulling an image', () => {
  it('by tag or by digest yields the digest and the annotations', () => {
    ecr.pushImage({ repositoryName, image: amd64, tag: 'v1' });
    const pulled = { kind: 'pulled', imageDigest: amd64.digest, annotations: { 'rehearsal.behaviour': 'healthy' } };
    expect(ecr.pullImage(`${uri}:v1`, 'linux/amd64')).toEqual(pulled);
    expect(ecr.pullImage(`${uri}@${amd64.digest}`, 'linux/amd64')).toEqual(pulled);
    expect(ecr.pullImage(`${uri}:gone@${amd64.digest}`, 'linux/amd64')).toEqual(pulled);
  });

  it('takes latest when the reference has no tag', () => {
    ecr.pushImage({ repositoryName, image: amd64, tag: 'latest' });
    expect(ecr.pullImage(uri, 'linux/amd64')).toMatchObject({ imageDigest: amd64.digest });
  });

  it.each([`${uri}:nope`, `${uri.replace('api', 'nope')}:v1`])('that is missing fails as ECS shows it: %s', (image) => {
    const reason = `${retried} 1 time(s): failed to resolve ref ${image}: not found`;
    expect(ecr.pullImage(image, 'linux/amd64')).toEqual({ kind: 'failed', reason });
  });

  it('that is archived fails with 404', () => {
    ecr.pushImage({ repositoryName, image: amd64, tag: 'v1' });
    const request = { repositoryName, imageId: { imageTag: 'v1' }, targetStorageClass: 'ARCHIVE' };
    void ecr.operations.UpdateImageStorageClass!.apply(request as never, { kind: 'operator' });
    expect(ecr.pullImage(`${uri}:v1`, 'linux/amd64')).toEqual({
      kind: 'failed',
      reason: expect.stringMatching(/failed to resolve ref .*\/manifests\/v1: 404 Not Found$/) as string,
    });
  });

  it('that is annotated unpullable fails at the registry', () => {
    const image = imageManifest({ seedText: 'bad', annotations: { 'rehearsal.behaviour': 'unpullable' } });
    ecr.pushImage({ repositoryName, image, tag: 'v1' });
    expect(ecr.pullImage(`${uri}:v1`, 'linux/amd64')).toEqual({
      kind: 'failed',
      reason: expect.stringMatching(/^CannotPullContainerError: .*403 Forbidden$/) as string,
    });
  });

  it('of a host that cannot exist fails, as nobody resolves it', () => {
    expect(ecr.pullImage('nowhere.invalid/none', 'linux/amd64')).toEqual({
      kind: 'failed',
      reason: expect.stringMatching(/^CannotPullContainerError: .*lookup nowhere\.invalid: no such host$/) as string,
    });
  });

  it('of another registry does what a scenario says that it does', () => {
    const image = 'public.ecr.aws/xray/aws-xray-daemon:latest';
    ecr.admitForeignImage(image, { 'rehearsal.behaviour': 'crash' });
    expect(ecr.pullImage(image, 'linux/amd64')).toMatchObject({ annotations: { 'rehearsal.behaviour': 'crash' } });
  });

  it('that is a chart fails, as its layers make up no file system', () => {
    const mediaType = 'application/vnd.cncf.helm.config.v1+json';
    const manifest = JSON.parse(amd64.text) as { config: object };
    const text = JSON.stringify({ ...manifest, config: { ...manifest.config, mediaType } });
    const digest = `sha256:${createHash('sha256').update(text).digest('hex')}`;
    ecr.pushImage({ repositoryName, image: { ...amd64, text, digest }, tag: 'chart' });
    const reason =
      'CannotPullContainerError: ref pull has been retried 1 time(s): failed to unpack image on snapshotter overlayfs: mismatched image rootfs and manifest layers';
    expect(ecr.pullImage(`${uri}:chart`, 'linux/amd64')).toEqual({ kind: 'failed', reason });
    expect(ecr.pullImage(`${uri}@${digest}`, 'linux/amd64')).toEqual({ kind: 'failed', reason });
  });
});

describe('an image of another registry', () => {
  const digestOf = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;
  const some = digestOf('some');

  it.each([
    'nginx',
    'nginx:latest',
    'team/app:1.2',
    'public.ecr.aws/datadog/agent:7',
    'ghcr.io/a/b__c/d-e.f:x',
    'localhost:5000/app:v1',
    'localhost/app',
    '999999999999.dkr.ecr.eu-west-1.amazonaws.com/app:v1',
  ])('is healthy, its digest the SHA-256 of its name: %s', (image) => {
    const pulled = { kind: 'pulled', imageDigest: digestOf(image), annotations: {} };
    expect(ecr.pullImage(image, 'linux/amd64')).toEqual(pulled);
    expect(ecr.pullImage(image, 'linux/arm64')).toEqual(pulled);
  });

  it.each([`nginx@${some}`, `ghcr.io/a/b@${some}`, `ghcr.io/a/b:v1@${some}`])('by digest is that one: %s', (image) => {
    expect(ecr.pullImage(image, 'linux/amd64')).toEqual({ kind: 'pulled', imageDigest: some, annotations: {} });
  });

  it.each([
    ['nowhere.invalid/none:v1', 'dial tcp: lookup nowhere.invalid: no such host'],
    [`nowhere.invalid:5000/none@${some}`, 'dial tcp: lookup nowhere.invalid:5000: no such host'],
    ['ghcr.io/team/unpullable:v1', 'not found'],
    [`unpullable@${some}`, 'not found'],
  ])('cannot be pulled where its name says so: %s', (image, cause) => {
    const reason = `${retried} 1 time(s): failed to resolve ref ${image}: ${cause}`;
    expect(ecr.pullImage(image, 'linux/amd64')).toEqual({ kind: 'failed', reason });
  });

  it.each([
    'nginx@sha256:v1',
    `${uri}@sha256:v1`,
    `nginx@${some}0`,
    'NGINX:latest',
    'Team/app',
    'nginx:',
    'nginx:a:b',
    'ghcr.io//app',
    ' nginx',
    '',
    `a${'/a'.repeat(300)}`,
  ])('that is no name at all cannot be pulled: %j', (image) => {
    const reason = `${retried} 1 time(s): failed to resolve ref ${image}: invalid reference format`;
    expect(ecr.pullImage(image, 'linux/amd64')).toEqual({ kind: 'failed', reason });
  });
});

describe('pulling an index', () => {
  it('selects the child of the platform, never an attestation, and merges annotations over those of the index', () => {
    const image = imageIndex(
      [
        { manifest: arm64, platform: 'linux/arm64' },
        { manifest: amd64, platform: 'linux/amd64' },
      ],
      { attestation: true, annotations: { 'rehearsal.behaviour': 'crash', team: 'api' } },
    );
    ecr.pushImage({ repositoryName, image, tag: 'v1' });
    expect(ecr.pullImage(`${uri}:v1`, 'linux/amd64')).toEqual({
      kind: 'pulled',
      imageDigest: amd64.digest,
      annotations: { 'rehearsal.behaviour': 'healthy', team: 'api' },
    });
    expect(ecr.pullImage(`${uri}:v1`, 'linux/arm64')).toMatchObject({
      imageDigest: arm64.digest,
      annotations: { 'rehearsal.behaviour': 'crash' },
    });
  });

  it('goes through an index inside an index', () => {
    const inner = imageIndex([{ manifest: amd64, platform: 'linux/amd64' }]);
    ecr.pushImage({ repositoryName, image: imageIndex([{ manifest: inner, platform: 'linux/amd64' }]), tag: 'v1' });
    expect(ecr.pullImage(`${uri}:v1`, 'linux/amd64')).toMatchObject({ imageDigest: amd64.digest });
  });

  it('whose child was archived before fails with 404', () => {
    ecr.pushImage({ repositoryName, image: amd64, tag: 'v0' });
    const request = { repositoryName, imageId: { imageTag: 'v0' }, targetStorageClass: 'ARCHIVE' };
    void ecr.operations.UpdateImageStorageClass!.apply(request as never, { kind: 'operator' });
    const image = imageIndex([{ manifest: amd64, platform: 'linux/amd64' }]);
    ecr.pushImage({ repositoryName, image, tag: 'v1' });
    expect(ecr.pullImage(`${uri}:v1`, 'linux/amd64')).toEqual({
      kind: 'failed',
      reason: expect.stringMatching(/404 Not Found$/) as string,
    });
  });

  it('without the platform fails as ECS shows it', () => {
    const reason = `${retried} 7 time(s): image Manifest does not contain descriptor matching platform 'linux/amd64'`;
    const image = imageIndex([{ manifest: arm64, platform: 'linux/arm64' }], { attestation: true });
    ecr.pushImage({ repositoryName, image, tag: 'v1' });
    expect(ecr.pullImage(`${uri}:v1`, 'linux/amd64')).toEqual({ kind: 'failed', reason });
    const lone = imageManifest({ seedText: 'lone', platform: 'linux/arm64' });
    ecr.pushImage({ repositoryName, image: lone, tag: 'lone' });
    expect(ecr.pullImage(`${uri}:lone`, 'linux/amd64')).toEqual({ kind: 'failed', reason });
  });
});

describe('built manifests', () => {
  it('are the same for the same arguments, and differ with their content', () => {
    expect(imageManifest({ seedText: 'amd64', annotations: { 'rehearsal.behaviour': 'healthy' } })).toEqual(amd64);
    expect(new Set([amd64.digest, arm64.digest, imageManifest({ seedText: 'amd64' }).digest]).size).toBe(3);
  });
});
