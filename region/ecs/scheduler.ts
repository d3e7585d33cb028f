import type { TaskStopCode } from '@aws-sdk/client-ecs';
import { countFailure, countHealthy, hasTripped, judgeStoppedTask } from './circuit-breaker.ts';
import { isChecked } from './container-health.ts';
import { beginDeployment, completeDeployment, failDeployment, rollBackOnRequest } from './deployments.ts';
import { cleansUp, isEarlySuccess } from './early-success.ts';
import { failedCheckOf } from './failed-checks.ts';
import { actingDisturbance } from './disturbances.ts';
import type { DeploymentRecord, ServiceRecord, TaskRecord, World } from './model.ts';
import { countSuccessors, replaceLeavingTasks, scalingReason, type Hands } from './leaving-tasks.ts';
import { emitServiceAction, listed, say } from './service-messages.ts';
import { takesPlace } from './task-counts.ts';
import { startTask } from './task-lifecycle.ts';
import { stopTask } from './task-stop.ts';
import { rebalance, rebalancesAt } from './zones.ts';
import { COMPLETE_WITHOUT_CHECK_MS, PLACEMENT_RETRY_MS, SCHEDULER_REACTION_MS } from './timing.ts';

/**
 * Lets the scheduler look at a service after `delayMs`; an earlier look that is already due covers it. There is no
 * periodic timer: a steady service schedules nothing, so the steady-state message is not repeated every six hours.
 */
export function wake(world: World, service: ServiceRecord, delayMs: number): void {
  const dueAt = world.kernel.now + delayMs;
  if (service.nextPass && service.nextPass.dueAt <= dueAt) return;
  world.kernel.cancel(service.nextPass?.timer);
  const timer = world.kernel.after(delayMs, 'timer', `ecs scheduler ${service.cluster.name}/${service.name}`, () =>
    pass(world, service),
  );
  service.nextPass = { dueAt, timer };
}

/** One look: everything that can be decided now is decided. */
function pass(world: World, service: ServiceRecord): void {
  service.nextPass = undefined;
  if (service.status !== 'ACTIVE') return endDrained(service);
  beginDeployment(world, service, service.deployments[0]!);
  giveUpFailing(world, service);
  dropDrainedDeployments(world, service);
  const primary = service.deployments[0]!;
  if (primary.hasBegun) {
    stopReplacedTasks(world, service, primary);
    stopSurplusTasks(world, service, primary);
    replaceLeavingTasks(world, service, primary, () => handsOf(world, service, primary));
  }
  replaceUnhealthyTasks(world, service);
  startMissingTasks(world, service, primary);
  announceProgress(world, service, primary);
  if (rebalance(world, service, primary)) wake(world, service, SCHEDULER_REACTION_MS);
  wakeForDeadlines(world, service, primary);
}

/** A deleted service is INACTIVE once its last task has stopped. */
function endDrained(service: ServiceRecord): void {
  if (service.tasks.size > 0) return;
  service.status = 'INACTIVE';
  service.deployments = [];
}

/** Deletes a service as DeleteService with `force` does: its tasks are stopped, and it is DRAINING until they have. */
export function deleteService(world: World, service: ServiceRecord): void {
  if (service.status !== 'ACTIVE') return;
  service.status = 'DRAINING';
  service.desiredCount = 0;
  service.isSteady = false;
  for (const deployment of service.deployments) deployment.desiredCount = 0;
  const running = [...service.tasks].filter(({ desiredStatus }) => desiredStatus === 'RUNNING');
  if (running.length > 0) scaleDown(world, service, running);
  wake(world, service, SCHEDULER_REACTION_MS);
}

/** What the replacement of leaving tasks may do now. */
function handsOf(world: World, service: ServiceRecord, primary: DeploymentRecord): Hands {
  return {
    start: () => start(world, service, primary),
    stop: (task, why) => stopTask(world, task, why, taskChanged(world)),
    mayStart: mayStart(world, primary),
    room: roomIn(service),
    mayExceed: mostTasks(service) > service.desiredCount,
  };
}

function dropDrainedDeployments(world: World, service: ServiceRecord): void {
  const busy = new Set([...service.tasks].filter(takesPlace).map(({ deployment }) => deployment));
  service.deployments = service.deployments.filter(
    (deployment) => deployment.status === 'PRIMARY' || busy.has(deployment) || deployment.keptUntil > world.kernel.now,
  );
}

