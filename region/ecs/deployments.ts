import { NotModelled } from '../service.ts';
import { actingDisturbance } from './disturbances.ts';
import {
  nowIn,
  varied,
  type DeploymentRecord,
  type ServiceRecord,
  type TaskDefinitionRecord,
  type World,
} from './model.ts';
import {
  BREAKER_ROLLED_BACK,
  NO_ROLLBACK_CANDIDATE,
  beginServiceDeployment,
  end,
  openServiceDeployment,
  succeed,
} from './service-deployments.ts';
import { emitDeploymentChange, say } from './service-messages.ts';
import { ROLLBACK_CLEANUP_MS, SCHEDULER_START_MS } from './timing.ts';

/** Makes a new PRIMARY deployment. It shows 0/0/0 and IN_PROGRESS at once; the scheduler takes it up a little later. */
export function openDeployment(
  world: World,
  service: ServiceRecord,
  taskDefinition: TaskDefinitionRecord,
): DeploymentRecord {
  refuseUnmodelledTasks(taskDefinition);
  const deployment = newDeployment(world, service, taskDefinition);
  for (const older of service.deployments) {
    if (older.status === 'PRIMARY') older.updatedAt = nowIn(world);
    older.status = 'ACTIVE';
    older.failsAt = undefined;
  }
  openServiceDeployment(world, service, deployment);
  service.revisions.push(deployment.revision);
  service.deployments.unshift(deployment);
  service.taskDefinition = taskDefinition;
  service.isSteady = false;
  service.current = undefined;
  return deployment;
}

function newDeployment(world: World, service: ServiceRecord, taskDefinition: TaskDefinitionRecord): DeploymentRecord {
  const id = `ecs-svc/${world.kernel.random.digits(19)}`;
  const createdAt = nowIn(world);
  const { networkConfiguration } = service;
  return {
    id,
    taskDefinition,
    networkConfiguration,
    revision: {
      arn: world.arns.serviceRevision(service.cluster.name, service.name, world.kernel.random.digits(19)),
      createdAt,
      taskDefinition,
      networkConfiguration,
      digests: new Map(),
    },
    status: 'PRIMARY',
    createdAt,
    updatedAt: createdAt,
    rolloutState: 'IN_PROGRESS',
    rolloutStateReason: `ECS deployment ${id} in progress.`,
    desiredCount: 0,
    hasBegun: false,
    beginsAt: world.kernel.now + varied(world, SCHEDULER_START_MS),
    failedTasks: 0,
    hasRun: false,
    failsAt: undefined,
    startFailures: 0,
    throttledUntil: 0,
    saidNoRoom: false,
    keptUntil: 0,
    resolvedImages: new Map(),
  };
}

/** What would change how tasks live, and is not modelled, is refused before it runs. */
function refuseUnmodelledTasks({ arn, definition }: TaskDefinitionRecord): void {
  for (const { name, restartPolicy, dependsOn } of definition.containerDefinitions ?? []) {
    if (restartPolicy?.enabled) throw new NotModelled(`Running container ${name} of ${arn} with a restart policy`);
    const waiting = dependsOn?.find(({ condition }) => condition !== 'START');
    if (waiting)
      throw new NotModelled(
        `Running container ${name} of ${arn} that depends on ${waiting.containerName} being ${waiting.condition}`,
      );
  }
}

/** The scheduler takes up the PRIMARY deployment. */
export function beginDeployment(world: World, service: ServiceRecord, primary: DeploymentRecord): void {
  if (primary.hasBegun || world.kernel.now < primary.beginsAt) return;
  primary.hasBegun = true;
  primary.desiredCount = service.desiredCount;
  beginServiceDeployment(world, service);
  emitDeploymentChange(world, service, primary, 'SERVICE_DEPLOYMENT_IN_PROGRESS', primary.rolloutStateReason);
  if (actingDisturbance(world, 'premature-completion', service))
    emitDeploymentChange(world, service, primary, 'SERVICE_DEPLOYMENT_COMPLETED', completedReason(primary));
}

/** The `rolloutStateReason` of a deployment that is COMPLETED. */
export function completedReason({ id }: DeploymentRecord): string {
  return `ECS deployment ${id} completed.`;
}

