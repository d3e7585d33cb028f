import { expressionsOf, successors, type Definition, type Leaving, type State, type Template } from './definition.ts';
import { describeProblem, readDefinition } from './parse-definition.ts';

/** Functions whose answers a replay could not give again. */
const BANNED_FUNCTIONS = ['now', 'millis', 'random', 'uuid'];

/**
 * All that is wrong with a definition, as sentences: what `parseDefinition` refuses, and beyond it
 * variables used but assigned on no path to their use, Choice without Default, states without Comment,
 * and functions that read the clock or randomness.
 */
export function lintDefinition(definitionText: string): string[] {
  const { definition, problems } = readDefinition(definitionText);
  if (problems.length > 0) return problems.map(describeProblem);
  const states = [...definition.states.values()];
  return [...states.flatMap(lintState), ...undefinedVariables(definition)];
}

function lintState(state: State): string[] {
  const findings: string[] = [];
  if (state.comment === undefined) findings.push(`State "${state.name}" has no Comment`);
  if (state.type === 'Choice' && state.default === undefined) findings.push(`Choice "${state.name}" has no Default`);
  for (const { expression, field } of templatesOf(state).flatMap(expressionsOf))
    for (const name of expression.functions)
      if (BANNED_FUNCTIONS.includes(name)) findings.push(`State "${state.name}" calls $${name} in ${field}`);
  return findings;
}

/** Follows assignments along every transition until nothing more can be assigned anywhere. */
function undefinedVariables({ startAt, states }: Definition): string[] {
  const assignedBefore = new Map<string, Set<string>>([[startAt, new Set()]]);
  const open = [startAt];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const state = states.get(name)!;
    const before = assignedBefore.get(name)!;
    for (const next of successors(state)) {
      const known = assignedBefore.get(next) ?? new Set<string>();
      const size = assignedBefore.has(next) ? known.size : -1;
      for (const variable of [...before, ...assignedTowards(state, next)]) known.add(variable);
      assignedBefore.set(next, known);
      if (known.size > size) open.push(next);
    }
  }
  return [...states.values()].flatMap((state) =>
    templatesOf(state)
      .flatMap(expressionsOf)
      .flatMap(({ expression, field }) =>
        expression.variables
          .filter((variable) => !assignedBefore.get(state.name)?.has(variable))
          .map((variable) => `State "${state.name}" uses $${variable} in ${field}, which no path to it assigns`),
      ),
  );
}

function assignedTowards(state: State, next: string): string[] {
  const ways: Leaving[] = [];
  if (state.type === 'Choice') {
    ways.push(...state.choices.filter((rule) => rule.next === next));
    if (state.default === next) ways.push(state);
  } else if (state.type === 'Task') {
    ways.push(...state.catch.filter((catcher) => catcher.next === next));
    if (state.next === next) ways.push(state);
  } else if (state.type === 'Pass' || state.type === 'Wait') ways.push(state);
  return ways.flatMap((way) => assignedNames(way.assign));
}

function assignedNames(assign: Template | undefined): string[] {
  if (assign?.kind === 'object') return assign.members.map(([name]) => name);
  return assign?.kind === 'literal' ? Object.keys(assign.value ?? {}) : [];
}

function templatesOf(state: State): Template[] {
  const all: (Template | undefined)[] = [];
  const leave = (way: Leaving) => all.push(way.output, way.assign);
  switch (state.type) {
    case 'Task':
      all.push(state.arguments, state.timeoutSeconds, state.heartbeatSeconds);
      state.catch.forEach(leave);
      leave(state);
      break;
    case 'Choice':
      for (const rule of state.choices) all.push(rule.condition);
      state.choices.forEach(leave);
      leave(state);
      break;
    case 'Wait':
      all.push(state.seconds, state.timestamp);
      leave(state);
      break;
    case 'Pass':
      leave(state);
      break;
    case 'Succeed':
      all.push(state.output);
      break;
    case 'Fail':
      all.push(state.error, state.cause);
  }
  return all.filter((template) => template !== undefined);
}
