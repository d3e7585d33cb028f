import type {
  ServiceDeployment,
  ServiceDeploymentBrief,
  ServiceDeploymentCircuitBreaker,
  ServiceRevision,
  ServiceRevisionSummary,
} from '@aws-sdk/client-ecs';
import { failureThreshold } from './circuit-breaker.ts';
import {
  nowIn,
  type DeploymentRecord,
  type ServiceDeploymentRecord,
  type ServiceRecord,
  type ServiceRevisionRecord,
  type World,
} from './model.ts';
import { countsOf } from './task-counts.ts';

const ID_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-';
const ID_LENGTH = 21;

/** Real texts of `statusReason`. */
export const BREAKER_ROLLED_BACK = 'Service deployment rolled back because the circuit breaker threshold was exceeded.';
export const NO_ROLLBACK_CANDIDATE = 'No rollback candidate was found to run the rollback.';

/** Opens the record of a new deployment; it is PENDING until the scheduler takes it up. */
export function openServiceDeployment(world: World, service: ServiceRecord, deployment: DeploymentRecord): void {
  requestStop(world, service.serviceDeployments[0]);
  const id = Array.from(
    { length: ID_LENGTH },
    () => ID_ALPHABET[Math.floor(world.kernel.random.next() * ID_ALPHABET.length)],
  ).join('');
  service.serviceDeployments.unshift({
    arn: world.arns.serviceDeployment(service.cluster.name, service.name, id),
    createdAt: nowIn(world),
    deployment,
    sources: service.deployments.filter((other) => other !== deployment),
    updatedAt: nowIn(world),
    status: 'PENDING',
    hasTripped: false,
  });
}

/** A newer service deployment stops the one in flight (developer guide, "Service deployment states"). */
function requestStop(world: World, inFlight: ServiceDeploymentRecord | undefined): void {
  if (inFlight?.status !== 'PENDING' && inFlight?.status !== 'IN_PROGRESS') return;
  inFlight.status = 'STOP_REQUESTED';
  inFlight.updatedAt = nowIn(world);
}

/** The scheduler takes up the newest one; earlier ones that have not ended end now. */
export function beginServiceDeployment(world: World, service: ServiceRecord): void {
  const [newest, ...earlier] = service.serviceDeployments;
  for (const record of earlier) {
    // Whatever came before one that has ended has ended, too.
    if (record.finishedAt !== undefined || record.stoppedAt !== undefined) break;
    if (record.status === 'STOP_REQUESTED' || record.status === 'ROLLBACK_REQUESTED') end(world, record, 'STOPPED');
    // The only documented way out of a rollback that does not succeed.
    if (record.status === 'ROLLBACK_IN_PROGRESS') end(world, record, 'ROLLBACK_FAILED');
  }
  if (newest?.status !== 'PENDING') return;
  newest.status = 'IN_PROGRESS';
  newest.startedAt = newest.updatedAt = nowIn(world);
  service.current = newest;
}

export function end(
  world: World,
  record: ServiceDeploymentRecord,
  status: 'SUCCESSFUL' | 'STOPPED' | 'ROLLBACK_SUCCESSFUL' | 'ROLLBACK_FAILED',
  statusReason?: string,
): void {
  record.status = status;
  record.updatedAt = nowIn(world);
  if (statusReason !== undefined) record.statusReason = statusReason;
  if (status === 'STOPPED') record.stoppedAt = record.updatedAt;
  else record.finishedAt = record.updatedAt;
}

/** A deployment with early success criteria shows for ever the counts with which it succeeded (developer guide). */
export function succeed(world: World, service: ServiceRecord, record: ServiceDeploymentRecord): void {
  end(world, record, 'SUCCESSFUL');
  if (!service.deploymentConfiguration.earlySuccessCriteria?.enable) return;
  record.snapshot = { target: revisionSummary(service, record.deployment), sources: sourcesOf(service, record) };
}

