import type { Json, Template } from './definition.ts';
import { evaluateFor } from './evaluate-for.ts';
import type { Visit } from './execution.ts';
import { queryEvaluationError, StateFailure } from './failure.ts';
import type { Workflows } from './model.ts';
import { MAX_SECONDS } from './quotas.ts';

/** A whole number of seconds, at least `min`, from a literal or an expression; what is none is refused in AWS's words. */
export async function evaluateSeconds(
  workflows: Workflows,
  visit: Visit,
  template: Template,
  min: number,
): Promise<number> {
  const value = await evaluateFor(workflows, template, visit);
  if (typeof value !== 'number') throw wrongType(template, 'number', value);
  const field = template.kind === 'expression' ? template.field : 'Seconds';
  const refuse = (reason: string) => new StateFailure('States.QueryEvaluationError', reason, { field });
  if (!Number.isInteger(value)) throw refuse(`The ${field} field cannot be parsed as an integer: ${value}`);
  if (value < min || value > MAX_SECONDS)
    throw refuse(`${field} must be between ${min} and ${MAX_SECONDS} but was: ${value}`);
  return value;
}

/** The failure of a field whose expression yielded something else than the field takes. */
export function wrongType(template: Template, expected: string, value: Json): StateFailure {
  if (template.kind !== 'expression') return new StateFailure('States.Runtime', `Expected '${expected}'`);
  const was = `Expected '${expected}', but was '${typeOf(value)}' for value: ${JSON.stringify(value)}`;
  return queryEvaluationError(template.expression.source, template.field, `returned an unexpected result type. ${was}`);
}

/** The name of a JSON type. */
function typeOf(value: Json): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}
