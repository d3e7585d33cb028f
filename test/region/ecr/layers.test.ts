import { createHash } from 'node:crypto';
import {
  CompleteLayerUploadCommand,
  ECRClient,
  InitiateLayerUploadCommand,
  UploadLayerPartCommand,
  type BatchCheckLayerAvailabilityResponse,
  type InitiateLayerUploadResponse,
} from '@aws-sdk/client-ecr';
import { beforeEach, describe, expect, it } from 'vitest';
import { createEcr } from '../../../region/ecr/ecr.ts';
import type { EcrState } from '../../../region/ecr/model.ts';
import { imageManifest } from '../../../region/ecr/image-manifests.ts';
import { checkRequest } from '../../../region/iam/iam.ts';
import { createRegion, type Region } from '../../../region/region.ts';
import type { Caller } from '../../../region/service.ts';
import { createPusher, PUSHER_ARN, trusting } from '../iam/github-fixture.ts';
import { clientConfiguration, driven } from '../wire/endpoint.ts';

const repositoryName = 'team/api';
const content = Buffer.from('a layer');
const digest = digestOf(content);
const other = digestOf(Buffer.from('another layer'));
const operator: Caller = { kind: 'operator' };

let region: Region;

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

function call<Answer>(operation: string, input: object = {}, caller: Caller = operator): Promise<Answer> {
  return region.call<Answer>(caller, 'ecr', operation, { repositoryName, ...input });
}

async function initiate(): Promise<string> {
  return (await call<InitiateLayerUploadResponse>('InitiateLayerUpload')).uploadId!;
}

const upload = (uploadId: string, part: Uint8Array, partFirstByte = 0) =>
  call('UploadLayerPart', {
    uploadId,
    partFirstByte,
    partLastByte: partFirstByte + part.length - 1,
    layerPartBlob: part,
  });

const complete = (uploadId: string, layerDigest = digest) =>
  call('CompleteLayerUpload', { uploadId, layerDigests: [layerDigest] });

const check = async (...layerDigests: string[]) =>
  call<BatchCheckLayerAvailabilityResponse>('BatchCheckLayerAvailability', { layerDigests });

beforeEach(() => {
  region = createRegion();
  region.ecr.createRepository({ repositoryName });
});

describe('a layer', () => {
  it('is unavailable until its upload is complete, and then available with its size', async () => {
    const uploadId = await initiate();
    await upload(uploadId, content);
    expect((await check(digest)).layers).toEqual([{ layerDigest: digest, layerAvailability: 'UNAVAILABLE' }]);
    expect(await complete(uploadId)).toMatchObject({ layerDigest: digest, uploadId });
    expect(await check(digest, other, 'sha256:short')).toEqual({
      layers: [
        { layerDigest: digest, layerAvailability: 'AVAILABLE', layerSize: content.length },
        { layerDigest: other, layerAvailability: 'UNAVAILABLE' },
      ],
      failures: [expect.objectContaining({ layerDigest: 'sha256:short', failureCode: 'InvalidLayerDigest' })],
    });
  });

  it('arrives in parts that follow each other', async () => {
    const first = Buffer.alloc(5 * 1024 * 1024, 1);
    const whole = Buffer.concat([first, content]);
    const uploadId = await initiate();
    expect(await upload(uploadId, first)).toMatchObject({ lastByteReceived: first.length - 1 });
    expect(await upload(uploadId, content, first.length)).toMatchObject({ lastByteReceived: whole.length - 1 });
    expect(await complete(uploadId, digestOf(whole))).toMatchObject({ layerDigest: digestOf(whole) });
  });

  it('goes on in a copy of the registry that was made while it was on its way', async () => {
    const uploadId = await initiate();
    const first = Buffer.alloc(5 * 1024 * 1024, 1);
    await upload(uploadId, first);
    const ports = { kernel: region.kernel, account: region.account, region: region.region };
    const state = structuredClone(region.ecr.state) as EcrState;
    const copy = createEcr({ ...ports, emit: () => {}, issueAccessKey: () => 'ASIA' }, state);
    const send = (operation: string, input: object) =>
      copy.operations[operation]!.apply({ repositoryName, uploadId, ...input } as never, operator);
    const rest = {
      partFirstByte: first.length,
      partLastByte: first.length + content.length - 1,
      layerPartBlob: content,
    };
    await send('UploadLayerPart', rest);
    const layerDigest = digestOf(Buffer.concat([first, content]));
    expect(await send('CompleteLayerUpload', { layerDigests: [layerDigest] })).toMatchObject({ layerDigest });
    expect((await check(layerDigest)).layers).toMatchObject([{ layerAvailability: 'UNAVAILABLE' }]);
  });

  it('is kept when it is JSON, as configurations are, and no longer than a manifest may be', async () => {
    const { texts } = (region.ecr.state as EcrState).repositories.get(repositoryName)!;
    const long = Buffer.from(JSON.stringify({ text: 'x'.repeat(4 * 1024 * 1024) }));
    for (const bytes of [Buffer.from('{"os":"linux"}'), Buffer.from('{ no JSON'), long, content]) {
      const uploadId = await initiate();
      await upload(uploadId, bytes);
      await complete(uploadId, digestOf(bytes));
    }
    expect([...texts.keys()]).toEqual([digestOf(Buffer.from('{"os":"linux"}'))]);
    const layerDigest = [...texts.keys()][0]!;
    expect(await call('GetDownloadUrlForLayer', { layerDigest })).toEqual({
      layerDigest,
      downloadUrl: `https://123456789012.dkr.ecr.us-east-1.amazonaws.com/v2/team/api/blobs/${layerDigest}`,
    });
  });

  it('comes over the wire as bytes', async () => {
    const client = new ECRClient(clientConfiguration(region.connect, 'OPERATOR'));
    const { uploadId } = await driven(region.kernel, client.send(new InitiateLayerUploadCommand({ repositoryName })));
    const part = { partFirstByte: 0, partLastByte: content.length - 1, layerPartBlob: content };
    await driven(region.kernel, client.send(new UploadLayerPartCommand({ repositoryName, uploadId, ...part })));
    const completion = new CompleteLayerUploadCommand({ repositoryName, uploadId, layerDigests: [digest] });
    expect(await driven(region.kernel, client.send(completion))).toMatchObject({ layerDigest: digest });
  });

  it('cannot be downloaded: the region says so for one that is there, and ECR for one that is not', async () => {
    const download = (layerDigest: string) => call('GetDownloadUrlForLayer', { layerDigest });
    await expect(download(digest)).rejects.toMatchObject({ code: 'LayersNotFoundException' });
    const uploadId = await initiate();
    await upload(uploadId, content);
    await complete(uploadId);
    await expect(download(digest)).rejects.toMatchObject({ code: 'NotModelled' });
  });

  it('has nothing to download where only a manifest names it', async () => {
    const image = imageManifest({ seedText: 'never uploaded' });
    region.ecr.pushImage({ repositoryName, image, tag: 'live' });
    const { config } = JSON.parse(image.text) as { config: { digest: string } };
    expect((await check(config.digest)).layers).toMatchObject([{ layerAvailability: 'AVAILABLE' }]);
    const download = call('GetDownloadUrlForLayer', { layerDigest: config.digest });
    await expect(download).rejects.toMatchObject({ code: 'LayersNotFoundException' });
  });
});

