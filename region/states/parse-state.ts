import type { Catcher, ChoiceRule, Retrier, State, TaskState, Template } from './definition.ts';
import { expressionsOf } from './definition.ts';
import { LANGUAGE_ERRORS } from './failure.ts';
import type { Fields } from './fields.ts';
import { MAX_SECONDS } from './quotas.ts';

/** Reads one state; problems are noted in `fields`, and what cannot be read at all yields undefined. */
export function parseState(name: string, fields: Fields): State | undefined {
  const type = fields.required('Type');
  const comment = fields.string('Comment');
  if (fields.has('QueryLanguage') && fields.raw('QueryLanguage') !== 'JSONata')
    fields.problem("'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine");
  const state = parseByType(type, { name, ...(comment !== undefined && { comment }) }, fields);
  if (state) fields.refuseUnread();
  return state;
}

interface Named {
  readonly name: string;
  readonly comment?: string;
}

function parseByType(type: string, named: Named, fields: Fields): State | undefined {
  switch (type) {
    case 'Pass':
      return { type, ...named, ...fields.leaving(), ...onward(fields) };
    case 'Task':
      return parseTask(named, fields);
    case 'Choice':
      return parseChoice(named, fields);
    case 'Wait':
      return parseWait(named, fields);
    case 'Succeed': {
      const output = fields.template('Output');
      return { type, ...named, ...(output && { output }) };
    }
    case 'Fail':
      return {
        type,
        ...named,
        ...optional('error', text(fields, 'Error')),
        ...optional('cause', text(fields, 'Cause')),
      };
    case 'Parallel':
    case 'Map':
      fields.problem(`State type '${type}'`, fields.location, 'NOT_MODELLED');
      return undefined;
    default:
      fields.problem(`'${type}' is not a state type`, `${fields.location}/Type`);
      return undefined;
  }
}

/** Exactly one of Next and `End: true`. */
function onward(fields: Fields): { next?: string } {
  const next = fields.string('Next');
  const end = fields.raw('End');
  if (end !== undefined && end !== true) fields.problem("'End' must be true", `${fields.location}/End`);
  if ((next === undefined) === (end === undefined)) fields.problem("Exactly one of 'Next' and 'End' is required");
  return next === undefined ? {} : { next };
}

const LAMBDA_INVOKE = /^arn:([^:]+):states:::lambda:(invoke|invoke\.waitForTaskToken)$/;

function parseTask(named: Named, fields: Fields): TaskState | undefined {
  const resource = fields.required('Resource');
  const [, partition, integration] = LAMBDA_INVOKE.exec(resource) ?? [];
  if (partition === undefined || integration === undefined) {
    fields.problem(`Task resource '${resource}'`, `${fields.location}/Resource`, 'NOT_MODELLED');
    return undefined;
  }
  const task: TaskState = {
    type: 'Task',
    partition,
    resource: integration as TaskState['resource'],
    ...named,
    arguments: parseArguments(fields),
    ...fields.leaving(['result']),
    ...onward(fields),
    ...optional('timeoutSeconds', seconds(fields, 'TimeoutSeconds', 1)),
    ...optional('heartbeatSeconds', seconds(fields, 'HeartbeatSeconds', 1)),
    retry: handlers(fields, 'Retry', parseRetrier),
    catch: handlers(fields, 'Catch', parseCatcher),
  };
  checkWaiting(task, fields);
  return task;
}

const MODELLED_ARGUMENTS = new Set(['FunctionName', 'Payload', 'Qualifier']);
const UNMODELLED_ARGUMENTS = new Set(['ClientContext', 'InvocationType', 'LogType']);

function parseArguments(fields: Fields): Template {
  const template = fields.template('Arguments') ?? { kind: 'literal', value: {} };
  const names = argumentNames(template);
  if (names && !names.includes('FunctionName'))
    fields.problem("The field 'FunctionName' is required but was missing", `${fields.location}/Arguments`);
  for (const name of names ?? []) {
    if (MODELLED_ARGUMENTS.has(name)) continue;
    const at = `${fields.location}/Arguments`;
    if (UNMODELLED_ARGUMENTS.has(name)) fields.problem(`Argument '${name}' of lambda:invoke`, at, 'NOT_MODELLED');
    else fields.problem(`The field '${name}' is not supported by Step Functions`, at);
  }
  return template;
}

/** Undefined where one expression yields all arguments: they are checked when it has run. */
function argumentNames(template: Template): string[] | undefined {
  if (template.kind === 'object') return template.members.map(([name]) => name);
  if (template.kind === 'literal' && typeof template.value === 'object') return Object.keys(template.value ?? {});
  return template.kind === 'expression' ? undefined : [];
}

function checkWaiting(task: TaskState, fields: Fields): void {
  const { timeoutSeconds: timeout, heartbeatSeconds: heartbeat } = task;
  if (timeout?.kind === 'literal' && heartbeat?.kind === 'literal' && Number(heartbeat.value) >= Number(timeout.value))
    fields.problem("'HeartbeatSeconds' must be smaller than 'TimeoutSeconds'");
  if (task.resource === 'invoke') {
    if (heartbeat) fields.problem('HeartbeatSeconds without a task token', fields.location, 'NOT_MODELLED');
    return;
  }
  const givesToken = expressionsOf(task.arguments).some(
    ({ expression }) => /\bTask\b.*\bToken\b/s.test(expression.source) || expression.statesMembers.includes('*'),
  );
  if (!givesToken) fields.problem('No argument carries $states.context.Task.Token: nobody could ever answer this task');
}

