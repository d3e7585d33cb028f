import type { Json, Template } from './definition.ts';
import { evaluateFor } from './evaluate-for.ts';
import type { Visit } from './execution.ts';
import { queryEvaluationError, StateFailure } from './failure.ts';
import type { Workflows } from './model.ts';
import { MAX_SECONDS } from './quotas.ts';

/** A whole number of seconds, at least `min`, from a literal or an expression. */
export async function evaluateSeconds(
  workflows: Workflows,
  visit: Visit,
  template: Template,
  min: number,
): Promise<number> {
  const value = await evaluateFor(workflows, template, visit);
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= MAX_SECONDS) return value;
  throw wrongType(template, 'number of whole seconds', value);
}

/** The failure of a field whose expression yielded something else than the field takes. */
export function wrongType(template: Template, expected: string, value: Json): StateFailure {
  if (template.kind !== 'expression') return new StateFailure('States.Runtime', `Expected '${expected}'`);
  const was = `Expected '${expected}', but was '${typeof value}' for value: ${JSON.stringify(value)}`;
  return queryEvaluationError(template.expression.source, template.field, `returned an unexpected result type. ${was}`);
}
