import type { TaskRecord } from './model.ts';

/** A check that a running task fails, in the words of ECS. */
export interface FailedCheck {
  /** As in `Task failed …`. */
  readonly name: string;
  /** The service event. */
  readonly event: string;
}

/** The check for which a task is to be replaced: its containers', else a load balancer's; undefined for none. */
export function failedCheckOf(task: TaskRecord): FailedCheck | undefined {
  if (task.healthStatus === 'UNHEALTHY') {
    return { name: 'container health checks', event: `(task ${task.id}) failed container health checks.` };
  }
  const target = task.targets.find(({ health }) => health === 'unhealthy');
  if (!target) return undefined;
  const group = `(target-group ${target.group.arn})`;
  return {
    name: `ELB health checks in ${group}`,
    event: `(task ${task.id}) (port ${target.port}) is unhealthy in ${group} due to (reason Health checks failed)`,
  };
}
