import type { HistoryEventType } from '@aws-sdk/client-sfn';
import { emitStatusChange, recordMetrics } from './announce.ts';
import { contextObject } from './context-object.ts';
import type { ChoiceState, FailState, Json, State, TaskState, Template, WaitState } from './definition.ts';
import { Evaluator, type Scope } from './evaluate.ts';
import { closeAttempt, type Execution, type ExecutionStatus, type Visit } from './execution.ts';
import { dataLimitExceeded, StateFailure } from './failure.ts';
import * as history from './history.ts';
import { isTimestamp } from './parse-state.ts';
import type { StatesContext } from './ports.ts';
import { exceedsBytes, MAX_PAYLOAD_BYTES } from './quotas.ts';
import { evaluateSeconds, wrongType, type Ending, type Steps } from './steps.ts';
import { Tasks } from './tasks.ts';
import { START_MS, TRANSITION_MS } from './timing.ts';
import { assignVariables } from './variables.ts';
import { logEvent } from './write-logs.ts';

/** Told of every state that an execution enters. */
export type StateEnteredListener = (entered: {
  readonly executionArn: string;
  readonly stateMachineArn: string;
  readonly state: string;
  readonly type: State['type'];
  /** Milliseconds since the epoch. */
  readonly at: number;
}) => void;

/** Runs executions: every step is one act of the kernel, its expressions included. */
export class Interpreter implements Steps {
  readonly tasks: Tasks;
  readonly #context: StatesContext;
  readonly #listeners: ReadonlySet<StateEnteredListener>;
  readonly #evaluator: Evaluator;

  constructor(context: StatesContext, listeners: ReadonlySet<StateEnteredListener>) {
    this.#context = context;
    this.#listeners = listeners;
    this.#evaluator = new Evaluator(context.kernel);
    this.tasks = new Tasks(context, this);
  }

  start(execution: Execution): void {
    const { definition, roleArn } = execution.machine;
    this.record(execution, 'ExecutionStarted', {
      executionStartedEventDetails: { ...history.withInput(execution.input), roleArn },
    });
    recordMetrics(execution, this.#context.recordMetric);
    emitStatusChange(execution, this.#context.emit);
    this.#limitTime(execution);
    this.#goTo(execution, definition.startAt, execution.inputValue, execution.input, START_MS);
  }

  /** Runs the state that failed once more, its retries anew; its entry is not recorded again. */
  redrive(execution: Execution): void {
    this.record(execution, 'ExecutionRedriven', {
      executionRedrivenEventDetails: { redriveCount: execution.redriveCount },
    });
    this.#limitTime(execution);
    emitStatusChange(execution, this.#context.emit);
    const { visit: before, onTheWay } = execution;
    if (before === undefined)
      return this.#goTo(execution, onTheWay!.state, onTheWay!.input, onTheWay!.inputText, START_MS);
    const visit: Visit = { ...before, attempts: [], retryCount: 0 };
    delete visit.attempt;
    delete visit.wait;
    execution.visit = visit;
    execution.transitions++;
    this.act(visit, START_MS, 'delivery', `runs ${visit.state.name} again`, () => this.#run(visit));
  }

  readonly record: Steps['record'] = (execution, type, details, isFirst) => {
    const event = history.recordEvent(execution, this.#context.kernel.now, type, details, isFirst);
    logEvent(execution, event, this.#context.writeLog);
    return event.id!;
  };

  readonly act: Steps['act'] = (visit, delayMs, kind, what, step) => {
    const { execution } = visit;
    return this.#context.kernel.after(delayMs, kind, `states ${execution.name} ${what}`, async () => {
      if (execution.status === 'RUNNING' && execution.visit === visit) await this.#guarded(visit, step);
    });
  };

  readonly evaluate: Steps['evaluate'] = (template, visit, more, token) => {
    if (template.kind === 'literal') return Promise.resolve(template.value);
    const states: Scope['states'] = {
      input: visit.input,
      ...more,
      get context() {
        return contextObject(visit, token);
      },
    };
    return this.#evaluator.evaluate(template, { states, variables: visit.execution.variables });
  };

  readonly leave: Steps['leave'] = async (visit, next, way, fallback, more) => {
    const { execution, state } = visit;
    const output = way.output ? await this.evaluate(way.output, visit, more) : fallback;
    const assigned = way.assign ? await this.evaluate(way.assign, visit, more) : undefined;
    const text = output === visit.input ? visit.inputText : JSON.stringify(output);
    if (exceedsBytes(text, MAX_PAYLOAD_BYTES)) throw dataLimitExceeded(`The state/task '${state.name}'`);
    const changed = assignVariables(execution, assigned);
    this.record(execution, `${state.type}StateExited` as HistoryEventType, history.exited(state.name, text, changed));
    if (next === undefined) this.end(execution, 'SUCCEEDED', { output: text });
    else this.#goTo(execution, next, output, text, TRANSITION_MS);
  };

  readonly end: Steps['end'] = (execution, status, ending) => {
    if (execution.status !== 'RUNNING') return;
    const { kernel } = this.#context;
    kernel.cancel(execution.timeout);
    kernel.cancel(execution.visit?.wait);
    if (execution.visit?.attempt) closeAttempt(kernel, execution.visit.attempt);
    execution.status = status;
    execution.stoppedAt = kernel.now;
    if (ending.output !== undefined) execution.output = ending.output;
    // An execution that ran out of time shows no error; only its last event names one.
    if (status !== 'TIMED_OUT') Object.assign(execution, history.failureDetails(ending.error, ending.cause));
    this.#recordEnd(execution, status, ending);
    recordMetrics(execution, this.#context.recordMetric);
    emitStatusChange(execution, this.#context.emit);
  };

  #recordEnd(execution: Execution, status: ExecutionStatus, ending: Ending): void {
    const details = history.failureDetails(ending.error, ending.cause);
    if (status === 'SUCCEEDED')
      this.record(execution, 'ExecutionSucceeded', {
        executionSucceededEventDetails: history.withOutput(ending.output!),
      });
    else if (status === 'FAILED') this.record(execution, 'ExecutionFailed', { executionFailedEventDetails: details });
    // Neither of these follows from an event of the flow, so both point at none.
    else if (status === 'ABORTED')
      this.record(execution, 'ExecutionAborted', { executionAbortedEventDetails: details }, true);
    else this.record(execution, 'ExecutionTimedOut', { executionTimedOutEventDetails: details }, true);
  }

  #limitTime(execution: Execution): void {
    const seconds = execution.machine.definition.timeoutSeconds;
    if (seconds === undefined) return;
    const label = `states ${execution.name} times out`;
    execution.timeout = this.#context.kernel.after(seconds * 1000, 'timer', label, () =>
      this.end(execution, 'TIMED_OUT', { error: 'States.Timeout' }),
    );
  }

  #goTo(execution: Execution, name: string, input: Json, inputText: string, delayMs: number): void {
    const onTheWay = { state: name, input, inputText };
    execution.onTheWay = onTheWay;
    delete execution.visit;
    this.#context.kernel.after(delayMs, 'delivery', `states ${execution.name} enters ${name}`, async () => {
      if (execution.status === 'RUNNING' && execution.onTheWay === onTheWay)
        await this.#enter(execution, execution.machine.definition.states.get(name)!, input, inputText);
    });
  }

