import { Fault, type Caller, type EmitEvent, type RegionContext } from '../service.ts';
import { awsTime, type AlarmState } from './alarm-state.ts';
import type { AlarmConfiguration } from './alarm-configuration.ts';

/** Publishes to a topic as CloudWatch; throws `Fault` when the topic's policy does not let it. */
export type Publish = (
  topicArn: string,
  message: { readonly message: string; readonly subject: string },
  caller: Caller,
) => unknown;

/** Tells the bus and the topics that an alarm changed its state. */
export function announce(
  context: RegionContext & { readonly emit: EmitEvent; readonly publish: Publish },
  alarm: AlarmConfiguration,
  metricId: string,
  previous: AlarmState,
  state: AlarmState,
): void {
  context.emit({
    source: 'aws.cloudwatch',
    'detail-type': 'CloudWatch Alarm State Change',
    resources: [alarm.arn],
    detail: detailOf(alarm, metricId, previous, state),
  });
  if (!alarm.isActionsEnabled) return;
  const message = notification(context, alarm, previous, state);
  const caller: Caller = { kind: 'service', principal: 'cloudwatch.amazonaws.com', sourceArn: alarm.arn };
  for (const topicArn of actionsOf(alarm, state)) {
    try {
      context.publish(topicArn, message, caller);
    } catch (thrown) {
      if (!(thrown instanceof Fault)) throw thrown;
      // AWS writes this to the alarm's history and tells nobody; here at least the trace shows it.
      context.kernel.trace('failed', `action of alarm ${alarm.name}: ${thrown.message}`);
    }
  }
}

function actionsOf(alarm: AlarmConfiguration, { value }: AlarmState): readonly string[] {
  if (value === 'ALARM') return alarm.alarmActions;
  return value === 'OK' ? alarm.okActions : alarm.insufficientDataActions;
}

/** "Alarm events and EventBridge": the shape for an alarm on a single metric. */
function detailOf(
  alarm: AlarmConfiguration,
  metricId: string,
  previous: AlarmState,
  state: AlarmState,
): Record<string, unknown> {
  const { namespace, metricName: name, dimensions, periodSeconds: period, statistic: stat } = alarm;
  const metric = { dimensions, name, namespace };
  return {
    alarmName: alarm.name,
    configuration: {
      ...(alarm.description === undefined ? {} : { description: alarm.description }),
      metrics: [{ id: metricId, metricStat: { metric, period, stat }, returnData: true }],
    },
    previousState: stateDetail(previous),
    state: stateDetail(state),
  };
}

function stateDetail({ value, reason, reasonData, since }: AlarmState): Record<string, unknown> {
  return { reason, ...(reasonData === undefined ? {} : { reasonData }), timestamp: awsTime(since), value };
}

/** Longest subject of a notification. */
const SUBJECT_CHARACTERS_MAX = 99;

/** The e-mail and JSON that an alarm's topic gets. */
function notification(
  { account, region }: RegionContext,
  alarm: AlarmConfiguration,
  previous: AlarmState,
  state: AlarmState,
): { message: string; subject: string } {
  const message = JSON.stringify({
    AlarmName: alarm.name,
    AlarmDescription: alarm.description ?? null,
    AWSAccountId: account,
    NewStateValue: state.value,
    NewStateReason: state.reason,
    StateChangeTime: awsTime(state.since),
    Region: region,
    AlarmArn: alarm.arn,
    OldStateValue: previous.value,
    OKActions: alarm.okActions,
    AlarmActions: alarm.alarmActions,
    InsufficientDataActions: alarm.insufficientDataActions,
    Trigger: triggerOf(alarm),
  });
  return { message, subject: `${state.value}: "${alarm.name}" in ${region}`.slice(0, SUBJECT_CHARACTERS_MAX) };
}

function triggerOf(alarm: AlarmConfiguration): object {
  return {
    MetricName: alarm.metricName,
    Namespace: alarm.namespace,
    StatisticType: 'Statistic',
    Statistic: alarm.statistic.toUpperCase(),
    Unit: null,
    Dimensions: Object.entries(alarm.dimensions).map(([name, value]) => ({ value, name })),
    Period: alarm.periodSeconds,
    EvaluationPeriods: alarm.evaluationPeriods,
    DatapointsToAlarm: alarm.datapointsToAlarm,
    ComparisonOperator: alarm.comparison,
    Threshold: alarm.threshold,
    TreatMissingData: alarm.treatMissingData,
  };
}
