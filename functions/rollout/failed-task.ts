import { plainText, revisionName, type TaskDefinitionArn } from './identifiers.ts';
import type { ContainerFacts, TaskFacts } from './service-facts.ts';
import type { TaskLog } from './task-log.ts';

/** The task that a verdict names, as ECS described it then: ECS forgets a stopped task after an hour. */
export interface FailedTask extends TaskLog {
  readonly taskArn: string;
  /** The revision that it ran. */
  readonly taskDefinition: TaskDefinitionArn;
  /** The container that decided, where one did. */
  readonly container?: string | undefined;
  readonly exitCode?: number | undefined;
  /** ECS's own word, such as `EssentialContainerExited`; a task that still ran has none. */
  readonly stopCode?: string | undefined;
  /** Why it stopped, in ECS's words and in one line; the container's reason where it has one of its own. */
  readonly reason?: string | undefined;
}

/** What is kept of a task in which `container` decided. */
export function failedTask(task: TaskFacts, container: ContainerFacts | undefined): FailedTask {
  const { taskArn, taskDefinition, stopCode, stoppedReason } = task;
  const own = container?.reason;
  const words = own === undefined || stoppedReason?.includes(own) ? [stoppedReason] : [stoppedReason, own];
  const reason = plainText(words.filter(Boolean).join('; '));
  return {
    taskArn,
    taskDefinition,
    container: container && plainText(container.name),
    exitCode: container?.exitCode,
    stopCode: stopCode === undefined ? undefined : plainText(stopCode),
    reason: reason === '' ? undefined : reason,
  };
}

/** `container api, exit code 1, EssentialContainerExited: …`. */
export function failureText({ container, exitCode, stopCode, reason }: FailedTask): string {
  const what = [
    container === undefined ? undefined : `container ${container}`,
    exitCode === undefined ? undefined : `exit code ${exitCode}`,
    stopCode ?? 'still running when it was judged',
  ];
  const words = what.filter((word) => word !== undefined).join(', ');
  return reason === undefined ? words : `${words}: ${reason}`;
}

/** Which task it was: `0123 of api:4`. */
export function taskText({ taskArn, taskDefinition }: FailedTask): string {
  return `${taskArn.slice(taskArn.lastIndexOf('/') + 1)} of ${revisionName(taskDefinition)}`;
}

/** Whether a container of it can have written anything: one that never started has no exit code, and no log. */
export function mayHaveWritten({ container, stopCode, exitCode }: FailedTask): boolean {
  return container !== undefined && (stopCode === undefined || exitCode !== undefined);
}

/** The same tasks with what is known of their logs, by the ARN of the task. */
export function withLogs(
  tasks: readonly FailedTask[] | undefined,
  logs: ReadonlyMap<string, TaskLog> | undefined,
): readonly FailedTask[] | undefined {
  return logs ? tasks?.map((task) => ({ ...task, ...logs.get(task.taskArn) })) : tasks;
}

/** The same with at most so many of the last lines of each log. */
export function withLogLines<Of extends { readonly failedTasks?: readonly FailedTask[] | undefined }>(
  record: Of,
  count: number,
): Of {
  if (!record.failedTasks?.some(({ logLines }) => logLines)) return record;
  const failedTasks = record.failedTasks.map(({ logLines, ...task }) =>
    logLines && count > 0 ? { ...task, logLines: logLines.slice(-count) } : task,
  );
  return { ...record, failedTasks };
}
