import type { ImageFailure, ImageFailureCode, ImageIdentifier } from '@aws-sdk/client-ecr';
import { invalidParameter } from './faults.ts';
import type { Repository } from './model.ts';
import { imageById, imageByTag } from './registry.ts';

/** What names content: an image or a layer. */
export const DIGEST = /^sha256:[a-f0-9]{64}$/;

/** Throws where an operation answers a malformed identifier with an error. */
export function checkIdentifier(id: ImageIdentifier): void {
  if (id.imageDigest === undefined && id.imageTag === undefined) {
    throw invalidParameter('imageIds', 'imageDigest or imageTag must be given');
  }
  if (id.imageDigest !== undefined && !DIGEST.test(id.imageDigest))
    throw invalidParameter('imageDigest', DIGEST.source);
}

/** Why a batch operation cannot serve `id`, or undefined; such failures travel in a 200 answer. */
export function failureOf(repository: Repository, id: ImageIdentifier): ImageFailure | undefined {
  const failed = (failureCode: ImageFailureCode, failureReason: string): ImageFailure => ({
    imageId: id,
    failureCode,
    failureReason,
  });
  if (id.imageDigest === undefined && id.imageTag === undefined) {
    return failed('MissingDigestAndTag', 'Invalid request parameters: both tag and digest cannot be null');
  }
  if (id.imageDigest !== undefined && !DIGEST.test(id.imageDigest)) {
    return failed('InvalidImageDigest', 'Invalid request parameters: image digest should satisfy the regex');
  }
  if (imageById(repository, id)) return undefined;
  const isTagElsewhere = id.imageTag !== undefined && imageByTag(repository, id.imageTag) !== undefined;
  return isTagElsewhere
    ? failed('ImageTagDoesNotMatchDigest', 'Requested image tag does not match the requested image digest')
    : failed('ImageNotFound', 'Requested image not found');
}
