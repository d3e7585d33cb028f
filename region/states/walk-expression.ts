import { isFunctionName } from './functions.ts';

/** What AWS, or this region, refuses in an expression. */
export interface ExpressionProblem {
  readonly code: 'INVALID_JSONATA_EXPRESSION' | 'UNSUPPORTED_JSONATA_EXPRESSION' | 'NOT_MODELLED';
  readonly message: string;
}

/** What an expression refers to, by kind. */
interface References {
  readonly variables: Set<string>;
  readonly probed: Set<string>;
  readonly functions: Set<string>;
  readonly statesMembers: Set<string>;
  /** Names called as functions, with the greatest number of arguments seen. */
  readonly calls: Map<string, number>;
  readonly problems: ExpressionProblem[];
  /** Only functions of its own let an expression run without end. */
  hasLambda: boolean;
}

/** A node of JSONata's syntax tree; its published type covers only a part of what 2.0.6 builds. */
type Node = { readonly type: string; readonly value?: unknown } & Readonly<Record<string, unknown>>;

/** Where a node stands: names bound inside the expression, and whether its context item is the (absent) top-level one. */
interface Place {
  readonly locals: Set<string>;
  readonly isTop: boolean;
}

/**
 * Collects the references of an expression.
 * Step Functions evaluates without a context item, so a name at the top level reads nothing and is refused at creation;
 * inside a later step, a predicate, a sort term or a grouping a name is fine.
 */
export function walkExpression(ast: unknown): References {
  const found: References = {
    variables: new Set(),
    probed: new Set(),
    functions: new Set(),
    statesMembers: new Set(),
    calls: new Map(),
    problems: [],
    hasLambda: false,
  };
  visit(ast as Node, { locals: new Set(), isTop: true }, found);
  return found;
}

const LITERALS = new Set(['string', 'number', 'value', 'regex', 'operator']);

function visit(node: Node, place: Place, found: References): void {
  if (!LITERALS.has(node.type)) visitComposite(node, place, found);
  const inner = { ...place, isTop: false };
  for (const stage of [...nodes(node['predicate']), ...nodes(node['stages'])]) {
    if (stage.type === 'index') place.locals.add(String(stage.value));
    else visit(stage['expr'] as Node, inner, found);
  }
  for (const local of [node['focus'], node['index']]) if (typeof local === 'string') place.locals.add(local);
  const group = node['group'] as { lhs: [Node, Node][] } | undefined;
  for (const pair of group?.lhs ?? []) for (const part of pair) visit(part, inner, found);
}

function visitComposite(node: Node, place: Place, found: References): void {
  switch (node.type) {
    case 'path':
      return visitPath(node, place, found);
    case 'variable':
      return visitVariable(String(node.value), place, found);
    case 'name':
    case 'wildcard':
    case 'descendant':
    case 'parent':
      if (place.isTop) refuse(found, `Reference to '${String(node.value)}' at the top level is not supported.`);
      return;
    case 'function':
    case 'partial':
      return visitCall(node, place, found);
    case 'bind':
      return visitBind(node, place, found);
    case 'lambda':
      found.hasLambda ||= node['thunk'] !== true;
      return visitLambda(node, place, found);
    case 'block': {
      const inside = { ...place, locals: new Set(place.locals) };
      for (const child of nodes(node['expressions'])) visit(child, inside, found);
      return;
    }
    case 'transform':
      for (const child of [node['pattern'], node['update'], node['delete']])
        if (child) visit(child as Node, { ...place, isTop: false }, found);
      return;
    case 'sort':
      for (const term of node['terms'] as { expression: Node }[])
        visit(term.expression, { ...place, isTop: false }, found);
      return;
    case 'unary':
      return visitUnary(node, place, found);
    case 'binary':
    case 'apply':
    case 'condition':
      for (const child of ['lhs', 'rhs', 'condition', 'then', 'else'])
        if (node[child]) visit(node[child] as Node, place, found);
      return;
    default:
      found.problems.push({ code: 'NOT_MODELLED', message: `JSONata syntax '${node.type}' is not modelled` });
  }
}

function visitPath(node: Node, place: Place, found: References): void {
  const [first, ...rest] = nodes(node['steps']);
  if (!first) return;
  const isStates = first.type === 'variable' && first.value === 'states' && !place.locals.has('states');
  const member = rest[0];
  if (isStates && member?.type === 'name' && !first['predicate'] && !first['stages'])
    found.statesMembers.add(String(member.value));
  else visit(first, place, found);
  for (const step of rest) visit(step, { ...place, isTop: false }, found);
}

function visitVariable(name: string, place: Place, found: References): void {
  if (name === '$') return refuse(found, "Reference to '$$' is not supported.");
  if (name === '') {
    if (place.isTop) refuse(found, "Reference to '$' at the top level is not supported.");
    return;
  }
  if (place.locals.has(name)) return;
  if (name === 'states') found.statesMembers.add('*');
  else if (isFunctionName(name) || name === 'eval') found.functions.add(name);
  else found.variables.add(name);
}

function visitCall(node: Node, place: Place, found: References): void {
  const procedure = node['procedure'] as Node;
  const parameters = nodes(node['arguments']);
  const called = procedure.type === 'variable' ? String(procedure.value) : undefined;
  if (called === undefined || place.locals.has(called)) visit(procedure, place, found);
  else {
    found.calls.set(called, Math.max(found.calls.get(called) ?? 0, parameters.length));
    if (isFunctionName(called)) found.functions.add(called);
  }
  for (const parameter of parameters) {
    const isProbe = called === 'exists' && parameter.type === 'variable' && !place.locals.has(String(parameter.value));
    if (isProbe && !['', '$', 'states'].includes(String(parameter.value))) found.probed.add(String(parameter.value));
    else visit(parameter, place, found);
  }
}

function visitBind(node: Node, place: Place, found: References): void {
  const name = String((node['lhs'] as Node).value);
  const value = node['rhs'] as Node;
  // A function may call itself; any other value is computed before its name exists.
  if (value.type === 'lambda') place.locals.add(name);
  visit(value, place, found);
  place.locals.add(name);
}

function visitLambda(node: Node, place: Place, found: References): void {
  const locals = new Set([...place.locals, ...nodes(node['arguments']).map((parameter) => String(parameter.value))]);
  visit(node['body'] as Node, { ...place, locals }, found);
}

function visitUnary(node: Node, place: Place, found: References): void {
  if (node['expression']) visit(node['expression'] as Node, place, found);
  for (const child of nodes(node['expressions'])) visit(child, place, found);
  if (node.value !== '{') return;
  for (const pair of node['lhs'] as [Node, Node][]) for (const part of pair) visit(part, place, found);
}

function nodes(value: unknown): Node[] {
  return Array.isArray(value) ? (value as Node[]) : [];
}

function refuse(found: References, message: string): void {
  found.problems.push({ code: 'UNSUPPORTED_JSONATA_EXPRESSION', message });
}
