import type { HistoryEvent } from '@aws-sdk/client-sfn';
import type { TimelineKind } from '../../../timeline/scenario-report.ts';

/** Something that happened, before it is a line of a timeline; `at` in milliseconds since the epoch. */
export interface Happening {
  readonly at: number;
  readonly kind: TimelineKind;
  readonly text: string;
}

/** A step that waits for a token says `wait` first, which is no decision; another step's `wait` would be one. */
const WAITING_STEPS = /^(Await|Bake)/;

/** The longest round that a waiting rollout makes: two steps and what the first of them decided. */
const ROUND = 3;

/**
 * What an execution's history tells a person: the steps entered, what each decided, and errors. Oldest first; the rounds of a
 * rollout that waits are told once.
 */
export function executionLines(events: readonly HistoryEvent[]): Happening[] {
  let state = '';
  const lines = events.flatMap((event): Happening[] => {
    state = event.stateEnteredEventDetails?.name ?? state;
    const told = lineOf(event, state);
    return told ? [{ at: event.timestamp?.getTime() ?? 0, kind: told[0], text: told[1] }] : [];
  });
  return lines.filter(
    ({ kind, text }, index) =>
      !lines.slice(Math.max(0, index - ROUND), index).some((line) => line.kind === kind && line.text === text),
  );
}

/** When the execution ended, milliseconds since the epoch; undefined while it runs. */
export function endOf(events: readonly HistoryEvent[]): number | undefined {
  const end = events.find(({ type }) => /^Execution(Succeeded|Failed|Aborted|TimedOut)$/.test(type ?? ''));
  return end && (end.timestamp?.getTime() ?? 0);
}

/** The state in which the execution is, or was last; choices take no time. */
export function currentState(events: readonly HistoryEvent[]): string | undefined {
  const entered = events.findLast(({ type = '' }) => type.endsWith('StateEntered') && type !== 'ChoiceStateEntered');
  return entered?.stateEnteredEventDetails?.name;
}

/** When the execution began to put back what ran before, milliseconds since the epoch; undefined while it has not. */
export function backSince(events: readonly HistoryEvent[]): number | undefined {
  return events.find((event) => event.stateEnteredEventDetails?.name === 'RollBack')?.timestamp?.getTime();
}

function lineOf(event: HistoryEvent, state: string): [TimelineKind, string] | undefined {
  const { type = '' } = event;
  if (type.endsWith('StateEntered') && type !== 'ChoiceStateEntered') return ['state', state];
  if (type === 'TaskSucceeded') return decision(state, event.taskSucceededEventDetails?.output);
  if (type === 'TaskFailed') return ['decided', `${state}: ${event.taskFailedEventDetails?.error ?? 'failed'}`];
  return undefined;
}

interface Decided {
  readonly word?: unknown;
  readonly outcome?: unknown;
  readonly reason?: unknown;
  readonly message?: unknown;
}

/** A decision in one line. */
function decision(state: string, output: string | undefined): [TimelineKind, string] | undefined {
  const answer = answerIn(state, output);
  if (!answer) return undefined;
  const { word, reason, message } = answer;
  const why = reason === undefined ? '' : ` (${reason})`;
  return ['decided', `${state}: ${word}${why}${message === undefined ? '' : `: ${message}`}`];
}

/** A step answers `{word, reason, message}`, in Lambda's `Payload` unless it waited for a token. */
function answerIn(state: string, output: string | undefined): Omit<StepDecision, 'at' | 'state'> | undefined {
  const answer = parsed(output);
  const { word, outcome, reason, message } = (answer['Payload'] ?? answer) as Decided;
  const said = textOf(outcome) ?? textOf(word);
  if (said === undefined || (said === 'wait' && WAITING_STEPS.test(state))) return undefined;
  return { word: said, reason: textOf(reason), message: textOf(message) };
}

/** What a step decided, or the error that it ended with; `at` in milliseconds since the epoch. */
export interface StepDecision {
  readonly at: number;
  readonly state: string;
  readonly word: string;
  readonly reason: string | undefined;
  readonly message: string | undefined;
}

/** What an execution's steps decided, oldest first; the rounds of a rollout that waits are told once. */
export function executionDecisions(events: readonly HistoryEvent[]): StepDecision[] {
  let state = '';
  const decided = events.flatMap(({ type, timestamp, ...event }): StepDecision[] => {
    state = event.stateEnteredEventDetails?.name ?? state;
    const at = timestamp?.getTime() ?? 0;
    if (type === 'TaskFailed') {
      const { error = 'failed', cause } = event.taskFailedEventDetails ?? {};
      return [{ at, state, word: error, reason: undefined, message: textOf(cause) }];
    }
    const answer = type === 'TaskSucceeded' ? answerIn(state, event.taskSucceededEventDetails?.output) : undefined;
    return answer ? [{ at, state, ...answer }] : [];
  });
  const isSame = (one: StepDecision, other: StepDecision): boolean =>
    one.state === other.state && one.word === other.word && one.message === other.message;
  return decided.filter(
    (one, index) => !decided.slice(Math.max(0, index - ROUND), index).some((other) => isSame(one, other)),
  );
}

function parsed(output: string | undefined): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(output ?? '{}');
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    // AWS cuts long outputs: half a document says nothing.
    return {};
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
