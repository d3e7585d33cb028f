import type { EmitEvent, RegionContext } from '../service.ts';
import type { AlarmConfiguration } from './alarm-configuration.ts';
import { awsTime, type AlarmState } from './alarm-state.ts';
import { announce, type Publish } from './announce.ts';
import { evaluate, type Datapoint, type StateValue } from './evaluate.ts';
import { metricKey, type Metrics } from './metrics.ts';
import { EVALUATION_DELAY_MS } from './timing.ts';

/** What alarms need of the other services. */
export interface AlarmPorts {
  readonly emit: EmitEvent;
  readonly publish: Publish;
}

/**
 * An alarm that looks at its metric at the end of a period, and only as long as its window holds values: without new
 * ones it comes to rest, and nothing is pending in an idle region.
 */
export class Alarm {
  readonly configuration: AlarmConfiguration;
  readonly createdAt: number;
  readonly metricKey: string;
  readonly #metricId: string;
  readonly #context: RegionContext & AlarmPorts;
  readonly #metrics: Metrics;
  #state: AlarmState;
  #isScheduled = false;

  constructor(context: RegionContext & AlarmPorts, metrics: Metrics, configuration: AlarmConfiguration) {
    const { kernel } = context;
    this.configuration = configuration;
    this.metricKey = metricKey(configuration.namespace, configuration.metricName, configuration.dimensions);
    this.createdAt = kernel.now;
    this.#context = context;
    this.#metrics = metrics;
    this.#metricId = kernel.random.uuid();
    const reason = 'Unchecked: Initial alarm creation';
    this.#state = { value: 'INSUFFICIENT_DATA', reason, reasonData: undefined, since: kernel.now };
    this.expectEvaluation();
  }

  get state(): AlarmState {
    return this.#state;
  }

  /** Makes sure that the period that runs now is evaluated after its end. */
  expectEvaluation(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    const { kernel } = this.#context;
    const end = (Math.floor(kernel.now / this.#periodMs) + 1) * this.#periodMs;
    const delayMs = end + EVALUATION_DELAY_MS - kernel.now;
    kernel.after(delayMs, 'timer', `alarm ${this.configuration.name} is evaluated`, () => this.#evaluate(end));
  }

  /** Changes the state as SetAlarmState does: until the next evaluation. */
  setState(value: StateValue, reason: string, reasonData: string | undefined): void {
    this.#enter({ value, reason, reasonData, since: this.#context.kernel.now });
    this.expectEvaluation();
  }

  get #periodMs(): number {
    return this.configuration.periodSeconds * 1000;
  }

  #evaluate(end: number): void {
    this.#isScheduled = false;
    const window = this.#window(end);
    const { state, reason } = evaluate(this.configuration, window, this.#state.value);
    if (state !== 'retain' && state !== this.#state.value) {
      const reasonData = this.#reasonData(window);
      this.#enter({ value: state, reason, reasonData, since: this.#context.kernel.now });
    }
    // One more look after the last value has left the window, then rest.
    if (this.#metrics.isActiveSince(this.metricKey, window[0]!.startsAt)) this.expectEvaluation();
  }

  #window(end: number): Datapoint[] {
    const { evaluationPeriods, statistic } = this.configuration;
    return Array.from({ length: evaluationPeriods }, (_, index) => {
      const startsAt = end - (evaluationPeriods - index) * this.#periodMs;
      return {
        startsAt,
        value: this.#metrics.datapoint(this.metricKey, statistic, startsAt, startsAt + this.#periodMs),
      };
    });
  }

  #reasonData(window: readonly Datapoint[]): string {
    const { statistic, periodSeconds, threshold } = this.configuration;
    const present = window.filter(({ value }) => value !== undefined);
    const [first] = present;
    return JSON.stringify({
      version: '1.0',
      queryDate: awsTime(this.#context.kernel.now),
      ...(first === undefined ? {} : { startDate: awsTime(first.startsAt) }),
      statistic,
      period: periodSeconds,
      recentDatapoints: present.map(({ value }) => value),
      threshold,
    });
  }

  #enter(state: AlarmState): void {
    const previous = this.#state;
    this.#state = state;
    if (previous.value === state.value) return;
    announce(this.#context, this.configuration, this.#metricId, previous, state);
  }
}
