import type { DeploymentCircuitBreaker } from '@aws-sdk/client-ecs';
import type { DeploymentRecord, ServiceRecord, TaskRecord, World } from './model.ts';
import { isChecked } from './container-health.ts';
import { emitServiceAction, say } from './service-messages.ts';
import { BREAKER_JUDGEMENT_MS, START_IMPAIRED_FAILURES, startThrottleMs } from './timing.ts';

const DEFAULT_PERCENT = 50;
const BOUNDS = { least: 3, most: 200 };

/** How many failures make the deployment FAILED, reckoned from the latest desired count (developer guide, "Deployment circuit breaker"). */
export function failureThreshold(breaker: DeploymentCircuitBreaker | undefined, desiredCount: number): number {
  const { type, value } = breaker?.thresholdConfiguration ?? { type: 'BOUNDED_PERCENT', value: DEFAULT_PERCENT };
  const amount = value ?? DEFAULT_PERCENT;
  if (type === 'COUNT') return amount;
  const share = Math.ceil((amount * desiredCount) / 100);
  return type === 'UNBOUNDED_PERCENT' ? share : Math.min(BOUNDS.most, Math.max(BOUNDS.least, share));
}

/** Notes a failure of the deployment in progress. The count shows as `failedTasks` whether or not the circuit breaker is enabled. */
export function countFailure(deployment: DeploymentRecord): void {
  if (deployment.status !== 'PRIMARY' || deployment.rolloutState !== 'IN_PROGRESS') return;
  deployment.failedTasks += 1;
}

/** A healthy task forgives earlier failures, unless `resetOnHealthyTask` is false (default true). */
export function countHealthy(service: ServiceRecord, deployment: DeploymentRecord): void {
  if (service.deploymentConfiguration.deploymentCircuitBreaker?.resetOnHealthyTask !== false)
    deployment.failedTasks = 0;
}

/**
 * Judges a task that has stopped. Stage 1: until some task of the deployment was RUNNING, each one that stops before
 * RUNNING counts. Stage 2 counts only tasks *replaced for failing health checks*, which the scheduler does itself.
 *
 * A task that exits after RUNNING is therefore not a failure by the guide. One exception, by an announcement in
 * aws/containers-roadmap#1206 (December 2021): with a health check, an exit before the first HEALTHY is one. Without
 * health checks a crash loop never trips the breaker, and it is not throttled either.
 */
export function judgeStoppedTask(world: World, service: ServiceRecord, task: TaskRecord): void {
  const { deployment } = task;
  const hasStarted = task.startedAt !== undefined;
  // The platform's own failures speak neither against a deployment nor for trying again at once.
  if (task.stop?.code === 'InfrastructureHealth')
    return hasStarted ? undefined : throttleStarts(world, service, deployment);
  if (task.stop?.code !== 'TaskFailedToStart' && task.stop?.code !== 'EssentialContainerExited') return;
  if (!hasStarted) {
    if (!deployment.hasRun) countFailure(deployment);
    throttleStarts(world, service, deployment);
  } else if (!task.wasHealthy && isChecked(task)) {
    countFailure(deployment);
  }
}

/** Starts that never reach RUNNING slow down (developer guide, "Service throttle logic"); a new deployment starts afresh. */
function throttleStarts(world: World, service: ServiceRecord, deployment: DeploymentRecord): void {
  deployment.startFailures += 1;
  deployment.throttledUntil = world.kernel.now + startThrottleMs(deployment.startFailures);
  if (deployment.startFailures < START_IMPAIRED_FAILURES) return;
  say(
    world,
    service,
    'is unable to consistently start tasks successfully. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.',
  );
  emitServiceAction(world, service, 'SERVICE_TASK_START_IMPAIRED');
}

/** True once the threshold was reached and still is when ECS gets round to judging it. */
export function hasTripped(world: World, service: ServiceRecord, deployment: DeploymentRecord): boolean {
  const breaker = service.deploymentConfiguration.deploymentCircuitBreaker;
  const isOver =
    Boolean(breaker?.enable) &&
    deployment.rolloutState === 'IN_PROGRESS' &&
    deployment.failedTasks >= failureThreshold(breaker, service.desiredCount);
  if (!isOver || deployment.failedTasks === 0) {
    deployment.failsAt = undefined;
    return false;
  }
  deployment.failsAt ??= world.kernel.now + BREAKER_JUDGEMENT_MS;
  return deployment.failsAt <= world.kernel.now;
}
