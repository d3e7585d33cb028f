import type { HistoryEventType } from '@aws-sdk/client-sfn';
import type { ActKind, TimerId } from '../kernel/kernel.ts';
import { emitStatusChange, recordMetrics } from './announce.ts';
import type { ChoiceState, FailState, Json, State, TaskState, Template, WaitState } from './definition.ts';
import { endExecution } from './end-execution.ts';
import { evaluateFor } from './evaluate-for.ts';
import { evaluateSeconds, wrongType } from './evaluate-seconds.ts';
import type { Execution, Visit } from './execution.ts';
import { dataLimitExceeded, StateFailure } from './failure.ts';
import * as history from './history.ts';
import type { Steps, Workflows } from './model.ts';
import { isTimestamp } from './parse-state.ts';
import { exceedsBytes, MAX_PAYLOAD_BYTES } from './quotas.ts';
import { record } from './record.ts';
import { attemptTask, failed } from './tasks.ts';
import { START_MS, TRANSITION_MS } from './timing.ts';
import { assignVariables } from './variables.ts';

/** Starts an execution: every step of it is one act of the kernel, its expressions included. */
export function start(workflows: Workflows, execution: Execution): void {
  const { definition, roleArn } = execution.machine;
  record(workflows, execution, 'ExecutionStarted', {
    executionStartedEventDetails: { ...history.withInput(execution.input), roleArn },
  });
  recordMetrics(execution, workflows.recordMetric);
  emitStatusChange(execution, workflows.emit);
  limitTime(workflows, execution);
  goTo(workflows, execution, definition.startAt, execution.inputValue, execution.input, START_MS);
}

/** Runs the state that failed once more, its retries anew; its entry is not recorded again. */
export function redrive(workflows: Workflows, execution: Execution): void {
  record(workflows, execution, 'ExecutionRedriven', {
    executionRedrivenEventDetails: { redriveCount: execution.redriveCount },
  });
  limitTime(workflows, execution);
  emitStatusChange(execution, workflows.emit);
  const { visit: before, onTheWay } = execution;
  if (before === undefined)
    return goTo(workflows, execution, onTheWay!.state, onTheWay!.input, onTheWay!.inputText, START_MS);
  const visit: Visit = { ...before, attempts: [], retryCount: 0 };
  delete visit.attempt;
  delete visit.wait;
  execution.visit = visit;
  execution.transitions++;
  act(workflows, visit, START_MS, 'delivery', `runs ${visit.state.name} again`, () => run(workflows, visit));
}

const act: Steps['act'] = (workflows, visit, delayMs, kind, what, step) => {
  const { execution } = visit;
  return schedule(workflows, execution, delayMs, kind, what, async () => {
    if (execution.status === 'RUNNING' && execution.visit === visit) await guarded(workflows, visit, step);
  });
};

/** What a step should never have thrown ends its execution, past every Retry and Catch. */
function schedule(
  workflows: Workflows,
  execution: Execution,
  delayMs: number,
  kind: ActKind,
  what: string,
  step: () => Promise<void>,
): TimerId {
  const label = `states ${execution.name} ${what}`;
  return workflows.kernel.after(delayMs, kind, label, async () => {
    try {
      await step();
    } catch (error) {
      const cause = workflows.kernel.contain(error, label);
      endExecution(workflows, execution, 'FAILED', { error: 'States.Runtime', cause });
    }
  });
}

const leave: Steps['leave'] = async (workflows, visit, next, way, fallback, more) => {
  const { execution, state } = visit;
  const output = way.output ? await evaluateFor(workflows, way.output, visit, more) : fallback;
  const assigned = way.assign ? await evaluateFor(workflows, way.assign, visit, more) : undefined;
  const text = output === visit.input ? visit.inputText : JSON.stringify(output);
  if (exceedsBytes(text, MAX_PAYLOAD_BYTES)) throw dataLimitExceeded(`The state/task '${state.name}'`);
  const changed = assignVariables(execution, assigned);
  record(
    workflows,
    execution,
    `${state.type}StateExited` as HistoryEventType,
    history.exited(state.name, text, changed),
  );
  if (next === undefined) endExecution(workflows, execution, 'SUCCEEDED', { output: text });
  else goTo(workflows, execution, next, output, text, TRANSITION_MS);
};

function limitTime(workflows: Workflows, execution: Execution): void {
  const seconds = execution.machine.definition.timeoutSeconds;
  if (seconds === undefined) return;
  const label = `states ${execution.name} times out`;
  execution.timeout = workflows.kernel.after(seconds * 1000, 'timer', label, () =>
    endExecution(workflows, execution, 'TIMED_OUT', { error: 'States.Timeout' }),
  );
}

function goTo(
  workflows: Workflows,
  execution: Execution,
  name: string,
  input: Json,
  inputText: string,
  delayMs: number,
): void {
  const onTheWay = { state: name, input, inputText };
  execution.onTheWay = onTheWay;
  delete execution.visit;
  schedule(workflows, execution, delayMs, 'delivery', `enters ${name}`, async () => {
    if (execution.status !== 'RUNNING' || execution.onTheWay !== onTheWay) return;
    if (workflows.state.machines.get(execution.machine.arn)?.isBeingDeleted)
      endExecution(workflows, execution, 'ABORTED', {});
    else await enter(workflows, execution, execution.machine.definition.states.get(name)!, input, inputText);
  });
}

