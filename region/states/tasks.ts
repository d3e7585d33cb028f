import { createHash } from 'node:crypto';
import type { TimerId } from '../kernel/kernel.ts';
import { Fault, NotModelled, type Caller, type InvocationResult } from '../service.ts';
import type { Json, Retrier, TaskState } from './definition.ts';
import { closeAttempt, type Attempt, type Visit } from './execution.ts';
import { dataLimitExceeded, findHandler, retryDelayMs, StateFailure, timedOut } from './failure.ts';
import { failureDetails, withOutput } from './history.ts';
import type { StatesContext } from './ports.ts';
import { exceedsBytes, MAX_PAYLOAD_BYTES } from './quotas.ts';
import { evaluateSeconds, type Steps } from './steps.ts';
import { INVOCATION_ANSWER_MS, TASK_START_MS } from './timing.ts';

/** Runs Task states: attempts, task tokens, timers, Retry and Catch. */
export class Tasks {
  readonly #context: StatesContext;
  readonly #steps: Steps;
  readonly #attempts = new Map<string, Attempt>();

  constructor(context: StatesContext, steps: Steps) {
    this.#context = context;
    this.#steps = steps;
  }

  /** Begins one attempt; arguments and timers are evaluated afresh each time. */
  async attempt(visit: Visit<TaskState>): Promise<void> {
    const { state } = visit;
    const token = state.resource === 'invoke' ? undefined : newToken(this.#context.kernel.random.hex(32));
    const parameters = await this.#steps.evaluate(state.arguments, visit, {}, token);
    const invocation = lambdaInvocation(parameters, this.#context);
    const timers: Timers = {
      timeoutSeconds: state.timeoutSeconds && (await evaluateSeconds(this.#steps, visit, state.timeoutSeconds, 1)),
      heartbeatSeconds:
        state.heartbeatSeconds && (await evaluateSeconds(this.#steps, visit, state.heartbeatSeconds, 1)),
    };
    const text = JSON.stringify(parameters);
    if (exceedsBytes(text, MAX_PAYLOAD_BYTES)) throw dataLimitExceeded(`The state/task '${state.name}'`);
    this.#schedule({ visit, token, isOver: false, timers: [] }, invocation, timers, text);
  }

  #schedule(attempt: Attempt, invocation: Invocation, timers: Timers, parameters: string): void {
    const { visit, token } = attempt;
    const { state, execution } = visit;
    visit.attempt = attempt;
    if (token !== undefined) this.#attempts.set(token, attempt);
    this.#steps.record(execution, 'TaskScheduled', {
      taskScheduledEventDetails: {
        ...resourceOf(state),
        region: this.#context.region,
        parameters,
        ...(timers.timeoutSeconds !== undefined && { timeoutInSeconds: timers.timeoutSeconds }),
        ...(timers.heartbeatSeconds !== undefined && { heartbeatInSeconds: timers.heartbeatSeconds }),
      },
    });
    this.#steps.act(visit, TASK_START_MS, 'delivery', `starts ${state.name}`, () => {
      this.#steps.record(execution, 'TaskStarted', { taskStartedEventDetails: resourceOf(state) });
      if (timers.timeoutSeconds !== undefined) this.#startTimer(attempt, 'TimeoutSeconds', timers.timeoutSeconds);
      if (timers.heartbeatSeconds !== undefined) this.#startHeartbeat(attempt, timers.heartbeatSeconds);
      this.#invoke(attempt, invocation);
    });
  }

  #invoke(attempt: Attempt, { functionArn, payload }: Invocation): void {
    const { visit } = attempt;
    const onEnd = (result: InvocationResult): void => {
      this.#steps.act(visit, INVOCATION_ANSWER_MS, 'delivery', `${visit.state.name} hears from its function`, () =>
        this.#ended(attempt, functionArn, result),
      );
    };
    try {
      this.#context.invoke({ functionArn, payload, caller: this.#assumeRole(visit), onEnd });
    } catch (error) {
      if (error instanceof StateFailure) throw this.#taskFailed(attempt, error);
      if (!(error instanceof Fault)) throw error;
      throw this.#taskFailed(attempt, lambdaFailure(error, this.#context.kernel.random.uuid()));
    }
  }

  /** A role that cannot be assumed is Step Functions' own complaint, not Lambda's. */
  #assumeRole({ execution: { machine } }: Visit): Caller {
    try {
      return this.#context.assumeRole(machine.roleArn, { principal: 'states.amazonaws.com', sourceArn: machine.arn });
    } catch (error) {
      if (error instanceof Fault) throw new StateFailure('States.Permissions', error.message);
      throw error;
    }
  }

  async #ended(attempt: Attempt, functionArn: string, result: InvocationResult): Promise<void> {
    const { visit } = attempt;
    if (attempt.isOver) return;
    if (result.kind === 'failed') throw this.#taskFailed(attempt, new StateFailure(result.error, result.message));
    const answer: Json = {
      ExecutedVersion: /:function:[^:]+:(\d+)$/.exec(functionArn)?.[1] ?? '$LATEST',
      Payload: (result.payload ?? null) as Json,
      StatusCode: 200,
    };
    const text = JSON.stringify(answer);
    if (exceedsBytes(text, MAX_PAYLOAD_BYTES))
      throw this.#taskFailed(attempt, dataLimitExceeded(`The state/task 'lambda:${visit.state.resource}'`));
    if (attempt.token === undefined) return await this.#succeeded(attempt, answer, text);
    // What the function itself answers is only recorded: the task waits for its token.
    const details = { ...resourceOf(visit.state), ...withOutput(text) };
    this.#steps.record(visit.execution, 'TaskSubmitted', { taskSubmittedEventDetails: details });
  }

  async #succeeded(attempt: Attempt, result: Json, text: string): Promise<void> {
    const { visit } = attempt;
    closeAttempt(this.#context.kernel, attempt);
    const details = { ...resourceOf(visit.state), ...withOutput(text) };
    this.#steps.record(visit.execution, 'TaskSucceeded', { taskSucceededEventDetails: details });
    await this.#steps.leave(visit, visit.state.next, visit.state, result, { result });
  }

  /** Closes the attempt, records its failure, and answers it to be thrown. */
  #taskFailed(attempt: Attempt, failure: StateFailure): StateFailure {
    const { execution, state } = attempt.visit;
    closeAttempt(this.#context.kernel, attempt);
    const details = { ...resourceOf(state), ...failureDetails(failure.error, failure.reason) };
    if (failure.isTimeout) this.#steps.record(execution, 'TaskTimedOut', { taskTimedOutEventDetails: details });
    else this.#steps.record(execution, 'TaskFailed', { taskFailedEventDetails: details });
    return failure;
  }

  #startTimer(attempt: Attempt, timer: 'TimeoutSeconds' | 'HeartbeatSeconds', seconds: number): TimerId {
    const { visit } = attempt;
    const id = this.#steps.act(visit, seconds * 1000, 'timer', `${timer} of ${visit.state.name}`, () => {
      if (!attempt.isOver) throw this.#taskFailed(attempt, timedOut(timer));
    });
    attempt.timers.push(id);
    return id;
  }

  #startHeartbeat(attempt: Attempt, seconds: number): void {
    attempt.heartbeat = { seconds, timer: this.#startTimer(attempt, 'HeartbeatSeconds', seconds) };
  }

  /** Starts the heartbeat timer afresh, where the task has one. */
  renewHeartbeat(attempt: Attempt): void {
    const { heartbeat } = attempt;
    if (heartbeat === undefined) return;
    this.#context.kernel.cancel(heartbeat.timer);
    heartbeat.timer = this.#startTimer(attempt, 'HeartbeatSeconds', heartbeat.seconds);
  }

  /** Where a failed task goes: another attempt, a catcher's state, or the end. */
  async failed(visit: Visit<TaskState>, failure: StateFailure): Promise<void> {
    const { state, execution } = visit;
    if (visit.attempt) closeAttempt(this.#context.kernel, visit.attempt);
    const retrier = findHandler(state.retry, failure);
    if (retrier && (visit.attempts[retrier.index] ?? 0) < retrier.handler.maxAttempts)
      return this.#retry(visit, retrier.handler, retrier.index);
    const catcher = findHandler(state.catch, failure)?.handler;
    if (catcher === undefined)
      return this.#steps.end(execution, 'FAILED', { error: failure.error, cause: failure.reason });
    const errorOutput = { Error: failure.error ?? '', Cause: failure.reason ?? '' };
    await this.#steps.leave(visit, catcher.next, catcher, errorOutput, { errorOutput });
  }

  #retry(visit: Visit<TaskState>, retrier: Retrier, index: number): void {
    const earlier = visit.attempts[index] ?? 0;
    visit.attempts[index] = earlier + 1;
    const delayMs = retryDelayMs(retrier, earlier, this.#context.kernel.random);
    visit.wait = this.#steps.act(visit, delayMs, 'timer', `tries ${visit.state.name} again`, () => {
      visit.retryCount++;
      visit.execution.transitions++;
      return this.attempt(visit);
    });
  }

  /** The attempt that `token` was made for, over or not. */
  find(token: string): Attempt | undefined {
    return this.#attempts.get(token);
  }

  /** Ends a waiting task with `text`, the JSON of SendTaskSuccess. */
  answer(attempt: Attempt, result: Json, text: string): void {
    closeAttempt(this.#context.kernel, attempt);
    this.#steps.act(attempt.visit, 0, 'delivery', `${attempt.visit.state.name} is answered`, () =>
      this.#succeeded(attempt, result, text),
    );
  }

  /** Ends a waiting task with the failure of SendTaskFailure. */
  refuse(attempt: Attempt, failure: StateFailure): void {
    closeAttempt(this.#context.kernel, attempt);
    this.#steps.act(attempt.visit, 0, 'delivery', `${attempt.visit.state.name} is refused`, () => {
      throw this.#taskFailed(attempt, failure);
    });
  }
}

