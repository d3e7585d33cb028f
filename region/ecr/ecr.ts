import type { ImageTagMutability, ImageTagMutabilityExclusionFilter } from '@aws-sdk/client-ecr';
import type { PullImage, Service } from '../service.ts';
import type { BuiltManifest } from './image-manifests.ts';
import { imageReads } from './image-reads.ts';
import { imageWrites, missingBlobs, putImage } from './image-writes.ts';
import { layerOperations } from './layers.ts';
import { applyLifecyclePolicy, type ExpiredImage } from './lifecycle.ts';
import { newEcrState, type Ecr, type EcrPorts, type EcrState, type Repository } from './model.ts';
import { pullImage } from './pull-image.ts';
import { replicateImage, type Replication } from './replicate-image.ts';
import { createRepository, registryHost, repositoryNamed } from './registry.ts';
import { repositoryDeleter, repositoryResource, repositoryUpdater } from './repository-resource.ts';
import { repositoryOperations } from './repositories.ts';
import { withRequestLimits } from '../request-limits.ts';
import { REQUEST_LIMITS } from './request-limits.ts';
import { isImmutable } from './tag-mutability.ts';

/** Amazon ECR: one private registry. Layers are checked and not kept; scans and repository policies are not modelled. */
export interface EcrService extends Service {
  createRepository(of: {
    readonly repositoryName: string;
    /** @default MUTABLE */
    readonly imageTagMutability?: ImageTagMutability;
    readonly exclusionFilters?: readonly ImageTagMutabilityExclusionFilter[];
  }): Repository;
  /** Puts the manifests of an image in the order of `docker push`, without its layers: children first and untagged, unless they are there already; answers the digest. */
  pushImage(of: { readonly repositoryName: string; readonly image: BuiltManifest; readonly tag?: string }): string;
  /** Lets an image arrive by replication from another registry: there at once, with events of its own and no push; answers the digest. */
  replicate(of: Replication): string;
  /** Lets `image`, of a registry outside the region, be pulled on any platform. */
  admitForeignImage(image: string, annotations?: Readonly<Record<string, string>>): void;
  readonly pullImage: PullImage;
  /** `123456789012.dkr.ecr.us-east-1.amazonaws.com` */
  readonly registryHost: string;
  /** The bytes of a blob that was kept; undefined for layers, which are not, and for what nobody has uploaded. */
  textOf(repositoryName: string, digest: string): Uint8Array | undefined;
  /** How much of an upload has come; undefined when it has ended or nobody began it. */
  bytesReceived(repositoryName: string, uploadId: string): number | undefined;
  /** Whether `tag`, once set, may never name another image. */
  /** What PutImage would say to anybody but the operator of a manifest whose layers are not all there; undefined for any other. */
  missingBlobs(repositoryName: string, imageManifest: string, mediaType: string | undefined): string | undefined;
  isTagImmutable(repositoryName: string, tag: string): boolean;
  /**
   * Does once, for every repository, what ECR does within a day; the answer says what has gone, the oldest first. Nothing else
   * does it: a timer of its own would keep an idle region busy for ever.
   */
  applyLifecyclePolicies(): readonly ExpiredImage[];
}

/** Builds ECR, without repositories unless told; events go to `emit`. */
export function createEcr(ports: EcrPorts, state: EcrState = newEcrState()): EcrService {
  const ecr: Ecr = { ...ports, state };
  return {
    id: 'ecr',
    state,
    operations: withRequestLimits({ id: 'ecr', ...ecr }, REQUEST_LIMITS, {
      ...imageReads(ecr),
      ...imageWrites(ecr),
      ...layerOperations(ecr),
      ...repositoryOperations(ecr),
    }),
    resources: { 'AWS::ECR::Repository': repositoryResource(ecr) },
    updaters: { 'AWS::ECR::Repository': repositoryUpdater(ecr) },
    deleters: { 'AWS::ECR::Repository': repositoryDeleter(ecr) },
    createRepository: ({ repositoryName, imageTagMutability = 'MUTABLE', exclusionFilters = [] }) =>
      createRepository(ecr, repositoryName, { imageTagMutability, exclusionFilters }, false),
    pushImage: ({ repositoryName, image, tag }) => pushImage(ecr, repositoryName, image, tag),
    replicate: (replication) => replicateImage(ecr, replication),
    admitForeignImage: (image, annotations = {}) => void state.foreignImages.set(image, annotations),
    pullImage: (image, platform) => pullImage(ecr, image, platform),
    registryHost: registryHost(ecr),
    textOf: (repositoryName, digest) => state.repositories.get(repositoryName)?.texts.get(digest),
    bytesReceived: (repositoryName, uploadId) =>
      state.repositories.get(repositoryName)?.uploads.get(uploadId)?.bytesReceived,
    missingBlobs: (repositoryName, imageManifest, mediaType) =>
      missingBlobs(ecr, repositoryName, imageManifest, mediaType),
    isTagImmutable: (repositoryName, tag) => isImmutable(tag, repositoryNamed(ecr, { repositoryName }).tagMutability),
    applyLifecyclePolicies: () =>
      [...state.repositories.values()].flatMap((repository) => applyLifecyclePolicy(repository, ecr.kernel.now)),
  };
}

function pushImage(ecr: Ecr, repositoryName: string, image: BuiltManifest, tag: string | undefined): string {
  const { images } = repositoryNamed(ecr, { repositoryName });
  for (const child of image.children) if (!images.has(child.digest)) pushImage(ecr, repositoryName, child, undefined);
  const request = { repositoryName, imageManifest: image.text, imageManifestMediaType: image.mediaType, imageTag: tag };
  putImage(ecr, request, { kind: 'operator' });
  return image.digest;
}
