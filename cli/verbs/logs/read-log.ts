import { isRefusal } from '../../../functions/aws/faults.ts';
import type { RawDescription } from '../../../functions/aws/task-definitions.ts';
import { lastMessages } from '../../../functions/aws/task-log.ts';
import type { FailedTask } from '../../../functions/rollout/failed-task.ts';
import { lastLines, logCommand, logPlaceOf, type LogPlace } from '../../../functions/rollout/task-log.ts';
import { whyUnread } from '../../../functions/steps/read-task-logs.ts';
import type { DeployedCell } from '../../account/deployed-cell.ts';
import { describeTaskDefinition } from '../../account/running-service.ts';

/** What was found of a container's log. */
export interface FoundLog {
  /** Where it is, once that is known. */
  readonly place?: LogPlace | undefined;
  /** Oldest first; undefined where there are none. */
  readonly lines?: readonly string[] | undefined;
  /** Whether the lines are those that the rollout's record has kept: the log itself has none. */
  readonly isKept?: boolean | undefined;
  /** Why the log has none, in a sentence. */
  readonly note?: string | undefined;
}

/** Answers what reads the last lines of one container after the other; each task definition is described once. */
export function logReader(cell: DeployedCell, tail: number): (task: FailedTask) => Promise<FoundLog> {
  const described = new Map<string, Promise<RawDescription | undefined>>();
  return async (task) => {
    const { taskDefinition, logLines, container = '' } = task;
    if (container === '') return { note: 'No container of it decided.' };
    const description = described.get(taskDefinition) ?? describeTaskDefinition(cell, taskDefinition);
    described.set(taskDefinition, description);
    const place = await orWhy('ECS', async () => placeIn(await description, task, container));
    const read = typeof place === 'string' ? { note: place } : await readAt(cell, place, tail);
    return read.lines || !logLines ? read : { ...read, lines: logLines.slice(-tail), isKept: true };
  };
}

function placeIn(
  description: RawDescription | undefined,
  { taskArn }: FailedTask,
  container: string,
): LogPlace | string {
  if (description === undefined) return 'ECS has forgotten the task definition, which says where the log is.';
  return logPlaceOf(description.taskDefinition, container, taskArn);
}

async function readAt({ clients, region }: DeployedCell, place: LogPlace, tail: number): Promise<FoundLog> {
  if (place.region !== region) return { place, note: `The log is in ${place.region}; this reads in ${region} only.` };
  const lines = await orWhy('CloudWatch Logs', async () =>
    lastLines(await lastMessages(clients.logs, { ...place, count: tail }), tail, Infinity),
  );
  if (typeof lines === 'string') return { place, note: lines };
  return lines.length > 0 ? { place, lines } : { place, note: 'CloudWatch Logs has no line of it.' };
}

/** What comes of it, or why AWS refuses it; any other failure ends the run. */
async function orWhy<Result>(whose: string, work: () => Promise<Result>): Promise<Result | string> {
  try {
    return await work();
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return whyUnread(error, whose);
  }
}

/** What reads the log, where it is known where that is. */
export function commandOf({ place }: FoundLog): string | undefined {
  return place && logCommand(place);
}
