import type { TargetStorageClass } from '@aws-sdk/client-ecr';
import type { EmitEvent } from '../service.ts';
import type { Repository, StoredImage } from './model.ts';

/** One successful PutImage: `image-tag` is `""` when untagged, an index has no `artifact-media-type`. */
export function emitPush(emit: EmitEvent, repository: Repository, image: StoredImage, tag: string | undefined): void {
  emitImageAction(emit, {
    result: 'SUCCESS',
    'repository-name': repository.name,
    'image-digest': image.manifest.digest,
    'action-type': 'PUSH',
    ...artifactMediaType(image),
    'image-tag': tag ?? '',
    'manifest-media-type': image.manifest.mediaType,
  });
}

/** One deleted image identifier. */
export function emitDelete(emit: EmitEvent, repository: Repository, digest: string, tag: string | undefined): void {
  emitImageAction(emit, {
    result: 'SUCCESS',
    'repository-name': repository.name,
    'image-digest': digest,
    'action-type': 'DELETE',
    'image-tag': tag ?? '',
  });
}

/** An image that came, or could not come, from another registry. */
interface Replicated {
  readonly digest: string;
  readonly tag: string | undefined;
  readonly sourceRegion: string;
  readonly sourceAccount: string;
  readonly result: 'SUCCESS' | 'FAILED';
}

/** Sent where the image arrives. Every member is required by AWS's schema, so that an untagged one has an empty tag. */
export function emitReplication(emit: EmitEvent, repository: Repository, replicated: Replicated): void {
  emit({
    source: 'aws.ecr',
    'detail-type': 'ECR Replication Action',
    resources: [repository.arn],
    detail: {
      result: replicated.result,
      'repository-name': repository.name,
      'image-digest': replicated.digest,
      'source-account': replicated.sourceAccount,
      'action-type': 'REPLICATE',
      'source-region': replicated.sourceRegion,
      'image-tag': replicated.tag ?? '',
    },
  });
}

/** An image that arrived in another storage class. */
export function emitStorageClass(
  emit: EmitEvent,
  repository: Repository,
  image: StoredImage,
  target: TargetStorageClass,
): void {
  emitImageAction(emit, {
    'action-type': 'UPDATE_STORAGE_CLASS',
    'target-storage-class': target,
    'image-digest': image.manifest.digest,
    'repository-name': repository.name,
    result: 'SUCCESS',
    'manifest-media-type': image.manifest.mediaType,
    ...artifactMediaType(image),
    ...(target === 'STANDARD' && { 'last-activated-at': image.lastActivatedAt?.toISOString() }),
  });
}

// `resources` is empty for this detail-type (Amazon ECR user guide, ecr-eventbridge): rules match `repository-name`.
function emitImageAction(emit: EmitEvent, detail: Record<string, unknown>): void {
  emit({ source: 'aws.ecr', 'detail-type': 'ECR Image Action', resources: [], detail });
}

function artifactMediaType({ manifest }: StoredImage): Record<string, string> {
  return manifest.kind === 'image' ? { 'artifact-media-type': manifest.artifactMediaType } : {};
}
