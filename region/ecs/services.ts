import type {
  AvailabilityZoneRebalancing,
  CapacityProviderStrategyItem,
  DeploymentConfiguration,
  DeploymentController,
  LaunchType,
  LoadBalancer,
  NetworkConfiguration,
  Tag,
} from '@aws-sdk/client-ecs';
import { Fault, NotModelled } from '../service.ts';
import { lastSegment } from './arns.ts';
import { openDeployment } from './deployments.ts';
import { checkEarlySuccess } from './early-success.ts';
import { checkLoadBalancers } from './load-balancers.ts';
import { nowIn, type ClusterRecord, type RollingConfiguration, type ServiceRecord, type World } from './model.ts';
import { wake } from './scheduler.ts';
import { checkTags } from './task-definition-rules.ts';
import { NO_ROOM_TO_REBALANCE } from './zones.ts';
import { copyOfTags, runnableTaskDefinition } from './task-definitions.ts';

/** What CreateService would take, as far as it is modelled: REPLICA services on Fargate. */
export interface NewService {
  /** Name or ARN. @default 'default' */
  readonly cluster?: string;
  readonly serviceName: string;
  readonly taskDefinition: string;
  /** @default 1 */
  readonly desiredCount?: number;
  /** @default 100 % to 200 %, no circuit breaker */
  readonly deploymentConfiguration?: DeploymentConfiguration;
  /** @default ECS. Others are only shown, never rolled. */
  readonly deploymentController?: DeploymentController;
  /** @default made up: subnets in two Availability Zones, and a security group */
  readonly networkConfiguration?: NetworkConfiguration;
  /** Only FARGATE. @default FARGATE, unless there is a capacity provider strategy */
  readonly launchType?: LaunchType;
  /** FARGATE or FARGATE_SPOT, one of them. */
  readonly capacityProviderStrategy?: CapacityProviderStrategyItem[];
  /** Target groups that tasks are registered in. */
  readonly loadBalancers?: LoadBalancer[];
  readonly healthCheckGracePeriodSeconds?: number;
  /** @default ENABLED where `maximumPercent` leaves room for it */
  readonly availabilityZoneRebalancing?: AvailabilityZoneRebalancing;
  readonly tags?: Tag[];
}

const MADE_UP_NETWORK: NetworkConfiguration = {
  awsvpcConfiguration: {
    subnets: ['subnet-0a1b2c3d4e5f60718', 'subnet-0a1b2c3d4e5f60719'],
    securityGroups: ['sg-0a1b2c3d4e5f60718'],
    assignPublicIp: 'DISABLED',
  },
};

export function createCluster(world: World, name: string, tags: readonly Tag[] = []): ClusterRecord {
  const existing = world.state.clusters.get(name);
  if (existing) return existing;
  const cluster: ClusterRecord = {
    name,
    arn: world.arns.cluster(name),
    tags: copyOfTags(tags),
    services: new Map(),
    tasks: new Map(),
  };
  world.state.clusters.set(name, cluster);
  return cluster;
}

/** Creates a service; its first deployment starts tasks like any other. */
export function createService(world: World, given: NewService, createdBy: string): ServiceRecord {
  refuseUnmodelled(given);
  if (given.desiredCount !== undefined) checkDesiredCount(given.desiredCount);
  const cluster = clusterOf(world, given.cluster);
  refuseNameOf(cluster.services.get(given.serviceName));
  if (given.tags) checkTags(given.tags);
  const service = newService(world, cluster, given, createdBy);
  checkLoadBalancers(world, service.loadBalancers, service.taskDefinition);
  if (service.controller === 'ECS') {
    const first = openDeployment(world, service, service.taskDefinition);
    wake(world, service, first.beginsAt - world.kernel.now);
  }
  cluster.services.set(service.name, service);
  return service;
}

/** The name of a deleted service is free once its last task has stopped. */
function refuseNameOf(existing: ServiceRecord | undefined): void {
  if (!existing || existing.status === 'INACTIVE') return;
  const problem =
    existing.status === 'DRAINING'
      ? 'Unable to Start a service that is still Draining.'
      : 'Creation of service was not idempotent.';
  throw new Fault('InvalidParameterException', problem);
}

function newService(world: World, cluster: ClusterRecord, given: NewService, createdBy: string): ServiceRecord {
  const strategy = given.capacityProviderStrategy;
  const deploymentConfiguration = rollingConfiguration(given.deploymentConfiguration ?? {});
  const { maximumPercent } = deploymentConfiguration;
  refuseRebalancing(given.availabilityZoneRebalancing, maximumPercent);
  return {
    arn: world.arns.service(cluster.name, given.serviceName),
    status: 'ACTIVE',
    name: given.serviceName,
    cluster,
    createdAt: nowIn(world),
    createdBy,
    controller: given.deploymentController?.type ?? 'ECS',
    launchType: strategy ? undefined : 'FARGATE',
    capacityProviderStrategy: strategy && withShares(strategy),
    loadBalancers: (given.loadBalancers ?? []).map((loadBalancer) => ({ ...loadBalancer })),
    networkConfiguration: given.networkConfiguration ?? MADE_UP_NETWORK,
    tags: copyOfTags(given.tags ?? []),
    healthCheckGracePeriodSeconds: given.healthCheckGracePeriodSeconds,
    deploymentConfiguration,
    desiredCount: given.desiredCount ?? 1,
    taskDefinition: runnableTaskDefinition(world, given.taskDefinition),
    deployments: [],
    lastCompleted: undefined,
    events: [],
    tasks: new Set(),
    serviceDeployments: [],
    revisions: [],
    current: undefined,
    isSteady: false,
    availabilityZoneRebalancing: given.availabilityZoneRebalancing ?? (maximumPercent > 100 ? 'ENABLED' : 'DISABLED'),
    unbalancedSince: undefined,
    isRebalancing: false,
    placementRetryAt: 0,
    nextPass: undefined,
  };
}

