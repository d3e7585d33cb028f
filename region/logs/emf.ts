/** A metric value as a log line in the embedded metric format carries it. */
export interface EmbeddedMetric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A line that means to carry metrics and is not in the embedded metric format; CloudWatch would drop its metrics silently. */
export class MalformedMetrics extends Error {
  override readonly name = 'MalformedMetrics';
}

/** Most dimensions of a set, most metrics of a directive and most values of a metric in one line. */
const DIMENSIONS_MAX = 30;
const METRICS_MAX = 100;
const VALUES_MAX = 100;

/**
 * The metrics of a log line; none when the line is not in the embedded metric format. Strict where CloudWatch is
 * silent. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function embeddedMetrics(line: string): readonly EmbeddedMetric[] {
  if (!line.includes('"_aws"')) return [];
  const root = parse(line.slice(line.indexOf('{')));
  const metadata = root?.['_aws'];
  if (root === undefined || !isRecord(metadata) || metadata['CloudWatchMetrics'] === undefined) return [];
  if (!Number.isInteger(metadata['Timestamp'])) throw malformed('_aws.Timestamp must be an integer, in milliseconds');
  return listAt(metadata, 'CloudWatchMetrics').flatMap((directive) => metricsOf(root, directive));
}

function metricsOf(root: Record<string, unknown>, directive: unknown): EmbeddedMetric[] {
  const { Namespace, Dimensions, Metrics, ...rest } = recordOf(directive, 'a metric directive');
  refuseRest(rest, 'metric directive');
  if (typeof Namespace !== 'string' || !/^[^:][^]{0,254}$/.test(Namespace)) throw malformed('Namespace is not valid');
  const metrics = listAt({ Metrics }, 'Metrics');
  if (metrics.length > METRICS_MAX) throw malformed(`more than ${METRICS_MAX} metrics in one directive`);
  const dimensionSets = listAt({ Dimensions }, 'Dimensions').map((keys) => dimensionsOf(root, keys));
  return metrics.flatMap((metric) => {
    const name = nameOf(metric);
    const values = valuesOf(root, name);
    return dimensionSets.flatMap((dimensions) =>
      values.map((value) => ({ namespace: Namespace, name, dimensions, value })),
    );
  });
}

function nameOf(metric: unknown): string {
  const { Name, Unit: _unit, StorageResolution, ...rest } = recordOf(metric, 'a metric definition');
  refuseRest(rest, 'metric definition');
  if (typeof Name !== 'string' || Name === '') throw malformed('a metric definition has no Name');
  if (StorageResolution !== undefined && StorageResolution !== 1 && StorageResolution !== 60) {
    throw malformed(`StorageResolution of ${Name} must be 1 or 60`);
  }
  return Name;
}

function dimensionsOf(root: Record<string, unknown>, keys: unknown): Record<string, string> {
  if (!Array.isArray(keys) || keys.length > DIMENSIONS_MAX)
    throw malformed('a dimension set must be a list of at most 30 names');
  return Object.fromEntries(
    keys.map((key: unknown) => {
      const value = root[String(key)];
      if (typeof value !== 'string' || value === '')
        throw malformed(`the dimension ${String(key)} has no string value`);
      return [String(key), value];
    }),
  );
}

function valuesOf(root: Record<string, unknown>, name: string): readonly number[] {
  const value = root[name];
  const values: unknown[] = Array.isArray(value) ? value : [value];
  if (values.length > VALUES_MAX) throw malformed(`the metric ${name} has more than ${VALUES_MAX} values`);
  if (values.every((item) => typeof item === 'number')) return values;
  throw malformed(`the metric ${name} has no numeric value`);
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const parsed = JSON.parse(text) as unknown;
    return isRecord(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function listAt(parent: Record<string, unknown>, name: string): readonly unknown[] {
  const list = parent[name];
  if (!Array.isArray(list) || list.length === 0) throw malformed(`${name} must be a list that is not empty`);
  return list;
}

function recordOf(value: unknown, what: string): Record<string, unknown> {
  if (isRecord(value)) return value;
  throw malformed(`${what} must be an object`);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refuseRest(rest: Record<string, unknown>, what: string): void {
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw malformed(`${unknown} is not a member of a ${what}`);
}

function malformed(problem: string): MalformedMetrics {
  return new MalformedMetrics(`embedded metric format: ${problem}`);
}
