import type {
  Datapoint,
  DimensionFilter,
  GetMetricStatisticsInput,
  GetMetricStatisticsOutput,
  ListMetricsInput,
  ListMetricsOutput,
} from '@aws-sdk/client-cloudwatch';
import type { Kernel } from '../kernel/kernel.ts';
import { Fault, operation, type Operation } from '../service.ts';
import { datapoint, isActiveSince, metricKey, metricOf, type Dimensions } from './metrics.ts';
import type { CloudWatchState } from './model.ts';
import { nextOf, pageAfter } from './paging.ts';
import { refuseRest } from '../given.ts';

type Metrics = CloudWatchState['metrics'];

/** ListMetrics and GetMetricStatistics. */
export function metricOperations(metrics: Metrics, kernel: Kernel): Record<string, Operation> {
  return {
    ListMetrics: operation<ListMetricsInput, ListMetricsOutput>({
      permissions: () => [{ action: 'cloudwatch:ListMetrics', resource: '*' }],
      apply: (input) => listMetrics(metrics, input, kernel.now),
    }),
    GetMetricStatistics: operation<GetMetricStatisticsInput, GetMetricStatisticsOutput>({
      permissions: () => [{ action: 'cloudwatch:GetMetricStatistics', resource: '*' }],
      apply: (input) => getMetricStatistics(metrics, input),
    }),
  };
}

const PAGE_SIZE = 500;
const HOUR_MS = 3_600_000;
/** "ListMetrics returns … metrics that have received data points in the past two weeks" (API reference), or three hours. */
const KNOWN_FOR_MS = 14 * 24 * HOUR_MS;
const RECENT_MS = 3 * HOUR_MS;

function listMetrics(metrics: Metrics, input: ListMetricsInput, now: number): ListMetricsOutput {
  const { Namespace, MetricName, Dimensions: filters = [], RecentlyActive, NextToken, ...others } = input;
  const { IncludeLinkedAccounts: linked, ...rest } = others;
  refuseRest('ListMetrics', { ...rest, IncludeLinkedAccounts: linked === true ? linked : undefined });
  const since = now - (RecentlyActive === undefined ? KNOWN_FOR_MS : RECENT_MS);
  const matching = [...metrics.keys()].filter((key) => isActiveSince(metrics, key, since)).map(metricOf);
  const wanted = matching.filter(
    ({ namespace, name, dimensions }) =>
      (Namespace === undefined || Namespace === namespace) &&
      (MetricName === undefined || MetricName === name) &&
      filters.every((filter) => hasDimension(dimensions, filter)),
  );
  const page = pageAfter(wanted, PAGE_SIZE, NextToken);
  const Metrics = page.items.map(({ namespace, name, dimensions }) => ({
    Namespace: namespace,
    MetricName: name,
    Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
  }));
  return { Metrics, ...nextOf(page) };
}

/** A filter without a value asks for the dimension whatever its value. */
function hasDimension(dimensions: Dimensions, { Name = '', Value }: DimensionFilter): boolean {
  return Object.hasOwn(dimensions, Name) && (Value === undefined || dimensions[Name] === Value);
}

const DATAPOINTS_MAX = 1440;
/** Besides multiples of a minute: the periods of high-resolution metrics. */
const SHORT_PERIODS: readonly number[] = [1, 5, 10, 20, 30];

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html. The region keeps no units, so it tells none. */
function getMetricStatistics(metrics: Metrics, input: GetMetricStatisticsInput): GetMetricStatisticsOutput {
  const { Namespace = '', MetricName = '', Dimensions: given = [], StartTime, EndTime, Period = 60, ...others } = input;
  const { Statistics = [], ...rest } = others;
  refuseRest('GetMetricStatistics', rest);
  if (Statistics.length === 0) {
    const missing = 'Must specify either Statistics or ExtendedStatistics';
    throw new Fault('InvalidParameterCombinationException', missing);
  }
  const statistics = [...new Set(Statistics)];
  const periodMillis = checkedPeriod(Period) * 1000;
  const [from, until] = checkedSpan(StartTime, EndTime, periodMillis);
  const dimensions = Object.fromEntries(given.map(({ Name = '', Value = '' }) => [Name, Value]));
  const key = metricKey(Namespace, MetricName, dimensions);
  const Datapoints: Datapoint[] = [];
  for (let at = from; at < until; at += periodMillis) {
    const values = statistics.map((name) => [name, datapoint(metrics, key, name, at, at + periodMillis)] as const);
    if (values[0]![1] !== undefined) Datapoints.push({ Timestamp: new Date(at), ...Object.fromEntries(values) });
  }
  return { Label: MetricName, Datapoints };
}

function checkedPeriod(seconds: number): number {
  if (SHORT_PERIODS.includes(seconds) || seconds % 60 === 0) return seconds;
  throw invalidValue('The parameter Period must be a multiple of 60, or 1, 5, 10, 20 or 30.');
}

/** Periods begin at multiples of their length. */
function checkedSpan(
  start: Date | undefined,
  end: Date | undefined,
  periodMillis: number,
): [from: number, until: number] {
  if (start === undefined || end === undefined)
    throw new Fault('MissingRequiredParameterException', 'StartTime and EndTime are required.');
  const [startAt, until] = [start.getTime(), end.getTime()];
  if (startAt >= until) throw invalidValue('The parameter StartTime must be less than the parameter EndTime.');
  const asked = Math.ceil((until - startAt) / periodMillis);
  if (asked > DATAPOINTS_MAX) {
    const text = `You have requested up to ${asked} datapoints, which exceeds the limit of ${DATAPOINTS_MAX}. You may reduce the datapoints requested by increasing Period, or decreasing the time range.`;
    throw new Fault('InvalidParameterCombinationException', text);
  }
  return [Math.floor(startAt / periodMillis) * periodMillis, until];
}

function invalidValue(message: string): Fault {
  return new Fault('InvalidParameterValueException', message);
}
