import type { ImageIdentifier } from '@aws-sdk/client-ecr';
import { Fault, NotModelled, type PermissionRequest } from '../service.ts';
import { invalidParameter, repositoryNotFound } from './faults.ts';
import type { Ecr, Repository, StoredImage } from './model.ts';
import { checkTagMutability, type TagMutability } from './tag-mutability.ts';
import { partitionOf } from '../partition.ts';

/** Amazon ECR API reference, CreateRepository. */
const REPOSITORY_NAME = /^(?:[a-z0-9]+(?:[._-][a-z0-9]+)*\/)*[a-z0-9]+(?:[._-][a-z0-9]+)*$/;

/** `123456789012.dkr.ecr.us-east-1.amazonaws.com` */
export function registryHost({ account, region }: Ecr): string {
  return `${account}.dkr.ecr.${region}.amazonaws.com`;
}

/** Creates an empty repository; throws `RepositoryAlreadyExistsException`. */
export function createRepository(
  ecr: Ecr,
  name: string,
  tagMutability: TagMutability,
  isScannedOnPush: boolean,
): Repository {
  const { repositories } = ecr.state;
  const isValidName = name.length >= 2 && name.length <= 256 && REPOSITORY_NAME.test(name);
  if (!isValidName) throw invalidParameter('repositoryName', REPOSITORY_NAME.source);
  checkTagMutability(tagMutability);
  if (repositories.has(name)) {
    throw new Fault('RepositoryAlreadyExistsException', `The repository with name '${name}' already exists`);
  }
  const repository: Repository = {
    name,
    arn: repositoryArn(ecr, name),
    uri: `${registryHost(ecr)}/${name}`,
    createdAt: new Date(ecr.kernel.now),
    isScannedOnPush,
    tagMutability,
    lifecyclePolicy: undefined,
    images: new Map(),
    layers: new Map(),
    taken: new Set(),
    texts: new Map(),
    uploads: new Map(),
  };
  repositories.set(name, repository);
  return repository;
}

/** What IAM is asked about a repository, existing or not. */
export function permission(ecr: Ecr, action: string, repositoryName: string | undefined): PermissionRequest {
  return { action, resource: repositoryArn(ecr, repositoryName ?? '') };
}

function repositoryArn({ region, account }: Ecr, name: string): string {
  return `arn:${partitionOf(region)}:ecr:${region}:${account}:repository/${name}`;
}

/** The repository that a request names; throws RepositoryNotFoundException. */
export function repositoryNamed(
  ecr: Ecr,
  request: { readonly registryId?: string | undefined; readonly repositoryName?: string | undefined },
): Repository {
  refuseOtherRegistry(ecr, request.registryId);
  const repository = ecr.state.repositories.get(request.repositoryName ?? '');
  if (!repository) throw repositoryNotFound(request.repositoryName ?? '', ecr.account);
  return repository;
}

export function refuseOtherRegistry({ account }: Ecr, registryId: string | undefined): void {
  if (registryId === undefined || registryId === account) return;
  throw new NotModelled(`ECR registry ${registryId} of another account`);
}

/** The image that carries `tag`. */
export function imageByTag(repository: Repository, tag: string): StoredImage | undefined {
  for (const image of repository.images.values()) if (image.tags.has(tag)) return image;
  return undefined;
}

/** The image that an identifier names; when both digest and tag are given, both must agree. */
export function imageById(repository: Repository, id: ImageIdentifier): StoredImage | undefined {
  const byTag = id.imageTag === undefined ? undefined : imageByTag(repository, id.imageTag);
  if (id.imageDigest === undefined) return byTag;
  const byDigest = repository.images.get(id.imageDigest);
  return id.imageTag === undefined || byTag === byDigest ? byDigest : undefined;
}
