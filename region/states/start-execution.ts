import { parseJson } from '../json.ts';
import { Fault, type Caller } from '../service.ts';
import type { Json } from './definition.ts';
import type { Execution, StateMachine } from './execution.ts';
import { forgetOldExecutions } from './forget-executions.ts';
import { start } from './interpreter.ts';
import type { Workflows } from './model.ts';
import { exceedsBytes, MAX_NAME_CHARACTERS, MAX_PAYLOAD_BYTES, NAME_TAKEN_MS } from './quotas.ts';
import { executionArn, machineWithArn, refuseDeleted } from './registry.ts';

/**
 * Starts an execution, or answers the running one of the same name and input; throws `Fault`.
 * https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
 */
export function startExecution(
  workflows: Workflows,
  request: {
    readonly stateMachineArn: string;
    readonly name?: string | undefined;
    readonly input?: string | undefined;
  },
): Execution {
  const { kernel, state } = workflows;
  const machine = machineWithArn(workflows, request.stateMachineArn);
  refuseDeleted(machine);
  const { input = '{}' } = request;
  const name = request.name ?? kernel.random.uuid();
  checkName(name);
  forgetOldExecutions(workflows);
  const inputValue = parseInput(input);
  const arn = executionArn(workflows, machine, name);
  const same = state.executions.get(arn);
  if (same?.status === 'RUNNING' && same.input === input) return same;
  if (same && (same.stoppedAt === undefined || kernel.now - same.stoppedAt < NAME_TAKEN_MS))
    throw new Fault('ExecutionAlreadyExists', `Execution Already Exists: '${arn}'`);
  const execution = newExecution(machine, arn, name, input, inputValue, kernel.now);
  state.executions.delete(arn);
  state.executions.set(arn, execution);
  start(workflows, execution);
  return execution;
}

function newExecution(
  machine: StateMachine,
  arn: string,
  name: string,
  input: string,
  inputValue: Json,
  now: number,
): Execution {
  return {
    arn,
    name,
    machine,
    input,
    inputValue,
    startedAt: now,
    status: 'RUNNING',
    redriveCount: 0,
    history: [],
    path: [],
    transitions: 0,
    variables: {},
    variableTexts: new Map(),
  };
}

/** White space, brackets, wildcards, special and control characters, and surrogates. */
const FORBIDDEN_IN_NAMES = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\u0000-\u001f\u007f-\u009f\ud800-\udfff\ufffe\uffff]/;

/** Refuses what AWS forbids in the name of an execution or a state machine. */
export function checkName(name: string): void {
  if (name.length === 0 || name.length > MAX_NAME_CHARACTERS || FORBIDDEN_IN_NAMES.test(name))
    throw new Fault('InvalidName', `Invalid Name: '${name}'`);
}

function parseInput(input: string): Json {
  const refuse = (why: string) => new Fault('InvalidExecutionInput', `Invalid State Machine Execution Input: '${why}'`);
  if (exceedsBytes(input, MAX_PAYLOAD_BYTES)) throw refuse(`The input exceeds ${MAX_PAYLOAD_BYTES} bytes`);
  try {
    return parseJson(input) as Json;
  } catch (error) {
    throw refuse((error as Error).message);
  }
}

/** Refuses `caller` what IAM does not allow, as AWS words it. */
export function demand({ authorize }: Workflows, caller: Caller, action: string, resource: string): void {
  const decision = authorize(caller, { action, resource });
  if (decision.isAllowed) return;
  const who = caller.kind === 'role' ? `${caller.roleArn}/${caller.sessionName}` : caller.kind;
  const what = `User: ${who} is not authorized to perform: ${action} on resource: ${resource}`;
  throw new Fault('AccessDeniedException', `${what}: ${decision.reason}`);
}
