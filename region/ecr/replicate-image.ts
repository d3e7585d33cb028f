import { emitReplication } from './image-events.ts';
import type { BuiltManifest } from './image-manifests.ts';
import { parseManifest } from './manifest.ts';
import type { Ecr, Repository } from './model.ts';
import { imageByTag, repositoryNamed } from './registry.ts';
import { isImmutable } from './tag-mutability.ts';

/** An image that another registry replicates into a repository of this one. */
export interface Replication {
  readonly repositoryName: string;
  readonly image: BuiltManifest;
  readonly tag?: string;
  /** Where it was pushed. */
  readonly sourceRegion: string;
  /** @default this account */
  readonly sourceAccount?: string;
}

/**
 * Lets a replicated image arrive: an index after its children, and one "ECR Replication Action" for each. Nobody has pushed here,
 * so there is no "ECR Image Action": who waits for that misses the image. A tag that is immutable and taken stays where it is,
 * and the replication has FAILED. The layers come with the image. Answers its digest.
 */
export function replicateImage(ecr: Ecr, replication: Replication): string {
  const repository = repositoryNamed(ecr, { repositoryName: replication.repositoryName });
  for (const child of replication.image.children) {
    if (!repository.images.has(child.digest)) arrive(ecr, repository, { ...replication, image: child }, undefined);
  }
  arrive(ecr, repository, replication, replication.tag);
  return replication.image.digest;
}

function arrive(ecr: Ecr, repository: Repository, replication: Replication, tag: string | undefined): void {
  const { image } = replication;
  const { sourceRegion, sourceAccount = ecr.account } = replication;
  const former = tag === undefined ? undefined : imageByTag(repository, tag);
  const isTaken = former !== undefined && former.manifest.digest !== image.digest;
  const isRefused = isTaken && isImmutable(tag!, repository.tagMutability);
  if (!isRefused) store(ecr, repository, image, tag);
  const result = isRefused ? 'FAILED' : 'SUCCESS';
  emitReplication(ecr.emit, repository, { digest: image.digest, tag, sourceRegion, sourceAccount, result });
}

/** `imagePushedAt` is when it arrived here. */
function store(ecr: Ecr, repository: Repository, { text, mediaType }: BuiltManifest, tag: string | undefined): void {
  const manifest = parseManifest(text, mediaType);
  const stored = repository.images.get(manifest.digest);
  const image = stored ?? {
    manifest,
    pushedAt: new Date(ecr.kernel.now),
    tags: new Set<string>(),
    status: 'ACTIVE' as const,
  };
  if (manifest.kind === 'image') for (const { digest, size } of manifest.blobs) repository.layers.set(digest, size);
  if (tag !== undefined) imageByTag(repository, tag)?.tags.delete(tag);
  if (tag !== undefined) image.tags.add(tag);
  repository.images.set(manifest.digest, image);
}
