import type {
  BatchDeleteImageRequest,
  BatchDeleteImageResponse,
  ImageFailure,
  ImageIdentifier,
  PutImageRequest,
  PutImageResponse,
  UpdateImageStorageClassRequest,
  UpdateImageStorageClassResponse,
} from '@aws-sdk/client-ecr';
import { misunderstoodAnnotation } from '../ecs/behaviour.ts';
import { Fault, NotModelled, operation, type Caller, type Operation } from '../service.ts';
import { imageAlreadyExists, imageNotFound, imageTagAlreadyExists, invalidParameter } from './faults.ts';
import { emitDelete, emitPush, emitStorageClass } from './image-events.ts';
import { notesOf } from './image-notes.ts';
import { checkIdentifier, failureOf } from './identifiers.ts';
import { layersNotFound } from './layers.ts';
import { parseManifest, type Blob, type Manifest } from './manifest.ts';
import { isImmutable } from './tag-mutability.ts';
import { RESTORE_MS } from './timing.ts';
import type { Ecr, Repository, StoredImage } from './model.ts';
import { imageById, imageByTag, permission, repositoryNamed } from './registry.ts';

/** Docker's grammar of tags; ECR's own model says only 1 to 300 characters. */
const TAG = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/;

/** The operations that change images. */
export function imageWrites(ecr: Ecr): Readonly<Record<string, Operation>> {
  return {
    PutImage: operation<PutImageRequest, PutImageResponse>({
      permissions: (request) => [permission(ecr, 'ecr:PutImage', request.repositoryName)],
      apply: (request, caller) => putImage(ecr, request, caller),
    }),
    BatchDeleteImage: operation<BatchDeleteImageRequest, BatchDeleteImageResponse>({
      permissions: (request) => [permission(ecr, 'ecr:BatchDeleteImage', request.repositoryName)],
      apply: (request) => batchDeleteImage(ecr, request),
    }),
    UpdateImageStorageClass: operation<UpdateImageStorageClassRequest, UpdateImageStorageClassResponse>({
      permissions: (request) => [permission(ecr, 'ecr:UpdateImageStorageClass', request.repositoryName)],
      apply: (request) => updateImageStorageClass(ecr, request),
    }),
  };
}

/** Stores a manifest and moves its tag; exactly one event when it succeeds. */
export function putImage(ecr: Ecr, request: PutImageRequest, caller: Caller): PutImageResponse {
  const repository = repositoryNamed(ecr, request);
  const manifest = parseManifest(request.imageManifest ?? '', request.imageManifestMediaType);
  const tag = request.imageTag;
  if (tag !== undefined && !TAG.test(tag)) throw invalidParameter('imageTag', TAG.source);
  if (request.imageDigest !== undefined && request.imageDigest !== manifest.digest) {
    throw new Fault(
      'ImageDigestDoesNotMatchException',
      `The specified image digest '${request.imageDigest}' does not match the digest that Amazon ECR calculated for the image: '${manifest.digest}'`,
    );
  }
  const misunderstood = misunderstoodAnnotation(notesOf(repository, manifest));
  if (misunderstood !== undefined) throw invalidParameter('imageManifest', misunderstood);
  refuseMissingEntries(repository, manifest);
  takeLayers(ecr, repository, manifest, caller);
  const image = storedOrNew(ecr, repository, manifest, tag);
  if (tag !== undefined) moveTag(repository, image, tag);
  repository.images.set(manifest.digest, image);
  emitPush(ecr.emit, repository, image, tag);
  return {
    image: {
      registryId: ecr.account,
      repositoryName: repository.name,
      imageId: { imageDigest: manifest.digest, ...(tag !== undefined && { imageTag: tag }) },
      imageManifest: manifest.text,
      imageManifestMediaType: manifest.mediaType,
    },
  };
}

function refuseMissingEntries(repository: Repository, manifest: Manifest): void {
  if (manifest.kind === 'image') return;
  const missing = manifest.entries.map(({ digest }) => digest).filter((digest) => !repository.images.has(digest));
  if (missing.length === 0) return;
  throw new Fault(
    'ReferencedImagesNotFoundException',
    `The manifest list with digest '${manifest.digest}' references images that do not exist: [${missing.join(', ')}]`,
  );
}

/**
 * The one laxity of this registry: the operator may put a manifest whose layers nobody has uploaded. Someone who only says
 * in a manifest how its containers behave has no image to upload; its layers are taken as uploaded.
 * Roles are what AWS would see, and are refused as on AWS.
 */
function takeLayers(ecr: Ecr, repository: Repository, manifest: Manifest, caller: Caller): void {
  const missing = missingFrom(repository, manifest);
  if (missing.length > 0 && caller.kind !== 'operator') throw notFound(ecr, repository, missing);
  for (const { digest, size } of missing) {
    repository.layers.set(digest, size);
    repository.taken.add(digest);
  }
}

/** Without the laxity: who pushes as `docker push` does uploads first. A manifest that is none is left to PutImage. */
export function missingBlobs(
  ecr: Ecr,
  repositoryName: string,
  imageManifest: string,
  mediaType: string | undefined,
): string | undefined {
  const repository = ecr.state.repositories.get(repositoryName);
  if (repository === undefined) return undefined;
  try {
    const missing = missingFrom(repository, parseManifest(imageManifest, mediaType));
    return missing.length === 0 ? undefined : notFound(ecr, repository, missing).message;
  } catch (error) {
    if (error instanceof Fault || error instanceof NotModelled) return undefined;
    throw error;
  }
}

