import type { InvokeAsync } from '../lambda/lambda.ts';
import type { CreatedResource, RegionContext, ResourceProperties } from '../service.ts';
import type { ResourceTarget } from './change-resource.ts';
import { stackId } from './stack-id.ts';
import type { Template } from './template.ts';

/** What becomes of a resource that leaves its stack. */
export type DeletionPolicy = 'Delete' | 'Retain' | 'RetainExceptOnCreate';

/** A resource of a stack in the region. */
export interface DeployedResource extends CreatedResource {
  readonly type: string;
  /** As they were resolved when it was created or last updated. */
  readonly properties: ResourceProperties;
  readonly deletionPolicy: DeletionPolicy;
  /** Logical ids of what it refers to or depends on: it goes before them. */
  readonly needs: readonly string[];
}

/** Where a stack stands. */
export type StackStatus =
  | 'CREATE_IN_PROGRESS'
  | 'CREATE_FAILED'
  | 'CREATE_COMPLETE'
  | 'ROLLBACK_IN_PROGRESS'
  | 'ROLLBACK_FAILED'
  | 'ROLLBACK_COMPLETE'
  | 'DELETE_IN_PROGRESS'
  | 'DELETE_FAILED'
  | 'DELETE_COMPLETE'
  | 'UPDATE_IN_PROGRESS'
  | 'UPDATE_FAILED'
  | 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS'
  | 'UPDATE_COMPLETE'
  | 'UPDATE_ROLLBACK_IN_PROGRESS'
  | 'UPDATE_ROLLBACK_FAILED'
  | 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS'
  | 'UPDATE_ROLLBACK_COMPLETE';

/** Where a resource stands. */
export type ResourceStatus =
  `${'CREATE' | 'UPDATE' | 'DELETE'}_${'IN_PROGRESS' | 'COMPLETE' | 'FAILED'}` | 'DELETE_SKIPPED';

/** What a stack last said of one of its resources. */
export interface ResourceProgress {
  readonly logicalId: string;
  /** Undefined while nobody knows it. */
  readonly physicalId: string | undefined;
  readonly type: string;
  readonly status: ResourceStatus;
  readonly reason: string | undefined;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** What happened to a stack or to one of its resources. */
export interface StackEvent extends Omit<ResourceProgress, 'status'> {
  readonly id: string;
  readonly status: StackStatus | ResourceStatus;
  /** JSON text of the properties, for resources that are created or updated. */
  readonly properties: string | undefined;
}

/** The value of a template's parameter. */
export interface ParameterValue {
  /** As it was given, or the parameter's default. */
  readonly value: string;
  /** What the SSM parameter of that name said. */
  readonly resolved?: string;
}

/** A stack as CloudFormation knows it. Times are milliseconds since the epoch. */
export interface StackRecord {
  readonly id: string;
  readonly name: string;
  readonly createdAt: number;
  updatedAt: number | undefined;
  deletedAt: number | undefined;
  status: StackStatus;
  reason: string | undefined;
  /** That of the last deployment which succeeded, or of the first. */
  template: Template;
  parameters: ReadonlyMap<string, ParameterValue>;
  tags: Readonly<Record<string, string>>;
  /** By logical id, intrinsics resolved. */
  outputs: Readonly<Record<string, string>>;
  /** What it has, by logical id; kept up to date, so that a deployment which fails half way is known to the next. */
  readonly resources: Map<string, DeployedResource>;
  /** By logical id, also of resources that never came to be. */
  readonly progress: Map<string, ResourceProgress>;
  /** Oldest first; bounded. */
  readonly events: StackEvent[];
  /** How many there ever were. */
  eventsTold: number;
}

/** A response that CloudFormation waits for at a presigned URL. */
export interface AwaitedResponse {
  readonly expiresAt: number;
  /** The first that was put there; later ones change nothing. */
  body: string | undefined;
}

/** What CloudFormation knows. */
export interface CloudFormationState {
  /** By name. */
  readonly stacks: Map<string, StackRecord>;
  /** Oldest first; bounded. */
  readonly deletedStacks: StackRecord[];
  /** By path and query of the presigned URL. */
  readonly responses: Map<string, AwaitedResponse>;
}

export interface CloudFormationPorts extends RegionContext {
  readonly invokeAsync: InvokeAsync;
  /** What deletes the resources of every service; nobody asks before all of them exist. */
  readonly target: () => ResourceTarget;
}

export interface CloudFormation extends CloudFormationPorts {
  readonly state: CloudFormationState;
}

/** No stack. */
export function newCloudFormationState(): CloudFormationState {
  return { stacks: new Map(), deletedStacks: [], responses: new Map() };
}

/** The id of the stack of that name, or of the one that is to be created: a name that was used before gets another. */
export function idOfStack(
  { stacks, deletedStacks }: CloudFormationState,
  place: { readonly account: string; readonly region: string },
  name: string,
): string {
  const former = deletedStacks.filter((stack) => stack.name === name);
  return stacks.get(name)?.id ?? stackId(place, name, former.at(-1)?.id);
}
