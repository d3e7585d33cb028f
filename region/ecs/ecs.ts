import type { NetworkInterface, Service } from '../service.ts';
import { arnsOf } from './arns.ts';
import { clusterOperations } from './cluster-operations.ts';
import { beginDisturbance } from './disturbances.ts';
import type { BegunDisturbance, Disturbance } from './disturbance-kinds.ts';
import { interruptTasks, runsOnSpot, type Interruption } from './interruptions.ts';
import { newEcsState, type EcsPorts, type EcsState, type ServiceRecord, type TaskRecord, type World } from './model.ts';
import { withRequestLimits } from '../request-limits.ts';
import { REQUEST_LIMITS } from './request-limits.ts';
import { ecsDeleters, ecsUpdaters } from './resource-updaters.ts';
import { ecsResources } from './resources.ts';
import { taskChanged, wake } from './scheduler.ts';
import { serviceDeploymentOperations } from './service-deployment-operations.ts';
import { serviceOperations } from './service-operations.ts';
import { serviceView, type ServiceView } from './service-view.ts';
import { clusterOf, createCluster, createService, serviceOf, type NewService } from './services.ts';
import { SCHEDULER_REACTION_MS } from './timing.ts';
import { taskDefinitionOperations } from './task-definition-operations.ts';
import { interfaceOf, isAttached } from './task-interface.ts';
import { taskOperations } from './task-operations.ts';
import { truthNow, truthTap, type OnTruth, type TaskTruth } from './truth.ts';
import { partitionOf } from '../partition.ts';

export type { NewService } from './services.ts';
export type { ServiceView } from './service-view.ts';
export type { Disturbance } from './disturbance-kinds.ts';
export type { TaskTruth } from './truth.ts';

/** ECS on Fargate: task definitions, rolling services and their tasks. */
export interface Ecs extends Service {
  readonly id: 'ecs';
  /** Creates a cluster unless it is there; answers its ARN. */
  createCluster(name: string): string;
  /** Creates a service whose first deployment starts tasks like any other; answers its ARN. */
  createService(service: NewService): string;
  /** A cheap reading for reports; throws the faults of DescribeServices. */
  serviceView(cluster: string, service: string): ServiceView;
  /** Whether a task that has not stopped stands in this subnet or this security group. */
  usesNetwork(id: string): boolean;
  /** Of all tasks, those that are attached now. */
  networkInterfaces(): readonly NetworkInterface[];
  /**
   * Calls `listener` with every change of what a task truly is and runs; the answer removes it. For auditors: it is no call,
   * it uses no rate limit up, and nothing that makes the API show something else reaches it.
   */
  onTruth(listener: OnTruth): () => void;
  /** The same of all tasks that have not stopped, as they are now. */
  truth(): readonly TaskTruth[];
  /** Lets ECS misbehave in that way until the answer is called. */
  disturb(disturbance: Disturbance): () => void;
  /** In which ways it misbehaves now, in the order in which they began; each goes on counting what it does. */
  disturbances(): readonly Readonly<BegunDisturbance>[];
  /** AWS takes running tasks of a service back; answers their ARNs. Throws the faults of DescribeServices. */
  interrupt(cluster: string, service: string, interruption: Interruption): readonly string[];
  /** Whether the service's tasks run on Spot capacity. */
  runsOnSpot(cluster: string, service: string): boolean;
  /** The next registrations are refused with "Too many concurrent attempts to create a new revision of the specified family." */
  refuseNextRegistrations(times: number): void;
}

/** Creates ECS for one account and region, without clusters unless told. */
export function createEcs(ports: EcsPorts, state: EcsState = newEcsState()): Ecs {
  const truth = truthTap(() => ports.kernel.now);
  const world: World = { ...ports, arns: arnsOf(ports.account, ports.region), state, tell: truth.tell };
  return {
    id: 'ecs',
    state,
    operations: withRequestLimits({ id: 'ecs', ...world }, REQUEST_LIMITS, {
      ...taskDefinitionOperations(world),
      ...serviceOperations(world),
      ...serviceDeploymentOperations(world),
      ...taskOperations(world),
      ...clusterOperations(world),
    }),
    resources: ecsResources(world),
    updaters: ecsUpdaters(world),
    deleters: ecsDeleters(world),
    createCluster: (name) => createCluster(world, name).arn,
    createService: (service) =>
      createService(world, service, `arn:${partitionOf(ports.region)}:iam::${ports.account}:user/operator`).arn,
    serviceView: (cluster, service) => serviceView(serviceOf(clusterOf(world, cluster), service)),
    usesNetwork: (id) =>
      [...state.clusters.values()].some(({ tasks }) => [...tasks.values()].some((task) => standsIn(task, id))),
    networkInterfaces: () =>
      [...state.clusters.values()].flatMap(({ tasks }) =>
        [...tasks.values()].filter(isAttached).map((task) => interfaceOf(world, task)),
      ),
    onTruth: truth.listen,
    truth: () => truthNow(world),
    disturb: (disturbance) => disturb(world, disturbance),
    disturbances: () => state.disturbances,
    interrupt: (cluster, service, interruption) =>
      interrupt(world, serviceOf(clusterOf(world, cluster), service), interruption),
    runsOnSpot: (cluster, service) => runsOnSpot(serviceOf(clusterOf(world, cluster), service)),
    refuseNextRegistrations: (times) => void (world.state.refusedRegistrations = times),
  };
}

function standsIn({ lastStatus, subnetId, deployment }: TaskRecord, id: string): boolean {
  if (lastStatus === 'STOPPED') return false;
  const { securityGroups = [] } = deployment.networkConfiguration.awsvpcConfiguration ?? {};
  return subnetId === id || securityGroups.includes(id);
}

/** Services that could place no task try again at once when they can. */
function disturb(world: World, disturbance: Disturbance): () => void {
  const end = beginDisturbance(world.state, disturbance);
  return () => {
    end();
    for (const { services } of world.state.clusters.values()) {
      for (const service of services.values()) if (service.deployments.length > 0) wake(world, service, 0);
    }
  };
}

function interrupt(world: World, service: ServiceRecord, interruption: Interruption): readonly string[] {
  const arns = interruptTasks(world, service, interruption, taskChanged(world));
  wake(world, service, SCHEDULER_REACTION_MS);
  return arns;
}