  async #enter(execution: Execution, state: State, input: Json, inputText: string): Promise<void> {
    const { now } = this.#context.kernel;
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
    for (const listener of this.#listeners) listener(entered);
    await this.#guarded(visit, () => {
      const type = `${state.type}StateEntered` as HistoryEventType;
      this.record(execution, type, history.entered(state.name, inputText), isFirst);
      return this.#run(visit);
    });
  }

  /** Runs `step`; its failure goes to the state's Retry and Catch, a failure of these ends the execution. */
  async #guarded(visit: Visit, step: () => void | Promise<void>): Promise<void> {
    try {
      await step();
    } catch (error) {
      const failure = withPlace(error, visit);
      try {
        this.#recordEvaluationFailed(visit, failure);
        if (visit.state.type === 'Task') await this.tasks.failed(visit as Visit<TaskState>, failure);
        else this.end(visit.execution, 'FAILED', { error: failure.error, cause: failure.reason });
      } catch (second) {
        this.#failForGood(visit, withPlace(second, visit));
      }
    }
  }

  #failForGood(visit: Visit, failure: StateFailure): void {
    const isFull = failure.error === 'States.Runtime';
    if (!isFull) this.#recordEvaluationFailed(visit, failure);
    this.end(visit.execution, 'FAILED', { error: failure.error, cause: failure.reason });
  }

  #recordEvaluationFailed({ execution, state }: Visit, { error, reason, field }: StateFailure): void {
    if (field === undefined) return;
    const details = { ...history.failureDetails(error, reason), location: field, state: state.name };
    this.record(execution, 'EvaluationFailed', { evaluationFailedEventDetails: details });
  }

  async #run(visit: Visit): Promise<void> {
    const { state } = visit;
    switch (state.type) {
      case 'Pass':
        return await this.leave(visit, state.next, state, visit.input);
      case 'Task':
        return await this.tasks.attempt(visit as Visit<TaskState>);
      case 'Choice':
        return await this.#choose(visit, state);
      case 'Wait':
        return await this.#wait(visit, state);
      case 'Succeed':
        return await this.leave(visit, undefined, state, visit.input);
      case 'Fail':
        return await this.#failByState(visit, state);
    }
  }

  async #choose(visit: Visit, state: ChoiceState): Promise<void> {
    for (const rule of state.choices) {
      const answer = await this.evaluate(rule.condition, visit);
      if (typeof answer !== 'boolean') throw wrongType(rule.condition, 'boolean', answer);
      if (answer) return await this.leave(visit, rule.next, rule, visit.input);
    }
    if (state.default === undefined)
      throw new StateFailure(
        'States.Runtime',
        'Failed to transition out of the state. The state does not point to a next state.',
      );
    await this.leave(visit, state.default, state, visit.input);
  }

  async #wait(visit: Visit, state: WaitState): Promise<void> {
    const delayMs = await this.#waitMs(visit, state);
    visit.wait = this.act(visit, delayMs, 'timer', `has waited in ${state.name}`, () =>
      this.leave(visit, state.next, state, visit.input),
    );
  }

  async #waitMs(visit: Visit, { seconds, timestamp }: WaitState): Promise<number> {
    if (seconds !== undefined) return (await evaluateSeconds(this, visit, seconds, 0)) * 1000;
    const until = await this.evaluate(timestamp!, visit);
    if (!isTimestamp(until)) throw wrongType(timestamp!, 'RFC3339 timestamp', until);
    return Math.max(0, Date.parse(until) - this.#context.kernel.now);
  }

  async #failByState(visit: Visit, state: FailState): Promise<void> {
    const error = await this.#text(visit, state.error);
    const cause = await this.#text(visit, state.cause);
    this.end(visit.execution, 'FAILED', { error, cause });
  }

  async #text(visit: Visit, template: Template | undefined): Promise<string | undefined> {
    if (template === undefined) return undefined;
    const value = await this.evaluate(template, visit);
    if (typeof value !== 'string') throw wrongType(template, 'string', value);
    return value;
  }
}

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
