import type { BatchCheckLayerAvailabilityResponse } from '@aws-sdk/client-ecr';
import { RegistryError } from './errors.ts';
import type { Handler } from './exchange.ts';

/** `HEAD /v2/<name>/blobs/<digest>` */
export const headBlob: Handler = async ({ ecr, repositoryName, reference }) => {
  const { layers = [], failures = [] } = await ecr<BatchCheckLayerAvailabilityResponse>('BatchCheckLayerAvailability', {
    repositoryName,
    layerDigests: [reference],
  });
  if (failures.length > 0) throw new RegistryError(400, 'DIGEST_INVALID', `'${reference}' is not the digest of a blob`);
  if (layers[0]?.layerAvailability !== 'AVAILABLE')
    throw new RegistryError(404, 'BLOB_UNKNOWN', `The blob ${reference} is not in the repository '${repositoryName}'`);
  const length = String(layers[0].layerSize);
  return { status: 200, headers: { ...blobHeaders(reference), 'content-length': length } };
};

/** `GET /v2/<name>/blobs/<digest>`: configurations can be read, layers are not kept. */
export const getBlob: Handler = async ({ ecr, registry, repositoryName, reference }) => {
  await ecr('GetDownloadUrlForLayer', { repositoryName, layerDigest: reference });
  const body = registry.textOf(repositoryName, reference) ?? new Uint8Array();
  return { status: 200, headers: blobHeaders(reference), body };
};

function blobHeaders(digest: string): Record<string, string> {
  return { 'content-type': 'application/octet-stream', 'docker-content-digest': digest };
}