function parseChoice(named: Named, fields: Fields): State {
  const choices = fields.objects('Choices').map((rule): ChoiceRule => {
    const condition = rule.expression('Condition');
    if (condition === undefined && !rule.has('Condition'))
      rule.problem("The field 'Condition' is required but was missing");
    rule.string('Comment');
    const parsed = {
      condition: condition ?? { kind: 'literal' as const, value: false },
      next: rule.required('Next'),
      ...rule.leaving(),
    };
    rule.refuseUnread();
    return parsed;
  });
  if (choices.length === 0) fields.problem('At least one Choice Rule is required', `${fields.location}/Choices`);
  return { type: 'Choice', ...named, choices, ...optional('default', fields.string('Default')), ...fields.leaving() };
}

function parseWait(named: Named, fields: Fields): State {
  if (fields.has('Seconds') === fields.has('Timestamp'))
    fields.problem("Exactly one of 'Seconds' and 'Timestamp' is required");
  const timestamp = text(fields, 'Timestamp');
  if (timestamp?.kind === 'literal' && !isTimestamp(timestamp.value))
    fields.problem('Expected an RFC3339 timestamp', `${fields.location}/Timestamp`);
  return {
    type: 'Wait',
    ...named,
    ...optional('seconds', seconds(fields, 'Seconds', 0)),
    ...optional('timestamp', timestamp),
    ...fields.leaving(),
    ...onward(fields),
  };
}

/** RFC3339 with an upper-case T and a zone, the profile of the Amazon States Language. */
export function isTimestamp(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(value) &&
    !Number.isNaN(Date.parse(value))
  );
}

function text(fields: Fields, name: string): Template | undefined {
  return fields.string(name) === undefined ? undefined : fields.template(name);
}

function seconds(fields: Fields, name: string, min: number): Template | undefined {
  if (typeof fields.raw(name) === 'string') return fields.expression(name);
  const value = fields.number(name, { min, max: MAX_SECONDS });
  return value === undefined ? undefined : { kind: 'literal', value };
}

function optional<Name extends string, Value>(name: Name, value: Value | undefined): { [N in Name]?: Value } {
  return (value === undefined ? {} : { [name]: value }) as { [N in Name]?: Value };
}

interface ErrorHandler {
  readonly errorEquals: readonly string[];
}

function handlers<Handler extends ErrorHandler>(fields: Fields, name: string, parse: (fields: Fields) => Handler) {
  const all = fields.objects(name);
  return all.map((item, index) => {
    const handler = parse(item);
    const hasAll = handler.errorEquals.includes('States.ALL');
    if (hasAll && handler.errorEquals.length > 1) item.problem("'States.ALL' must stand alone in ErrorEquals");
    if (hasAll && index < all.length - 1) item.problem(`'States.ALL' must be in the last element of ${name}`);
    item.refuseUnread();
    return handler;
  });
}

/** https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html#error-handling-retrying-after-an-error */
function parseRetrier(fields: Fields): Retrier {
  fields.string('Comment');
  const jitter = fields.string('JitterStrategy') ?? 'NONE';
  if (jitter !== 'FULL' && jitter !== 'NONE')
    fields.problem("'JitterStrategy' must be FULL or NONE", `${fields.location}/JitterStrategy`);
  const intervalSeconds = fields.number('IntervalSeconds', { min: 1, max: 99_999_999 }) ?? 1;
  const maxDelaySeconds = fields.number('MaxDelaySeconds', { min: 1, max: 31_622_400 });
  if (maxDelaySeconds !== undefined && maxDelaySeconds < intervalSeconds)
    fields.problem("'MaxDelaySeconds' must not be smaller than 'IntervalSeconds'");
  return {
    errorEquals: errorEquals(fields),
    intervalSeconds,
    maxAttempts: fields.number('MaxAttempts', { min: 0, max: 99_999_999 }) ?? 3,
    backoffRate: fields.number('BackoffRate', { min: 1, integer: false }) ?? 2,
    ...optional('maxDelaySeconds', maxDelaySeconds),
    jitterStrategy: jitter === 'FULL' ? 'FULL' : 'NONE',
  };
}

function parseCatcher(fields: Fields): Catcher {
  fields.string('Comment');
  return { errorEquals: errorEquals(fields), next: fields.required('Next'), ...fields.leaving(['errorOutput']) };
}

function errorEquals(fields: Fields): string[] {
  const value = fields.raw('ErrorEquals');
  const names = Array.isArray(value) ? value.filter((name) => typeof name === 'string') : [];
  if (!Array.isArray(value) || names.length === 0 || names.length < value.length)
    fields.problem("'ErrorEquals' must be a non-empty array of strings");
  for (const name of names) {
    if (name === 'States.Runtime')
      fields.problem("'States.Runtime' always fails the execution: it can be neither retried nor caught");
    else if (name.startsWith('States.') && !LANGUAGE_ERRORS.has(name))
      fields.problem(`'${name}' is not an error that these states can report`);
  }
  return names;
}
