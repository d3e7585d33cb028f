import type { TimerId, ActKind } from '../kernel/kernel.ts';
import type { TokenBucket } from '../request-limits.ts';
import type { Authorize, Caller, EmitEvent, InvokeFunction, RecordMetric, RegionContext } from '../service.ts';
import type { Json, Leaving, State } from './definition.ts';
import type { Scope } from './evaluate.ts';
import type { Attempt, Execution, StateMachine, Visit } from './execution.ts';
import type { createFunctions } from './functions.ts';
import type { WriteLog } from './write-logs.ts';

/** Assumes a role for a service; throws `Fault` when the role is missing or its trust policy does not let the service. */
export type AssumeRole = (
  roleArn: string,
  session: { readonly principal: 'states.amazonaws.com'; readonly sourceArn: string },
) => Caller;

/** What Step Functions needs of the other services. */
export interface StatesPorts extends RegionContext {
  readonly invoke: InvokeFunction;
  readonly authorize: Authorize;
  readonly assumeRole: AssumeRole;
  readonly emit: EmitEvent;
  readonly recordMetric: RecordMetric;
  readonly writeLog?: WriteLog;
}

/** What Step Functions knows, each in the order of creation. */
export interface StatesState {
  /** By ARN. */
  readonly machines: Map<string, StateMachine>;
  /** By ARN. */
  readonly executions: Map<string, Execution>;
  /** Attempts that were given a token, over or not, by that token. */
  readonly attempts: Map<string, Attempt>;
  /** What request throttling has left, by the names of the limits. */
  readonly buckets: Map<string, TokenBucket>;
}

/** Told of every state that an execution enters. */
export type StateEnteredListener = (entered: {
  readonly executionArn: string;
  readonly stateMachineArn: string;
  readonly state: string;
  readonly type: State['type'];
  /** Milliseconds since the epoch. */
  readonly at: number;
}) => void;

export interface Workflows extends StatesPorts {
  readonly state: StatesState;
  /** Scenarios that listen; no state. */
  readonly listeners: Set<StateEnteredListener>;
  /** Of JSONata, on the kernel's clock and randomness. */
  readonly functions: ReturnType<typeof createFunctions>;
  readonly steps: Steps;
}

/** What the interpreter offers to the tasks that it runs: each calls the other, so the tasks are handed their half. */
export interface Steps {
  /** Schedules a step of `visit`; dropped when the execution has gone on or ended. A failure in it fails the state. */
  act(
    workflows: Workflows,
    visit: Visit,
    delayMs: number,
    kind: ActKind,
    what: string,
    step: () => void | Promise<void>,
  ): TimerId;
  /** Evaluates Output and Assign, records the exit, and goes to `next` or ends the execution. */
  leave(
    workflows: Workflows,
    visit: Visit,
    next: string | undefined,
    way: Leaving,
    fallback: Json,
    more?: Partial<Scope['states']>,
  ): Promise<void>;
}

/** No state machine. */
export function newStatesState(): StatesState {
  return { machines: new Map(), executions: new Map(), attempts: new Map(), buckets: new Map() };
}
