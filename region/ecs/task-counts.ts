import type { DeploymentRecord, ServiceRecord, TaskRecord } from './model.ts';

/** How many tasks of a deployment are wanted, up, and on their way. */
interface TaskCounts {
  readonly desiredCount: number;
  readonly running: number;
  readonly pending: number;
}

/** Containers are up until they have been stopped, so a task that is being stopped still counts as running. */
const isUp = ({ lastStatus }: TaskRecord): boolean =>
  lastStatus === 'RUNNING' || lastStatus === 'DEACTIVATING' || lastStatus === 'STOPPING';
const isComing = ({ lastStatus }: TaskRecord): boolean =>
  lastStatus === 'PROVISIONING' || lastStatus === 'PENDING' || lastStatus === 'ACTIVATING';

/**
 * Takes a place under `maximumPercent`: PENDING, RUNNING or STOPPING (developer guide, "Updating a service"). A task
 * that is only torn down (DEPROVISIONING) takes none.
 */
export const takesPlace = (task: TaskRecord): boolean => isUp(task) || isComing(task);

/** Of an older deployment, only the tasks that it still keeps are desired. */
export function countsOf(service: ServiceRecord, deployment: DeploymentRecord): TaskCounts {
  let running = 0;
  let pending = 0;
  let kept = 0;
  for (const task of service.tasks) {
    if (task.deployment !== deployment) continue;
    if (isUp(task)) running += 1;
    else if (isComing(task)) pending += 1;
    if (task.desiredStatus === 'RUNNING') kept += 1;
  }
  return { desiredCount: deployment.status === 'PRIMARY' ? deployment.desiredCount : kept, running, pending };
}

/** Tasks of the whole service that are up, and that are coming. */
export function totalsOf(service: ServiceRecord): { readonly running: number; readonly pending: number } {
  let running = 0;
  let pending = 0;
  for (const task of service.tasks) {
    if (isUp(task)) running += 1;
    else if (isComing(task)) pending += 1;
  }
  return { running, pending };
}
