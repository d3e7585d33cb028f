import type {
  AvailabilityZoneRebalancing,
  CapacityProviderStrategyItem,
  ContainerDefinition,
  DeploymentConfiguration,
  DeploymentControllerType,
  DeploymentRolloutState,
  HealthStatus,
  LoadBalancer,
  NetworkConfiguration,
  ServiceDeploymentStatus,
  ServiceEvent,
  ServiceRevisionSummary,
  Tag,
  TaskDefinition,
  TaskStopCode,
} from '@aws-sdk/client-ecs';
import type { TimerId } from '../kernel/kernel.ts';
import type { TokenBucket } from '../request-limits.ts';
import type {
  Authorize,
  Caller,
  EmitEvent,
  FindTargetGroup,
  PullImage,
  RegionContext,
  TargetGroup,
} from '../service.ts';
import type { Arns } from './arns.ts';
import type { Behaviour } from './behaviour.ts';
import type { BegunDisturbance } from './disturbance-kinds.ts';

/** What ECS needs from the rest of the region. */
export interface EcsPorts extends RegionContext {
  readonly emit: EmitEvent;
  readonly pullImage: PullImage;
  readonly findTargetGroup: FindTargetGroup;
  /** The Availability Zone of a subnet of the region's own; undefined for one that is only named. */
  readonly zoneOfSubnet: (subnetId: string) => string | undefined;
  readonly authorize: Authorize;
  /** A session of a task's role; throws `AccessDenied` or `NoSuchEntity`. */
  readonly assumeRole: (roleArn: string, taskId: string) => Caller;
  /** Whether Parameter Store has a parameter of that name or ARN. */
  readonly hasParameter: (nameOrArn: string) => boolean;
  /** Creates a stream of CloudWatch Logs unless it is there; answers whether there is such a group. */
  readonly openLogStream: (group: string, stream: string) => boolean;
  /** Writes a line to it, to be read `lagMs` later. */
  readonly writeLog: (group: string, stream: string, line: string, lagMs: number) => void;
  /** The complete ARN of the secret with that complete or partial ARN. */
  readonly findSecret: (arn: string) => string | undefined;
}

/** Everything that the modelled ECS knows, in one account and region. */
export interface EcsState {
  readonly clusters: Map<string, ClusterRecord>;
  /** By family; index 0 is revision 1. Revisions only grow, deregistered ones stay. */
  readonly families: Map<string, TaskDefinitionRecord[]>;
  /** Stopped tasks in the order in which they stopped, until they are forgotten. */
  readonly stoppedTasks: TaskRecord[];
  /** How it misbehaves now. */
  readonly disturbances: BegunDisturbance[];
  /** Registrations still to be refused with "Too many concurrent attempts…". */
  refusedRegistrations: number;
  /** What request throttling has left, by category. */
  readonly buckets: Map<string, TokenBucket>;
}

export interface World extends EcsPorts {
  readonly arns: Arns;
  readonly state: EcsState;
  /** To be called after every change of what a task is: auditors hear of it. */
  readonly tell: (task: TaskRecord) => void;
}

export interface ClusterRecord {
  readonly name: string;
  readonly arn: string;
  readonly tags: Tag[];
  readonly services: Map<string, ServiceRecord>;
  /** By id, in order of creation; stopped ones included until they are forgotten. */
  readonly tasks: Map<string, TaskRecord>;
}

export interface TaskDefinitionRecord {
  readonly arn: string;
  readonly family: string;
  readonly revision: number;
  /** Frozen, so that answers may share it; replaced when it is deregistered. */
  definition: TaskDefinition;
  tags: readonly Tag[];
}

