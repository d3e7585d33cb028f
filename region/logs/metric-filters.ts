import { z } from 'zod';
import { readProperties } from '../properties.ts';
import { Fault, type ResourceCreator, type ResourceUpdater } from '../service.ts';
import { matchesFilter } from './filter-pattern.ts';
import { groupNamed } from './log-groups.ts';
import type { LogGroups, MetricFilter } from './model.ts';

/** "Up to 100 metric filters can be associated with a log group" (API reference, PutMetricFilter). */
const FILTERS_MAX = 100;

const name = z.string().regex(/^[^:*]{1,512}$/);
const metricName = z.string().regex(/^[^:*$]{1,255}$/);

/** Values that are taken from the line, dimensions and default values are not modelled. */
const filterProperties = z.strictObject({
  FilterName: name.optional(),
  FilterPattern: z.string(),
  LogGroupName: z.string(),
  MetricTransformations: z
    .array(
      z.strictObject({
        MetricName: metricName,
        MetricNamespace: metricName,
        MetricValue: z.string().regex(/^\d+(?:\.\d+)?$/),
        Unit: z.string().optional(),
      }),
    )
    .length(1),
});

/** Creates `AWS::Logs::MetricFilter`: each line of a group that matches a pattern counts in a metric without dimensions. */
export function metricFilterResource(logs: LogGroups): ResourceCreator {
  const { metricFilters } = logs.state;
  return (logicalId, properties, stackName) => {
    const given = { FilterName: `${stackName}-${logicalId}-${logs.kernel.random.hex(12)}`, ...properties };
    const filter = readFilter(logs, logicalId, given);
    const ofGroup = [...metricFilters.values()].filter(({ logGroupName }) => logGroupName === filter.logGroupName);
    if (ofGroup.length >= FILTERS_MAX) throw new Fault('LimitExceededException', 'Resource limit exceeded.');
    metricFilters.set(filter.name, filter);
    return { ref: filter.name, attributes: {} };
  };
}

/** Gives a filter another pattern or another metric. */
export function metricFilterUpdater(logs: LogGroups): ResourceUpdater {
  return {
    changeable: ['FilterPattern', 'MetricTransformations'],
    replacing: ['FilterName', 'LogGroupName'],
    update: ({ logicalId, current, after }) => {
      logs.state.metricFilters.set(current.ref, readFilter(logs, logicalId, { ...after, FilterName: current.ref }));
      return current;
    },
  };
}

function readFilter(logs: LogGroups, logicalId: string, properties: Readonly<Record<string, unknown>>): MetricFilter {
  const given = readProperties(filterProperties, `AWS::Logs::MetricFilter ${logicalId}`, properties);
  const [metric] = given.MetricTransformations;
  const { name: logGroupName } = groupNamed(logs, given.LogGroupName);
  // A pattern that cannot be read is refused now, not with the first line.
  matchesFilter(given.FilterPattern);
  return {
    name: given.FilterName!,
    logGroupName,
    pattern: given.FilterPattern,
    namespace: metric!.MetricNamespace,
    metricName: metric!.MetricName,
    value: Number(metric!.MetricValue),
  };
}

/** What is made of a pattern once; the state holds plain data only. */
const compiled = new WeakMap<MetricFilter, (message: string) => boolean>();

/** Records what a line that was just written counts in the metrics of its group's filters; a filter looks at no older line. */
export function countLine({ state, recordMetric }: LogGroups, logGroupName: string, line: string): void {
  for (const filter of state.metricFilters.values()) {
    if (filter.logGroupName !== logGroupName) continue;
    let matches = compiled.get(filter);
    if (!matches) compiled.set(filter, (matches = matchesFilter(filter.pattern)));
    if (matches(line)) recordMetric(filter.namespace, filter.metricName, {}, filter.value);
  }
}
