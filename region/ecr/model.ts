import type { ImageStatus } from '@aws-sdk/client-ecr';
import type { EmitEvent, RegionContext } from '../service.ts';
import type { LifecyclePolicy } from './lifecycle-policy.ts';
import type { Manifest } from './manifest.ts';
import type { TagMutability } from './tag-mutability.ts';

/** What ECR needs of the region. */
export interface EcrPorts extends RegionContext {
  readonly emit: EmitEvent;
}

/** What ECR knows. */
export interface EcrState {
  /** Those of the account's private registry, by name. */
  readonly repositories: Map<string, Repository>;
  /** Annotations of images of other registries, by their whole reference. */
  readonly foreignImages: Map<string, Readonly<Record<string, string>>>;
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

/** No repository. */
export function newEcrState(): EcrState {
  return { repositories: new Map(), foreignImages: new Map() };
}
