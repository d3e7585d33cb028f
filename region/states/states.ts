import { withRequestLimits } from '../request-limits.ts';
import type { Service, StartExecution } from '../service.ts';
import { stateMachineCreator, stateMachineDeleter, stateMachineUpdater } from './create-state-machine.ts';
import type { Execution, ExecutionStatus } from './execution.ts';
import { createFunctions } from './functions.ts';
import { STEPS } from './interpreter.ts';
import {
  newStatesState,
  type StateEnteredListener,
  type StatesPorts,
  type StatesState,
  type Workflows,
} from './model.ts';
import { executionOperations } from './operations.ts';
import { executionWithArn } from './registry.ts';
import { REQUEST_LIMITS } from './request-limits.ts';
import { demand, startExecution } from './start-execution.ts';
import { tokenOperations } from './token-operations.ts';

export type { ExecutionStatus } from './execution.ts';
export { lintDefinition } from './lint-definition.ts';
export { parseDefinition } from './parse-definition.ts';
export type { AssumeRole, StateEnteredListener, StatesPorts } from './model.ts';
export type { WriteLog } from './write-logs.ts';

/** One execution as reports show it; times are milliseconds since the epoch, `output` is JSON text. */
export interface ExecutionView {
  readonly executionArn: string;
  readonly stateMachineArn: string;
  readonly name: string;
  readonly status: ExecutionStatus;
  /** The states entered, in order. */
  readonly path: readonly string[];
  /** As AWS bills them: every state entered, and every retry. */
  readonly transitions: number;
  readonly startedAt: number;
  readonly stoppedAt: number | undefined;
  readonly input: string;
  readonly output: string | undefined;
  readonly error: string | undefined;
  readonly cause: string | undefined;
  /** How many events the history holds. */
  readonly historyEvents: number;
}

/** AWS Step Functions, Standard workflows in JSONata. */
export interface States extends Service {
  readonly startExecution: StartExecution;
  /** All executions, oldest first. */
  executions(): ExecutionView[];
  /** One execution; throws `Fault` (`ExecutionDoesNotExist`). */
  view(executionArn: string): ExecutionView;
  /** Calls `listener` at every state's entry; the answer stops it. */
  onStateEntered(listener: StateEnteredListener): () => void;
}

/** Creates the service, without state machines unless told; everything that happens in it is an act of the kernel. */
export function createStates(ports: StatesPorts, state: StatesState = newStatesState()): States {
  const functions = createFunctions(ports.kernel);
  const workflows: Workflows = { ...ports, state, listeners: new Set(), functions, steps: STEPS };
  return {
    id: 'states',
    state,
    operations: withRequestLimits({ id: 'states', ...workflows }, REQUEST_LIMITS, {
      ...executionOperations(workflows),
      ...tokenOperations(workflows),
    }),
    resources: { 'AWS::StepFunctions::StateMachine': stateMachineCreator(workflows) },
    updaters: { 'AWS::StepFunctions::StateMachine': stateMachineUpdater(workflows) },
    deleters: { 'AWS::StepFunctions::StateMachine': stateMachineDeleter(workflows) },
    startExecution({ stateMachineArn, name, input, caller }) {
      demand(workflows, caller, 'states:StartExecution', stateMachineArn);
      return { executionArn: startExecution(workflows, { stateMachineArn, name, input }).arn };
    },
    executions: () => [...state.executions.values()].map(viewOf),
    view: (executionArn) => viewOf(executionWithArn(workflows, executionArn)),
    onStateEntered(listener) {
      workflows.listeners.add(listener);
      return () => workflows.listeners.delete(listener);
    },
  };
}

function viewOf(execution: Execution): ExecutionView {
  const { name, status, transitions, startedAt, stoppedAt, input, output, error, cause } = execution;
  return {
    executionArn: execution.arn,
    stateMachineArn: execution.machine.arn,
    name,
    status,
    path: [...execution.path],
    transitions,
    startedAt,
    stoppedAt,
    input,
    output,
    error,
    cause,
    historyEvents: execution.history.length,
  };
}