async function enter(
  workflows: Workflows,
  execution: Execution,
  state: State,
  input: Json,
  inputText: string,
): Promise<void> {
  const { now } = workflows.kernel;
  const isFirst = execution.path.length === 0;
  delete execution.onTheWay;
  execution.transitions++;
  execution.path.push(state.name);
  const visit: Visit = {
    execution,
    state,
    input,
    inputText,
    enteredAt: now,
    enteredEventId: execution.history.length + 1,
    attempts: [],
    retryCount: 0,
  };
  execution.visit = visit;
  const { arn: stateMachineArn } = execution.machine;
  const entered = { executionArn: execution.arn, stateMachineArn, state: state.name, type: state.type, at: now };
  for (const listener of workflows.listeners) listener(entered);
  await guarded(workflows, visit, () => {
    const type = `${state.type}StateEntered` as HistoryEventType;
    record(workflows, execution, type, history.entered(state.name, inputText), isFirst);
    return run(workflows, visit);
  });
}

/** Runs `step`; its failure goes to the state's Retry and Catch, a failure of these ends the execution. */
async function guarded(workflows: Workflows, visit: Visit, step: () => void | Promise<void>): Promise<void> {
  try {
    await step();
  } catch (error) {
    const failure = withPlace(error, visit);
    try {
      recordEvaluationFailed(workflows, visit, failure);
      if (visit.state.type === 'Task') await failed(workflows, visit as Visit<TaskState>, failure);
      else endExecution(workflows, visit.execution, 'FAILED', { error: failure.error, cause: failure.reason });
    } catch (second) {
      failForGood(workflows, visit, withPlace(second, visit));
    }
  }
}

function failForGood(workflows: Workflows, visit: Visit, failure: StateFailure): void {
  const isFull = failure.error === 'States.Runtime';
  if (!isFull) recordEvaluationFailed(workflows, visit, failure);
  endExecution(workflows, visit.execution, 'FAILED', { error: failure.error, cause: failure.reason });
}

function recordEvaluationFailed(
  workflows: Workflows,
  { execution, state }: Visit,
  { error, reason, field }: StateFailure,
): void {
  if (field === undefined) return;
  const details = { ...history.failureDetails(error, reason), location: field, state: state.name };
  record(workflows, execution, 'EvaluationFailed', { evaluationFailedEventDetails: details });
}

async function run(workflows: Workflows, visit: Visit): Promise<void> {
  const { state } = visit;
  switch (state.type) {
    case 'Pass':
      return await leave(workflows, visit, state.next, state, visit.input);
    case 'Task':
      return await attemptTask(workflows, visit as Visit<TaskState>);
    case 'Choice':
      return await choose(workflows, visit, state);
    case 'Wait':
      return await wait(workflows, visit, state);
    case 'Succeed':
      return await leave(workflows, visit, undefined, state, visit.input);
    case 'Fail':
      return await failByState(workflows, visit, state);
  }
}

async function choose(workflows: Workflows, visit: Visit, state: ChoiceState): Promise<void> {
  for (const rule of state.choices) {
    const answer = await evaluateFor(workflows, rule.condition, visit);
    if (typeof answer !== 'boolean') throw wrongType(rule.condition, 'boolean', answer);
    if (answer) return await leave(workflows, visit, rule.next, rule, visit.input);
  }
  if (state.default === undefined)
    throw new StateFailure(
      'States.Runtime',
      'Failed to transition out of the state. The state does not point to a next state.',
    );
  await leave(workflows, visit, state.default, state, visit.input);
}

async function wait(workflows: Workflows, visit: Visit, state: WaitState): Promise<void> {
  const delayMs = await waitMs(workflows, visit, state);
  visit.wait = act(workflows, visit, delayMs, 'timer', `has waited in ${state.name}`, () =>
    leave(workflows, visit, state.next, state, visit.input),
  );
}

async function waitMs(workflows: Workflows, visit: Visit, { seconds, timestamp }: WaitState): Promise<number> {
  if (seconds !== undefined) return (await evaluateSeconds(workflows, visit, seconds, 0)) * 1000;
  const until = await evaluateFor(workflows, timestamp!, visit);
  if (!isTimestamp(until)) throw wrongType(timestamp!, 'RFC3339 timestamp', until);
  return Math.max(0, Date.parse(until) - workflows.kernel.now);
}

async function failByState(workflows: Workflows, visit: Visit, state: FailState): Promise<void> {
  const error = await text(workflows, visit, state.error);
  const cause = await text(workflows, visit, state.cause);
  endExecution(workflows, visit.execution, 'FAILED', { error, cause });
}

async function text(workflows: Workflows, visit: Visit, template: Template | undefined): Promise<string | undefined> {
  if (template === undefined) return undefined;
  const value = await evaluateFor(workflows, template, visit);
  if (typeof value !== 'string') throw wrongType(template, 'string', value);
  return value;
}

/** The half of the interpreter that tasks are handed. */
export const STEPS: Steps = { act, leave };

/** Errors that the interpreter raises itself; it says in which state they arose. */
const RAISED_HERE = new Set(['States.QueryEvaluationError', 'States.DataLimitExceeded', 'States.Runtime']);

/** Adds the place to a failure's cause, once; anything that is no failure is a defect of the region. */
function withPlace(error: unknown, { state, enteredEventId }: Visit): StateFailure {
  if (!(error instanceof StateFailure)) throw error;
  const { error: name, reason, field } = error;
  if (name === undefined || reason === undefined || !RAISED_HERE.has(name)) return error;
  const place = `An error occurred while executing the state '${state.name}' (entered at the event id #${enteredEventId}). `;
  if (reason.startsWith(place) || reason.startsWith('The execution reached')) return error;
  return new StateFailure(name, place + reason, field === undefined ? {} : { field });
}
