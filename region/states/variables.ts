import type { Json } from './definition.ts';
import type { Execution } from './execution.ts';
import { StateFailure } from './failure.ts';
import { MAX_VARIABLE_BYTES, MAX_VARIABLES_BYTES } from './quotas.ts';

/** Makes `assigned` visible to the states that follow, and answers the JSON text of each variable that it names. */
export function assignVariables(execution: Execution, assigned: Json | undefined): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  if (assigned === undefined) return texts;
  const values = assigned as { readonly [name: string]: Json };
  for (const [name, value] of Object.entries(values)) texts.set(name, JSON.stringify(value));
  if (bytesOf(texts) > MAX_VARIABLE_BYTES)
    throw tooLarge(`The variables assigned together exceed ${MAX_VARIABLE_BYTES} bytes.`);
  for (const [name, text] of texts) execution.variableTexts.set(name, text);
  if (bytesOf(execution.variableTexts) > MAX_VARIABLES_BYTES)
    throw tooLarge(`The variables of the execution exceed ${MAX_VARIABLES_BYTES} bytes.`);
  execution.variables = { ...execution.variables, ...values };
  return texts;
}

function bytesOf(texts: ReadonlyMap<string, string>): number {
  let bytes = 0;
  for (const text of texts.values()) bytes += Buffer.byteLength(text);
  return bytes;
}

function tooLarge(reason: string): StateFailure {
  return new StateFailure('States.DataLimitExceeded', reason);
}
