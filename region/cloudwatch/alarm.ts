import type { Scheduled } from '../kernel/kernel.ts';
import { Fault } from '../service.ts';
import type { AlarmConfiguration } from './alarm-configuration.ts';
import { awsTime, type AlarmState } from './alarm-state.ts';
import { announce } from './announce.ts';
import { evaluate, type Datapoint, type StateValue } from './evaluate.ts';
import { datapoint, isActiveSince, metricKey } from './metrics.ts';
import type { Alarm, Monitoring } from './model.ts';
import { EVALUATION_DELAY_MS } from './timing.ts';

/** Creates an alarm, which knows nothing yet and looks for the first time at the end of the present period. */
export function createAlarm(monitoring: Monitoring, configuration: AlarmConfiguration): Alarm {
  const { kernel, state } = monitoring;
  const { name, namespace, metricName, dimensions } = configuration;
  const reason = 'Unchecked: Initial alarm creation';
  const alarm: Alarm = {
    configuration,
    configuredAt: kernel.now,
    metricKey: metricKey(namespace, metricName, dimensions),
    metricId: kernel.random.uuid(),
    state: { value: 'INSUFFICIENT_DATA', reason, reasonData: undefined, since: kernel.now },
    isScheduled: false,
  };
  state.alarms.set(name, alarm);
  expectEvaluation(monitoring, alarm);
  return alarm;
}

/** Configures an alarm anew, as PutMetricAlarm does: "its state is left unchanged" until it is evaluated. */
export function changeAlarm(monitoring: Monitoring, configuration: AlarmConfiguration): void {
  const { name, namespace, metricName, dimensions } = configuration;
  const alarm = monitoring.state.alarms.get(name);
  if (alarm === undefined) throw new Fault('ResourceNotFound', `Unknown alarm ${name}`, 404);
  alarm.configuration = configuration;
  alarm.configuredAt = monitoring.kernel.now;
  alarm.metricKey = metricKey(namespace, metricName, dimensions);
  expectEvaluation(monitoring, alarm);
}

/**
 * Makes sure that the period that runs now is evaluated after its end. An alarm looks at its metric only as long as its
 * window holds values: without new ones it comes to rest, and nothing is pending in an idle region.
 */
export function expectEvaluation(monitoring: Monitoring, alarm: Alarm): void {
  if (alarm.isScheduled) return;
  alarm.isScheduled = true;
  const { kernel } = monitoring;
  const end = (Math.floor(kernel.now / periodMs(alarm)) + 1) * periodMs(alarm);
  const delayMs = end + EVALUATION_DELAY_MS - kernel.now;
  kernel.after(delayMs, 'timer', labelOf(alarm), () => evaluateAlarm(monitoring, alarm, end));
}

/** The evaluation that an alarm waits for by that act. */
export function evaluationAt(monitoring: Monitoring, { label, dueAt }: Scheduled): (() => void) | undefined {
  const alarm = [...monitoring.state.alarms.values()].find((one) => one.isScheduled && labelOf(one) === label);
  return alarm && (() => evaluateAlarm(monitoring, alarm, dueAt - EVALUATION_DELAY_MS));
}

function labelOf({ configuration }: Alarm): string {
  return `alarm ${configuration.name} is evaluated`;
}

/** Changes the state as SetAlarmState does: until the next evaluation. */
export function setAlarmState(
  monitoring: Monitoring,
  alarm: Alarm,
  value: StateValue,
  reason: string,
  reasonData: string | undefined,
): void {
  enter(monitoring, alarm, { value, reason, reasonData, since: monitoring.kernel.now });
  expectEvaluation(monitoring, alarm);
}

function periodMs({ configuration }: Alarm): number {
  return configuration.periodSeconds * 1000;
}

function evaluateAlarm(monitoring: Monitoring, alarm: Alarm, end: number): void {
  const { kernel } = monitoring;
  alarm.isScheduled = false;
  const isDeleted = monitoring.state.alarms.get(alarm.configuration.name) !== alarm;
  if (isDeleted) return;
  const window = windowOf(monitoring, alarm, end);
  const { state, reason } = evaluate(alarm.configuration, window, alarm.state.value);
  if (state !== 'retain' && state !== alarm.state.value) {
    const reasonData = reasonDataOf(alarm, window, kernel.now);
    enter(monitoring, alarm, { value: state, reason, reasonData, since: kernel.now });
  }
  // One more look after the last value has left the window, then rest.
  if (isActiveSince(monitoring.state.metrics, alarm.metricKey, window[0]!.startsAt)) {
    expectEvaluation(monitoring, alarm);
  }
}

function windowOf({ state }: Monitoring, alarm: Alarm, end: number): Datapoint[] {
  const { evaluationPeriods, statistic } = alarm.configuration;
  return Array.from({ length: evaluationPeriods }, (_, index) => {
    const startsAt = end - (evaluationPeriods - index) * periodMs(alarm);
    const value = datapoint(state.metrics, alarm.metricKey, statistic, startsAt, startsAt + periodMs(alarm));
    return { startsAt, value };
  });
}

function reasonDataOf({ configuration }: Alarm, window: readonly Datapoint[], now: number): string {
  const { statistic, periodSeconds, threshold } = configuration;
  const present = window.filter(({ value }) => value !== undefined);
  const [first] = present;
  return JSON.stringify({
    version: '1.0',
    queryDate: awsTime(now),
    startDate: first && awsTime(first.startsAt),
    statistic,
    period: periodSeconds,
    recentDatapoints: present.map(({ value }) => value),
    threshold,
  });
}

function enter(monitoring: Monitoring, alarm: Alarm, state: AlarmState): void {
  const previous = alarm.state;
  alarm.state = state;
  if (previous.value === state.value) return;
  announce(monitoring, alarm.configuration, alarm.metricId, previous, state);
}
