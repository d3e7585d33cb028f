import { callFaults, type CallFaults, type CallPorts } from './call-faults.ts';
import { deliveryFaults, type DeliveryFaults } from './delivery-faults.ts';
import type { Faulty } from './due.ts';
import { invocationFaults, type InvocationFaults } from './invocation-faults.ts';
import { checkStale, rememberPast } from './past.ts';
import type { FaultRule, FaultsState, StartedRule } from './model.ts';

/** A fault that goes on until it is stopped. */
export interface StartedFault {
  /** How many calls, invocations or deliveries its rules were about by now, in their time. */
  readonly matched: number;
  /** How often its rules have acted. */
  readonly acted: number;
  stop(): void;
}

/** What can go wrong in the region, and does as long as somebody wants it to: rules, a seed of their own, nothing else. */
export interface Faults extends CallFaults, InvocationFaults, DeliveryFaults {
  readonly state: FaultsState;
  /** Starts rules; where two could act at one place, the one that was started first does. Throws `NotModelled`. */
  start(...rules: readonly FaultRule[]): StartedFault;
}

/** Creates the mechanism, without faults. */
export function createFaults(faulty: Faulty, ports: CallPorts): Faults {
  faulty.kernel.onAct(() => rememberPast(faulty, ports));
  return {
    ...callFaults(faulty, ports),
    ...invocationFaults(faulty),
    ...deliveryFaults(faulty),
    state: faulty.state,
    start(...rules) {
      for (const rule of rules) checkStale(ports, rule);
      return started(faulty, rules);
    },
  };
}

function started({ kernel, state }: Faulty, rules: readonly FaultRule[]): StartedFault {
  const own = rules.map((rule): StartedRule => {
    const { afterSeconds = 0, lastsSeconds } = rule.when ?? {};
    const fromMs = kernel.now + afterSeconds * 1000;
    const untilMs = lastsSeconds === undefined ? undefined : fromMs + lastsSeconds * 1000;
    const id = ++state.lastId;
    return { id, rule: structuredClone(rule), fromMs, untilMs, matched: 0, acted: 0 };
  });
  for (const rule of own) state.rules.set(rule.id, rule);
  const total = (of: 'matched' | 'acted'): number => own.reduce((sum, rule) => sum + rule[of], 0);
  return {
    get matched() {
      return total('matched');
    },
    get acted() {
      return total('acted');
    },
    stop: () => own.forEach(({ id }) => state.rules.delete(id)),
  };
}
