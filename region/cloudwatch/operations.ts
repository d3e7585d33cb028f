import type {
  DescribeAlarmsInput,
  DescribeAlarmsOutput,
  GetMetricDataInput,
  MetricAlarm,
  PutMetricDataInput,
  SetAlarmStateInput,
} from '@aws-sdk/client-cloudwatch';
import { pageOf } from '../page.ts';
import { Fault, NotModelled, operation, type Operation } from '../service.ts';
import { nextOf } from './paging.ts';
import { setAlarmState } from './alarm.ts';
import { dashboardOperations } from './dashboards.ts';
import { metricOperations } from './metric-operations.ts';
import { getMetricData } from './metric-series.ts';
import type { Alarm, Monitoring } from './model.ts';
import { recordMetric } from './record-metric.ts';
import { refuseRest } from '../given.ts';
import { partitionOf } from '../partition.ts';

const ALARMS_MAX = 100;

/** What is read of alarms, metrics and dashboards, and for whoever plays with the region: SetAlarmState and PutMetricData. */
export function cloudWatchOperations(monitoring: Monitoring): Record<string, Operation> {
  const { account, region, state } = monitoring;
  const arnOf = (name: string): string => `arn:${partitionOf(region)}:cloudwatch:${region}:${account}:alarm:${name}`;
  return {
    DescribeAlarms: operation({
      permissions: ({ AlarmNames }: DescribeAlarmsInput) =>
        (AlarmNames ?? ['*']).map((name) => ({ action: 'cloudwatch:DescribeAlarms', resource: arnOf(name) })),
      apply: (input) => describeAlarms(state.alarms, input),
    }),
    GetMetricData: operation({
      permissions: (_: GetMetricDataInput) => [{ action: 'cloudwatch:GetMetricData', resource: '*' }],
      apply: (input) => getMetricData(state.metrics, input),
    }),
    SetAlarmState: operation({
      permissions: ({ AlarmName }: SetAlarmStateInput) => [
        { action: 'cloudwatch:SetAlarmState', resource: arnOf(AlarmName ?? '') },
      ],
      apply: ({ AlarmName = '', StateValue, StateReason = '', StateReasonData }) => {
        const alarm = state.alarms.get(AlarmName);
        if (alarm === undefined || StateValue === undefined) throw new Fault('ResourceNotFound', 'Unknown alarm', 404);
        setAlarmState(monitoring, alarm, StateValue, StateReason, StateReasonData);
        return {};
      },
    }),
    PutMetricData: operation({
      permissions: ({ Namespace }: PutMetricDataInput) => [
        { action: 'cloudwatch:PutMetricData', resource: '*', context: { 'cloudwatch:namespace': Namespace ?? '' } },
      ],
      apply: (input) => putMetricData(monitoring, input),
    }),
    ...metricOperations(state.metrics, monitoring.kernel),
    ...dashboardOperations(monitoring),
  };
}

function describeAlarms(alarms: ReadonlyMap<string, Alarm>, input: DescribeAlarmsInput): DescribeAlarmsOutput {
  const {
    AlarmNames,
    AlarmNamePrefix = '',
    StateValue,
    AlarmTypes,
    MaxRecords = ALARMS_MAX,
    NextToken,
    ...rest
  } = input;
  refuseRest('DescribeAlarms', rest);
  if (AlarmTypes?.some((type) => type !== 'MetricAlarm')) throw new NotModelled(`AlarmTypes ${AlarmTypes.join()}`);
  const matching = [...alarms.values()].filter(
    ({ configuration: { name }, state }) =>
      name.startsWith(AlarmNamePrefix) &&
      (AlarmNames === undefined || AlarmNames.includes(name)) &&
      (StateValue === undefined || state.value === StateValue),
  );
  const page = pageOf(matching, MaxRecords, NextToken, () => {
    return new Fault('InvalidNextToken', 'The token is not one of an earlier answer.');
  });
  return { MetricAlarms: page.items.map(describe), CompositeAlarms: [], ...nextOf(page) };
}

function describe({ configuration: alarm, state, configuredAt }: Alarm): MetricAlarm {
  return {
    AlarmName: alarm.name,
    AlarmArn: alarm.arn,
    ...(alarm.description === undefined ? {} : { AlarmDescription: alarm.description }),
    AlarmConfigurationUpdatedTimestamp: new Date(configuredAt),
    ActionsEnabled: alarm.isActionsEnabled,
    AlarmActions: [...alarm.alarmActions],
    OKActions: [...alarm.okActions],
    InsufficientDataActions: [...alarm.insufficientDataActions],
    StateValue: state.value,
    StateReason: state.reason,
    ...(state.reasonData === undefined ? {} : { StateReasonData: state.reasonData }),
    StateUpdatedTimestamp: new Date(state.since),
    StateTransitionedTimestamp: new Date(state.since),
    Namespace: alarm.namespace,
    MetricName: alarm.metricName,
    Dimensions: Object.entries(alarm.dimensions).map(([Name, Value]) => ({ Name, Value })),
    Statistic: alarm.statistic,
    Period: alarm.periodSeconds,
    EvaluationPeriods: alarm.evaluationPeriods,
    DatapointsToAlarm: alarm.datapointsToAlarm,
    Threshold: alarm.threshold,
    ComparisonOperator: alarm.comparison,
    TreatMissingData: alarm.treatMissingData,
  };
}

function putMetricData(monitoring: Monitoring, input: PutMetricDataInput): object {
  const { Namespace = '', MetricData = [], ...others } = input;
  refuseRest('PutMetricData', others);
  for (const { MetricName, Value, Dimensions = [], Unit: _unit, ...rest } of MetricData) {
    refuseRest('PutMetricData', rest);
    if (MetricName === undefined || Value === undefined)
      throw new Fault('MissingParameter', 'A metric needs a name and a value');
    const dimensions = Dimensions.map(({ Name, Value: value }) => [Name, value] as const);
    recordMetric(monitoring, Namespace, MetricName, Object.fromEntries(dimensions) as Record<string, string>, Value);
  }
  return {};
}
