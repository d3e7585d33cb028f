import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { Kernel, type TraceLine } from '../../../region/kernel/kernel.ts';
import type { BusEvent, Caller, InvocationResult } from '../../../region/service.ts';
import { createStates, type AssumeRole, type ExecutionView, type States } from '../../../region/states/states.ts';

export const ROLE = 'arn:aws:iam::123456789012:role/flow';
export const FUNCTION = 'arn:aws:lambda:us-east-1:123456789012:function:step';
const CALLER: Caller = { kind: 'operator' };

/** How the function of a test behaves: answers at once, after a delay, or refuses the call. */
export type Behaviour = (
  payload: never,
  call: { readonly number: number; readonly caller: Caller; readonly functionArn: string },
) => InvocationResult | { readonly afterMs: number; readonly result: InvocationResult } | 'never';

export interface World {
  readonly kernel: Kernel;
  readonly states: States;
  readonly events: BusEvent[];
  readonly metrics: { name: string; value: number; dimensions: unknown }[];
  readonly calls: { functionArn: string; payload: unknown; caller: Caller; at: number }[];
  readonly logs: { group: string; stream: string; message: string }[];
  /** Creates a state machine from ASL and answers its ARN. */
  create(definition: object, properties?: object): string;
  /** Starts an execution and answers its ARN. */
  start(stateMachineArn: string, input?: unknown, name?: string): Promise<string>;
  /** Creates, starts, and runs to the end. */
  run(definition: object, input?: unknown): Promise<ExecutionView>;
  finish(executionArn: string): Promise<ExecutionView>;
  ask<Answer = Record<string, unknown>>(operation: string, input: object): Promise<Answer>;
  history(executionArn: string): Promise<HistoryEvent[]>;
}

/** A region of Step Functions alone, with one scripted function. */
export function world(
  behaviour: Behaviour = () => ({ kind: 'answered', payload: null }),
  more: { assumeRole?: AssumeRole; isAllowed?: boolean; onTrace?: (line: TraceLine) => void; seed?: number } = {},
): World {
  const kernel = new Kernel({ seed: more.seed ?? 1, ...(more.onTrace && { onTrace: more.onTrace }) });
  const events: World['events'] = [];
  const metrics: World['metrics'] = [];
  const calls: World['calls'] = [];
  const logs: World['logs'] = [];
  const states = createStates({
    kernel,
    account: '123456789012',
    region: 'us-east-1',
    invoke({ functionArn, payload, caller, onEnd }) {
      calls.push({ functionArn, payload, caller, at: kernel.now });
      const outcome = behaviour(payload as never, { number: calls.length, caller, functionArn });
      if (outcome === 'never') return;
      const [afterMs, result] = 'afterMs' in outcome ? [outcome.afterMs, outcome.result] : [0, outcome];
      kernel.after(afterMs, 'answer', 'function ends', () => onEnd(result));
    },
    authorize: () => ({ isAllowed: more.isAllowed ?? true, reason: 'no policy allows it' }),
    assumeRole: more.assumeRole ?? ((roleArn) => ({ kind: 'role', roleArn, sessionName: 'states' })),
    emit: (event) => events.push(event),
    recordMetric: (_namespace, name, dimensions, value) => metrics.push({ name, value, dimensions }),
    writeLog: (group, stream, message) => logs.push({ group, stream, message }),
  });
  return { kernel, states, events, metrics, calls, logs, ...verbs(kernel, states) };
}

function verbs(kernel: Kernel, states: States) {
  let created = 0;
  const ask: World['ask'] = async (name, input) =>
    (await states.operations[name]!.apply(input as never, CALLER)) as never;
  const create: World['create'] = (definition, properties) => {
    const creator = states.resources['AWS::StepFunctions::StateMachine']!;
    const given = {
      StateMachineName: `machine-${++created}`,
      RoleArn: ROLE,
      DefinitionString: JSON.stringify(definition),
      ...properties,
    };
    return (creator('Machine', given, 'stack') as { ref: string }).ref;
  };
  const start: World['start'] = async (stateMachineArn, input = {}, name) =>
    (await ask<{ executionArn: string }>('StartExecution', { stateMachineArn, input: JSON.stringify(input), name }))
      .executionArn;
  const finish: World['finish'] = async (arn) => {
    await kernel.runUntil(
      () => states.view(arn).status !== 'RUNNING',
      'the end of the execution',
      400 * 24 * 3_600_000,
    );
    return states.view(arn);
  };
  const run: World['run'] = async (definition, input) => await finish(await start(create(definition), input));
  const history: World['history'] = async (executionArn) =>
    (await ask<{ events: HistoryEvent[] }>('GetExecutionHistory', { executionArn, maxResults: 1000 })).events;
  return { ask, create, start, finish, run, history };
}

/** A definition around `states`, which start at the first. */
export function machine(states: Record<string, object>, more: object = {}): { States: Record<string, object> } {
  return { QueryLanguage: 'JSONata', StartAt: Object.keys(states)[0]!, States: states, ...more } as never;
}

/** A definition of one Pass state whose Output is `output`. */
export function passOf(output: unknown, more: object = {}) {
  return machine({ Only: { Type: 'Pass', Output: output, End: true, ...more } });
}

/** A Task state that invokes the function of the test. */
export function task(more: object = {}): object {
  return {
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke',
    Arguments: { FunctionName: FUNCTION, Payload: '{% $states.input %}' },
    ...('Next' in more ? {} : { End: true }),
    ...more,
  };
}

/** A Task state that waits for its token. */
export function waitingTask(more: object = {}): object {
  return task({
    Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
    Arguments: { FunctionName: FUNCTION, Payload: { token: '{% $states.context.Task.Token %}' } },
    ...more,
  });
}

/** What `act` throws, by name and message. */
export async function refusal(act: () => unknown): Promise<{ name: string; code?: string; message: string }> {
  try {
    await act();
  } catch (error) {
    const { name, code, message } = error as { name: string; code?: string; message: string };
    return { name, message, ...(code !== undefined && { code }) };
  }
  throw new Error('nothing was refused');
}

export function answered(payload: unknown): InvocationResult {
  return { kind: 'answered', payload };
}

export function failedWith(error: string, message = 'it broke'): InvocationResult {
  return { kind: 'failed', error, message };
}