interface Timers {
  readonly timeoutSeconds: number | undefined;
  readonly heartbeatSeconds: number | undefined;
}

function resourceOf({ resource }: TaskState): { resourceType: string; resource: string } {
  return { resourceType: 'lambda', resource };
}

interface Invocation {
  readonly functionArn: string;
  readonly payload: Json;
}

/** What `lambda:invoke` asks for; FunctionName may be a name, a partial or a whole ARN. */
function lambdaInvocation(parameters: Json, { region, account }: StatesContext): Invocation {
  const given = (parameters ?? {}) as { readonly [name: string]: Json };
  const { FunctionName: name, Payload: payload = {}, Qualifier: qualifier, ...others } = given;
  for (const other of Object.keys(others)) throw new NotModelled(`Argument '${other}' of lambda:invoke`);
  if (typeof name !== 'string')
    throw new StateFailure('States.Runtime', "The field 'FunctionName' is required but was missing");
  const prefix = `arn:aws:lambda:${region}:${account}:function:`;
  const bare = name.startsWith(`${account}:function:`) ? name.slice(`${account}:function:`.length) : name;
  const arn = name.startsWith('arn:') ? name : `${prefix}${bare}`;
  return { functionArn: typeof qualifier === 'string' ? `${arn}:${qualifier}` : arn, payload };
}

/** A Fault of Lambda as a Task reports it; a denied call has no exception of its own there. */
function lambdaFailure(fault: Fault, requestId: string): StateFailure {
  const exception = fault.code === 'AccessDeniedException' ? 'AWSLambdaException' : fault.code;
  const cause = `${fault.message} (Service: AWSLambda; Status Code: ${fault.status}; Error Code: ${fault.code}; Request ID: ${requestId}; Proxy: null)`;
  return new StateFailure(`Lambda.${exception}`, cause);
}

const TOKEN_PREFIX = 'AQCEAAAAKgAAAAMAAAAAAAAAA';
const TOKEN_BLOCKS = 7;

/** An opaque token, about as long as AWS's. */
function newToken(secret: string): string {
  const blocks = Array.from({ length: TOKEN_BLOCKS }, (_, index) =>
    createHash('sha512').update(`${secret}${index}`).digest(),
  );
  return TOKEN_PREFIX + Buffer.concat(blocks).toString('base64');
}

/** Whether `token` looks like one of ours at all. */
export function isWellFormedToken(token: string): boolean {
  return token.startsWith(TOKEN_PREFIX) && /^[\w+/]+=*$/.test(token) && token.length > 512;
}
