/**
 * Durations of the modelled ECS on Fargate, in milliseconds. ECS publishes none of them: each is read from a recorded
 * or documented timeline and is varied by ±10 % per use, so that two tasks are rarely ready at the same instant.
 */

/** UpdateService until the scheduler starts tasks; recorded service events show 3 s to 10 s. */
export const SCHEDULER_START_MS = 6_000;
/** A change of a task until the scheduler acts on it. */
export const SCHEDULER_REACTION_MS = 2_000;

// Creation to RUNNING takes about 20 s in the developer guide's example ("Amazon ECS task state change events").
export const PROVISIONING_MS = 7_000;
export const PENDING_MS = 4_000;
export const PULL_MS = 6_000;
export const CONTAINER_START_MS = 2_000;
/** A pull that fails is retried by Fargate before the task is given up: about two minutes per attempt, all told. */
export const PULL_FAILURE_MS = 100_000;
/** Secrets, registry auth or a log stream that are refused: tried twice within seconds ("has been retried 1 time(s)"). */
export const RETRIEVAL_FAILURE_MS = 5_000;

/** StopTask or a scheduler's stop until SIGTERM reaches the containers. */
export const STOP_DELIVERY_MS = 2_000;
/** SIGTERM until a well-behaved container has exited. */
export const SIGTERM_EXIT_MS = 1_000;
/** `stopTimeout` on Fargate unless the container says otherwise; then SIGKILL. */
export const DEFAULT_STOP_TIMEOUT_MS = 30_000;
export const DEPROVISIONING_MS = 20_000;

/** CloudFormation gives a service up that has not become steady after three hours (re:Post, "ECS service failed to stabilize"). */
export const CLOUDFORMATION_PATIENCE_MS = 3 * 3_600_000;

/**
 * A task without any health check counts towards `minimumHealthyPercent` this long after RUNNING (API: that member's page):
 * until then it lets nothing else be stopped. It does not hold COMPLETED up, see `COMPLETE_WITHOUT_CHECK_MS`.
 */
export const HEALTHY_WITHOUT_CHECK_MS = 40_000;
/**
 * A task without any health check counts towards COMPLETED this long after RUNNING. No page says so, but a service that was
 * recorded in 2023, with one such task and nothing to replace, was COMPLETED and steady 28.05 s after "has started 1 tasks";
 * a task takes about 20 s to RUNNING, and the scheduler looks some 2 s later.
 */
export const COMPLETE_WITHOUT_CHECK_MS = 6_000;
/** The circuit breaker's threshold is reached until the deployment is marked FAILED. */
export const BREAKER_JUDGEMENT_MS = 30_000;
/**
 * A rollback is in progress at least so long, even if the old tasks never stopped: the failed deployment is cleaned up.
 * A poll of 2026 still saw it 106 s after the rollback began; another rollback was completed after 191 s.
 */
export const ROLLBACK_CLEANUP_MS = 110_000;
/** Stopped tasks can be described for at least one hour; here exactly so. */
export const STOPPED_TASK_RETENTION_MS = 3_600_000;
/**
 * From a container's writing a line until it can be read: the driver collects lines for five seconds (`batchPublishFrequency`,
 * https://github.com/moby/moby/blob/master/daemon/logger/awslogs/cloudwatchlogs.go), and AWS publishes no figure for the rest.
 */
export const LOG_LAG_MS = 6_000;
/** Between two attempts to place tasks while Fargate has no capacity. */
export const PLACEMENT_RETRY_MS = 60_000;

/** A steady service is seen out of balance until tasks are moved between Availability Zones; AWS publishes no delay. */
export const REBALANCING_MS = 60_000;

/** Failures in a row to reach RUNNING from which on the service says that it cannot start tasks consistently. */
export const START_IMPAIRED_FAILURES = 18;

/**
 * Wait before the next start after so many failures in a row to reach RUNNING. The curve is unpublished (developer
 * guide, "Service throttle logic": at most 27 minutes); fitted to one series of 2018 and one of 2026.
 */
export function startThrottleMs(failures: number): number {
  if (failures < 2) return 0;
  if (failures < START_IMPAIRED_FAILURES) return 250_000;
  return Math.min(580_000 * 2 ** Math.floor((failures - START_IMPAIRED_FAILURES) / 6), 27 * 60_000);
}
