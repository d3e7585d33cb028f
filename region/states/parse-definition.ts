import { Fault, NotModelled } from '../service.ts';
import { successors, type Definition, type Json, type State } from './definition.ts';
import { Fields, isObject, type Problem } from './fields.ts';
import { parseState } from './parse-state.ts';
import { MAX_DEFINITION_CHARACTERS, MAX_NAME_CHARACTERS, MAX_SECONDS } from './quotas.ts';

/**
 * Parses a definition as strictly as CreateStateMachine, and stricter: every unknown field is refused by name.
 * Throws `Fault` (`InvalidDefinition`) where AWS would refuse, `NotModelled` where only this region does.
 */
export function parseDefinition(text: string): Definition {
  const { definition, problems } = readDefinition(text);
  const invalid = problems.filter((problem) => problem.code !== 'NOT_MODELLED');
  if (invalid.length > 0)
    throw new Fault(
      'InvalidDefinition',
      `Invalid State Machine Definition: '${invalid.map(describeProblem).join(', ')}'`,
    );
  if (problems.length > 0)
    throw new NotModelled(problems.map(({ message, location }) => `${message} at ${location}`).join(', '));
  return definition;
}

export function describeProblem({ code, message, location }: Problem): string {
  return `${code}: ${message} at ${location}`;
}

/** Reads as much as can be read, with all problems at once. */
export function readDefinition(text: string): {
  readonly definition: Definition;
  readonly problems: readonly Problem[];
} {
  const problems: Problem[] = [];
  const machine = parseJson(text, problems);
  const fields = new Fields(machine, '', problems);
  const language = fields.string('QueryLanguage');
  if (language !== 'JSONata')
    fields.problem(`QueryLanguage '${language ?? 'JSONPath'}'`, '/QueryLanguage', 'NOT_MODELLED');
  const version = fields.string('Version');
  if (version !== undefined && version !== '1.0') fields.problem("'Version' must be 1.0", '/Version');
  const comment = fields.string('Comment');
  const timeoutSeconds = fields.number('TimeoutSeconds', { min: 1, max: MAX_SECONDS });
  const startAt = fields.required('StartAt');
  const states = parseStates(fields.raw('States'), fields, problems);
  fields.refuseUnread();
  const definition: Definition = {
    startAt,
    states,
    ...(comment !== undefined && { comment }),
    ...(timeoutSeconds !== undefined && { timeoutSeconds }),
  };
  const isWhole = states.size === Object.keys(fields.raw('States') ?? {}).length;
  if (isWhole && fields.has('StartAt')) checkTransitions(definition, fields);
  return { definition, problems };
}

function parseJson(text: string, problems: Problem[]): { readonly [member: string]: Json } {
  const refuse = (message: string) => {
    problems.push({ code: 'INVALID_JSON_DESCRIPTION', message, location: '/' });
    return {};
  };
  if (text.length > MAX_DEFINITION_CHARACTERS)
    return refuse(`A definition has at most ${MAX_DEFINITION_CHARACTERS} characters`);
  try {
    const machine = JSON.parse(text) as Json;
    return isObject(machine) ? machine : refuse('The definition is not a JSON object');
  } catch (error) {
    return refuse((error as Error).message);
  }
}

function parseStates(value: Json | undefined, fields: Fields, problems: Problem[]): Map<string, State> {
  const states = new Map<string, State>();
  if (!isObject(value) || Object.keys(value).length === 0) {
    fields.problem('At least one state is required', '/States');
    return states;
  }
  for (const [name, member] of Object.entries(value)) {
    const location = `/States/${name}`;
    if (name.length > MAX_NAME_CHARACTERS || name.length === 0)
      fields.problem(`A state's name has 1 to ${MAX_NAME_CHARACTERS} characters`, location);
    if (!isObject(member)) {
      fields.problem('Expected value of type [OBJECT]', location);
      continue;
    }
    const state = parseState(name, new Fields(member, location, problems));
    if (state) states.set(name, state);
  }
  return states;
}

/** Every transition leads to a state, every state is reached, and every state can reach an end. */
function checkTransitions({ startAt, states }: Definition, fields: Fields): void {
  const missing = (name: string, location: string) =>
    fields.problem(`Missing 'Next' target: ${name}`, location, 'MISSING_TRANSITION_TARGET');
  if (!states.has(startAt)) missing(startAt, '/StartAt');
  for (const [name, state] of states)
    for (const next of successors(state)) if (!states.has(next)) missing(next, `/States/${name}`);
  const reached = reach([startAt], (name) => successors(states.get(name)!), states);
  for (const name of states.keys())
    if (!reached.has(name))
      fields.problem(`State "${name}" is not reachable.`, `/States/${name}`, 'MISSING_TRANSITION_TARGET');
  const ends = [...states.keys()].filter((name) => isEnd(states.get(name)!));
  const leadsToEnd = reach(ends, (name) => predecessors(name, states), states);
  for (const name of reached)
    if (!leadsToEnd.has(name))
      fields.problem(`State "${name}" never reaches an end.`, `/States/${name}`, 'MISSING_END_STATE');
}

function isEnd(state: State): boolean {
  if (state.type === 'Succeed' || state.type === 'Fail') return true;
  return state.type !== 'Choice' && state.next === undefined;
}

function predecessors(target: string, states: ReadonlyMap<string, State>): string[] {
  return [...states].filter(([, state]) => successors(state).includes(target)).map(([name]) => name);
}

function reach(from: readonly string[], onward: (name: string) => string[], states: ReadonlyMap<string, State>) {
  const reached = new Set<string>();
  const open = [...from];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (reached.has(name) || !states.has(name)) continue;
    reached.add(name);
    open.push(...onward(name));
  }
  return reached;
}
