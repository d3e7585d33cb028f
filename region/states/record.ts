import type { HistoryEventType } from '@aws-sdk/client-sfn';
import type { Execution } from './execution.ts';
import { recordEvent, type HistoryDetails } from './history.ts';
import type { Workflows } from './model.ts';
import { logEvent } from './write-logs.ts';

/** Adds an event to the history of an execution, and to its log where it has one; answers the event's id. */
export function record(
  { kernel, writeLog }: Workflows,
  execution: Execution,
  type: HistoryEventType,
  details?: HistoryDetails,
  isFirst?: boolean,
): number {
  const event = recordEvent(execution, kernel.now, type, details, isFirst);
  logEvent(execution, event, writeLog);
  return event.id!;
}
