import type { Kernel } from '../kernel/kernel.ts';
import type { EmitEvent, PermissionRequest } from '../service.ts';
import type { Registry } from './registry.ts';

/** What the operations of ECR share. */
export interface Ecr {
  readonly kernel: Kernel;
  readonly account: string;
  readonly emit: EmitEvent;
  readonly registry: Registry;
  /** Annotations by image reference. */
  readonly foreignImages: Map<string, Readonly<Record<string, string>>>;
  permission(action: string, repositoryName: string | undefined): PermissionRequest;
}