function missingFrom({ layers }: Repository, manifest: Manifest): readonly Blob[] {
  return manifest.kind === 'index' ? [] : manifest.blobs.filter(({ digest }) => !layers.has(digest));
}

function notFound(ecr: Ecr, repository: Repository, blobs: readonly Blob[]): Fault {
  const digests = blobs.map(({ digest }) => digest);
  return layersNotFound(digests, repository.name, ecr.account);
}

function storedOrNew(ecr: Ecr, repository: Repository, manifest: Manifest, tag: string | undefined): StoredImage {
  const stored = repository.images.get(manifest.digest);
  if (!stored) return { manifest, pushedAt: new Date(ecr.kernel.now), tags: new Set(), status: 'ACTIVE' };
  if (stored.status !== 'ACTIVE') throw new NotModelled(`ECR PutImage of an image that is ${stored.status}`);
  if (tag === undefined || stored.tags.has(tag)) throw imageAlreadyExists(manifest.digest, tag, repository.name);
  return stored;
}

function moveTag(repository: Repository, image: StoredImage, tag: string): void {
  const former = imageByTag(repository, tag);
  if (former && isImmutable(tag, repository.tagMutability)) throw imageTagAlreadyExists(tag, repository.name);
  former?.tags.delete(tag);
  image.tags.add(tag);
}

function batchDeleteImage(ecr: Ecr, request: BatchDeleteImageRequest): BatchDeleteImageResponse {
  const repository = repositoryNamed(ecr, request);
  const imageIds: ImageIdentifier[] = [];
  const failures: ImageFailure[] = [];
  for (const id of request.imageIds ?? []) {
    const failure = failureOf(repository, id) ?? referenceFailure(repository, id);
    if (failure) failures.push(failure);
    else imageIds.push(...deleteImage(ecr, repository, id));
  }
  return { imageIds, failures };
}

/** Deleting by tag removes the image only with its last tag; by digest, with all its tags. */
function deleteImage(ecr: Ecr, repository: Repository, id: ImageIdentifier): ImageIdentifier[] {
  const image = imageById(repository, id)!;
  const digest = image.manifest.digest;
  const tags = id.imageTag === undefined ? [...image.tags] : [id.imageTag];
  for (const tag of tags) image.tags.delete(tag);
  if (image.tags.size === 0) repository.images.delete(digest);
  const deleted = tags.length === 0 ? [undefined] : tags;
  for (const tag of deleted) emitDelete(ecr.emit, repository, digest, tag);
  return deleted.map((imageTag) => ({ imageDigest: digest, ...(imageTag !== undefined && { imageTag }) }));
}

function referenceFailure(repository: Repository, id: ImageIdentifier): ImageFailure | undefined {
  const image = imageById(repository, id)!;
  const keepsTags = id.imageTag !== undefined && image.tags.size > 1;
  const parent = keepsTags ? undefined : indexOf(repository, image);
  return (
    parent && {
      imageId: { ...id, imageDigest: image.manifest.digest },
      failureCode: 'ImageReferencedByManifestList',
      failureReason: `Requested image referenced by manifest list: [${parent.manifest.digest}]`,
    }
  );
}

function indexOf(repository: Repository, image: StoredImage): StoredImage | undefined {
  for (const other of repository.images.values()) {
    if (other.manifest.kind !== 'index') continue;
    if (other.manifest.entries.some(({ digest }) => digest === image.manifest.digest)) return other;
  }
  return undefined;
}

/** Archiving is immediate, restoring takes a while; the images of an archived index stay as they are. */
function updateImageStorageClass(ecr: Ecr, request: UpdateImageStorageClassRequest): UpdateImageStorageClassResponse {
  const repository = repositoryNamed(ecr, request);
  const id = request.imageId ?? {};
  checkIdentifier(id);
  const image = imageById(repository, id);
  if (!image) throw imageNotFound(id, repository.name, ecr.account);
  if (image.status !== (request.targetStorageClass === 'ARCHIVE' ? 'ACTIVE' : 'ARCHIVED')) {
    throw new Fault(
      'ImageStorageClassUpdateNotSupportedException',
      `The image is ${image.status} and cannot be moved to ${request.targetStorageClass}`,
    );
  }
  if (request.targetStorageClass === 'ARCHIVE') archive(ecr, repository, image);
  else restore(ecr, repository, image);
  const imageId = { ...id, imageDigest: image.manifest.digest };
  return { registryId: ecr.account, repositoryName: repository.name, imageId, imageStatus: image.status };
}

function archive(ecr: Ecr, repository: Repository, image: StoredImage): void {
  if (indexOf(repository, image)) throw new NotModelled('ECR archiving of an image that an index references');
  image.status = 'ARCHIVED';
  image.lastArchivedAt = new Date(ecr.kernel.now);
  emitStorageClass(ecr.emit, repository, image, 'ARCHIVE');
}

function restore(ecr: Ecr, repository: Repository, image: StoredImage): void {
  image.status = 'ACTIVATING';
  ecr.kernel.after(RESTORE_MS, 'timer', `ecr restores ${repository.name}@${image.manifest.digest}`, () => {
    image.status = 'ACTIVE';
    image.lastActivatedAt = new Date(ecr.kernel.now);
    emitStorageClass(ecr.emit, repository, image, 'STANDARD');
  });
}
