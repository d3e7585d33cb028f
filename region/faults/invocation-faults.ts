import { dueRule, type Faulty } from './due.ts';
import type { InvocationFault, InvocationMatch } from './model.ts';

/** An invocation, as far as rules look at it. */
export interface FaultyInvocation {
  readonly functionName: string;
  readonly mode: 'synchronous' | 'asynchronous';
}

/** What Lambda asks. */
export interface InvocationFaults {
  /** Of an invocation that begins; an event asks at each of its attempts. */
  ofAttempt(invocation: FaultyInvocation): Exclude<InvocationFault, { kind: 'twice' }> | undefined;
  /** How much later an event is handed over once more; undefined for not at all. */
  repeatAfterMs(functionName: string): number | undefined;
}

export function invocationFaults(faulty: Faulty): InvocationFaults {
  const due = (of: FaultyInvocation, isMeant: (does: InvocationFault) => boolean): InvocationFault | undefined =>
    dueRule(faulty, 'invocation', ({ does, match = {} }) => isMeant(does) && matches(match, of))?.does;
  return {
    ofAttempt(invocation) {
      const isEvent = invocation.mode === 'asynchronous';
      const fault = due(invocation, (does) => does.kind !== 'twice' && (!isEvent || isForEvents(does)));
      return fault?.kind === 'twice' ? undefined : fault;
    },
    repeatAfterMs(functionName) {
      const fault = due({ functionName, mode: 'asynchronous' }, ({ kind }) => kind === 'twice');
      return fault?.kind === 'twice' ? fault.laterMs : undefined;
    },
  };
}

/** Nobody waits for the answer of an event. */
function isForEvents(does: InvocationFault): boolean {
  return does.kind !== 'error' || does.runs === 'never';
}

function matches({ functionName, mode }: InvocationMatch, of: FaultyInvocation): boolean {
  return (functionName ?? of.functionName) === of.functionName && (mode ?? of.mode) === of.mode;
}
