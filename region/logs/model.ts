import type { RecordMetric, RegionContext } from '../service.ts';

/** One log event. */
export interface LogEvent {
  /** Virtual milliseconds since the epoch. */
  readonly timestamp: number;
  readonly message: string;
  readonly logStreamName: string;
  readonly eventId: string;
}

/** A log group with its streams. */
export interface LogGroup {
  readonly name: string;
  /** Without the `:*` that CloudFormation's `Arn` ends with. */
  readonly arn: string;
  readonly createdAt: number;
  retentionInDays: number | undefined;
  /** Oldest first. */
  readonly events: LogEvent[];
  /** What the events weigh in memory, about, in bytes. */
  weight: number;
  /** Virtual instant of each stream's first event, by name. */
  readonly streams: Map<string, number>;
}

/** What CloudWatch Logs knows. */
export interface LogsState {
  /** By name. */
  readonly groups: Map<string, LogGroup>;
  /** Names of groups that were deleted: who still writes to one is not heard. */
  readonly deletedGroups: Set<string>;
  /** How many events were written, for the ids of the next. */
  written: number;
}

/** What CloudWatch Logs needs of the region. */
export interface LogsPorts extends RegionContext {
  readonly recordMetric: RecordMetric;
}

export interface LogGroups extends LogsPorts {
  readonly state: LogsState;
}

/** No group. */
export function newLogsState(): LogsState {
  return { groups: new Map(), deletedGroups: new Set(), written: 0 };
}
