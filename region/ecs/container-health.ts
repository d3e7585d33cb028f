import type { HealthCheck, HealthStatus } from '@aws-sdk/client-ecs';
import { passesFromSecond, type Behaviour } from './behaviour.ts';
import { isEssential, type ContainerRecord, type TaskRecord, type World } from './model.ts';

/** A change of a container's health, so many milliseconds after its start. */
interface HealthChange {
  readonly afterMs: number;
  readonly status: HealthStatus;
}

/**
 * When a health check changes its mind. Checks run every `interval` from the start on; failures within `startPeriod` do
 * not count; `retries` counted failures in a row make it UNHEALTHY, one success HEALTHY (API: HealthCheck).
 */
export function healthChanges(check: HealthCheck, behaviour: Behaviour): HealthChange[] {
  const interval = check.interval ?? 30;
  const startPeriod = check.startPeriod ?? 0;
  const passesFrom = passesFromSecond(behaviour);
  const healthyAt = Math.max(1, Math.ceil(passesFrom / interval)) * interval;
  const unhealthyAt = (Math.floor(startPeriod / interval) + (check.retries ?? 3)) * interval;
  const healthy: HealthChange = { afterMs: healthyAt * 1000, status: 'HEALTHY' };
  if (healthyAt <= unhealthyAt) return [healthy];
  const unhealthy: HealthChange = { afterMs: unhealthyAt * 1000, status: 'UNHEALTHY' };
  return Number.isFinite(healthyAt) ? [unhealthy, healthy] : [unhealthy];
}

/** Schedules the health changes of a task that has just started; false when no essential container has a health check. */
export function watchHealth(world: World, task: TaskRecord, onChange: (task: TaskRecord) => void): boolean {
  const watched = task.containers.filter(({ definition }) => definition.healthCheck !== undefined);
  for (const container of watched) {
    for (const { afterMs, status } of healthChanges(container.definition.healthCheck!, checkedBehaviour(container))) {
      const label = `ecs task ${task.id.slice(0, 8)} ${container.definition.name} ${status}`;
      const timer = world.kernel.after(afterMs, 'timer', label, () => {
        task.timers.delete(timer);
        container.healthStatus = status;
        world.tell(task);
        if (reckonHealth(task)) onChange(task);
      });
      task.timers.add(timer);
    }
  }
  return watched.some(isEssential);
}

/** Whether anything is asked of the task beyond that it runs: a target group's check, or that of an essential container. */
export function isChecked({ containers, targets }: TaskRecord): boolean {
  return (
    targets.length > 0 ||
    containers.some((container) => isEssential(container) && container.definition.healthCheck !== undefined)
  );
}

/** The health check asks at a port that the task definition maps: an image that listens on another one never answers it. */
function checkedBehaviour({ behaviour, listensOn, definition }: ContainerRecord): Behaviour {
  const mapped = (definition.portMappings ?? []).map(({ containerPort }) => containerPort);
  const isElsewhere = listensOn !== undefined && mapped.length > 0 && !mapped.includes(listensOn);
  return isElsewhere ? { kind: 'never-healthy' } : behaviour;
}

/**
 * The task's own status follows from its essential containers: any UNHEALTHY, else any UNKNOWN, else HEALTHY. For the
 * service it counts as healthy when all essential containers *with* a check pass (a sidecar without one does not hold it
 * up) and all its targets do. True when either changed.
 */
export function reckonHealth(task: TaskRecord): boolean {
  const essential = task.containers.filter(isEssential);
  const has = (status: HealthStatus): boolean => essential.some(({ healthStatus }) => healthStatus === status);
  const before = task.healthStatus;
  const wasHealthy = task.isHealthy;
  task.healthStatus = has('UNHEALTHY') ? 'UNHEALTHY' : has('UNKNOWN') ? 'UNKNOWN' : 'HEALTHY';
  task.isHealthy =
    essential.every(({ definition, healthStatus }) => !definition.healthCheck || healthStatus === 'HEALTHY') &&
    task.targets.every(({ health }) => health === 'healthy');
  task.wasHealthy ||= task.isHealthy;
  if (wasHealthy && !task.isHealthy) task.service.isSteady = false;
  return before !== task.healthStatus || wasHealthy !== task.isHealthy;
}
