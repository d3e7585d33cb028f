import { deliver, labelOf } from './delivery.ts';
import type { Envelope } from './envelope.ts';
import { fieldsOf } from './event-fields.ts';
import type { Bus, Delivered, Rule } from './model.ts';
import { matchesFields } from './pattern.ts';
import { patternOf } from './rule.ts';
import { DELIVERY_LATENCY_MS, DUPLICATE_AFTER_MS } from './timing.ts';

/** Takes an event: every rule that matches sends it to its targets. */
export function accept(bus: Bus, event: Envelope): void {
  for (const listener of bus.hooks.listeners) listener(event);
  const fields = fieldsOf({ ...event });
  for (const rule of bus.state.rules.values()) {
    const pattern = patternOf(rule);
    if (rule.isEnabled && pattern && matchesFields(pattern, fields)) send(bus, rule, event);
  }
}

/** Sends an event to the targets of a rule. */
export function send(bus: Bus, rule: Rule, event: Envelope): void {
  const { kernel } = bus;
  const acceptedAtMs = kernel.now;
  bus.recordMetric('AWS/Events', 'TriggeredRules', { RuleName: rule.name }, 1);
  for (const [index, delayMs] of delaysOf(bus, event, rule.name).entries()) {
    for (const target of rule.targets) {
      const label = `events delivers ${labelOf({ rule, target, event })}`;
      kernel.after(delayMs, 'delivery', label, () =>
        deliver(bus, { rule, target, event, acceptedAtMs, isCopy: index > 0 }),
      );
    }
  }
}

/** A scenario's own word, and what the faults add to it. */
function delaysOf({ hooks, faults }: Bus, event: Envelope, ruleName: string): readonly number[] {
  const usual = usualDelays(hooks.decide(event, ruleName));
  if (faults === undefined || usual.length === 0) return usual;
  const copies = faults.copiesOf({ source: event.source, detailType: event['detail-type'], ruleName });
  return usual.flatMap((delayMs) => copies.map((laterMs) => delayMs + laterMs));
}

function usualDelays(delivered: Delivered): readonly number[] {
  if (delivered === 'never') return [];
  if (delivered === 'once') return [DELIVERY_LATENCY_MS];
  if (delivered === 'twice') return [DELIVERY_LATENCY_MS, DELIVERY_LATENCY_MS + DUPLICATE_AFTER_MS];
  return [DELIVERY_LATENCY_MS + delivered.delayMs];
}
