import { z } from 'zod';
import type { RegionContext } from '../service.ts';
import { Fault, NotModelled } from '../service.ts';
import type { Dimensions, Statistic } from './metrics.ts';
import { readProperties } from '../properties.ts';
import { partitionOf } from '../partition.ts';

/** An alarm on one metric. */
export interface AlarmConfiguration {
  readonly name: string;
  readonly arn: string;
  readonly description: string | undefined;
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Dimensions;
  readonly statistic: Statistic;
  readonly periodSeconds: number;
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
  readonly threshold: number;
  readonly comparison: Comparison;
  readonly treatMissingData: 'missing' | 'ignore' | 'breaching' | 'notBreaching';
  readonly isActionsEnabled: boolean;
  /** ARNs of topics. */
  readonly alarmActions: readonly string[];
  readonly okActions: readonly string[];
  readonly insufficientDataActions: readonly string[];
}

const COMPARISONS = [
  'GreaterThanThreshold',
  'GreaterThanOrEqualToThreshold',
  'LessThanThreshold',
  'LessThanOrEqualToThreshold',
] as const;
export type Comparison = (typeof COMPARISONS)[number];

const topicArns = z.array(z.string()).max(5).optional();

const alarmProperties = z.strictObject({
  ActionsEnabled: z.boolean().optional(),
  AlarmActions: topicArns,
  AlarmDescription: z.string().max(1024).optional(),
  AlarmName: z.string().max(255).optional(),
  ComparisonOperator: z.enum(COMPARISONS),
  DatapointsToAlarm: z.number().int().min(1).optional(),
  Dimensions: z.array(z.strictObject({ Name: z.string(), Value: z.string() })).optional(),
  EvaluationPeriods: z.number().int().min(1),
  InsufficientDataActions: topicArns,
  MetricName: z.string(),
  Namespace: z.string(),
  OKActions: topicArns,
  Period: z.number().refine((seconds) => [10, 20, 30].includes(seconds) || seconds % 60 === 0, 'is not a valid period'),
  Statistic: z.enum(['Sum', 'Average', 'Minimum', 'Maximum', 'SampleCount']),
  Tags: z.array(z.strictObject({ Key: z.string(), Value: z.string() })).optional(),
  Threshold: z.number(),
  TreatMissingData: z.enum(['missing', 'ignore', 'breaching', 'notBreaching']).optional(),
});

/** All but its name. */
export const CHANGEABLE_OF_ALARM = Object.keys(alarmProperties.shape).filter((name) => name !== 'AlarmName');

/** Reads the properties of an `AWS::CloudWatch::Alarm`: a single metric, a simple statistic, topics as actions. */
export function readAlarm(
  { account, region, kernel }: RegionContext,
  logicalId: string,
  properties: Readonly<Record<string, unknown>>,
  stackName: string,
): AlarmConfiguration {
  const given = readProperties(alarmProperties, `AWS::CloudWatch::Alarm ${logicalId}`, properties);
  checkWindow(logicalId, given);
  const name = given.AlarmName ?? `${stackName}-${logicalId}-${kernel.random.hex(12)}`;
  return {
    name,
    arn: `arn:${partitionOf(region)}:cloudwatch:${region}:${account}:alarm:${name}`,
    description: given.AlarmDescription,
    namespace: given.Namespace,
    metricName: given.MetricName,
    dimensions: Object.fromEntries((given.Dimensions ?? []).map(({ Name, Value }) => [Name, Value])),
    statistic: given.Statistic,
    periodSeconds: given.Period,
    evaluationPeriods: given.EvaluationPeriods,
    datapointsToAlarm: given.DatapointsToAlarm ?? given.EvaluationPeriods,
    threshold: given.Threshold,
    comparison: given.ComparisonOperator,
    treatMissingData: given.TreatMissingData ?? 'missing',
    isActionsEnabled: given.ActionsEnabled ?? true,
    alarmActions: topics(given.AlarmActions),
    okActions: topics(given.OKActions),
    insufficientDataActions: topics(given.InsufficientDataActions),
  };
}

const [DAY_SECONDS, WEEK_SECONDS, HOUR_SECONDS] = [86_400, 604_800, 3_600];

/** PutMetricAlarm: all periods together are a week at most, or a day where they are shorter than an hour; M of N is no more than N. */
function checkWindow(
  logicalId: string,
  { Period, EvaluationPeriods, DatapointsToAlarm = 1 }: z.output<typeof alarmProperties>,
): void {
  const longest = Period < HOUR_SECONDS ? DAY_SECONDS : WEEK_SECONDS;
  const window = Period * EvaluationPeriods;
  if (window > longest)
    throw new Fault('ValidationError', `${logicalId}: ${EvaluationPeriods} periods of ${Period} s exceed ${longest} s`);
  if (DatapointsToAlarm > EvaluationPeriods)
    throw new Fault('ValidationError', `${logicalId}: DatapointsToAlarm ${DatapointsToAlarm} of ${EvaluationPeriods}`);
}

function topics(arns: readonly string[] = []): readonly string[] {
  const other = arns.find((arn) => !/^arn:[^:]+:sns:/.test(arn));
  if (other !== undefined) throw new NotModelled(`the alarm action ${other}`);
  return arns;
}
