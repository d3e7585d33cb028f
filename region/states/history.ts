import type { HistoryEvent, HistoryEventType } from '@aws-sdk/client-sfn';
import type { Execution } from './execution.ts';
import { StateFailure } from './failure.ts';
import { MAX_HISTORY_EVENTS } from './quotas.ts';

export type HistoryDetails = Omit<HistoryEvent, 'id' | 'previousEventId' | 'timestamp' | 'type'>;

const UNTRUNCATED = { truncated: false } as const;

/**
 * Appends one event and answers its id. The event that would be the 25,000th fails the execution instead.
 * Events that follow from no earlier one (`isFirst`) have `previousEventId` 0.
 */
export function recordEvent(
  execution: Execution,
  at: number,
  type: HistoryEventType,
  details: HistoryDetails = {},
  isFirst = false,
): HistoryEvent {
  const id = execution.history.length + 1;
  if (id >= MAX_HISTORY_EVENTS && !type.startsWith('Execution'))
    throw new StateFailure(
      'States.Runtime',
      `The execution reached the maximum number of history events (${MAX_HISTORY_EVENTS}).`,
    );
  const event: HistoryEvent = { timestamp: new Date(at), type, id, previousEventId: isFirst ? 0 : id - 1, ...details };
  execution.history.push(event);
  return event;
}

export function entered(name: string, input: string): HistoryDetails {
  return { stateEnteredEventDetails: { name, input, inputDetails: UNTRUNCATED } };
}

export function exited(name: string, output: string, assigned: ReadonlyMap<string, string>): HistoryDetails {
  const details = { name, output, outputDetails: UNTRUNCATED };
  if (assigned.size === 0) return { stateExitedEventDetails: details };
  const assignedVariables = Object.fromEntries(assigned);
  return { stateExitedEventDetails: { ...details, assignedVariables, assignedVariablesDetails: UNTRUNCATED } };
}

export function withOutput(output: string) {
  return { output, outputDetails: UNTRUNCATED };
}

export function withInput(input: string) {
  return { input, inputDetails: UNTRUNCATED };
}

/** `error` and `cause`, each left out where there is none. */
export function failureDetails(error: string | undefined, cause: string | undefined) {
  return { ...(error !== undefined && { error }), ...(cause !== undefined && { cause }) };
}

const PAYLOAD_MEMBERS = new Set([
  ...['input', 'inputDetails', 'output', 'outputDetails', 'assignedVariables', 'assignedVariablesDetails'],
]);

/** The event as GetExecutionHistory shows it with `includeExecutionData: false`. */
export function withoutExecutionData(event: HistoryEvent): HistoryEvent {
  const shown = Object.entries(event).map(([name, value]) => {
    if (!name.endsWith('EventDetails')) return [name, value as unknown];
    const members = Object.entries(value as object).filter(([member]) => !PAYLOAD_MEMBERS.has(member));
    return [name, Object.fromEntries(members)];
  });
  return Object.fromEntries(shown) as unknown as HistoryEvent;
}