function giveUpFailing(world: World, service: ServiceRecord): void {
  const primary = service.deployments[0]!;
  if (hasTripped(world, service, primary)) failDeployment(world, service, primary);
  else if (service.serviceDeployments[0]?.status === 'ROLLBACK_REQUESTED') rollBackOnRequest(world, service, primary);
}

/**
 * Stops tasks of older deployments: those that more than the desired number of healthy tasks make superfluous; those of a
 * FAILED deployment; all of them where early success criteria have it so; and, if `maximumPercent` leaves no room for new tasks, as many as `minimumHealthyPercent` allows.
 */
function stopReplacedTasks(world: World, service: ServiceRecord, primary: DeploymentRecord): void {
  if (primary.rolloutState === 'FAILED') return;
  const older = [...service.tasks].filter((task) => task.deployment !== primary && task.desiredStatus === 'RUNNING');
  if (older.length === 0) return;
  const healthy = countHealthyTasks(service);
  const lacking = Math.max(0, missingFrom(service, primary) - roomIn(service) - stoppingIn(service));
  const isEnough = healthy >= service.desiredCount;
  const useless = older.filter(
    (task) => !task.isHealthy && (isEnough || lacking > 0 || task.deployment.rolloutState === 'FAILED'),
  );
  const spare = Math.max(
    healthy - service.desiredCount,
    Math.min(lacking - useless.length, healthy - leastHealthy(service)),
  );
  const replaced = cleansUp(service, primary)
    ? older
    : [...useless, ...older.filter(({ isHealthy }) => isHealthy).slice(0, Math.max(0, spare))];
  if (replaced.length > 0) scaleDown(world, service, replaced);
  else sayNoRoom(world, service, primary, lacking);
}

function sayNoRoom(world: World, service: ServiceRecord, primary: DeploymentRecord, lacking: number): void {
  if (lacking === 0 || roomIn(service) > 0 || primary.saidNoRoom) return;
  if ([...service.tasks].some(({ lastStatus, isHealthy }) => lastStatus !== 'RUNNING' || !isHealthy)) return;
  primary.saidNoRoom = true;
  say(
    world,
    service,
    'was unable to stop or start tasks during a deployment because of the service deployment configuration. Update the minimumHealthyPercent or maximumPercent value and try again.',
  );
}

/** Scale-in: the PRIMARY deployment has more tasks than are desired; those that are not healthy go first. */
function stopSurplusTasks(world: World, service: ServiceRecord, primary: DeploymentRecord): void {
  const tasks = [...service.tasks].filter((task) => task.deployment === primary && task.desiredStatus === 'RUNNING');
  const surplus = tasks.length - service.desiredCount - countSuccessors(service, primary);
  if (surplus <= 0) return;
  const unhealthyFirst = [
    ...tasks.filter(({ isHealthy }) => !isHealthy),
    ...tasks.filter(({ isHealthy }) => isHealthy),
  ];
  scaleDown(world, service, unhealthyFirst.slice(0, surplus));
}

function scaleDown(world: World, service: ServiceRecord, tasks: readonly TaskRecord[]): void {
  const reason = scalingReason(service);
  for (const task of tasks) stopTask(world, task, { code: 'ServiceSchedulerInitiated', reason }, taskChanged(world));
  say(world, service, `has stopped ${tasks.length} running tasks: ${listed(tasks)}.`);
}

/**
 * Replaces tasks that fail their container health checks by tasks of the same deployment. The replacement is started
 * first, then the unhealthy task is stopped (recorded 2026), unless `maximumPercent` allows nothing above the desired count.
 */
