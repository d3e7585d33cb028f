import type { Region } from '../../region/region.ts';

/** One execution of the state machine, as it stands or as it ended. */
export interface Rollout {
  readonly executionArn: string;
  readonly status: string;
  /** The outcome; the error's name when the execution failed without one; `RUNNING` while it runs. */
  readonly outcome: string;
  readonly reason: string | undefined;
  readonly message: string | undefined;
  readonly error: string | undefined;
  /** For people: of what Lambda answers, only the error's message. */
  readonly cause: string | undefined;
  /** States in the order in which they were entered. */
  readonly path: readonly string[];
  /** As AWS bills them: every state entered, and every retry. */
  readonly stateTransitions: number;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly stoppedAt: number | undefined;
  /** From start to end, or to now. */
  readonly virtualSeconds: number;
  /** Calls that the stack's functions sent between start and end, those of wake-rollout and the tick included. */
  readonly awsCalls: number;
}

/** ARNs of a state machine's executions, kept up to date; cheap enough to be looked at after every act of the kernel. */
export interface ExecutionList {
  /** In the order in which they started. */
  readonly started: readonly string[];
  readonly running: ReadonlySet<string>;
}

/** Follows the executions of a state machine by the events that Step Functions sends. */
export function followExecutions(region: Region, stateMachineArn: string): ExecutionList {
  const started: string[] = [];
  const running = new Set<string>();
  region.events.onEvent(({ source, detail }) => {
    if (source !== 'aws.states' || detail['stateMachineArn'] !== stateMachineArn) return;
    const executionArn = String(detail['executionArn']);
    if (detail['status'] !== 'RUNNING') return void running.delete(executionArn);
    if (!started.includes(executionArn)) started.push(executionArn);
    running.add(executionArn);
  });
  return { started, running };
}

/** One execution; throws when there is none. */
export function readRollout(region: Region, executionArn: string): Rollout {
  const { status, path, transitions, startedAt, stoppedAt, output, error, cause } = region.states.view(executionArn);
  const end = stoppedAt ?? region.kernel.now;
  const concluded = asRecord(output);
  return {
    executionArn,
    status,
    outcome: textOf(concluded?.['outcome']) ?? error ?? status,
    reason: textOf(concluded?.['reason']),
    message: textOf(concluded?.['message']) ?? sentenceOf(cause),
    error,
    cause: sentenceOf(cause),
    path,
    stateTransitions: transitions,
    startedAt,
    stoppedAt,
    virtualSeconds: (end - startedAt) / 1000,
    awsCalls: region.calls.filter(({ caller, at }) => caller?.kind === 'role' && at >= startedAt && at <= end).length,
  };
}

/** The cause of a handler's failure is Lambda's whole answer, as JSON: `{errorType, errorMessage, trace}`. */
function sentenceOf(cause: string | undefined): string | undefined {
  try {
    return textOf(asRecord(cause)?.['errorMessage']) ?? cause;
  } catch {
    return cause;
  }
}

function asRecord(json: string | undefined): Readonly<Record<string, unknown>> | undefined {
  const value: unknown = json === undefined ? undefined : JSON.parse(json);
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
