import type {
  BatchCheckLayerAvailabilityResponse,
  BatchGetImageResponse,
  InitiateLayerUploadResponse,
} from '@aws-sdk/client-ecr';
import type { AssumeRoleWithWebIdentityResponse } from '@aws-sdk/client-sts';
import type { BuiltManifest } from '../region/ecr/image-manifests.ts';
import { githubToken } from '../region/iam/github-token.ts';
import type { Region } from '../region/region.ts';
import type { Caller } from '../region/service.ts';

/** A job of a GitHub workflow that builds an image and pushes it, without any stored key. */
export interface GitHubPush {
  /** What GitHub says of the job; times and issuer are added. */
  readonly claims: Readonly<Record<string, unknown>>;
  readonly roleArn: string;
  readonly repository: string;
  readonly tag: string;
  readonly image: BuiltManifest;
}

/**
 * Becomes the role by the job's token, then makes the calls of `docker login` and `docker push` (buildx) as that role.
 * The answer is the digest that the tag names; rejects with the `Fault` of whatever the region refuses first.
 */
export async function pushFromGitHub(region: Region, push: GitHubPush): Promise<string> {
  const caller = await assumedRole(region, push);
  const call: Call = (operation, input) =>
    region.call(caller, 'ecr', operation, {
      ...input,
      ...(operation !== LOGIN && { repositoryName: push.repository }),
    });
  await call(LOGIN, {});
  await pushImage(call, push.image, push.tag);
  return push.image.digest;
}

type Call = <Output>(operation: string, input: object) => Promise<Output>;

const LOGIN = 'GetAuthorizationToken';

async function assumedRole(region: Region, { claims, roleArn }: GitHubPush): Promise<Caller> {
  const { Credentials } = await region.call<AssumeRoleWithWebIdentityResponse>(
    undefined,
    'sts',
    'AssumeRoleWithWebIdentity',
    { RoleArn: roleArn, RoleSessionName: 'GitHubActions', WebIdentityToken: githubToken(region, claims) },
  );
  return region.iam.callerOf(Credentials!.AccessKeyId!)!;
}

/** Children first and untagged; a manifest that is there under its name already is not put again. */
async function pushImage(call: Call, image: BuiltManifest, tag: string | undefined): Promise<void> {
  for (const child of image.children) await pushImage(call, child, undefined);
  for (const [digest, content] of image.blobs) await pushLayer(call, digest, content);
  const imageId = tag === undefined ? { imageDigest: image.digest } : { imageTag: tag };
  const { images } = await call<BatchGetImageResponse>('BatchGetImage', { imageIds: [imageId] });
  if (images?.[0]?.imageId?.imageDigest === image.digest) return;
  await call('PutImage', { imageManifest: image.text, imageManifestMediaType: image.mediaType, imageTag: tag });
}

async function pushLayer(call: Call, digest: string, content: string): Promise<void> {
  const { layers } = await call<BatchCheckLayerAvailabilityResponse>('BatchCheckLayerAvailability', {
    layerDigests: [digest],
  });
  if (layers?.[0]?.layerAvailability === 'AVAILABLE') return;
  const { uploadId } = await call<InitiateLayerUploadResponse>('InitiateLayerUpload', {});
  const layerPartBlob = Buffer.from(content);
  const part = { partFirstByte: 0, partLastByte: layerPartBlob.length - 1, layerPartBlob };
  await call('UploadLayerPart', { uploadId, ...part });
  await call('CompleteLayerUpload', { uploadId, layerDigests: [digest] });
}