function replaceUnhealthyTasks(world: World, service: ServiceRecord): void {
  const unhealthy = [...service.tasks].filter((task) => isUnhealthy(world, task));
  if (unhealthy.length === 0) return;
  const isRoomy = mostTasks(service) > service.desiredCount;
  const replaceable = unhealthy.filter(({ deployment }) => mayStart(world, deployment));
  const started =
    isRoomy && replaceable.length > 0 && !actingDisturbance(world, 'no-capacity', service)
      ? replaceable.map(({ deployment }) => start(world, service, deployment))
      : [];
  if (started.length > 0) {
    say(
      world,
      service,
      `has started ${started.length} tasks: ${listed(started)}. Amazon ECS replaced ${started.length} tasks due to an unhealthy status.`,
    );
  }
  const stopped = isRoomy ? unhealthy : unhealthy.slice(0, 1);
  for (const task of stopped) {
    countFailure(task.deployment);
    const { name, event } = failedCheckOf(task)!;
    say(world, service, event);
    stopTask(world, task, { code: 'ServiceSchedulerInitiated', reason: `Task failed ${name}` }, taskChanged(world));
  }
  say(world, service, `has stopped ${stopped.length} running tasks: ${listed(stopped)}.`);
}

/** `healthCheckGracePeriodSeconds` makes the scheduler look away for so long after a task's start. */
function isUnhealthy(world: World, task: TaskRecord): boolean {
  return failsCheck(task) && graceEndsAt(task) <= world.kernel.now;
}

const failsCheck = (task: TaskRecord): boolean => task.desiredStatus === 'RUNNING' && failedCheckOf(task) !== undefined;

function graceEndsAt(task: TaskRecord): number {
  return (task.startedAt?.getTime() ?? 0) + (task.service.healthCheckGracePeriodSeconds ?? 0) * 1000;
}

/**
 * Starts tasks of the PRIMARY deployment up to the desired count, as `maximumPercent` allows. While it cannot start any
 * (not taken up yet, FAILED, throttled) an older deployment makes up for tasks that were lost, up to what it had.
 */
function startMissingTasks(world: World, service: ServiceRecord, primary: DeploymentRecord): void {
  const isAble = primary.hasBegun && mayStart(world, primary);
  const deployment = isAble ? primary : standInFor(world, service, primary);
  if (!deployment) return;
  const missing = isAble
    ? missingFrom(service, primary)
    : Math.min(service.desiredCount, deployment.desiredCount) - [...service.tasks].filter(holdsPlace).length;
  const count = Math.min(missing, roomIn(service));
  if (count <= 0) return;
  const missingCapacity = actingDisturbance(world, 'no-capacity', service);
  if (missingCapacity) return failPlacement(world, service, missingCapacity.cause ?? 'capacity');
  const started = Array.from({ length: count }, () => start(world, service, deployment));
  say(world, service, `has started ${count} tasks: ${listed(started)}.`);
}

function standInFor(world: World, service: ServiceRecord, primary: DeploymentRecord): DeploymentRecord | undefined {
  const able = service.deployments.filter((other) => other !== primary && mayStart(world, other));
  return able.find(({ rolloutState }) => rolloutState === 'COMPLETED') ?? able[0];
}

/** Service events (developer guide, "Service event messages"); each goes on to point at the guide's troubleshooting section. */
const NOT_PLACED = {
  capacity: 'Capacity is unavailable at this time. Please try again later or in a different availability zone.',
  'vcpu-quota': "You've reached the limit on the number of vCPUs you can run concurrently.",
} as const;

function failPlacement(world: World, service: ServiceRecord, cause: keyof typeof NOT_PLACED): void {
  if (world.kernel.now < service.placementRetryAt) return;
  service.placementRetryAt = world.kernel.now + PLACEMENT_RETRY_MS;
  const more = 'For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.';
  say(world, service, `was unable to place a task. Reason: ${NOT_PLACED[cause]} ${more}`);
  emitServiceAction(world, service, 'SERVICE_TASK_PLACEMENT_FAILURE', 'RESOURCE:FARGATE');
}

/**
 * COMPLETED needs the desired number of tasks of the PRIMARY deployment, each passing every check that it has, and nothing left
 * of any other, or what early success criteria ask for instead (developer guide, "Early success criteria"). A task without checks need only run: the 40 s until it counts as
 * healthy are about what may be stopped, so they delay COMPLETED where there is something to replace, and nowhere else.
 */
