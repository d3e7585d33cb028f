import type { DeploymentId, TaskDefinitionArn } from './identifiers.ts';
import type { ProvenRevision } from './ledger.ts';

/** What runs now; `proven` only when the deployment is COMPLETED and its tasks are sound. */
export interface RunningRevision {
  readonly deploymentId: DeploymentId;
  readonly createdAt: number;
  /** When ECS last started or stopped a task since then. */
  readonly movedAt?: number | undefined;
  /** Deployments that ECS lists beside it: older ones, whose tasks go. */
  readonly older?: readonly DeploymentId[];
  readonly taskDefinition: TaskDefinitionArn;
  readonly desiredCount: number;
  /** Present while ECS replaces tasks for this deployment and will come to an end with it. */
  readonly underWay?: 'sound' | 'failing' | undefined;
  /** True while a service that our stacks provision is as they left it: it wants or runs nothing, and has no image. */
  readonly isAsProvisioned?: boolean;
  readonly proven?: ProvenRevision | undefined;
}