export interface ServiceRecord {
  readonly arn: string;
  /** DRAINING from its deletion until its last task has stopped, INACTIVE from then on. */
  status: 'ACTIVE' | 'DRAINING' | 'INACTIVE';
  readonly name: string;
  readonly cluster: ClusterRecord;
  readonly createdAt: Date;
  readonly createdBy: string;
  readonly controller: DeploymentControllerType;
  readonly launchType: 'FARGATE' | undefined;
  readonly capacityProviderStrategy: CapacityProviderStrategyItem[] | undefined;
  readonly loadBalancers: readonly LoadBalancer[];
  networkConfiguration: NetworkConfiguration;
  tags: Tag[];
  healthCheckGracePeriodSeconds: number | undefined;
  deploymentConfiguration: RollingConfiguration;
  desiredCount: number;
  taskDefinition: TaskDefinitionRecord;
  /** PRIMARY first, then those that still have tasks, newest first. */
  deployments: DeploymentRecord[];
  /** What a rollback returns to; undefined while none is COMPLETED. */
  lastCompleted: DeploymentRecord | undefined;
  /** Newest first, at most one hundred. */
  readonly events: ServiceEvent[];
  /** Those that are not STOPPED. */
  readonly tasks: Set<TaskRecord>;
  /** Newest first. */
  readonly serviceDeployments: ServiceDeploymentRecord[];
  readonly revisions: ServiceRevisionRecord[];
  current: ServiceDeploymentRecord | undefined;
  isSteady: boolean;
  availabilityZoneRebalancing: AvailabilityZoneRebalancing;
  /** Since when a steady service was seen out of balance; undefined while it is balanced or not steady. */
  unbalancedSince: number | undefined;
  /** It was said to be rebalanced and not yet to be balanced. */
  isRebalancing: boolean;
  /** No further start is tried before; capacity was missing. */
  placementRetryAt: number;
  nextPass: { readonly dueAt: number; readonly timer: TimerId } | undefined;
}

/** A deployment configuration whose defaults are filled in. */
export type RollingConfiguration = DeploymentConfiguration & {
  readonly minimumHealthyPercent: number;
  readonly maximumPercent: number;
};

export interface DeploymentRecord {
  readonly id: string;
  readonly taskDefinition: TaskDefinitionRecord;
  readonly networkConfiguration: NetworkConfiguration;
  readonly revision: ServiceRevisionRecord;
  status: 'PRIMARY' | 'ACTIVE';
  createdAt: Date;
  updatedAt: Date;
  rolloutState: DeploymentRolloutState;
  rolloutStateReason: string;
  /** Shown for the PRIMARY; 0 until the scheduler has taken it up. An older one stands in for no more than this. */
  desiredCount: number;
  hasBegun: boolean;
  beginsAt: number;
  /** The circuit breaker's failure count; shown as `failedTasks`. */
  failedTasks: number;
  /** True once one of its tasks was RUNNING: the circuit breaker's second stage. */
  hasRun: boolean;
  /** When the circuit breaker, having reached its threshold, marks it FAILED. */
  failsAt: number | undefined;
  /** Failures in a row to reach RUNNING, which throttle further starts. */
  startFailures: number;
  throttledUntil: number;
  saidNoRoom: boolean;
  /** Stays listed until then although its tasks are gone; a failed deployment is cleaned up. */
  keptUntil: number;
  /** By container: what the first task of the deployment resolved the image to. */
  readonly resolvedImages: Map<string, ResolvedImage>;
}

