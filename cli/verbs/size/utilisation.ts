import { GetMetricDataCommand, type CloudWatchClient, type MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import type { Share, Utilisation } from './judge-size.ts';

const HOURS_ASKED = 14 * 24;
const HOUR_SECONDS = 3600;

/** Each hour's average and highest value of both metrics: `cpuAverage`, `cpuMaximum`, … */
const RESOURCES = { cpu: 'CPUUtilization', memory: 'MemoryUtilization' } as const;
const STATISTICS = ['Average', 'Maximum'] as const;

/** Hourly values by the id of their query; a value belongs to the hour that its key names. */
type Series = Readonly<Record<string, ReadonlyMap<number, number>>>;

/** What a service used of its CPU and memory in the fourteen days before `now`, from the metrics that ECS publishes for nothing. */
export async function readUtilisation(
  client: CloudWatchClient,
  service: { readonly cluster: string; readonly serviceName: string },
  now: Date,
): Promise<Utilisation> {
  const end = new Date(Math.floor(now.getTime() / (HOUR_SECONDS * 1000)) * HOUR_SECONDS * 1000);
  const series = await readSeries(client, queriesFor(service), end);
  const hours = hoursOf(series);
  if (hours.length === 0) return { hoursAsked: HOURS_ASKED, hours: 0 };
  const [cpu, memory] = [shareOf(series, 'cpu', hours), shareOf(series, 'memory', hours)];
  return { hoursAsked: HOURS_ASKED, hours: hours.length, shares: { cpu, memory } };
}

async function readSeries(client: CloudWatchClient, queries: MetricDataQuery[], end: Date): Promise<Series> {
  const start = new Date(end.getTime() - HOURS_ASKED * HOUR_SECONDS * 1000);
  // 4 series of 336 hours are far below the 100,800 values that one answer holds.
  const { MetricDataResults = [] } = await client.send(
    new GetMetricDataCommand({ MetricDataQueries: queries, StartTime: start, EndTime: end }),
  );
  return Object.fromEntries(
    MetricDataResults.map(({ Id = '', Timestamps = [], Values = [] }) => [
      Id,
      new Map(Timestamps.map((timestamp, index) => [timestamp.getTime(), Values[index]!])),
    ]),
  );
}

function queriesFor({ cluster, serviceName }: { readonly cluster: string; readonly serviceName: string }) {
  const Dimensions = [
    { Name: 'ClusterName', Value: cluster },
    { Name: 'ServiceName', Value: serviceName },
  ];
  return Object.entries(RESOURCES).flatMap(([resource, MetricName]) =>
    STATISTICS.map((Stat) => ({
      Id: `${resource}${Stat}`,
      MetricStat: { Metric: { Namespace: 'AWS/ECS', MetricName, Dimensions }, Period: HOUR_SECONDS, Stat },
    })),
  );
}

/** The hours of which all four values are known. */
function hoursOf(series: Series): number[] {
  const [first, ...others] = Object.keys(RESOURCES).flatMap((resource) =>
    STATISTICS.map((statistic) => series[`${resource}${statistic}`] ?? new Map<number, number>()),
  );
  return [...first!.keys()].filter((hour) => others.every((values) => values.has(hour)));
}

function shareOf(series: Series, resource: keyof typeof RESOURCES, hours: readonly number[]): Share {
  const valuesOf = (statistic: (typeof STATISTICS)[number]): number[] =>
    hours.map((hour) => series[`${resource}${statistic}`]!.get(hour)!);
  const averages = valuesOf('Average');
  return {
    average: averages.reduce((total, value) => total + value, 0) / averages.length,
    busiestHour: Math.max(...averages),
    peak: Math.max(...valuesOf('Maximum')),
  };
}
