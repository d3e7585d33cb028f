import { actingDisturbance } from './disturbances.ts';
import type { DeploymentRecord, Leaving, ServiceRecord, TaskRecord, TaskStop, World } from './model.ts';
import { say, listed } from './service-messages.ts';

/** What the scheduler does for this file. */
export interface Hands {
  readonly start: () => TaskRecord;
  readonly stop: (task: TaskRecord, stop: TaskStop) => void;
  readonly mayStart: boolean;
  /** Tasks that `maximumPercent` still allows. */
  readonly room: number;
  /** Whether `maximumPercent` ever allows more tasks than are desired. */
  readonly mayExceed: boolean;
}

/**
 * Replaces tasks that are to leave: the successor is started first and the task is stopped when that is healthy, with one task
 * more than are desired meanwhile; where `maximumPercent` never has room for that the task goes first. Those of older deployments are
 * replaced by the deployment anyway.
 */
export function replaceLeavingTasks(
  world: World,
  service: ServiceRecord,
  primary: DeploymentRecord,
  handsNow: () => Hands,
): void {
  for (const task of leavingTasks(service, primary)) {
    const { leaving } = task;
    if (leaving.successor?.desiredStatus === 'STOPPED') leaving.successor = undefined;
    const hands = handsNow();
    if (leaving.successor) {
      if (leaving.successor.isHealthy) stop(world, service, task, hands);
      continue;
    }
    const isDue = hands.room > 0 && hands.mayStart;
    if (isDue && !actingDisturbance(world, 'no-capacity', service)) startSuccessor(world, service, task, hands);
    else if (!hands.mayExceed) stop(world, service, task, hands);
  }
}

type LeavingTask = TaskRecord & { readonly leaving: Leaving };

function leavingTasks(service: ServiceRecord, primary: DeploymentRecord): LeavingTask[] {
  return [...service.tasks].filter(
    (task): task is LeavingTask =>
      task.leaving !== undefined && task.deployment === primary && task.desiredStatus === 'RUNNING',
  );
}

/** How many tasks of the PRIMARY deployment stand beside those that they replace. */
export function countSuccessors(service: ServiceRecord, primary: DeploymentRecord): number {
  return leavingTasks(service, primary).filter(({ leaving }) => leaving.successor?.desiredStatus === 'RUNNING').length;
}

function startSuccessor(world: World, service: ServiceRecord, task: LeavingTask, { start }: Hands): void {
  const successor = start();
  task.leaving.successor = successor;
  const where = task.leaving.why === 'rebalancing' ? ` in ${successor.availabilityZone} to AZ Rebalance` : '';
  say(world, service, `has started 1 tasks${where}: ${listed([successor])}.`);
}

function stop(world: World, service: ServiceRecord, task: LeavingTask, hands: Hands): void {
  const isRebalancing = task.leaving.why === 'rebalancing';
  hands.stop(task, {
    code: 'ServiceSchedulerInitiated',
    reason: isRebalancing ? scalingReason(service) : maintenanceReason(service),
  });
  const where = isRebalancing ? ` in ${task.availabilityZone} due to AZ rebalancing` : '';
  say(world, service, `has stopped 1 running tasks${where}: ${listed([task])}.`);
}

/** What the scheduler says of tasks that it stops for no fault of theirs; no record shows another text for rebalancing. */
export function scalingReason(service: ServiceRecord): string {
  return `Scaling activity initiated by (deployment ${service.deployments[0]!.id})`;
}

/** Fargate's task retirement and a failed host (developer guide, "Task retirement and maintenance"); the prefix as seen in 2025. */
export function maintenanceReason({ name }: ServiceRecord): string {
  return `Service ${name}: ECS is performing maintenance on the underlying infrastructure hosting the task`;
}