export interface ResolvedImage {
  readonly imageDigest: string;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface ServiceRevisionRecord {
  readonly arn: string;
  readonly createdAt: Date;
  readonly taskDefinition: TaskDefinitionRecord;
  readonly networkConfiguration: NetworkConfiguration;
  readonly digests: Map<string, string>;
}

export interface ServiceDeploymentRecord {
  readonly arn: string;
  readonly createdAt: Date;
  readonly deployment: DeploymentRecord;
  readonly sources: readonly DeploymentRecord[];
  updatedAt: Date;
  startedAt?: Date;
  finishedAt?: Date;
  stoppedAt?: Date;
  status: ServiceDeploymentStatus;
  statusReason?: string;
  hasTripped: boolean;
  rollback?: { readonly startedAt: Date; readonly to: DeploymentRecord; readonly reason: string };
  /** What an early success was made of: later counts are not shown of it. */
  snapshot?: { readonly target: ServiceRevisionSummary; readonly sources: readonly ServiceRevisionSummary[] };
}

export type TaskStatus =
  'PROVISIONING' | 'PENDING' | 'ACTIVATING' | 'RUNNING' | 'DEACTIVATING' | 'STOPPING' | 'DEPROVISIONING' | 'STOPPED';

export interface TaskRecord {
  readonly id: string;
  readonly arn: string;
  readonly service: ServiceRecord;
  readonly deployment: DeploymentRecord;
  readonly createdAt: Date;
  readonly availabilityZone: string;
  readonly subnetId: string | undefined;
  readonly networkInterface: {
    readonly attachmentId: string;
    readonly id: string;
    readonly mac: string;
    readonly ip: string;
  };
  readonly containers: ContainerRecord[];
  /** Registered while it runs, in the order of the service's load balancers. */
  readonly targets: TargetRecord[];
  /** Timers to drop when the task stops: its next step, its containers' exits, its health. */
  readonly timers: Set<TimerId>;
  /** Set when it is to go once another one has taken its place. */
  leaving?: Leaving;
  desiredStatus: 'RUNNING' | 'STOPPED';
  lastStatus: TaskStatus;
  healthStatus: HealthStatus;
  /** Counts towards `minimumHealthyPercent`. */
  isHealthy: boolean;
  wasHealthy: boolean;
  /** Raised with every change that sends an event. */
  version: number;
  updatedAt: Date;
  connectivityAt?: Date;
  pullStartedAt?: Date;
  pullStoppedAt?: Date;
  startedAt?: Date;
  stoppingAt?: Date;
  executionStoppedAt?: Date;
  stoppedAt?: Date;
  stop?: TaskStop;
}

/** One address of a task that a load balancer sends requests to. */
export interface TargetRecord {
  readonly group: TargetGroup;
  readonly container: ContainerRecord;
  readonly port: number;
  health: 'initial' | 'healthy' | 'unhealthy' | 'draining';
}

/** A task that is to go, and the one that takes its place once it has been started. */
export interface Leaving {
  readonly why: 'retirement' | 'rebalancing';
  successor: TaskRecord | undefined;
}

/** Why a task stops. */
export interface TaskStop {
  readonly code: TaskStopCode;
  readonly reason: string;
}

export interface ContainerRecord {
  readonly arn: string;
  readonly definition: ContainerDefinition;
  readonly runtimeId: string;
  lastStatus: 'PENDING' | 'RUNNING' | 'STOPPED';
  healthStatus: HealthStatus;
  behaviour: Behaviour;
  /** The one port that its image listens on; undefined when it listens wherever it is asked to. */
  listensOn?: number;
  /** Lines that it writes: as it ends where it ends by itself, else as it starts. */
  says: readonly string[];
  imageDigest?: string;
  exitCode?: number;
  reason?: string;
}

/** Called after every change of a task that its service's scheduler has to know. */
export type OnTaskChange = (task: TaskRecord) => void;

/** No cluster, and capacity for every task. */
export function newEcsState(): EcsState {
  return {
    clusters: new Map(),
    families: new Map(),
    stoppedTasks: [],
    disturbances: [],
    refusedRegistrations: 0,
    buckets: new Map(),
  };
}

/** Whether the container's end is the task's end (`essential` defaults to true). */
export const isEssential = (container: ContainerRecord): boolean => container.definition.essential !== false;

/** `duration` ± 10 %. */
export function varied(world: World, durationMs: number): number {
  return Math.round(durationMs * (0.9 + 0.2 * world.kernel.random.next()));
}

/** Virtual now as the `Date` that answers carry. */
export function nowIn(world: World): Date {
  return new Date(world.kernel.now);
}
