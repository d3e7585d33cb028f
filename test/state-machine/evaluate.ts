import jsonata from 'jsonata';

/** The value of a field as Step Functions makes it: every string in `{% %}` is an expression, whatever it stands in. */
export async function evaluate(field: unknown, variables: object): Promise<unknown> {
  if (typeof field === 'string') return expressionIn(field, variables);
  if (Array.isArray(field)) return Promise.all(field.map((item) => evaluate(item, variables)));
  if (typeof field !== 'object' || field === null) return field;
  const members = Object.entries(field).map(async ([name, value]) => [name, await evaluate(value, variables)] as const);
  return Object.fromEntries(await Promise.all(members));
}

async function expressionIn(text: string, variables: object): Promise<unknown> {
  const [, expression] = /^\{% (.*) %\}$/.exec(text) ?? [];
  if (expression === undefined) return text;
  const value = (await jsonata(expression).evaluate(undefined, { ...variables })) as unknown;
  // https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html: a States.QueryEvaluationError.
  if (value === undefined) throw new Error(`${expression} has no value`);
  return value;
}
