import type { Caller, Operation } from '../service.ts';
import { drawMs, dueRule, type Faulty, type RuleAt } from './due.ts';
import type { CallFault, CallMatch } from './model.ts';
import { isRead, pastOperation, type PastPorts } from './past.ts';
import { serviceFault } from './service-errors.ts';

/** A call, as far as rules look at it. */
export interface FaultyCall {
  readonly service: string;
  readonly operation: string;
  readonly caller: Caller | undefined;
}

/** What becomes of a call at one of its parks: `drop` is silence, `cut` the end of the connection. */
export type ParkFate = 'proceed' | 'drop' | 'cut' | { readonly delayMs: number };

/** What the wire asks: at both parks of a call, and around the instant at which it is applied. */
export interface CallFaults {
  atPark(call: FaultyCall & { readonly accessKeyId: string; readonly phase: 'arrive' | 'answer' }): ParkFate;
  /** The operation to apply, which may be that of the past; throws the `Fault` that is answered instead. */
  beforeApply(call: FaultyCall, operation: Operation): Operation;
  /** Throws the `Fault` that is answered although the call was applied. */
  afterApply(call: FaultyCall): void;
}

export interface CallPorts extends PastPorts {
  /** Kills the function's instance that signs with this key, if there is one. */
  readonly killInstance: (accessKeyId: string) => void;
}

type CallRule<Kind extends CallFault['kind']> = RuleAt<'call'> & { readonly does: Extract<CallFault, { kind: Kind }> };

/** How much later a call is applied whose function is dead: Step Functions has heard and tries again. */
const ZOMBIE_AFTER_MS = 5_000;

export function callFaults(faulty: Faulty, ports: CallPorts): CallFaults {
  const due = <Kind extends CallFault['kind']>(
    call: FaultyCall,
    kind: Kind,
    isMeant: (does: Extract<CallFault, { kind: Kind }>) => boolean,
  ): CallRule<Kind>['does'] | undefined => {
    const isAbout = ({ does, match = {} }: RuleAt<'call'>): boolean =>
      does.kind === kind && isMeant(does as CallRule<Kind>['does']) && matches(match, call);
    return dueRule(faulty, 'call', isAbout)?.does as CallRule<Kind>['does'] | undefined;
  };
  return {
    atPark(call) {
      const { phase } = call;
      const isApplied = phase === 'answer';
      const killed = due(call, 'kill', ({ applied }) => (applied === 'at-once') === isApplied);
      if (killed) {
        ports.killInstance(call.accessKeyId);
        return killed.applied === 'later' ? { delayMs: killed.laterMs ?? ZOMBIE_AFTER_MS } : 'drop';
      }
      const lost = due(call, 'lost', (does) => does.isApplied === isApplied);
      if (lost) return lost.connection === 'cut' ? 'cut' : 'drop';
      const late = due(call, 'latency', ({ way = phase }) => way === phase);
      return late ? { delayMs: drawMs(faulty.state, late.spread) } : 'proceed';
    },
    beforeApply(call, operation) {
      const failed = due(call, 'error', ({ isApplied }) => !isApplied);
      if (failed) throw serviceFault(call.service, failed.error);
      const stale = due(call, 'stale', () => isRead(call.operation));
      const past = stale && pastOperation(faulty, ports, call, stale.spread);
      return past === undefined ? operation : { ...operation, apply: (input, caller) => past.apply(input, caller) };
    },
    afterApply(call) {
      const failed = due(call, 'error', ({ isApplied }) => isApplied);
      if (failed) throw serviceFault(call.service, failed.error);
    },
  };
}

function matches({ service, operation, caller = 'role', roleArn }: CallMatch, call: FaultyCall): boolean {
  if (service !== undefined && service !== call.service) return false;
  if (operation !== undefined && ![operation].flat().includes(call.operation)) return false;
  if (caller !== 'anyone' && caller !== call.caller?.kind) return false;
  return roleArn === undefined || (call.caller?.kind === 'role' && call.caller.roleArn === roleArn);
}
