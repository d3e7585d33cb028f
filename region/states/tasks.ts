import { createHash } from 'node:crypto';
import type { TimerId } from '../kernel/kernel.ts';
import { Fault, NotModelled, type Caller, type InvocationResult } from '../service.ts';
import type { Json, Retrier, TaskState } from './definition.ts';
import { endExecution } from './end-execution.ts';
import { evaluateFor } from './evaluate-for.ts';
import { evaluateSeconds } from './evaluate-seconds.ts';
import { closeAttempt, type Attempt, type Visit } from './execution.ts';
import { dataLimitExceeded, findHandler, retryDelayMs, StateFailure, timedOut } from './failure.ts';
import { failureDetails, withOutput } from './history.ts';
import type { Workflows } from './model.ts';
import { exceedsBytes, MAX_PAYLOAD_BYTES } from './quotas.ts';
import { record } from './record.ts';
import { INVOCATION_ANSWER_MS, TASK_START_MS } from './timing.ts';
import { partitionOf } from '../partition.ts';

/** Begins one attempt; arguments and timers are evaluated afresh each time. */
export async function attemptTask(workflows: Workflows, visit: Visit<TaskState>): Promise<void> {
  const { state } = visit;
  const token = state.resource === 'invoke' ? undefined : newToken(workflows.kernel.random.hex(32));
  const parameters = await evaluateFor(workflows, state.arguments, visit, {}, token);
  const invocation = lambdaInvocation(parameters, workflows);
  const timers: Timers = {
    timeoutSeconds: state.timeoutSeconds && (await evaluateSeconds(workflows, visit, state.timeoutSeconds, 1)),
    heartbeatSeconds: state.heartbeatSeconds && (await evaluateSeconds(workflows, visit, state.heartbeatSeconds, 1)),
  };
  const text = JSON.stringify(parameters);
  if (exceedsBytes(text, MAX_PAYLOAD_BYTES)) throw dataLimitExceeded(`The state/task '${state.name}'`);
  schedule(workflows, { visit, token, isOver: false, timers: [] }, invocation, timers, text);
}

function schedule(
  workflows: Workflows,
  attempt: Attempt,
  invocation: Invocation,
  timers: Timers,
  parameters: string,
): void {
  const { visit, token } = attempt;
  const { state, execution } = visit;
  visit.attempt = attempt;
  if (token !== undefined) workflows.state.attempts.set(token, attempt);
  record(workflows, execution, 'TaskScheduled', {
    taskScheduledEventDetails: {
      ...resourceOf(state),
      region: workflows.region,
      parameters,
      ...(timers.timeoutSeconds !== undefined && { timeoutInSeconds: timers.timeoutSeconds }),
      ...(timers.heartbeatSeconds !== undefined && { heartbeatInSeconds: timers.heartbeatSeconds }),
    },
  });
  workflows.steps.act(workflows, visit, TASK_START_MS, 'delivery', `starts ${state.name}`, () => {
    record(workflows, execution, 'TaskStarted', { taskStartedEventDetails: resourceOf(state) });
    if (timers.timeoutSeconds !== undefined) startTimer(workflows, attempt, 'TimeoutSeconds', timers.timeoutSeconds);
    if (timers.heartbeatSeconds !== undefined) startHeartbeat(workflows, attempt, timers.heartbeatSeconds);
    invoke(workflows, attempt, invocation);
  });
}

function invoke(workflows: Workflows, attempt: Attempt, { functionArn, payload }: Invocation): void {
  const { visit } = attempt;
  const onEnd = (result: InvocationResult): void => {
    workflows.steps.act(
      workflows,
      visit,
      INVOCATION_ANSWER_MS,
      'delivery',
      `${visit.state.name} hears from its function`,
      () => ended(workflows, attempt, functionArn, result),
    );
  };
  try {
    workflows.invoke({ functionArn, payload, caller: assumeRole(workflows, visit), onEnd });
  } catch (error) {
    if (error instanceof StateFailure) throw taskFailed(workflows, attempt, error);
    if (!(error instanceof Fault)) throw error;
    throw taskFailed(workflows, attempt, lambdaFailure(error, workflows.kernel.random.uuid()));
  }
}

/** A role that cannot be assumed is Step Functions' own complaint, not Lambda's. */
function assumeRole(workflows: Workflows, { execution: { machine } }: Visit): Caller {
  try {
    return workflows.assumeRole(machine.roleArn, { principal: 'states.amazonaws.com', sourceArn: machine.arn });
  } catch (error) {
    if (error instanceof Fault) throw new StateFailure('States.Permissions', error.message);
    throw error;
  }
}

async function ended(
  workflows: Workflows,
  attempt: Attempt,
  functionArn: string,
  result: InvocationResult,
): Promise<void> {
  const { visit } = attempt;
  if (attempt.isOver) return;
  if (result.kind === 'failed') throw taskFailed(workflows, attempt, new StateFailure(result.error, result.message));
  const answer: Json = {
    ExecutedVersion: /:function:[^:]+:(\d+)$/.exec(functionArn)?.[1] ?? '$LATEST',
    Payload: (result.payload ?? null) as Json,
    StatusCode: 200,
  };
  const text = JSON.stringify(answer);
  if (exceedsBytes(text, MAX_PAYLOAD_BYTES))
    throw taskFailed(workflows, attempt, dataLimitExceeded("The state/task 'lambda'"));
  if (attempt.token === undefined) return await succeeded(workflows, attempt, answer, text);
  // What the function itself answers is only recorded: the task waits for its token.
  const details = { ...resourceOf(visit.state), ...withOutput(text) };
  record(workflows, visit.execution, 'TaskSubmitted', { taskSubmittedEventDetails: details });
}

