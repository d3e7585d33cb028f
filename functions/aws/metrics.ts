import { METRIC_NAMESPACE, type MetricDimension, type MetricName } from '../rollout/metric-names.ts';

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
