import type { AlarmConfiguration, Comparison } from './alarm-configuration.ts';

export type StateValue = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

/** One period of the window that an alarm looks at; newest last. */
export interface Datapoint {
  /** Virtual milliseconds since the epoch. */
  readonly startsAt: number;
  /** Undefined when the period has no values. */
  readonly value: number | undefined;
}

/** What an evaluation says; `retain` when missing data leave the state as it is. */
export interface Evaluation {
  readonly state: StateValue | 'retain';
  /** CloudWatch's sentence. */
  readonly reason: string;
}

type Evaluated = Pick<
  AlarmConfiguration,
  'datapointsToAlarm' | 'evaluationPeriods' | 'threshold' | 'comparison' | 'treatMissingData'
>;

/**
 * The tables of "Configuring how CloudWatch alarms treat missing data", with a window of exactly the evaluation
 * periods: AWS looks further back by an amount that it does not publish.
 */
export function evaluate(alarm: Evaluated, window: readonly Datapoint[], previous: StateValue): Evaluation {
  const present = window.filter(({ value }) => value !== undefined);
  const breaching = present.filter(({ value }) => isBreaching(alarm, value!));
  const state = stateOf(alarm, window.length, present.length, breaching.length);
  return { state, reason: reasonFor(alarm, state, window, breaching, previous) };
}

function stateOf(alarm: Evaluated, all: number, present: number, breaching: number): StateValue | 'retain' {
  const needed = alarm.datapointsToAlarm;
  const isAllBreaching = breaching === present;
  switch (alarm.treatMissingData) {
    case 'breaching':
      return breaching + all - present >= needed ? 'ALARM' : 'OK';
    case 'notBreaching':
      return breaching >= needed ? 'ALARM' : 'OK';
    case 'missing':
      if (present === 0) return 'INSUFFICIENT_DATA';
      return breaching >= needed || (isAllBreaching && present < all) ? 'ALARM' : 'OK';
    case 'ignore':
      if (breaching >= needed && present > 0) return 'ALARM';
      return isAllBreaching && present < all ? 'retain' : 'OK';
  }
}

const COMPARE: Readonly<Record<Comparison, (value: number, threshold: number) => boolean>> = {
  GreaterThanThreshold: (value, threshold) => value > threshold,
  GreaterThanOrEqualToThreshold: (value, threshold) => value >= threshold,
  LessThanThreshold: (value, threshold) => value < threshold,
  LessThanOrEqualToThreshold: (value, threshold) => value <= threshold,
};

const WORDS: Readonly<Record<Comparison, string>> = {
  GreaterThanThreshold: 'greater than',
  GreaterThanOrEqualToThreshold: 'greater than or equal to',
  LessThanThreshold: 'less than',
  LessThanOrEqualToThreshold: 'less than or equal to',
};

function isBreaching({ comparison, threshold }: Evaluated, value: number): boolean {
  return COMPARE[comparison](value, threshold);
}

function reasonFor(
  alarm: Evaluated,
  state: StateValue | 'retain',
  window: readonly Datapoint[],
  breaching: readonly Datapoint[],
  previous: StateValue,
): string {
  const present = window.filter(({ value }) => value !== undefined);
  const missing = window.length - present.length;
  if (state === 'INSUFFICIENT_DATA') return `Insufficient Data: ${datapoints(missing)} ${were(missing)} unknown.`;
  if (present.length === 0) {
    const treated = alarm.treatMissingData === 'breaching' ? 'Breaching' : 'NonBreaching';
    return `Threshold Crossed: no datapoints were received for ${missing} period${plural(missing)} and ${missing} missing datapoint${plural(missing)} ${were(missing)} treated as [${treated}].`;
  }
  const shown = state === 'ALARM' ? breaching : present.filter((datapoint) => !breaching.includes(datapoint));
  const list = shown.map(({ value, startsAt }) => `${decimal(value!)} (${stamp(startsAt)})`).join(', ');
  const relation = `${state === 'ALARM' ? '' : 'not '}${WORDS[alarm.comparison]} the threshold (${decimal(alarm.threshold)})`;
  const transition = `minimum ${datapoints(alarm.datapointsToAlarm)} for ${state === 'ALARM' ? 'OK -> ALARM' : 'ALARM -> OK'} transition`;
  const out = `${shown.length} out of the last ${window.length} datapoints [${list}] ${were(shown.length)} ${relation}`;
  return `Threshold Crossed: ${out}${previous === state ? '' : ` (${transition})`}.`;
}

const plural = (count: number): string => (count === 1 ? '' : 's');
const datapoints = (count: number): string => `${count} datapoint${plural(count)}`;
const were = (count: number): string => (count === 1 ? 'was' : 'were');
const decimal = (value: number): string => (Number.isInteger(value) ? `${value}.0` : String(value));

/** `02/10/19 16:59:00`: day, month, year. */
function stamp(at: number): string {
  const [date = '', time = ''] = new Date(at).toISOString().split('T');
  return `${date.slice(2).split('-').reverse().join('/')} ${time.slice(0, 8)}`;
}
