import type { HistoryEvent } from '@aws-sdk/client-sfn';
import type { Decision, RecordedDecision, RecordedStay } from '../../../console/documents.ts';
import type { ChronicledState } from '../../../picture/chronicle.ts';
import { executionDecisions } from '../watch/execution-lines.ts';
import { readable } from '../../../timeline/timeline.ts';
import { utc } from '../../terminal/moments.ts';

/** The states that an execution was in, in seconds since `beganAt`; a Choice takes no time and is none of them. */
export function statesIn(events: readonly HistoryEvent[], beganAt: number): ChronicledState[] {
  const stays: { name: string; enteredAt: number; leftAt?: number }[] = [];
  for (const event of events) {
    const { type = '', timestamp, stateEnteredEventDetails: entered } = event;
    const at = ((timestamp?.getTime() ?? beganAt) - beganAt) / 1000;
    const isState = type.endsWith('StateEntered') && type !== 'ChoiceStateEntered';
    const isEnd = /^Execution(Succeeded|Failed|Aborted|TimedOut)$/.test(type);
    const last = stays.at(-1);
    if ((isState || isEnd) && last) last.leftAt ??= at;
    if (isState && entered?.name !== undefined) stays.push({ name: entered.name, enteredAt: at });
  }
  return joined(stays);
}

/** A state that is entered again and again while it waits is one stay. */
function joined(stays: readonly { name: string; enteredAt: number; leftAt?: number }[]): ChronicledState[] {
  const states: { name: string; enteredAt: number; leftAt?: number }[] = [];
  for (const stay of stays) {
    const last = states.at(-1);
    if (last?.name !== stay.name) {
      states.push({ ...stay });
      continue;
    }
    delete last.leftAt;
    if (stay.leftAt !== undefined) last.leftAt = stay.leftAt;
  }
  return states;
}

/** What its steps decided, oldest first. */
export function decisionsIn(events: readonly HistoryEvent[]): Decision[] {
  return executionDecisions(events).map(({ at, state, word, reason, message }) => ({
    at: utc(at),
    state,
    word,
    ...(reason !== undefined && { reason }),
    ...(message !== undefined && { message: readable(message) }),
  }));
}

/** The states that a record keeps, in seconds since `beganAt`. */
export function recordedStates(states: readonly RecordedStay[], beganAt: number): ChronicledState[] {
  const second = (moment: string): number => (Date.parse(moment) - beganAt) / 1000;
  return states.map(({ name, enteredAt, leftAt }) => ({ name, enteredAt: second(enteredAt), leftAt: second(leftAt) }));
}

/** The decisions that a record keeps. */
export function recordedDecisions(decisions: readonly RecordedDecision[]): Decision[] {
  return decisions.map(({ at, state, word, reason, message }) => ({
    at,
    state,
    word,
    ...(reason !== null && { reason }),
    ...(message !== null && { message: readable(message) }),
  }));
}
