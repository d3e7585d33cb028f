import type { HistoryEvent, LoggingConfiguration, TracingConfiguration } from '@aws-sdk/client-sfn';
import type { Kernel, TimerId } from '../kernel/kernel.ts';
import type { Definition, Json, State, TaskState } from './definition.ts';
import type { Variables } from './evaluate.ts';

export type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

export interface StateMachine {
  readonly arn: string;
  readonly name: string;
  readonly roleArn: string;
  readonly definitionText: string;
  readonly definition: Definition;
  readonly createdAt: number;
  readonly revisionId: string;
  readonly logging: LoggingConfiguration;
  readonly tracing: TracingConfiguration;
  /** Its executions end at their next transition; it is there until the last has ended. */
  readonly isBeingDeleted: boolean;
}

/** One execution; times are milliseconds since the epoch. */
export interface Execution {
  readonly arn: string;
  readonly name: string;
  readonly machine: StateMachine;
  /** JSON text as StartExecution got it. */
  readonly input: string;
  readonly inputValue: Json;
  readonly startedAt: number;
  status: ExecutionStatus;
  stoppedAt?: number;
  /** JSON text. */
  output?: string;
  error?: string;
  cause?: string;
  redriveCount: number;
  redrivenAt?: number;
  readonly history: HistoryEvent[];
  /** Names of the states entered, in order. */
  readonly path: string[];
  /** As AWS bills them: every state entered, and every retry. */
  transitions: number;
  variables: Variables;
  /** JSON text of every variable, to know their size and to show them in the history. */
  readonly variableTexts: Map<string, string>;
  /** The state that is being executed; kept after a failure, to redrive it. */
  visit?: Visit;
  /** The state that is about to be entered, between two visits. */
  onTheWay?: { readonly state: string; readonly input: Json; readonly inputText: string };
  timeout?: TimerId;
}

/** One stay in one state, retries included. */
export interface Visit<S extends State = State> {
  readonly execution: Execution;
  readonly state: S;
  readonly input: Json;
  readonly inputText: string;
  readonly enteredAt: number;
  readonly enteredEventId: number;
  /** Attempts made by each retrier, by its place. */
  readonly attempts: number[];
  retryCount: number;
  /** What this visit waits for: a Wait, the pause before a retry. */
  wait?: TimerId;
  attempt?: Attempt;
}

/** One attempt at a task. */
export interface Attempt {
  readonly visit: Visit<TaskState>;
  readonly token: string | undefined;
  /** Once over, answers, failures and timers of this attempt are dropped. */
  isOver: boolean;
  readonly timers: TimerId[];
  /** Absent without HeartbeatSeconds. */
  heartbeat?: { readonly seconds: number; timer: TimerId };
}

/** Ends `attempt`: whatever arrives for it from now on is late. */
export function closeAttempt(kernel: Kernel, attempt: Attempt): void {
  attempt.isOver = true;
  for (const timer of attempt.timers.splice(0)) kernel.cancel(timer);
}

/** Why and whether RedriveExecution would be refused, as DescribeExecution says it. */
export function redriveStatus(execution: Execution): {
  redriveStatus: 'REDRIVABLE' | 'NOT_REDRIVABLE';
  redriveStatusReason?: string;
} {
  const { status } = execution;
  if (status !== 'RUNNING' && status !== 'SUCCEEDED') return { redriveStatus: 'REDRIVABLE' };
  return { redriveStatus: 'NOT_REDRIVABLE', redriveStatusReason: `Execution is ${status} and cannot be redriven` };
}
