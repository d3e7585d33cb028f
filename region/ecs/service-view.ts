import type { Deployment, Service } from '@aws-sdk/client-ecs';
import { completedReason } from './deployments.ts';
import { actingDisturbance, shownWord } from './disturbances.ts';
import type { DeploymentRecord, ServiceRecord, World } from './model.ts';
import { revisionSummary } from './service-deployments.ts';
import { countsOf, totalsOf } from './task-counts.ts';
import { partitionOf } from '../partition.ts';

const PLATFORM = { platformVersion: '1.4.0', platformFamily: 'Linux' };

/** A service as DescribeServices and UpdateService answer it; tags only when they were asked for. */
export function describedService(world: World, service: ServiceRecord, withTags: boolean): Service {
  const premature = prematurelyCompleted(world, service);
  const { running, pending } = premature ? { running: service.desiredCount, pending: 0 } : totalsOf(service);
  const isOurs = service.controller === 'ECS';
  return {
    serviceArn: service.arn,
    serviceName: service.name,
    clusterArn: service.cluster.arn,
    loadBalancers: service.loadBalancers.map((loadBalancer) => ({ ...loadBalancer })),
    serviceRegistries: [],
    status: shownWord(world, service, 'serviceStatus', service.status),
    desiredCount: service.desiredCount,
    runningCount: running,
    pendingCount: pending,
    ...launch(service),
    platformVersion: 'LATEST',
    platformFamily: PLATFORM.platformFamily,
    taskDefinition: service.taskDefinition.arn,
    deploymentConfiguration: service.deploymentConfiguration,
    ...(isOurs ? {} : { taskSets: [] }),
    deployments: premature
      ? [premature]
      : service.deployments.map((deployment) => describedDeployment(world, service, deployment)),
    roleArn: `arn:${partitionOf(world.region)}:iam::${world.account}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS`,
    events: [...service.events],
    createdAt: service.createdAt,
    ...current(service),
    placementConstraints: [],
    placementStrategy: [],
    networkConfiguration: service.networkConfiguration,
    healthCheckGracePeriodSeconds: service.healthCheckGracePeriodSeconds,
    schedulingStrategy: 'REPLICA',
    availabilityZoneRebalancing: service.availabilityZoneRebalancing,
    deploymentController: { type: service.controller },
    ...(withTags ? { tags: service.tags.map((tag) => ({ ...tag })) } : {}),
    createdBy: service.createdBy,
    enableECSManagedTags: false,
    propagateTags: 'NONE',
    enableExecuteCommand: false,
  };
}

/** Absent between UpdateService and the moment at which the scheduler takes the new deployment up. */
function current(service: ServiceRecord): Pick<Service, 'currentServiceDeployment' | 'currentServiceRevisions'> {
  if (!service.current) return {};
  return {
    currentServiceDeployment: service.current.arn,
    currentServiceRevisions: service.deployments.map((deployment) => revisionSummary(service, deployment)),
  };
}

/** The PRIMARY deployment as if it were done, while it is not and a disturbance has it so. */
function prematurelyCompleted(world: World, service: ServiceRecord): Deployment | undefined {
  const [primary] = service.deployments;
  if (!primary?.hasBegun || primary.rolloutState !== 'IN_PROGRESS') return undefined;
  if (!actingDisturbance(world, 'premature-completion', service)) return undefined;
  return {
    ...describedDeployment(world, service, primary),
    pendingCount: 0,
    runningCount: service.desiredCount,
    rolloutState: shownWord(world, service, 'rolloutState', 'COMPLETED'),
    rolloutStateReason: completedReason(primary),
  };
}

function describedDeployment(world: World, service: ServiceRecord, deployment: DeploymentRecord): Deployment {
  const { desiredCount, running, pending } = countsOf(service, deployment);
  return {
    id: deployment.id,
    status: shownWord(world, service, 'deploymentStatus', deployment.status),
    taskDefinition: deployment.taskDefinition.arn,
    desiredCount,
    pendingCount: pending,
    runningCount: running,
    failedTasks: deployment.failedTasks,
    createdAt: deployment.createdAt,
    updatedAt: deployment.updatedAt,
    ...launch(service),
    ...PLATFORM,
    networkConfiguration: deployment.networkConfiguration,
    rolloutState: shownWord(world, service, 'rolloutState', deployment.rolloutState),
    rolloutStateReason: deployment.rolloutStateReason,
  };
}

function launch({
  launchType,
  capacityProviderStrategy,
}: ServiceRecord): Pick<Service, 'launchType' | 'capacityProviderStrategy'> {
  return launchType ? { launchType } : { capacityProviderStrategy };
}

/** What a report or a screen shows of a service, cheap enough to be read after every step. */
export interface ServiceView {
  readonly desiredCount: number;
  readonly running: number;
  readonly pending: number;
  readonly isSteady: boolean;
  /** PRIMARY first. */
  readonly deployments: readonly DeploymentView[];
}

interface DeploymentView {
  readonly id: string;
  /** `api:42` */
  readonly revision: string;
  readonly status: 'PRIMARY' | 'ACTIVE';
  readonly rolloutState: string;
  readonly rolloutStateReason: string;
  readonly desiredCount: number;
  readonly running: number;
  readonly pending: number;
  readonly healthy: number;
  readonly failedTasks: number;
}

export function serviceView(service: ServiceRecord): ServiceView {
  return {
    desiredCount: service.desiredCount,
    ...totalsOf(service),
    isSteady: service.isSteady,
    deployments: service.deployments.map((deployment) => ({
      id: deployment.id,
      revision: `${deployment.taskDefinition.family}:${deployment.taskDefinition.revision}`,
      status: deployment.status,
      rolloutState: deployment.rolloutState,
      rolloutStateReason: deployment.rolloutStateReason,
      ...countsOf(service, deployment),
      healthy: [...service.tasks].filter((task) => task.deployment === deployment && task.isHealthy).length,
      failedTasks: deployment.failedTasks,
    })),
  };
}