/** The PRIMARY deployment has all its tasks in place and no other deployment is left, or as much of that as early success takes. */
export function completeDeployment(world: World, service: ServiceRecord, primary: DeploymentRecord): void {
  primary.rolloutState = 'COMPLETED';
  primary.rolloutStateReason = completedReason(primary);
  primary.updatedAt = nowIn(world);
  primary.failedTasks = 0;
  service.lastCompleted = primary;
  const record = service.serviceDeployments[0];
  if (record?.status === 'ROLLBACK_IN_PROGRESS') end(world, record, 'ROLLBACK_SUCCESSFUL', record.rollback?.reason);
  else if (record) succeed(world, service, record);
  say(world, service, `(deployment ${primary.id}) deployment completed.`);
  emitDeploymentChange(world, service, primary, 'SERVICE_DEPLOYMENT_COMPLETED', primary.rolloutStateReason);
}

/** The circuit breaker gives the PRIMARY deployment up: it starts no more tasks, and is rolled back if the breaker says so. */
export function failDeployment(world: World, service: ServiceRecord, failed: DeploymentRecord): void {
  const record = service.serviceDeployments[0]!;
  markFailed(world, failed, 'ECS deployment circuit breaker: tasks failed to start.');
  record.hasTripped = true;
  say(world, service, `(deployment ${failed.id}) deployment failed: tasks failed to start.`);
  // The event says "task", the deployment's own reason "tasks" (developer guide, "Service deployment state change events").
  emitDeploymentChange(
    world,
    service,
    failed,
    'SERVICE_DEPLOYMENT_FAILED',
    'ECS deployment circuit breaker: task failed to start.',
  );
  if (record.status === 'ROLLBACK_IN_PROGRESS') return end(world, record, 'ROLLBACK_FAILED', NO_ROLLBACK_CANDIDATE);
  if (service.deploymentConfiguration.deploymentCircuitBreaker?.rollback)
    return rollBack(world, service, failed, BREAKER_ROLLED_BACK);
  end(world, record, 'STOPPED');
}

/** StopServiceDeployment was called: the PRIMARY deployment is given up and rolled back even if no breaker is configured. */
export function rollBackOnRequest(world: World, service: ServiceRecord, abandoned: DeploymentRecord): void {
  // AWS publishes no reason text for this; these are the words of the model.
  markFailed(world, abandoned, `ECS deployment ${abandoned.id} stopped.`);
  rollBack(world, service, abandoned, 'Service deployment rolled back because it was stopped.');
}

function markFailed(world: World, deployment: DeploymentRecord, reason: string): void {
  deployment.rolloutState = 'FAILED';
  deployment.rolloutStateReason = reason;
  deployment.updatedAt = nowIn(world);
  deployment.failsAt = undefined;
}

/**
 * Returns to the last COMPLETED deployment. No new deployment is made: that one becomes PRIMARY again under its *old id*,
 * with a new `createdAt`, IN_PROGRESS (recorded 2021–2026). Until it is COMPLETED again nothing can be rolled back to it;
 * with no COMPLETED one the service is stalled.
 */
function rollBack(world: World, service: ServiceRecord, abandoned: DeploymentRecord, reason: string): void {
  const record = service.serviceDeployments[0]!;
  const target = service.lastCompleted;
  record.updatedAt = nowIn(world);
  if (!target) return end(world, record, 'ROLLBACK_FAILED', NO_ROLLBACK_CANDIDATE);
  record.status = 'ROLLBACK_IN_PROGRESS';
  record.rollback = { startedAt: nowIn(world), to: target, reason };
  service.lastCompleted = undefined;
  for (const other of service.deployments) other.status = 'ACTIVE';
  abandoned.keptUntil = world.kernel.now + varied(world, ROLLBACK_CLEANUP_MS);
  service.deployments = [target, ...service.deployments.filter((other) => other !== target)];
  service.taskDefinition = target.taskDefinition;
  service.networkConfiguration = target.networkConfiguration;
  restart(world, service, target);
  say(world, service, `rolling back to deployment ${target.id}.`);
  emitDeploymentChange(world, service, target, 'SERVICE_DEPLOYMENT_IN_PROGRESS', target.rolloutStateReason);
}

function restart(world: World, service: ServiceRecord, target: DeploymentRecord): void {
  target.status = 'PRIMARY';
  target.createdAt = target.updatedAt = nowIn(world);
  target.rolloutState = 'IN_PROGRESS';
  target.rolloutStateReason = `ECS deployment circuit breaker: rolling back to deploymentId ${target.id}.`;
  target.desiredCount = service.desiredCount;
  target.failedTasks = 0;
  target.hasRun = false;
  target.startFailures = 0;
  target.throttledUntil = 0;
  target.saidNoRoom = false;
}
