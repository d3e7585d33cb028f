/** One value of a metric. */
export interface MetricValue {
  /** Virtual milliseconds since the epoch. */
  readonly at: number;
  readonly value: number;
}

/** What alarms and statistics are computed of. */
export const STATISTIC_NAMES = ['Sum', 'Average', 'Minimum', 'Maximum', 'SampleCount'] as const;
export type Statistic = (typeof STATISTIC_NAMES)[number];

export type Dimensions = Readonly<Record<string, string>>;

/** Identifies a metric: another set of dimensions is another metric. */
export function metricKey(namespace: string, name: string, dimensions: Dimensions): string {
  return JSON.stringify([namespace, name, Object.entries(dimensions).sort()]);
}

/** The metric that a key identifies. */
export function metricOf(key: string): {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Dimensions;
} {
  const [namespace, name, dimensions] = JSON.parse(key) as [string, string, [string, string][]];
  return { namespace, name, dimensions: Object.fromEntries(dimensions) };
}

/** Values by metric, each metric's oldest first. */
type Values = ReadonlyMap<string, readonly MetricValue[]>;

export function addValue(metrics: Map<string, MetricValue[]>, key: string, value: MetricValue): void {
  const values = metrics.get(key);
  if (values === undefined) metrics.set(key, [value]);
  else values.push(value);
}

/** True when a value was recorded at or after `start`. */
export function isActiveSince(metrics: Values, key: string, start: number): boolean {
  const last = metrics.get(key)?.at(-1);
  return last !== undefined && last.at >= start;
}

/** One datapoint of the period [start, end), or undefined when it has no values. */
export function datapoint(
  metrics: Values,
  key: string,
  statistic: Statistic,
  start: number,
  end: number,
): number | undefined {
  const values: number[] = [];
  const all = metrics.get(key) ?? [];
  for (let index = all.length - 1; index >= 0 && all[index]!.at >= start; index--) {
    if (all[index]!.at < end) values.push(all[index]!.value);
  }
  return values.length === 0 ? undefined : STATISTICS[statistic](values);
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const STATISTICS: Readonly<Record<Statistic, (values: readonly number[]) => number>> = {
  Sum: sum,
  Average: (values) => sum(values) / values.length,
  Minimum: (values) => Math.min(...values),
  Maximum: (values) => Math.max(...values),
  SampleCount: (values) => values.length,
};