function announceProgress(world: World, service: ServiceRecord, primary: DeploymentRecord): void {
  const inPlace = [...service.tasks].filter(takesPlace);
  const isReached =
    primary.hasBegun &&
    service.deployments.length === 1 &&
    inPlace.length === service.desiredCount &&
    inPlace.every((task) => task.isHealthy || completesAt(task) <= world.kernel.now);
  if (primary.rolloutState === 'IN_PROGRESS' && (isReached || isEarlySuccess(service, primary))) {
    completeDeployment(world, service, primary);
    // What is left of others is cleaned up after an early success.
    if (service.deployments.length > 1) wake(world, service, SCHEDULER_REACTION_MS);
  }
  const isSteady = isReached && primary.rolloutState === 'COMPLETED';
  if (isSteady && !service.isSteady) {
    say(world, service, 'has reached a steady state.');
    emitServiceAction(world, service, 'SERVICE_STEADY_STATE');
  }
  service.isSteady = isSteady;
}

/** When a task without checks has run for long enough; infinite for any other, and for one that does not run. */
function completesAt(task: TaskRecord): number {
  if (task.startedAt === undefined || task.desiredStatus !== 'RUNNING' || isChecked(task))
    return Number.POSITIVE_INFINITY;
  return task.startedAt.getTime() + COMPLETE_WITHOUT_CHECK_MS;
}

function wakeForDeadlines(world: World, service: ServiceRecord, primary: DeploymentRecord): void {
  const deadlines = [primary.hasBegun ? undefined : primary.beginsAt, primary.failsAt];
  for (const { throttledUntil, keptUntil } of service.deployments) deadlines.push(throttledUntil, keptUntil);
  deadlines.push(service.placementRetryAt, rebalancesAt(service));
  for (const task of service.tasks) {
    if (failsCheck(task)) deadlines.push(graceEndsAt(task));
    if (!task.isHealthy) deadlines.push(completesAt(task));
  }
  const next = Math.min(...deadlines.filter((at) => at !== undefined && at > world.kernel.now).map((at) => at!));
  if (Number.isFinite(next)) wake(world, service, next - world.kernel.now);
}

/** What a task tells its service's scheduler. */
export function taskChanged(world: World): (task: TaskRecord) => void {
  return (task) => {
    if (task.lastStatus === 'STOPPED') judgeStoppedTask(world, task.service, task);
    if (task.isHealthy) countHealthy(task.service, task.deployment);
    wake(world, task.service, SCHEDULER_REACTION_MS);
  };
}

const start = (world: World, service: ServiceRecord, deployment: DeploymentRecord): TaskRecord =>
  startTask(world, service, deployment, taskChanged(world));

const DIED: readonly (TaskStopCode | undefined)[] = [
  'TaskFailedToStart',
  'EssentialContainerExited',
  'InfrastructureHealth',
];

/** A task that died by itself keeps its place until it has STOPPED: only then is it replaced (recorded start times). */
function holdsPlace(task: TaskRecord): boolean {
  return task.desiredStatus === 'RUNNING' || DIED.includes(task.stop?.code);
}

function mayStart(world: World, deployment: DeploymentRecord): boolean {
  return (
    deployment.rolloutState !== 'FAILED' &&
    deployment.failsAt === undefined &&
    deployment.throttledUntil <= world.kernel.now
  );
}

function missingFrom(service: ServiceRecord, primary: DeploymentRecord): number {
  return (
    service.desiredCount - [...service.tasks].filter((task) => task.deployment === primary && holdsPlace(task)).length
  );
}

const countHealthyTasks = (service: ServiceRecord): number =>
  [...service.tasks].filter(({ isHealthy }) => isHealthy).length;
const stoppingIn = (service: ServiceRecord): number =>
  [...service.tasks].filter((task) => task.desiredStatus === 'STOPPED' && takesPlace(task)).length;

/** `maximumPercent` is rounded down, `minimumHealthyPercent` up (API: DeploymentConfiguration). */
const mostTasks = ({ desiredCount, deploymentConfiguration }: ServiceRecord): number =>
  Math.floor((desiredCount * deploymentConfiguration.maximumPercent) / 100);
const leastHealthy = ({ desiredCount, deploymentConfiguration }: ServiceRecord): number =>
  Math.ceil((desiredCount * deploymentConfiguration.minimumHealthyPercent) / 100);
const roomIn = (service: ServiceRecord): number => mostTasks(service) - [...service.tasks].filter(takesPlace).length;
