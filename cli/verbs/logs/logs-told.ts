import { z } from 'zod';
import type { FailedTask } from '../../../functions/rollout/failed-task.ts';
import type { RolloutRecord } from '../../../functions/rollout/ledger.ts';
import { revisionName } from '../../../functions/rollout/identifiers.ts';
import type { DeployedCell } from '../../account/deployed-cell.ts';
import { list, serviceDocument } from '../../terminal/document.ts';
import { copiedLines, labelledLines, wrapped } from '../../terminal/layout.ts';
import { markedLines } from '../history/log-text.ts';
import { failedTaskTexts } from '../history/records.ts';
import { commandOf, type FoundLog } from './read-log.ts';

/** What was found of each container, and of which rollout they are: undefined for tasks that run. */
export interface Logs {
  readonly record: RolloutRecord | undefined;
  readonly tasks: ({ readonly task: FailedTask } & FoundLog)[];
  /** Tasks that run and were not read. */
  readonly more: number;
}

const loggedSchema = z.strictObject({
  taskArn: z.string().describe('ARN of the task.'),
  taskDefinition: z.string().describe('ARN of the revision that it runs, or ran.'),
  container: z.string().nullable().describe('The container that wrote; null where none decided.'),
  lines: list(z.string()).nullable().describe('What it wrote last, oldest first; null where nothing was found.'),
  source: z
    .enum(['log', 'record'])
    .nullable()
    .describe("Where the lines are from: the log, or the rollout's record, which keeps 20 at most."),
  note: z.string().nullable().describe('Why the log had none, for people.'),
  command: z
    .string()
    .nullable()
    .describe('What reads the log, for a POSIX shell; null where it is not known where that is.'),
});

/** The document of `rollouts logs`. */
export const logsSchema = serviceDocument({
  rolloutId: z.string().nullable().describe('The rollout whose failed tasks these are; null for tasks that run.'),
  tasks: list(loggedSchema).describe('One for each container of a task.'),
  more: z.number().describe('Tasks that run and were not read: at most ten are, the newest.'),
});
export type LogsDocument = z.infer<typeof logsSchema>;

/** For machines. */
export function logsJson({ config }: Pick<DeployedCell, 'config'>, { record, tasks, more }: Logs): LogsDocument {
  return {
    schema: 1,
    service: config.service,
    rolloutId: record?.rolloutId ?? null,
    tasks: tasks.map(loggedJson),
    more,
  };
}

function loggedJson({ task, ...found }: Logs['tasks'][number]): z.infer<typeof loggedSchema> {
  const { taskArn, taskDefinition, container = null } = task;
  const { lines = null, isKept, note = null } = found;
  const source = lines && (isKept ? 'record' : 'log');
  return { taskArn, taskDefinition, container, lines, source, note, command: commandOf(found) ?? null };
}

/** For people. */
export function logsLines({ record, tasks, more }: Logs): string[] {
  if (tasks.length === 0) return wrapped(record ? noTask(record) : 'No task runs.');
  const head = record ? labelledLines([['Rollout', [`${record.rolloutId}, ${record.outcome}`]]]) : [];
  const rest = more > 0 ? wrapped(`${more} more ${more === 1 ? 'task runs' : 'tasks run'}.`) : [];
  return [...head, ...tasks.flatMap((found) => loggedLines(found, record !== undefined)), ...rest];
}

function noTask({ rolloutId, outcome }: RolloutRecord): string {
  return `Rollout ${rolloutId} ended ${outcome}, and no task decided that. Logs of the running ones: rollouts logs --running`;
}

function loggedLines({ task, lines = [], isKept, note, ...found }: Logs['tasks'][number], isFailed: boolean): string[] {
  const label = isFailed ? 'Failed task' : 'Task';
  const told = note !== undefined && isKept ? `${note} These lines are from the rollout's record.` : note;
  const command = note === undefined ? undefined : commandOf(found);
  return [
    ...labelledLines([[label, [...textsOf(task, isFailed), ...(told === undefined ? [] : [told])]]]),
    ...(command === undefined ? [] : copiedLines([command])),
    ...markedLines(lines),
  ];
}

function textsOf(task: FailedTask, isFailed: boolean): string[] {
  if (isFailed) return failedTaskTexts(task);
  const id = task.taskArn.slice(task.taskArn.lastIndexOf('/') + 1);
  return [`${id} of ${revisionName(task.taskDefinition)}`, `container ${task.container}`];
}
