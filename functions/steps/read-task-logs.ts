import type { EcsReader, LogsClient } from '../aws/client-kinds.ts';
import { isFault } from '../aws/faults.ts';
import { describeRaw } from '../aws/task-definitions.ts';
import { lastMessages } from '../aws/task-log.ts';
import type { FailedTask } from '../rollout/failed-task.ts';
import { fitsGlob } from '../rollout/glob.ts';
import { plainText } from '../rollout/identifiers.ts';
import { lastLines, LINES_KEPT, logCommand, logPlaceOf, type LogPlace, type TaskLog } from '../rollout/task-log.ts';
import { NoAnswer, patienceOf, type Patience } from './patience.ts';

/** Milliseconds that all logs of a rollout may take: what is not read by then is said to be unread. */
const WITHIN_MS = 2000;

/** What reads logs; which group it may read is undefined where that is none. */
interface LogReader {
  readonly ecs: EcsReader;
  readonly logs: LogsClient;
  readonly readableGroup: string | undefined;
}

/** The last lines of the containers that decided, by the ARN of the task. It never fails: why there are none is said instead. */
export async function readTaskLogs(
  reader: LogReader,
  tasks: readonly FailedTask[],
): Promise<ReadonlyMap<string, TaskLog>> {
  if (tasks.length === 0) return new Map();
  const patience = patienceOf(WITHIN_MS);
  const read = tasks.map(async (task) => [task.taskArn, await readTaskLog(reader, task, patience)] as const);
  return new Map(await Promise.all(read));
}

async function readTaskLog(reader: LogReader, task: FailedTask, patience: Patience): Promise<TaskLog> {
  const place = await orSentence(placeOf(reader.ecs, task), 'ECS', patience);
  if (typeof place === 'string') return { logNote: place };
  const refusal = refusalOf(place, task, reader.readableGroup);
  const lines = refusal ?? (await orSentence(linesAt(reader.logs, place, patience), 'CloudWatch Logs', patience));
  return typeof lines === 'string' ? { logNote: lines, logCommand: logCommand(place) } : { logLines: lines };
}

/** What comes of the work, or why nothing does. */
async function orSentence<Result>(work: Promise<Result>, whose: string, patience: Patience): Promise<Result | string> {
  try {
    return await patience.within(whose, work);
  } catch (error) {
    return error instanceof NoAnswer ? error.message : whyUnread(error, whose);
  }
}

/** Why a service did not show a log, in a sentence. */
export function whyUnread(error: unknown, whose: string): string {
  if (isFault(error, 'ResourceNotFoundException')) return 'CloudWatch Logs has no such log group or stream.';
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  const line = plainText(`${whose} did not show it: ${name}: ${message}`, 300);
  return /[.!?…]$/.test(line) ? line : `${line}.`;
}

/** The task definition is forgotten at once, and of its values none but where the container logs is ever looked at. */
async function placeOf(
  ecs: EcsReader,
  { taskArn, taskDefinition, container = '' }: FailedTask,
): Promise<LogPlace | string> {
  const described = await describeRaw(ecs, taskDefinition);
  return described
    ? logPlaceOf(described.taskDefinition, container, taskArn)
    : 'ECS has forgotten the task definition, which says where the log is.';
}

function refusalOf(
  { group, region }: LogPlace,
  { taskArn }: FailedTask,
  readable: string | undefined,
): string | undefined {
  if (region !== taskArn.split(':')[3])
    return `The log is in ${plainText(region, 50)}, and is not read from another Region.`;
  if (readable !== undefined && fitsGlob(group, readable)) return undefined;
  return `The log group is not one that rollouts may read: name it as logGroup in the configuration.`;
}

async function linesAt(
  logs: LogsClient,
  place: LogPlace,
  { abortSignal }: Patience,
): Promise<readonly string[] | string> {
  const lines = lastLines(await lastMessages(logs, { ...place, count: LINES_KEPT, abortSignal }));
  return lines.length > 0 ? lines : 'CloudWatch Logs had no line of it by then.';
}