async function succeeded(workflows: Workflows, attempt: Attempt, result: Json, text: string): Promise<void> {
  const { visit } = attempt;
  closeAttempt(workflows.kernel, attempt);
  const details = { ...resourceOf(visit.state), ...withOutput(text) };
  record(workflows, visit.execution, 'TaskSucceeded', { taskSucceededEventDetails: details });
  await workflows.steps.leave(workflows, visit, visit.state.next, visit.state, result, { result });
}

/** Closes the attempt, records its failure, and answers it to be thrown. */
function taskFailed(workflows: Workflows, attempt: Attempt, failure: StateFailure): StateFailure {
  const { execution, state } = attempt.visit;
  closeAttempt(workflows.kernel, attempt);
  const details = { ...resourceOf(state), ...failureDetails(failure.error, failure.reason) };
  if (failure.isTimeout) record(workflows, execution, 'TaskTimedOut', { taskTimedOutEventDetails: details });
  else record(workflows, execution, 'TaskFailed', { taskFailedEventDetails: details });
  return failure;
}

function startTimer(
  workflows: Workflows,
  attempt: Attempt,
  timer: 'TimeoutSeconds' | 'HeartbeatSeconds',
  seconds: number,
): TimerId {
  const { visit } = attempt;
  const id = workflows.steps.act(workflows, visit, seconds * 1000, 'timer', `${timer} of ${visit.state.name}`, () => {
    if (!attempt.isOver) throw taskFailed(workflows, attempt, timedOut(timer));
  });
  attempt.timers.push(id);
  return id;
}

function startHeartbeat(workflows: Workflows, attempt: Attempt, seconds: number): void {
  attempt.heartbeat = { seconds, timer: startTimer(workflows, attempt, 'HeartbeatSeconds', seconds) };
}

/** Starts the heartbeat timer afresh, where the task has one. */
export function renewHeartbeat(workflows: Workflows, attempt: Attempt): void {
  const { heartbeat } = attempt;
  if (heartbeat === undefined) return;
  workflows.kernel.cancel(heartbeat.timer);
  heartbeat.timer = startTimer(workflows, attempt, 'HeartbeatSeconds', heartbeat.seconds);
}

/** Where a failed task goes: another attempt, a catcher's state, or the end. */
export async function failed(workflows: Workflows, visit: Visit<TaskState>, failure: StateFailure): Promise<void> {
  const { state, execution } = visit;
  if (visit.attempt) closeAttempt(workflows.kernel, visit.attempt);
  const retrier = findHandler(state.retry, failure);
  if (retrier && (visit.attempts[retrier.index] ?? 0) < retrier.handler.maxAttempts)
    return retry(workflows, visit, retrier.handler, retrier.index);
  const catcher = findHandler(state.catch, failure)?.handler;
  if (catcher === undefined)
    return endExecution(workflows, execution, 'FAILED', { error: failure.error, cause: failure.reason });
  const errorOutput = { Error: failure.error ?? '', Cause: failure.reason ?? '' };
  await workflows.steps.leave(workflows, visit, catcher.next, catcher, errorOutput, { errorOutput });
}

function retry(workflows: Workflows, visit: Visit<TaskState>, retrier: Retrier, index: number): void {
  const earlier = visit.attempts[index] ?? 0;
  visit.attempts[index] = earlier + 1;
  const delayMs = retryDelayMs(retrier, earlier, workflows.kernel.random);
  visit.wait = workflows.steps.act(workflows, visit, delayMs, 'timer', `tries ${visit.state.name} again`, () => {
    visit.retryCount++;
    visit.execution.transitions++;
    return attemptTask(workflows, visit);
  });
}

/** The attempt that `token` was made for, over or not. */
export function findAttempt({ state }: Workflows, token: string): Attempt | undefined {
  return state.attempts.get(token);
}

/** Ends a waiting task with `text`, the JSON of SendTaskSuccess. */
export function answerTask(workflows: Workflows, attempt: Attempt, result: Json, text: string): void {
  closeAttempt(workflows.kernel, attempt);
  workflows.steps.act(workflows, attempt.visit, 0, 'delivery', `${attempt.visit.state.name} is answered`, () =>
    succeeded(workflows, attempt, result, text),
  );
}

/** Ends a waiting task with the failure of SendTaskFailure. */
export function refuseTask(workflows: Workflows, attempt: Attempt, failure: StateFailure): void {
  closeAttempt(workflows.kernel, attempt);
  workflows.steps.act(workflows, attempt.visit, 0, 'delivery', `${attempt.visit.state.name} is refused`, () => {
    throw taskFailed(workflows, attempt, failure);
  });
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
function lambdaInvocation(parameters: Json, { region, account }: Workflows): Invocation {
  const given = (parameters ?? {}) as { readonly [name: string]: Json };
  const { FunctionName: name, Payload: payload = {}, Qualifier: qualifier, ...others } = given;
  for (const other of Object.keys(others)) throw new NotModelled(`Argument '${other}' of lambda:invoke`);
  if (typeof name !== 'string')
    throw new StateFailure('States.Runtime', "The field 'FunctionName' is required but was missing");
  const prefix = `arn:${partitionOf(region)}:lambda:${region}:${account}:function:`;
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
