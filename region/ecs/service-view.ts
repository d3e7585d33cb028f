import type { Deployment, Service } from '@aws-sdk/client-ecs';
import type { DeploymentRecord, ServiceRecord, World } from './model.ts';
import { revisionSummary } from './service-deployments.ts';
import { countsOf, totalsOf } from './task-counts.ts';
import { partitionOf } from '../partition.ts';

const PLATFORM = { platformVersion: '1.4.0', platformFamily: 'Linux' };

/** A service as DescribeServices and UpdateService answer it; tags only when they were asked for. */
export function describedService(world: World, service: ServiceRecord, withTags: boolean): Service {
  const { running, pending } = totalsOf(service);
  const isOurs = service.controller === 'ECS';
  return {
    serviceArn: service.arn,
    serviceName: service.name,
    clusterArn: service.cluster.arn,
    loadBalancers: service.loadBalancers.map((loadBalancer) => ({ ...loadBalancer })),
    serviceRegistries: [],
    status: service.status,
    desiredCount: service.desiredCount,
    runningCount: running,
    pendingCount: pending,
    ...launch(service),
    platformVersion: 'LATEST',
    platformFamily: PLATFORM.platformFamily,
    taskDefinition: service.taskDefinition.arn,
    deploymentConfiguration: service.deploymentConfiguration,
    ...(isOurs ? {} : { taskSets: [] }),
    deployments: service.deployments.map((deployment) => describedDeployment(service, deployment)),
    roleArn: `arn:${partitionOf(world.region)}:iam::${world.account}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS`,
    events: [...service.events],
    createdAt: service.createdAt,
    ...current(service),
    placementConstraints: [],
    placementStrategy: [],
    networkConfiguration: service.networkConfiguration,
    healthCheckGracePeriodSeconds: service.healthCheckGracePeriodSeconds,
    schedulingStrategy: 'REPLICA',
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

function describedDeployment(service: ServiceRecord, deployment: DeploymentRecord): Deployment {
  const { desiredCount, running, pending } = countsOf(service, deployment);
  return {
    id: deployment.id,
    status: deployment.status,
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
    rolloutState: deployment.rolloutState,
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
