import { Fault } from '../service.ts';
import type { Envelope } from './envelope.ts';
import type { Bus, OnBehalf, Rule, Target } from './model.ts';
import { inputOf } from './rule.ts';
import { RETRY_WAIT_MS_MAX, RETRY_WAIT_MS_MIN } from './timing.ts';

interface Delivery {
  readonly rule: Rule;
  readonly target: Target;
  readonly event: Envelope;
  /** When the bus took the event: its age counts from here. */
  readonly acceptedAtMs: number;
  /** Of an event that came before. */
  readonly isCopy: boolean;
  retries: number;
}

interface Failure {
  readonly code: string;
  readonly message: string;
  readonly isRetriable: boolean;
  /** Which limit ended the retries. */
  readonly exhausted?: 'MaximumRetryAttempts' | 'MaximumEventAgeInSeconds';
}

const THROTTLED = /Throttl|TooManyRequests|LimitExceeded/;
const DENIED = /AccessDenied|NotAuthorized/;
const MISSING = /NotFound|DoesNotExist/;

/** Delivers an event to one target of a rule: at least once, with retries, else to the dead-letter queue. */
export function deliver(bus: Bus, of: Omit<Delivery, 'retries'>): void {
  attempt(bus, { ...of, retries: 0 });
}

function attempt(bus: Bus, delivery: Delivery): void {
  const failure = tryOnce(bus, delivery);
  count(bus, delivery, 'InvocationAttempts');
  if (!failure) {
    count(bus, delivery, 'Invocations');
    count(bus, delivery, 'SuccessfulInvocationAttempts');
    return;
  }
  const exhausted = failure.isRetriable ? exhaustedLimit(bus, delivery) : undefined;
  if (!failure.isRetriable) giveUp(bus, delivery, failure);
  else if (exhausted) giveUp(bus, delivery, { ...failure, exhausted });
  else retryLater(bus, delivery);
}

/** One attempt; answers why it failed. What the region does not model goes through to whoever runs it. */
function tryOnce(bus: Bus, delivery: Delivery): Failure | undefined {
  const { rule, target, event, acceptedAtMs } = delivery;
  const ingestionTime = new Date(acceptedAtMs).toISOString();
  const input = inputOf(target)(event, { ruleName: rule.name, ruleArn: rule.arn, ingestionTime });
  if (input === undefined) return { code: 'INVALID_JSON', message: 'The input is not valid JSON', isRetriable: false };
  let stage: 'assume' | 'call' = 'assume';
  try {
    const caller = target.roleArn === undefined ? undefined : bus.assumeRole(target.roleArn, onBehalfOf(rule));
    stage = 'call';
    const name = executionName(bus, delivery);
    if (caller) bus.startExecution({ stateMachineArn: target.arn, name, input, caller });
    else bus.invokeAsync({ functionArn: target.arn, payload: JSON.parse(input), sourceArn: rule.arn });
    return undefined;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return stage === 'assume'
      ? { code: 'FAILED_TO_ASSUME_ROLE', message: error.message, isRetriable: false }
      : failureOf(error);
  }
}

/**
 * The event's id, which is observed and not documented (https://yufushiro.dev/articles/20250827_eventbridge_sfn_dedup). Step
 * Functions would then refuse the copy of an event that comes twice; the harsher world, in which it comes through, is this one.
 */
function executionName({ kernel }: Bus, { event, isCopy }: Delivery): string {
  // Drawn in any case, as Step Functions draws one for a name that nobody gives: a copy changes nothing that comes after.
  const another = kernel.random.uuid();
  return isCopy ? `${event.id}_${another}` : event.id;
}

/**
 * Only 5xx and 429 are retried (repost.aws/knowledge-center/eventbridge-resolve-failedinvocation-errors);
 * permissions and missing resources go straight to the queue (EventBridge user guide, eb-rule-dlq).
 */
function failureOf({ code, message, status }: Fault): Failure {
  if (status === 429 || THROTTLED.test(code)) return { code: 'THROTTLING', message, isRetriable: true };
  if (status >= 500) return { code: 'INTERNAL_ERROR', message, isRetriable: true };
  if (DENIED.test(code)) return { code: 'NO_PERMISSIONS', message, isRetriable: false };
  if (MISSING.test(code)) return { code: 'NO_RESOURCE', message, isRetriable: false };
  return { code: 'ERROR_FROM_TARGET', message, isRetriable: false };
}

function exhaustedLimit({ kernel }: Bus, { target, acceptedAtMs, retries }: Delivery): Failure['exhausted'] {
  if (retries >= target.retryAttemptsMax) return 'MaximumRetryAttempts';
  return kernel.now - acceptedAtMs >= target.eventAgeSecondsMax * 1_000 ? 'MaximumEventAgeInSeconds' : undefined;
}

function retryLater(bus: Bus, delivery: Delivery): void {
  const { kernel } = bus;
  const backoffMs = Math.min(RETRY_WAIT_MS_MIN * 2 ** delivery.retries, RETRY_WAIT_MS_MAX);
  const jitteredMs = Math.ceil(backoffMs * (0.5 + kernel.random.next() / 2));
  const oldestMs = delivery.acceptedAtMs + delivery.target.eventAgeSecondsMax * 1_000;
  kernel.after(Math.min(jitteredMs, oldestMs - kernel.now), 'delivery', `events retries ${labelOf(delivery)}`, () => {
    delivery.retries++;
    count(bus, delivery, 'RetryInvocationAttempts');
    attempt(bus, delivery);
  });
}

/** Without a dead-letter queue the event is dropped; the metric is all that remains. */
function giveUp(bus: Bus, delivery: Delivery, failure: Failure): void {
  const { rule, target, event } = delivery;
  bus.kernel.trace('delivery', `events gives up ${labelOf(delivery)}: ${failure.code} ${failure.message}`);
  count(bus, delivery, 'Invocations');
  count(bus, delivery, 'FailedInvocations');
  if (target.deadLetterArn === undefined) return;
  try {
    bus.sendToQueue(target.deadLetterArn, JSON.stringify(event), attributesOf(delivery, failure), onBehalfOf(rule));
    count(bus, delivery, 'InvocationsSentToDlq');
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    bus.kernel.trace('delivery', `events cannot reach ${target.deadLetterArn}: ${error.message}`);
    count(bus, delivery, 'InvocationsFailedToBeSentToDlq');
  }
}

/** EventBridge user guide, eb-rule-dlq; the last two are absent when nothing was retried. */
function attributesOf({ rule, target, retries }: Delivery, failure: Failure): Record<string, string> {
  return {
    RULE_ARN: rule.arn,
    TARGET_ARN: target.arn,
    ERROR_CODE: failure.code,
    ERROR_MESSAGE: failure.message,
    ...(failure.exhausted && { EXHAUSTED_RETRY_CONDITION: failure.exhausted, RETRY_ATTEMPTS: String(retries) }),
  };
}

function count({ recordMetric }: Bus, { rule }: Delivery, name: string): void {
  recordMetric('AWS/Events', name, { RuleName: rule.name }, 1);
}

function onBehalfOf(rule: Rule): OnBehalf {
  return { principal: 'events.amazonaws.com', sourceArn: rule.arn };
}

/** Names a delivery in the trace. */
export function labelOf({ rule, target, event }: Pick<Delivery, 'rule' | 'target' | 'event'>): string {
  return `${event['detail-type']} by ${rule.name} to ${target.id}`;
}
