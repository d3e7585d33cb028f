import type { ImageIdentifier, ImageStatus } from '@aws-sdk/client-ecr';
import { Fault, NotModelled, type RegionContext } from '../service.ts';
import { invalidParameter, repositoryNotFound } from './faults.ts';
import type { LifecyclePolicy } from './lifecycle-policy.ts';
import type { Manifest } from './manifest.ts';
import { checkTagMutability, type TagMutability } from './tag-mutability.ts';

/** An image in a repository; its manifest and push time never change, its tags and status do. */
export interface StoredImage {
  readonly manifest: Manifest;
  /** When the manifest was first pushed: a retag does not move it. */
  readonly pushedAt: Date;
  /** In the order in which they were set. */
  readonly tags: Set<string>;
  status: ImageStatus;
  lastArchivedAt?: Date;
  lastActivatedAt?: Date;
}

/** A layer on its way. */
export interface LayerUpload {
  readonly parts: Uint8Array[];
  bytesReceived: number;
}

export interface Repository {
  readonly name: string;
  readonly arn: string;
  readonly uri: string;
  readonly createdAt: Date;
  readonly isScannedOnPush: boolean;
  tagMutability: TagMutability;
  lifecyclePolicy: LifecyclePolicy | undefined;
  /** By digest, oldest push first. */
  readonly images: Map<string, StoredImage>;
  /** Sizes in bytes, by digest. A layer stays when its last image goes: ECR lets such layers go some time later. */
  readonly layers: Map<string, number>;
  /** By upload id. */
  readonly uploads: Map<string, LayerUpload>;
}

/** Amazon ECR API reference, CreateRepository. */
const REPOSITORY_NAME = /^(?:[a-z0-9]+(?:[._-][a-z0-9]+)*\/)*[a-z0-9]+(?:[._-][a-z0-9]+)*$/;

/** The account's private registry: repositories by name. */
export class Registry {
  readonly #context: RegionContext;
  readonly #repositories = new Map<string, Repository>();

  constructor(context: RegionContext) {
    this.#context = context;
  }

  /** `123456789012.dkr.ecr.us-east-1.amazonaws.com` */
  get host(): string {
    return `${this.#context.account}.dkr.ecr.${this.#context.region}.amazonaws.com`;
  }

  create(name: string, tagMutability: TagMutability, isScannedOnPush: boolean): Repository {
    const isValidName = name.length >= 2 && name.length <= 256 && REPOSITORY_NAME.test(name);
    if (!isValidName) throw invalidParameter('repositoryName', REPOSITORY_NAME.source);
    checkTagMutability(tagMutability);
    if (this.#repositories.has(name)) {
      throw new Fault('RepositoryAlreadyExistsException', `The repository with name '${name}' already exists`);
    }
    const repository: Repository = {
      name,
      arn: this.arnOf(name),
      uri: `${this.host}/${name}`,
      createdAt: new Date(this.#context.kernel.now),
      isScannedOnPush,
      tagMutability,
      lifecyclePolicy: undefined,
      images: new Map(),
      layers: new Map(),
      uploads: new Map(),
    };
    this.#repositories.set(name, repository);
    return repository;
  }

  /** The ARN of a repository of this registry, existing or not. */
  arnOf(name: string | undefined): string {
    return `arn:aws:ecr:${this.#context.region}:${this.#context.account}:repository/${name ?? ''}`;
  }

  find(name: string): Repository | undefined {
    return this.#repositories.get(name);
  }

  /** The repository that a request names; throws RepositoryNotFoundException. */
  named(request: {
    readonly registryId?: string | undefined;
    readonly repositoryName?: string | undefined;
  }): Repository {
    this.refuseOtherRegistry(request.registryId);
    const repository = this.#repositories.get(request.repositoryName ?? '');
    if (!repository) throw repositoryNotFound(request.repositoryName ?? '', this.#context.account);
    return repository;
  }

  refuseOtherRegistry(registryId: string | undefined): void {
    if (registryId === undefined || registryId === this.#context.account) return;
    throw new NotModelled(`ECR registry ${registryId} of another account`);
  }

  all(): readonly Repository[] {
    return [...this.#repositories.values()];
  }
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
