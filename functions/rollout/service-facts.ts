import type { DeploymentId, ImageDigest, TaskDefinitionArn } from './identifiers.ts';
import type { Watch } from './watch.ts';

/** What was observed of an ECS service, in ECS's own words and numbers; times are milliseconds since the epoch. */
export interface ServiceFacts {
  readonly status: string;
  readonly desiredCount: number;
  readonly runningCount: number;
  readonly pendingCount: number;
  readonly deployments: readonly DeploymentFacts[];
  /** `ECS` when the service names none. */
  readonly deploymentController: string;
  /** `ROLLING` when the service names none. */
  readonly strategy: string;
  readonly minimumHealthyPercent: number;
  readonly maximumPercent: number;
  /** What ECS calls COMPLETED before everything is replaced; undefined where it waits for all of it. */
  readonly earlySuccess?: EarlySuccess | undefined;
  /** Whether ECS itself takes back a deployment that fails. */
  readonly breakerRollsBack: boolean;
  /** Whether somebody else checks its tasks: a load balancer, or VPC Lattice. */
  readonly hasTargets: boolean;
  /** How long after its start a task's failed health checks count for nothing. */
  readonly graceSeconds?: number | undefined;
  /** What ECS says of the service, newest first: why it places no task stands nowhere else. */
  readonly events: readonly ServiceMessage[];
  /** Its ARN, when that is of the old format, without the cluster. */
  readonly shortArn?: string | undefined;
}

/**
 * Criteria of a service that lets its deployments be COMPLETED early
 * (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/early-success-criteria.html).
 */
export interface EarlySuccess {
  /** Of the desired count, rounded up: healthy tasks that are enough. */
  readonly healthyPercent: number;
  /** Tasks that were replaced go only afterwards, for up to two weeks. */
  readonly isDeferred: boolean;
}

/** One entry of the service's `events[]`; `at` in milliseconds since the epoch. */
export interface ServiceMessage {
  readonly at: number;
  readonly message: string;
}

/** One entry of `deployments[]`. */
export interface DeploymentFacts {
  readonly id: DeploymentId;
  readonly status: string;
  readonly taskDefinition: TaskDefinitionArn;
  readonly desiredCount: number;
  readonly runningCount: number;
  readonly pendingCount: number;
  readonly failedTasks: number;
  readonly createdAt: number;
  /** Absent for services behind a Classic Load Balancer: then nothing is ever believed to be COMPLETED. */
  readonly rolloutState?: string | undefined;
  readonly rolloutStateReason?: string | undefined;
}

/** One task, running or stopped. */
export interface TaskFacts {
  readonly taskArn: string;
  /** The deployment that started it. */
  readonly startedBy?: string | undefined;
  readonly taskDefinition: TaskDefinitionArn;
  readonly lastStatus: string;
  readonly desiredStatus: string;
  readonly healthStatus?: string | undefined;
  readonly stopCode?: string | undefined;
  readonly stoppedReason?: string | undefined;
  readonly startedAt?: number | undefined;
  readonly stoppedAt?: number | undefined;
  readonly containers: readonly ContainerFacts[];
}

/** One container of a task. */
export interface ContainerFacts {
  readonly name: string;
  readonly lastStatus?: string | undefined;
  readonly healthStatus?: string | undefined;
  readonly image?: string | undefined;
  readonly imageDigest?: ImageDigest | undefined;
  readonly exitCode?: number | undefined;
  readonly reason?: string | undefined;
}

/** Service and tasks, observed together; tasks are absent when they were not looked at. */
export interface Observation {
  /** Absent when ECS says that there is no such service. */
  readonly service?: ServiceFacts;
  readonly tasks?: { readonly running: readonly TaskFacts[]; readonly stopped: readonly TaskFacts[] };
}

/** The deployment that ECS is driving the service to, of facts or of the service as ECS describes it. */
export function primaryOf<D extends { readonly status?: string | undefined }>(
  service: { readonly deployments?: readonly D[] | undefined } | undefined,
): D | undefined {
  return service?.deployments?.find(({ status }) => status === 'PRIMARY');
}

/**
 * Which tasks are worth their calls. Running ones once the deployment claims to be COMPLETED, and before where more may be healthy
 * than ever. Stopped ones while it does not, unless ECS has only just created it; after that only where a crash still counts:
 * during a bake, or when ECS counted one. Where ECS has given the deployment up, they alone say why.
 */
export function needsTasks(
  service: ServiceFacts,
  watch: Pick<Watch, 'kind' | 'progressSeconds' | 'progress'> & { readonly deploymentId: string },
): { readonly running: boolean; readonly stopped: boolean } {
  const deployment = service.deployments.find((candidate) => candidate.id === watch.deploymentId);
  const isReplaced = primaryOf(service)?.id !== watch.deploymentId;
  if (!deployment || isReplaced || deployment.rolloutState === 'FAILED') return { running: false, stopped: true };
  if (deployment.rolloutState === 'COMPLETED')
    return { running: true, stopped: watch.kind === 'bake' || deployment.failedTasks > 0 };
  const mayHaveCome = watch.progressSeconds !== undefined && deployment.runningCount > (watch.progress?.healthy ?? 0);
  return { running: mayHaveCome, stopped: deployment.desiredCount > 0 };
}

/** How many tasks make a COMPLETED deployment whole. A count that ECS did not tell is NaN, with which every comparison fails. */
export function tasksNeeded({
  desiredCount,
  earlySuccess,
}: Pick<ServiceFacts, 'desiredCount' | 'earlySuccess'>): number {
  if (!earlySuccess) return desiredCount;
  return Math.max(Math.min(1, desiredCount), Math.ceil((desiredCount * earlySuccess.healthyPercent) / 100));
}

/** Whether nothing is left of other deployments that must have gone before this one counts. */
export function isAlone({ deployments, earlySuccess }: ServiceFacts, { id }: Pick<DeploymentFacts, 'id'>): boolean {
  if (earlySuccess?.isDeferred) return true;
  return deployments.every((other) => other.id === id || other.runningCount + other.pendingCount === 0);
}

/**
 * Whether the tasks belie a deployment that claims to be COMPLETED: fewer of them run than the service wants. Those that have
 * stopped then may say why; without them only the deadline would end the wait, and nobody would learn the cause.
 */
export function isBelied(
  service: Pick<ServiceFacts, 'desiredCount' | 'earlySuccess'>,
  running: readonly TaskFacts[],
  { deploymentId }: { readonly deploymentId: string },
): boolean {
  const up = running.filter((task) => task.startedBy === deploymentId && task.lastStatus === 'RUNNING');
  return up.length < tasksNeeded(service);
}
