import type { InvokeAsync } from '../lambda/lambda.ts';
import type { CreatedResource, RegionContext, ResourceProperties } from '../service.ts';

/** A resource of a stack in the region. */
export interface DeployedResource extends CreatedResource {
  readonly type: string;
  /** As they were resolved when it was created or last updated. */
  readonly properties: ResourceProperties;
  /** Whether it stays when it leaves the template. */
  readonly isRetained: boolean;
}

/** What stacks have, by stack and logical id; kept up to date, so that a deployment which fails half way is known to the next. */
export type DeployedStacks = Map<string, Map<string, DeployedResource>>;

/** A response that CloudFormation waits for at a presigned URL. */
export interface AwaitedResponse {
  readonly expiresAt: number;
  /** The first that was put there; later ones change nothing. */
  body: string | undefined;
}

/** What CloudFormation knows. */
export interface CloudFormationState {
  readonly stacks: DeployedStacks;
  /** By path and query of the presigned URL. */
  readonly responses: Map<string, AwaitedResponse>;
}

export interface CloudFormationPorts extends RegionContext {
  readonly invokeAsync: InvokeAsync;
}

export interface CustomResources extends CloudFormationPorts {
  readonly state: CloudFormationState;
}

/** No stack. */
export function newCloudFormationState(): CloudFormationState {
  return { stacks: new Map(), responses: new Map() };
}
