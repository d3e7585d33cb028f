import { z } from 'zod';
import type { ResourceCreator, ResourceUpdater, Service } from '../service.ts';
import { embeddedMetrics } from './emf.ts';
import { addGroup, appendLine, groupNamed, openStream, removeGroup } from './log-groups.ts';
import { countLine, metricFilterResource, metricFilterUpdater } from './metric-filters.ts';
import { newLogsState, type LogEvent, type LogGroups, type LogsPorts, type LogsState } from './model.ts';
import { logsOperations } from './operations.ts';
import { readProperties } from '../properties.ts';
import { partitionOf } from '../partition.ts';

export { MalformedMetrics } from './emf.ts';
export type { LogEvent } from './model.ts';

/** CloudWatch Logs, in memory. */
export interface Logs extends Service {
  /** Creates a stream unless it is there; answers whether there is such a group. */
  readonly openStream: (logGroupName: string, logStreamName: string) => boolean;
  /** Appends a line, to be read `lagMs` later (at once by default), and records the metrics that it embeds or is counted in; throws `ResourceNotFoundException` for a group that never was, or `MalformedMetrics`. */
  readonly writeLog: (logGroupName: string, logStreamName: string, line: string, lagMs?: number) => void;
  /** The events of a group, oldest first; throws `ResourceNotFoundException`. */
  readonly eventsOf: (logGroupName: string) => readonly LogEvent[];
}

/** Creates CloudWatch Logs, empty unless told. Events go when their group's retention is over, and when they are too many to remember. */
export function createLogs(ports: LogsPorts, state: LogsState = newLogsState()): Logs {
  const logs: LogGroups = { ...ports, state };
  return {
    id: 'logs',
    state,
    operations: logsOperations(logs),
    resources: {
      'AWS::Logs::LogGroup': logGroupResource(logs),
      'AWS::Logs::MetricFilter': metricFilterResource(logs),
    },
    updaters: {
      'AWS::Logs::LogGroup': logGroupUpdater(logs),
      'AWS::Logs::MetricFilter': metricFilterUpdater(logs),
    },
    deleters: {
      'AWS::Logs::LogGroup': ({ current }) => removeGroup(logs, current.ref),
      'AWS::Logs::MetricFilter': ({ current }) => void state.metricFilters.delete(current.ref),
    },
    openStream(logGroupName, logStreamName) {
      const group = state.groups.get(logGroupName);
      if (group) openStream(logs, group, logStreamName);
      return group !== undefined;
    },
    writeLog(logGroupName, logStreamName, line, lagMs = 0) {
      // Whoever outlives its log group (a function that still runs, an execution) loses its lines without a word.
      if (state.deletedGroups.has(logGroupName)) return;
      appendLine(logs, logGroupName, logStreamName, line, lagMs);
      for (const { namespace, name, dimensions, value } of embeddedMetrics(line)) {
        logs.recordMetric(namespace, name, dimensions, value);
      }
      countLine(logs, logGroupName, line);
    },
    eventsOf: (logGroupName) => groupNamed(logs, logGroupName).events,
  };
}

/** The numbers of days that PutRetentionPolicy accepts. */
const RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const;

const logGroupProperties = z.strictObject({
  LogGroupClass: z.literal('STANDARD').optional(),
  LogGroupName: z
    .string()
    .regex(/^[\w.\-/#]{1,512}$/)
    .optional(),
  RetentionInDays: z.literal(RETENTION_DAYS).optional(),
  Tags: z.array(z.strictObject({ Key: z.string(), Value: z.string() })).optional(),
});

function logGroupResource(logs: LogGroups): ResourceCreator {
  const { account, region, kernel } = logs;
  return (logicalId, properties, stackName) => {
    const given = readProperties(logGroupProperties, `AWS::Logs::LogGroup ${logicalId}`, properties);
    const name = given.LogGroupName ?? `${stackName}-${logicalId}-${kernel.random.hex(12)}`;
    const arn = `arn:${partitionOf(region)}:logs:${region}:${account}:log-group:${name}`;
    addGroup(logs, {
      name,
      arn,
      createdAt: kernel.now,
      retentionInDays: given.RetentionInDays,
      events: [],
      weight: 0,
      streams: new Map(),
    });
    return { ref: name, attributes: { Arn: `${arn}:*` } };
  };
}

function logGroupUpdater(logs: LogGroups): ResourceUpdater {
  return {
    changeable: ['RetentionInDays', 'Tags'],
    replacing: ['LogGroupName'],
    update: ({ logicalId, current, after }) => {
      const given = readProperties(logGroupProperties, `AWS::Logs::LogGroup ${logicalId}`, after);
      groupNamed(logs, current.ref).retentionInDays = given.RetentionInDays;
      return current;
    },
  };
}
