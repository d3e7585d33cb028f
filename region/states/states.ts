import type { Service, StartExecution } from '../service.ts';
import { stateMachineCreator, stateMachineUpdater } from './create-state-machine.ts';
import type { Execution, ExecutionStatus } from './execution.ts';
import { Interpreter, type StateEnteredListener } from './interpreter.ts';
import { executionOperations } from './operations.ts';
import type { StatesContext } from './ports.ts';
import { Registry } from './registry.ts';
import { demand, startExecution } from './start-execution.ts';
import { tokenOperations } from './token-operations.ts';

export type { ExecutionStatus } from './execution.ts';
export type { StateEnteredListener } from './interpreter.ts';
export { lintDefinition } from './lint-definition.ts';
export { parseDefinition } from './parse-definition.ts';
export type { AssumeRole, StatesContext, StatesPorts } from './ports.ts';
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

/** Creates the service; everything that happens in it is an act of the kernel. */
export function createStates(context: StatesContext): States {
  const registry = new Registry(context);
  const listeners = new Set<StateEnteredListener>();
  const interpreter = new Interpreter(context, listeners);
  return {
    id: 'states',
    operations: {
      ...executionOperations(context, registry, interpreter),
      ...tokenOperations(interpreter.tasks),
    },
    resources: { 'AWS::StepFunctions::StateMachine': stateMachineCreator(context, registry) },
    updaters: { 'AWS::StepFunctions::StateMachine': stateMachineUpdater(context, registry) },
    startExecution({ stateMachineArn, input, caller }) {
      demand(context, caller, 'states:StartExecution', stateMachineArn);
      return { executionArn: startExecution(context, registry, interpreter, { stateMachineArn, input }).arn };
    },
    executions: () => [...registry.executions.values()].map(viewOf),
    view: (executionArn) => viewOf(registry.execution(executionArn)),
    onStateEntered(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
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
