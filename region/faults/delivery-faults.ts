import { drawMs, dueRule, type Faulty } from './due.ts';
import type { DeliveryMatch } from './model.ts';

/** An event on its way to the targets of a rule, as far as rules of the faults look at it. */
export interface FaultyDelivery {
  readonly source: string;
  readonly detailType: string;
  readonly ruleName: string;
}

/** What EventBridge asks. */
export interface DeliveryFaults {
  /** How much later than usual each copy comes: `[0]` is one, on time. */
  copiesOf(delivery: FaultyDelivery): readonly number[];
}

export function deliveryFaults(faulty: Faulty): DeliveryFaults {
  return {
    copiesOf(delivery) {
      const does = dueRule(faulty, 'delivery', ({ match = {} }) => matches(match, delivery))?.does;
      if (does === undefined) return [0];
      if (does.kind === 'lose') return [];
      if (does.kind === 'delay') return [drawMs(faulty.state, does.by)];
      return [0, drawMs(faulty.state, does.later)];
    },
  };
}

function matches({ source, detailType, ruleName }: DeliveryMatch, of: FaultyDelivery): boolean {
  return (
    (source ?? of.source) === of.source &&
    (detailType ?? of.detailType) === of.detailType &&
    (ruleName ?? of.ruleName) === of.ruleName
  );
}
