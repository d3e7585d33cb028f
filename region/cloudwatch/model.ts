import type { EmitEvent, RegionContext } from '../service.ts';
import type { AlarmConfiguration } from './alarm-configuration.ts';
import type { AlarmState } from './alarm-state.ts';
import type { Publish } from './announce.ts';
import type { MetricValue } from './metrics.ts';

/** What CloudWatch needs of the region. */
export interface CloudWatchPorts extends RegionContext {
  readonly emit: EmitEvent;
  readonly publish: Publish;
}

/** What CloudWatch knows. */
export interface CloudWatchState {
  /** Every value that was recorded, oldest first, by `metricKey`. */
  readonly metrics: Map<string, MetricValue[]>;
  /** By name, in the order of their creation. */
  readonly alarms: Map<string, Alarm>;
  /** By name. */
  readonly dashboards: Map<string, Dashboard>;
}

export interface Monitoring extends CloudWatchPorts {
  readonly state: CloudWatchState;
}

/** An alarm on one metric. */
export interface Alarm {
  configuration: AlarmConfiguration;
  /** When it was created or last configured. */
  configuredAt: number;
  metricKey: string;
  /** How its events name the metric. */
  readonly metricId: string;
  state: AlarmState;
  /** Whether the period that runs now will be evaluated. */
  isScheduled: boolean;
}

/** A dashboard, which only people look at. */
export interface Dashboard {
  readonly name: string;
  readonly arn: string;
  /** JSON text. */
  readonly body: string;
  /** Virtual milliseconds since the epoch. */
  readonly modifiedAt: number;
}

/** No value, no alarm, no dashboard. */
export function newCloudWatchState(): CloudWatchState {
  return { metrics: new Map(), alarms: new Map(), dashboards: new Map() };
}