describe('an upload is refused', () => {
  it.each([
    ['when a part does not start where the last one ended', { partFirstByte: 1, partLastByte: content.length }],
    ['when a part is not as long as it says', { partFirstByte: 0, partLastByte: content.length }],
  ])('%s', async (_, range) => {
    const uploadId = await initiate();
    const part = call('UploadLayerPart', { uploadId, ...range, layerPartBlob: content });
    await expect(part).rejects.toMatchObject({ code: 'InvalidLayerPartException' });
  });

  it('when its bytes are not what the digest says, and goes on with the right one', async () => {
    const uploadId = await initiate();
    await upload(uploadId, content);
    await expect(complete(uploadId, other)).rejects.toMatchObject({ code: 'InvalidLayerException' });
    expect(await complete(uploadId)).toMatchObject({ layerDigest: digest, uploadId });
  });

  it('when the layer is there already', async () => {
    for (const expected of ['kept', 'refused']) {
      const uploadId = await initiate();
      await upload(uploadId, content);
      if (expected === 'kept') await complete(uploadId);
      else await expect(complete(uploadId)).rejects.toMatchObject({ code: 'LayerAlreadyExistsException' });
    }
  });

  it('when it has no parts, or small ones before the last', async () => {
    await expect(complete(await initiate())).rejects.toMatchObject({ code: 'EmptyUploadException' });
    const uploadId = await initiate();
    await upload(uploadId, content.subarray(0, 3));
    await upload(uploadId, content.subarray(3), 3);
    await expect(complete(uploadId)).rejects.toMatchObject({ code: 'LayerPartTooSmallException' });
  });

  it('when nobody began it, or somebody did in another repository', async () => {
    region.ecr.createRepository({ repositoryName: 'team/other' });
    const uploadId = await initiate();
    const elsewhere = call('CompleteLayerUpload', { repositoryName: 'team/other', uploadId, layerDigests: [digest] });
    await expect(elsewhere).rejects.toMatchObject({ code: 'UploadNotFoundException' });
    await expect(upload('00000000-0000-4000-8000-000000000000', content)).rejects.toMatchObject({
      code: 'UploadNotFoundException',
    });
  });
});

describe('a manifest', () => {
  const image = imageManifest({ seedText: 'image' });
  const put = (caller: Caller, imageTag: string) => call('PutImage', { imageManifest: image.text, imageTag }, caller);
  const role: Caller = { kind: 'role', roleArn: PUSHER_ARN, sessionName: 'session' };

  beforeEach(() => {
    const trust = trusting({ StringEquals: { sub: 'repo:harbour/lighthouse:ref:refs/heads/main' } });
    return createPusher(region, trust, { actions: ['ecr:PutImage'] });
  });

  it('is refused to a role while its layers are missing, all of them by name', async () => {
    await expect(put(role, 'v1')).rejects.toMatchObject({
      code: 'LayersNotFoundException',
      message: expect.stringContaining([...image.blobs.keys()].join(', ')) as string,
    });
    expect(await call('ListImages')).toEqual({ imageIds: [] });
  });

  it('is taken from the operator without its layers, who may then be tagged by a role', async () => {
    await put(operator, 'v1');
    await put(role, 'v2');
    const tags = [{ imageTag: 'v1' }, { imageTag: 'v2' }].map((tag) => expect.objectContaining(tag) as object);
    expect(await call('ListImages')).toEqual({ imageIds: expect.arrayContaining(tags) as object[] });
  });
});

describe('the permission for', () => {
  const resource = 'arn:aws:ecr:us-east-1:123456789012:repository/team/api';

  it.each([
    'BatchCheckLayerAvailability',
    'InitiateLayerUpload',
    'UploadLayerPart',
    'CompleteLayerUpload',
    'GetDownloadUrlForLayer',
  ])('%s is asked for on the repository, which is what it takes', async (name) => {
    const asked = region.ecr.operations[name]!.permissions({ repositoryName } as never, operator);
    expect(asked).toEqual([{ action: `ecr:${name}`, resource }]);
    expect(await checkRequest(asked[0]!)).toBeUndefined();
  });
});
