const NAMESPACE = 'FargateRollouts';

/** Units of the embedded metric format that we use. */
export type MetricUnit = 'Count' | 'Seconds';

/**
 * Writes one metric line in CloudWatch's embedded metric format ("Embedded metric format specification", CloudWatch user
 * guide): the log line itself is the metric, no call is made and no permission needed.
 */
export function emitMetrics(
  dimensions: Readonly<Record<string, string>>,
  metrics: Readonly<Record<string, { readonly value: number; readonly unit: MetricUnit }>>,
  timestamp: number,
): void {
  const definitions = Object.entries(metrics).map(([Name, { unit }]) => ({ Name, Unit: unit }));
  const values = Object.fromEntries(Object.entries(metrics).map(([name, { value }]) => [name, value]));
  const CloudWatchMetrics = [{ Namespace: NAMESPACE, Dimensions: [Object.keys(dimensions)], Metrics: definitions }];
  console.log(JSON.stringify({ _aws: { Timestamp: timestamp, CloudWatchMetrics }, ...dimensions, ...values }));
}
