import { isNeeded } from '../rollout/acknowledge.ts';
import type { LedgerState } from '../rollout/ledger.ts';
import {
  FUNCTION_ERRORS_METRIC,
  METRIC_NAMESPACE,
  NEEDS_SOMEONE_METRIC,
  type MetricDimension,
  type MetricName,
} from '../rollout/metric-names.ts';

/** Units of the embedded metric format that we use. */
export type MetricUnit = 'Count' | 'Seconds';

/** A value in its unit. */
export interface MetricValue {
  readonly value: number;
  readonly unit: MetricUnit;
}

/**
 * Writes one metric line in CloudWatch's embedded metric format ("Embedded metric format specification", CloudWatch user
 * guide): the log line itself is the metric, no call is made and no permission needed. What has no value is left out.
 */
export function emitMetrics(
  dimensions: Readonly<Partial<Record<MetricDimension, string>>>,
  metrics: Readonly<Partial<Record<MetricName, MetricValue | undefined>>>,
  timestamp: number,
): void {
  const told = Object.entries(metrics).flatMap(([name, metric]) => (metric ? [{ name, ...metric }] : []));
  const definitions = told.map(({ name, unit }) => ({ Name: name, Unit: unit }));
  const values = Object.fromEntries(told.map(({ name, value }) => [name, value]));
  const CloudWatchMetrics = [
    { Namespace: METRIC_NAMESPACE, Dimensions: [Object.keys(dimensions)], Metrics: definitions },
  ];
  console.log(JSON.stringify({ _aws: { Timestamp: timestamp, CloudWatchMetrics }, ...dimensions, ...values }));
}

/** A number of things, as a metric. */
export function count(value: number): MetricValue {
  return { value, unit: 'Count' };
}

/** Says whether someone has to look at the service, as its alarm reads it. */
export function emitNeed(Service: string, state: Pick<LedgerState, 'needsSomeone'>, at: number): void {
  emitMetrics({ Service }, { [NEEDS_SOMEONE_METRIC]: count(isNeeded(state) ? 1 : 0) }, at);
}

/** Says that a function of the service failed. */
export function emitFunctionError(Service: string, at: number): void {
  emitMetrics({ Service }, { [FUNCTION_ERRORS_METRIC]: count(1) }, at);
}
