import { consoleLinks } from './console-links.ts';
import type { FailedTask } from './failed-task.ts';
import type { RolloutRecord } from './ledger.ts';

/** Where AWS's console shows what a record tells of. */
export interface RecordLinks {
  readonly execution: string;
  readonly service: string;
  /** The task that a verdict names, else all of the service's. */
  readonly task: string;
  /** The logs of that task, else of the service. */
  readonly log: string;
}

/** The pages of AWS's console about a rollout and the task, if any, that a verdict names; undefined where no console is known. */
export function recordLinks(
  { executionArn, service }: Pick<RolloutRecord, 'executionArn' | 'service'>,
  task: Pick<FailedTask, 'taskArn'> | undefined,
): RecordLinks | undefined {
  const [, partition = '', , region = ''] = executionArn.split(':');
  const to = consoleLinks(partition, region);
  if (!to) return undefined;
  const [cluster = '', serviceName = ''] = service.split('/');
  const taskId = task?.taskArn.slice(task.taskArn.lastIndexOf('/') + 1);
  return {
    execution: to.execution(executionArn),
    service: to.service(cluster, serviceName),
    task: taskId === undefined ? to.tasks(cluster, serviceName) : to.task(cluster, taskId),
    log: taskId === undefined ? to.serviceLogs(cluster, serviceName) : to.taskLogs(cluster, taskId),
  };
}
