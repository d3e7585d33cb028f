import type { Json, Template } from './definition.ts';
import { BUDGET, compiledOf, type Expression, type PlainPath } from './expressions.ts';
import { queryEvaluationError } from './failure.ts';
import type { createFunctions } from './functions.ts';

export type Variables = Readonly<Record<string, Json>>;

/** What expressions see: `$states` and the variables assigned by earlier states. */
export interface Scope {
  readonly states: {
    readonly input: Json;
    readonly context: Json;
    readonly result?: Json;
    readonly errorOutput?: Json;
  };
  readonly variables: Variables;
}

/** Built-in functions on the kernel's clock and randomness. */
type Functions = ReturnType<typeof createFunctions>;

/** Throws `StateFailure` (`States.QueryEvaluationError`) naming expression and field. */
export async function evaluate(functions: Functions, template: Template, scope: Scope): Promise<Json> {
  switch (template.kind) {
    case 'literal':
      return template.value;
    case 'expression':
      return await evaluateExpression(functions, template.expression, template.field, scope);
    case 'array': {
      const items: Json[] = [];
      for (const item of template.items) items.push(await evaluate(functions, item, scope));
      return items;
    }
    case 'object': {
      const members: Record<string, Json> = {};
      for (const [name, member] of template.members) members[name] = await evaluate(functions, member, scope);
      return members;
    }
  }
}

async function evaluateExpression(
  functions: Functions,
  expression: Expression,
  field: string,
  scope: Scope,
): Promise<Json> {
  const bindings = bind(functions, expression, field, scope);
  const followed = expression.path && followPath(expression.path, bindings);
  if (followed?.value !== undefined) return followed.value;
  let value: unknown;
  try {
    value = await compiledOf(expression).evaluate(undefined, bindings);
  } catch (error) {
    const detail = `threw an error during evaluation. ${describeError(error)}`;
    throw queryEvaluationError(expression.source, field, detail);
  }
  if (value === undefined) throw queryEvaluationError(expression.source, field, 'returned nothing (undefined).');
  return plainJson(value, expression, field);
}

/** Only what the expression mentions is bound; JSONata copies its bindings on every evaluation. */
function bind(
  functions: Functions,
  expression: Expression,
  field: string,
  { states, variables }: Scope,
): Record<string, unknown> {
  const bindings: Record<string, unknown> = { [BUDGET]: { stepsLeft: MAX_STEPS, depth: 0 } };
  if (expression.statesMembers.length > 0) bindings['states'] = states;
  for (const name of expression.variables) {
    // AWS lets an undefined variable vanish inside a larger expression; here it always fails, by name.
    if (!Object.hasOwn(variables, name))
      throw queryEvaluationError(expression.source, field, `refers to the variable '$${name}', which is undefined.`);
    bindings[name] = variables[name];
  }
  for (const name of expression.probed) if (Object.hasOwn(variables, name)) bindings[name] = variables[name];
  for (const name of expression.functions) if (functions[name]) bindings[name] = functions[name];
  return bindings;
}

/** Steps of one evaluation, about one second of the library's time. */
const MAX_STEPS = 200_000;

/**
 * Follows member names through objects, as the library would but without it; most expressions of a flow are of this kind.
 * Arrays on the way are mapped and flattened, which is left to the library, as is a path that leads nowhere.
 */
function followPath({ variable, members }: PlainPath, bindings: Readonly<Record<string, unknown>>) {
  let value = bindings[variable];
  for (const member of members) {
    if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, member))
      return undefined;
    value = (value as Record<string, unknown>)[member];
  }
  return { value: value as Json | undefined };
}

/** `D3020: Third argument of …`, as AWS reports an error of the JSONata library. */
function describeError(error: unknown): string {
  const { code, message } = error as { readonly code?: string; readonly message?: string };
  return code === undefined ? `${message}` : `${code}: ${message}`;
}

/** JSON without JSONata's marks on sequences; a function is no JSON and is refused. */
function plainJson(value: unknown, expression: Expression, field: string): Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (Array.isArray(value)) {
    return value.filter((item) => item !== undefined).map((item) => plainJson(item, expression, field));
  }
  if (typeof value !== 'object' || '_jsonata_lambda' in value || '_jsonata_function' in value)
    throw queryEvaluationError(expression.source, field, 'returned an unexpected result type: a function.');
  const plain: Record<string, Json> = {};
  for (const [name, member] of Object.entries(value))
    if (member !== undefined) plain[name] = plainJson(member, expression, field);
  return plain;
}
