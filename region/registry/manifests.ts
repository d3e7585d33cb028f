import type { IncomingMessage } from 'node:http';
import type { BatchGetImageResponse, ImageIdentifier, PutImageResponse } from '@aws-sdk/client-ecr';
import { imageTagAlreadyExists } from '../ecr/faults.ts';
import { DIGEST } from '../ecr/identifiers.ts';
import { MANIFEST_BYTES_MAX } from '../ecr/manifest.ts';
import { EcrFault, RegistryError } from './errors.ts';
import type { Exchange, Handler, RegistryAnswer } from './exchange.ts';

/** `GET` and `HEAD /v2/<name>/manifests/<tag or digest>`: a manifest as it was put, whatever the client says it accepts. */
export const getManifest: Handler = async ({ ecr, repositoryName, reference }) => {
  const { images = [], failures = [] } = await ecr<BatchGetImageResponse>('BatchGetImage', {
    repositoryName,
    imageIds: [imageIdOf(reference)],
  });
  const [image] = images;
  if (image === undefined) {
    const reason = failures[0]?.failureReason ?? 'Requested image not found';
    throw new RegistryError(404, 'MANIFEST_UNKNOWN', `${reason}: '${reference}' in the repository '${repositoryName}'`);
  }
  const headers = {
    'content-type': image.imageManifestMediaType!,
    'docker-content-digest': image.imageId!.imageDigest!,
  };
  return { status: 200, headers, body: image.imageManifest! };
};

/** `PUT /v2/<name>/manifests/<tag or digest>` */
export const putManifest: Handler = async (exchange) => {
  const { ecr, registry, repositoryName, reference, incoming } = exchange;
  const imageManifest = await bodyOf(incoming);
  const imageManifestMediaType = incoming.headers['content-type']?.split(';')[0]!.trim();
  const missing = registry.missingBlobs(repositoryName, imageManifest, imageManifestMediaType);
  if (missing !== undefined) throw new RegistryError(400, 'MANIFEST_BLOB_UNKNOWN', missing);
  const imageId = imageIdOf(reference);
  try {
    const { image } = await ecr<PutImageResponse>('PutImage', {
      repositoryName,
      imageManifest,
      imageManifestMediaType,
      ...imageId,
    });
    return created(repositoryName, image!.imageId!.imageDigest!);
  } catch (error) {
    if (error instanceof EcrFault && error.code === 'ImageAlreadyExistsException') return putAgain(exchange, imageId);
    throw error;
  }
};

/** What ECR's API refuses, a client may do: to put the same image again. An immutable tag takes not even that. */
async function putAgain(exchange: Exchange, { imageTag, imageDigest }: ImageIdentifier): Promise<RegistryAnswer> {
  const { registry, repositoryName } = exchange;
  if (imageTag !== undefined && registry.isTagImmutable(repositoryName, imageTag))
    throw new RegistryError(400, 'TAG_INVALID', imageTagAlreadyExists(imageTag, repositoryName).message);
  const { headers } = await getManifest(exchange);
  return created(repositoryName, imageDigest ?? headers!['docker-content-digest']!);
}

function created(repositoryName: string, digest: string): RegistryAnswer {
  const headers = { location: `/v2/${repositoryName}/manifests/${digest}`, 'docker-content-digest': digest };
  return { status: 201, headers };
}

function imageIdOf(reference: string): ImageIdentifier {
  return DIGEST.test(reference) ? { imageDigest: reference } : { imageTag: reference };
}

async function bodyOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MANIFEST_BYTES_MAX)
      throw new RegistryError(413, 'MANIFEST_INVALID', `The manifest is longer than ${MANIFEST_BYTES_MAX} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
