import type { DeliveryFaults } from '../faults/delivery-faults.ts';
import type { TimerId } from '../kernel/kernel.ts';
import type { Caller, RecordMetric, RegionContext, StartExecution } from '../service.ts';
import type { Envelope } from './envelope.ts';
import type { InputProperties } from './input.ts';

/** Who asks in the name of a rule. */
export interface OnBehalf {
  readonly principal: 'events.amazonaws.com';
  /** The rule's ARN. */
  readonly sourceArn: string;
}

/** Invokes a function asynchronously; throws `Fault`. */
type InvokeAsync = (request: {
  readonly functionArn: string;
  readonly payload: unknown;
  readonly sourceArn: string;
}) => void;

/** The caller that a role becomes; throws `Fault` when its trust policy refuses. */
type AssumeRole = (roleArn: string, onBehalf: OnBehalf) => Caller;

/** Sends a message with string attributes; throws `Fault`. */
type SendToQueue = (
  queueArn: string,
  body: string,
  attributes: Readonly<Record<string, string>>,
  onBehalf: OnBehalf,
) => void;

/** What EventBridge needs of the region. */
export interface EventsPorts extends RegionContext {
  readonly invokeAsync: InvokeAsync;
  readonly startExecution: StartExecution;
  readonly assumeRole: AssumeRole;
  readonly sendToQueue: SendToQueue;
  readonly recordMetric: RecordMetric;
  /** @default every event comes once, on time */
  readonly faults?: DeliveryFaults;
}

/** What becomes of one event on its way to one rule's targets; `delayMs` comes on top of the ordinary latency. */
export type Delivered = 'once' | 'twice' | 'never' | { readonly delayMs: number };

/** What a scenario has asked to hear or to change; no state of the bus. */
export interface Hooks {
  readonly listeners: Set<(event: Envelope) => void>;
  /** Asked once for each event that a rule matches. */
  decide: (event: Envelope, ruleName: string) => Delivered;
}

/** What EventBridge knows. */
export interface EventsState {
  /** The rules of the default bus, by name. */
  readonly rules: Map<string, Rule>;
  /** Whether scheduled rules stand still. */
  isPaused: boolean;
}

export interface Bus extends EventsPorts {
  readonly state: EventsState;
  readonly hooks: Hooks;
}

/** A rule of the default bus. */
export interface Rule {
  readonly name: string;
  readonly arn: string;
  readonly description: string | undefined;
  /** JSON text, as `DescribeRule` shows it; `patternOf` reads it. */
  readonly eventPattern: string | undefined;
  /** `scheduleOf` reads it. */
  readonly scheduleExpression: string | undefined;
  readonly targets: readonly Target[];
  isEnabled: boolean;
  /** When its schedule began, milliseconds; undefined until it was first enabled. */
  startedAtMs: number | undefined;
  /** The next tick. */
  timer: TimerId | undefined;
}

/** Where a rule sends events, and what it does when that fails. */
export interface Target {
  readonly id: string;
  readonly arn: string;
  readonly roleArn: string | undefined;
  /** `inputOf` reads it. */
  readonly input: InputProperties;
  readonly deadLetterArn: string | undefined;
  readonly retryAttemptsMax: number;
  readonly eventAgeSecondsMax: number;
}

/** No rule. */
export function newEventsState(): EventsState {
  return { rules: new Map(), isPaused: false };
}
