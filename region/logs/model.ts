import type { RecordMetric, RegionContext } from '../service.ts';

/** One log event. */
export interface LogEvent {
  /** When it was written, in virtual milliseconds since the epoch. */
  readonly timestamp: number;
  /** From when on it can be read. */
  readonly ingestedAt: number;
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
  /** When each stream was created, in virtual milliseconds since the epoch, by name: in that order. */
  readonly streams: Map<string, number>;
}

/** Counts the lines of a group that match a pattern in a metric without dimensions. */
export interface MetricFilter {
  readonly name: string;
  readonly logGroupName: string;
  readonly pattern: string;
  readonly namespace: string;
  readonly metricName: string;
  /** What each line counts. */
  readonly value: number;
}

/** What CloudWatch Logs knows. */
export interface LogsState {
  /** By name. */
  readonly groups: Map<string, LogGroup>;
  /** Names of groups that were deleted: who still writes to one is not heard. */
  readonly deletedGroups: Set<string>;
  /** By name. */
  readonly metricFilters: Map<string, MetricFilter>;
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

/** No group, no filter. */
export function newLogsState(): LogsState {
  return { groups: new Map(), deletedGroups: new Set(), metricFilters: new Map(), written: 0 };
}