/** Tasks of one service (Amazon ECS service quotas, "Tasks per service"); AWS publishes no text for the refusal. */
const DESIRED_COUNT_MAX = 5_000;

/** Refuses a count that no service can have. */
export function checkDesiredCount(desiredCount: number): void {
  if (desiredCount < 0) throw new Fault('InvalidParameterException', 'desiredCount must not be negative.');
  if (desiredCount <= DESIRED_COUNT_MAX) return;
  const text = `desiredCount must not exceed the service quota of ${DESIRED_COUNT_MAX} tasks per service, but is ${desiredCount}.`;
  throw new Fault('InvalidParameterException', text);
}

/** Rebalancing starts a task before it stops one, so that `maximumPercent` must leave room for it. */
export function refuseRebalancing(rebalancing: AvailabilityZoneRebalancing | undefined, maximumPercent: number): void {
  if (rebalancing === 'ENABLED' && maximumPercent <= 100)
    throw new Fault('InvalidParameterException', NO_ROOM_TO_REBALANCE);
}

/** Weight and base are 0 unless given. */
export function withShares(strategy: readonly CapacityProviderStrategyItem[]): CapacityProviderStrategyItem[] {
  return strategy.map((item) => ({ weight: 0, base: 0, ...item }));
}

function refuseUnmodelled(given: NewService): void {
  if (given.launchType !== undefined && given.launchType !== 'FARGATE')
    throw new NotModelled(`Launch type ${given.launchType}`);
  const providers = (given.capacityProviderStrategy ?? []).map(({ capacityProvider = '' }) => capacityProvider);
  const other = providers.find((provider) => !['FARGATE', 'FARGATE_SPOT'].includes(provider));
  if (other !== undefined) throw new NotModelled(`Capacity provider ${other}`);
  if (new Set(providers).size > 1) throw new NotModelled(`A strategy of ${providers.join(' and ')} together`);
  refuseUnmodelledConfiguration(given.deploymentConfiguration ?? {});
}

/** Members that change how a *rolling* deployment goes. Other strategies are held as facts for callers to see and refuse. */
export function refuseUnmodelledConfiguration(given: DeploymentConfiguration): void {
  if ((given.strategy ?? 'ROLLING') !== 'ROLLING') return;
  if (given.alarms?.enable) throw new NotModelled('A deployment configuration with alarms');
  if (given.bakeTimeInMinutes)
    throw new NotModelled('A bake time in the deployment configuration of a rolling service');
  if (given.lifecycleHooks && given.lifecycleHooks.length > 0) throw new NotModelled('A deployment lifecycle hook');
}

/** Members that were not given keep their value, or have AWS's default for a replica service. */
export function rollingConfiguration(
  given: DeploymentConfiguration,
  before?: RollingConfiguration,
): RollingConfiguration {
  const merged: RollingConfiguration = {
    deploymentCircuitBreaker: { enable: false, rollback: false },
    maximumPercent: 200,
    minimumHealthyPercent: 100,
    ...before,
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined && value !== null)),
  };
  if (merged.maximumPercent < merged.minimumHealthyPercent || merged.maximumPercent === 0) {
    throw new Fault('InvalidParameterException', 'maximumPercent must not be less than minimumHealthyPercent, nor 0.');
  }
  checkEarlySuccess(merged);
  return Object.freeze(merged);
}

/** By name or ARN; `default` when none is given. */
export function clusterOf(world: World, nameOrArn = 'default'): ClusterRecord {
  const cluster = world.state.clusters.get(lastSegment(nameOrArn));
  if (!cluster || isOtherArn(nameOrArn, cluster.arn)) throw new Fault('ClusterNotFoundException', 'Cluster not found.');
  return cluster;
}

/** By name or ARN, within a cluster; undefined when it is missing. */
export function findService(cluster: ClusterRecord, nameOrArn: string): ServiceRecord | undefined {
  const service = cluster.services.get(lastSegment(nameOrArn));
  return service && isOtherArn(nameOrArn, service.arn) ? undefined : service;
}

export function serviceOf(cluster: ClusterRecord, nameOrArn: string): ServiceRecord {
  const service = findService(cluster, nameOrArn);
  if (!service) throw new Fault('ServiceNotFoundException', 'Service not found.');
  return service;
}

function isOtherArn(given: string, arn: string): boolean {
  return given.startsWith('arn:') && given !== arn;
}
