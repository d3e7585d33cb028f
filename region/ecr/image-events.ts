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
