import { newestRecords } from '../../functions/aws/history.ts';
import { describeTasks } from '../../functions/aws/service.ts';
import type { FailedTask } from '../../functions/rollout/failed-task.ts';
import type { RolloutRecord } from '../../functions/rollout/ledger.ts';
import { cellVerb } from '../account/cell-verb.ts';
import type { DeployedCell } from '../account/deployed-cell.ts';
import { UsageError, wholeNumber, type Answered } from '../terminal/command.ts';
import { wrapped } from '../terminal/layout.ts';
import { logsJson, logsLines, logsSchema, type Logs, type LogsDocument } from './logs/logs-told.ts';
import { logReader } from './logs/read-log.ts';

const TAIL = 20;
/** What GetLogEvents answers at once. */
const TAIL_MAX = 10_000;
/** Newest rollouts among which the one that failed is looked for. */
const RECORDS_READ = 50;
/** Running tasks that are read: one copy of a log says mostly what the others say. */
const TASKS_MAX = 10;

/** `rollouts logs`: what containers wrote last. */
export const logs = cellVerb({
  name: 'logs',
  summary: 'Shows what the containers of failed tasks wrote last, or those of running ones.',
  options: {
    rollout: {
      type: 'string',
      placeholder: 'ID',
      summary: 'That rollout, failed or not; a few first letters suffice.',
    },
    running: { type: 'boolean', summary: 'The tasks that run, whatever failed.' },
    tail: { type: 'string', placeholder: 'N', summary: `Lines of each container. [${TAIL}]` },
  },
  schema: logsSchema,
  ask(flags) {
    const named = flags['rollout'] as string | undefined;
    if (named !== undefined && flags['running'] === true)
      throw new UsageError('--rollout names a rollout that ended, and --running means none: leave one of them out');
    return { named, isRunning: flags['running'] === true, tail: wholeNumber(flags, 'tail', TAIL, 1, TAIL_MAX) };
  },
  async runIn(cell, { named, isRunning, tail }) {
    const record = isRunning ? undefined : await meantRecord(cell, named);
    if (record === undefined && named !== undefined) return noneNamed(cell, named);
    const { tasks, more } = record ? { tasks: record.failedTasks ?? [], more: 0 } : await runningTasks(cell);
    const read = logReader(cell, tail);
    const found: Logs = { record, more, tasks: [] };
    for (const task of tasks) found.tasks.push({ task, ...(await read(task)) });
    return answered(cell, found);
  },
});

/** The rollout that is named, else the last that failed for a task, unless one has proven an image since. */
async function meantRecord(cell: DeployedCell, named: string | undefined): Promise<RolloutRecord | undefined> {
  const { records } = await newestRecords(cell.ledger, { count: RECORDS_READ, idPrefix: named });
  if (named === undefined) {
    const last = records.find(({ outcome, failedTasks }) => failedTasks !== undefined || outcome === 'SUCCEEDED');
    return last?.failedTasks && last;
  }
  if (records.length > 1)
    throw new UsageError(
      `--rollout ${named}: ${records.length} rollouts begin so; give more of the id (rollouts history)`,
    );
  return records[0];
}

/** A container of each running task for each that takes the image. */
async function runningTasks({ clients, config }: DeployedCell): Promise<{ tasks: FailedTask[]; more: number }> {
  const running = await describeTasks(clients.ecs, config, 'RUNNING');
  const newest = running.sort((one, other) => (other.startedAt ?? 0) - (one.startedAt ?? 0)).slice(0, TASKS_MAX);
  const tasks = newest.flatMap(({ taskArn, taskDefinition }) =>
    config.containers.map((container) => ({ taskArn, taskDefinition, container })),
  );
  return { tasks, more: running.length - newest.length };
}

function noneNamed(cell: DeployedCell, named: string): Answered<LogsDocument> {
  const document = logsJson(cell, { record: undefined, tasks: [], more: 0 });
  return { document, lines: wrapped(`No rollout ${named} has ended.`), exitCode: 1 };
}

/** It failed where there are tasks, and of none of them a line. */
function answered(cell: DeployedCell, found: Logs): Answered<LogsDocument> {
  const { tasks } = found;
  const hasFailed = tasks.length > 0 && tasks.every(({ lines }) => lines === undefined);
  return { document: logsJson(cell, found), lines: logsLines(found), exitCode: hasFailed ? 1 : 0 };
}
