import type { HistoryEvent } from '@aws-sdk/client-sfn';
import type { Execution } from './execution.ts';
import { withoutExecutionData } from './history.ts';

/** Appends one message to a CloudWatch Logs stream, which it creates when needed. */
export type WriteLog = (logGroupArn: string, logStreamName: string, message: string) => void;

const LEVEL_RANKS = { ALL: 0, ERROR: 1, FATAL: 2, OFF: 3 } as const;
const FATAL_TYPES = new Set(['ExecutionFailed', 'ExecutionAborted', 'ExecutionTimedOut']);
const ERROR_TYPES = new Set(['TaskFailed', 'TaskTimedOut', 'EvaluationFailed', 'FailStateEntered']);

/** Writes `event` to the state machine's log group when its LoggingConfiguration asks for it. */
export function logEvent(execution: Execution, event: HistoryEvent, writeLog: WriteLog | undefined): void {
  const { level = 'OFF', includeExecutionData = false, destinations = [] } = execution.machine.logging;
  if (writeLog === undefined || level === 'OFF') return;
  if (rankOf(event.type!) < LEVEL_RANKS[level]) return;
  const { id, type, timestamp, previousEventId, ...details } = includeExecutionData
    ? event
    : withoutExecutionData(event);
  const message = JSON.stringify({
    id: String(id),
    type,
    details: Object.values(details)[0] ?? {},
    previous_event_id: String(previousEventId),
    event_timestamp: String(timestamp!.getTime()),
    execution_arn: execution.arn,
    redrive_count: String(execution.redriveCount),
  });
  const stream = `states/${execution.machine.name}/${new Date(execution.startedAt).toISOString().slice(0, 16).replace(/[T:]/g, '-')}/${execution.machine.revisionId.slice(0, 8)}`;
  for (const destination of destinations) {
    const arn = destination.cloudWatchLogsLogGroup?.logGroupArn;
    if (arn !== undefined) writeLog(arn, stream, message);
  }
}

function rankOf(type: string): number {
  if (FATAL_TYPES.has(type)) return LEVEL_RANKS.FATAL;
  return ERROR_TYPES.has(type) ? LEVEL_RANKS.ERROR : LEVEL_RANKS.ALL;
}
