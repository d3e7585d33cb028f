import type { EmitEvent, RegionContext, Service } from '../service.ts';
import { envelop, type Envelope } from './envelope.ts';
import { deliver, labelOf, type DeliveryPorts } from './delivery.ts';
import { eventsOperations } from './operations.ts';
import { matchesPattern } from './pattern.ts';
import { Rules } from './rules.ts';
import type { Rule } from './rule.ts';
import { DELIVERY_LATENCY_MS, DUPLICATE_AFTER_MS } from './timing.ts';

/** What becomes of one event on its way to one rule's targets; `delayMs` comes on top of the ordinary latency. */
type Delivered = 'once' | 'twice' | 'never' | { readonly delayMs: number };

/** Amazon EventBridge: the default bus, its rules and their schedules. */
export interface EventsService extends Service {
  readonly emit: EmitEvent;
  /** Lets a scenario lose, repeat or delay events; asked once for each event that a rule matches. */
  setDelivery(decide: (event: Envelope, ruleName: string) => Delivered): void;
  /** Hears every event of the bus, whether or not a rule matches; the answer ends that. */
  onEvent(listener: (event: Envelope) => void): () => void;
  /** Stops the ticks of scheduled rules, so that a region without other work is idle. */
  pauseSchedules(): void;
  /** Ticks go on where the schedules' own clocks then stand; missed ticks are not made up. */
  resumeSchedules(): void;
}

/** Builds EventBridge. Targets are Lambda functions and state machines; other buses, archives and pipes are not modelled. */
export function createEvents(context: RegionContext & DeliveryPorts): EventsService {
  const listeners = new Set<(event: Envelope) => void>();
  let decide: (event: Envelope, ruleName: string) => Delivered = () => 'once';

  const send = (rule: Rule, event: Envelope): void => {
    const acceptedAtMs = context.kernel.now;
    context.recordMetric('AWS/Events', 'TriggeredRules', { RuleName: rule.name }, 1);
    for (const delayMs of delaysOf(decide(event, rule.name))) {
      for (const target of rule.targets) {
        const label = `events delivers ${labelOf({ rule, target, event })}`;
        context.kernel.after(delayMs, 'delivery', label, () => deliver(context, { rule, target, event, acceptedAtMs }));
      }
    }
  };
  const accept = (event: Envelope): void => {
    for (const listener of listeners) listener(event);
    for (const rule of rules.all()) {
      if (rule.isEnabled && rule.pattern && matchesPattern(rule.pattern, { ...event })) send(rule, event);
    }
  };
  const rules = new Rules(context, (rule) => send(rule, envelop(context, tickOf(rule))));

  return {
    id: 'events',
    operations: eventsOperations(context, rules, accept),
    resources: {
      'AWS::Events::Rule': (logicalId, properties, stackName) => rules.create(logicalId, properties, stackName),
    },
    updaters: {
      'AWS::Events::Rule': {
        changeable: ['Description', 'EventPattern', 'ScheduleExpression', 'State', 'Targets'],
        update: ({ current, after }) => {
          rules.update(current.ref, after);
          return current;
        },
      },
    },
    emit: (event) => accept(envelop(context, event)),
    setDelivery: (next) => void (decide = next),
    onEvent: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    pauseSchedules: () => rules.pause(),
    resumeSchedules: () => rules.resume(),
  };
}

function delaysOf(delivered: Delivered): readonly number[] {
  if (delivered === 'never') return [];
  if (delivered === 'once') return [DELIVERY_LATENCY_MS];
  if (delivered === 'twice') return [DELIVERY_LATENCY_MS, DELIVERY_LATENCY_MS + DUPLICATE_AFTER_MS];
  return [DELIVERY_LATENCY_MS + delivered.delayMs];
}

/** What a scheduled rule sends: EventBridge user guide, eb-create-rule-schedule. */
function tickOf(rule: Rule): Parameters<EmitEvent>[0] {
  return { source: 'aws.events', 'detail-type': 'Scheduled Event', resources: [rule.arn], detail: {} };
}
