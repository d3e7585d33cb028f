import type { ImageStatus } from '@aws-sdk/client-ecr';
import type { TokenBucket } from '../request-limits.ts';
import type { Caller, EmitEvent, RegionContext } from '../service.ts';
import type { LifecyclePolicy } from './lifecycle-policy.ts';
import type { Manifest } from './manifest.ts';
import type { Sha256 } from './sha256.ts';
import type { TagMutability } from './tag-mutability.ts';

/** What ECR needs of the region. */
export interface EcrPorts extends RegionContext {
  readonly emit: EmitEvent;
  /** A credential of `caller` that is valid until then: what an authorization token carries. */
  readonly issueAccessKey: (caller: Caller, expiresAt: Date) => string;
}

/** What ECR knows. */
export interface EcrState {
  /** Those of the account's private registry, by name. */
  readonly repositories: Map<string, Repository>;
  /** Annotations of images of other registries, by their whole reference. */
  readonly foreignImages: Map<string, Readonly<Record<string, string>>>;
  /** What request throttling has left, by action. */
  readonly buckets: Map<string, TokenBucket>;
}

export interface Ecr extends EcrPorts {
  readonly state: EcrState;
}

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

/** A layer on its way: its bytes are hashed and counted as they come. */
export interface LayerUpload {
  readonly hash: Sha256;
  bytesReceived: number;
  /** Whether a part was smaller than ECR takes them; only the last one may be. */
  endsInSmallPart: boolean;
  hasSmallPart: boolean;
  /** All bytes so far, while they may be a configuration's. */
  text: Uint8Array[] | undefined;
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
  /** Those that only a manifest names: they are taken as uploaded, and nobody has their bytes. */
  readonly taken: Set<string>;
  /** The bytes of those that are JSON and no longer than a manifest may be, by digest: configurations are. */
  readonly texts: Map<string, Uint8Array>;
  /** By upload id. */
  readonly uploads: Map<string, LayerUpload>;
}

/** No repository. */
export function newEcrState(): EcrState {
  return { repositories: new Map(), foreignImages: new Map(), buckets: new Map() };
}
