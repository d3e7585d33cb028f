import type {
  GetMetricDataInput,
  GetMetricDataOutput,
  MetricDataQuery,
  MetricDataResult,
} from '@aws-sdk/client-cloudwatch';
import { Fault, NotModelled } from '../service.ts';
import { datapoint, metricKey, STATISTIC_NAMES, type Statistic } from './metrics.ts';
import type { CloudWatchState } from './model.ts';
import { refuseRest } from '../given.ts';

/** Values that one call may ask for (https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html). */
const VALUES_MAX = 100_800;

/** Answers the datapoints of metrics, newest first; a metric that nothing ever recorded has none, as in AWS. */
export function getMetricData(metrics: CloudWatchState['metrics'], input: GetMetricDataInput): GetMetricDataOutput {
  const { MetricDataQueries, StartTime, EndTime, ...rest } = input;
  refuseRest('GetMetricData', rest);
  if (!MetricDataQueries || !StartTime || !EndTime) {
    throw new Fault('MissingParameter', 'GetMetricData needs MetricDataQueries, StartTime and EndTime');
  }
  if (StartTime >= EndTime) throw new Fault('ValidationError', 'The parameter StartTime must be less than EndTime');
  const span = { start: StartTime.getTime(), end: EndTime.getTime() };
  const asked = MetricDataQueries.map(({ MetricStat }) => (span.end - span.start) / 1000 / (MetricStat?.Period ?? 60));
  if (asked.reduce((total, values) => total + values, 0) > VALUES_MAX) throw new NotModelled('a second page of values');
  return { MetricDataResults: MetricDataQueries.map((query) => seriesOf(metrics, query, span)), Messages: [] };
}

interface Span {
  readonly start: number;
  readonly end: number;
}

function seriesOf(metrics: CloudWatchState['metrics'], query: MetricDataQuery, { start, end }: Span): MetricDataResult {
  const { Id, Label, MetricStat, ...rest } = query;
  refuseRest('a metric data query', rest);
  const { Metric, Period = 60, Stat = '', ...others } = MetricStat ?? {};
  refuseRest('MetricStat', others);
  if (!(STATISTIC_NAMES as readonly string[]).includes(Stat)) throw new NotModelled(`the statistic "${Stat}"`);
  const { Namespace = '', MetricName = '', Dimensions = [] } = Metric ?? {};
  const dimensions = Object.fromEntries(Dimensions.map(({ Name = '', Value = '' }) => [Name, Value]));
  const key = metricKey(Namespace, MetricName, dimensions);
  const periodMillis = Period * 1000;
  const found: (readonly [at: number, value: number])[] = [];
  for (let at = Math.floor(start / periodMillis) * periodMillis; at < end; at += periodMillis) {
    const value = datapoint(metrics, key, Stat as Statistic, at, at + periodMillis);
    if (value !== undefined) found.unshift([at, value]);
  }
  return {
    Id: Id ?? '',
    Label: Label ?? MetricName,
    Timestamps: found.map(([at]) => new Date(at)),
    Values: found.map(([, value]) => value),
    StatusCode: 'Complete',
  };
}
