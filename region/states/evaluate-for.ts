import { contextObject } from './context-object.ts';
import type { Json, Template } from './definition.ts';
import { evaluate, type Scope } from './evaluate.ts';
import type { Visit } from './execution.ts';
import type { Workflows } from './model.ts';

/** Evaluates a template as a visit sees it, with its input, its context and the variables of its execution. */
export function evaluateFor(
  { functions }: Workflows,
  template: Template,
  visit: Visit,
  more?: Partial<Scope['states']>,
  token?: string,
): Promise<Json> {
  if (template.kind === 'literal') return Promise.resolve(template.value);
  const states: Scope['states'] = {
    input: visit.input,
    ...more,
    get context() {
      return contextObject(visit, token);
    },
  };
  return evaluate(functions, template, { states, variables: visit.execution.variables });
}