function sourcesOf(service: ServiceRecord, { sources }: ServiceDeploymentRecord): ServiceRevisionSummary[] {
  return sources.map((source) => revisionSummary(service, source));
}

/** As DescribeServiceDeployments answers. */
export function serviceDeploymentView(service: ServiceRecord, record: ServiceDeploymentRecord): ServiceDeployment {
  return {
    ...briefMembers(service, record),
    stoppedAt: record.stoppedAt,
    updatedAt: record.updatedAt,
    sourceServiceRevisions: [...(record.snapshot?.sources ?? sourcesOf(service, record))],
    targetServiceRevision: record.snapshot?.target ?? revisionSummary(service, record.deployment),
    deploymentConfiguration: service.deploymentConfiguration,
    deploymentCircuitBreaker: circuitBreakerView(service, record),
    ...(record.rollback && {
      rollback: {
        reason: record.rollback.reason,
        startedAt: record.rollback.startedAt,
        serviceRevisionArn: record.rollback.to.revision.arn,
      },
    }),
  };
}

/** As ListServiceDeployments answers. */
export function serviceDeploymentBrief(
  service: ServiceRecord,
  record: ServiceDeploymentRecord,
): ServiceDeploymentBrief {
  return { ...briefMembers(service, record), targetServiceRevisionArn: record.deployment.revision.arn };
}

function briefMembers(service: ServiceRecord, record: ServiceDeploymentRecord) {
  return {
    serviceDeploymentArn: record.arn,
    serviceArn: service.arn,
    clusterArn: service.cluster.arn,
    createdAt: record.createdAt,
    startedAt: record.startedAt,
    finishedAt: record.finishedAt,
    status: record.status,
    statusReason: record.statusReason,
  };
}

export function revisionSummary(service: ServiceRecord, deployment: DeploymentRecord): ServiceRevisionSummary {
  const { desiredCount, running, pending } = countsOf(service, deployment);
  return {
    arn: deployment.revision.arn,
    requestedTaskCount: desiredCount,
    runningTaskCount: running,
    pendingTaskCount: pending,
  };
}

function circuitBreakerView(service: ServiceRecord, record: ServiceDeploymentRecord): ServiceDeploymentCircuitBreaker {
  const breaker = service.deploymentConfiguration.deploymentCircuitBreaker;
  if (!breaker?.enable) return { status: 'DISABLED', failureCount: 0, threshold: 0 };
  const isOver = record.finishedAt !== undefined || record.stoppedAt !== undefined;
  return {
    status: record.hasTripped ? 'TRIGGERED' : isOver ? 'MONITORING_COMPLETE' : 'MONITORING',
    failureCount: record.deployment.failedTasks,
    threshold: failureThreshold(breaker, service.desiredCount),
  };
}

/** As DescribeServiceRevisions answers; a container's digest appears once its image has been resolved. */
export function serviceRevisionView(service: ServiceRecord, revision: ServiceRevisionRecord): ServiceRevision {
  return {
    serviceRevisionArn: revision.arn,
    serviceArn: service.arn,
    clusterArn: service.cluster.arn,
    taskDefinition: revision.taskDefinition.arn,
    ...(service.launchType
      ? { launchType: service.launchType }
      : { capacityProviderStrategy: service.capacityProviderStrategy }),
    platformVersion: '1.4.0',
    platformFamily: 'Linux',
    ...(service.loadBalancers.length > 0 && { loadBalancers: service.loadBalancers.map((each) => ({ ...each })) }),
    networkConfiguration: revision.networkConfiguration,
    containerImages: (revision.taskDefinition.definition.containerDefinitions ?? []).map(({ name, image }) => ({
      containerName: name,
      imageDigest: revision.digests.get(name ?? ''),
      image,
    })),
    guardDutyEnabled: false,
    serviceConnectConfiguration: { enabled: false },
    createdAt: revision.createdAt,
  };
}
