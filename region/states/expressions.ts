import jsonata from 'jsonata';
import { isFunctionName } from './functions.ts';
import { walkExpression, type ExpressionProblem } from './walk-expression.ts';

/** What a JSONata expression refers to; plain data, `compiledOf` finds what runs it. */
export interface Expression {
  /** The text between `{%` and `%}`, trimmed: so AWS shows it in causes. */
  readonly source: string;
  /** Workflow variables that must exist, without `$`. */
  readonly variables: readonly string[];
  /** Workflow variables that the expression only asks `$exists` about. */
  readonly probed: readonly string[];
  /** Built-in functions that it calls or passes on. */
  readonly functions: readonly string[];
  /** First members read from `$states` (`input`, `result`, …); `*` when it is used as a whole. */
  readonly statesMembers: readonly string[];
  /** Set when it only follows member names from a variable, which needs no library. */
  readonly path: PlainPath | undefined;
  /** What AWS, or this region, refuses in it. */
  readonly problems: readonly ExpressionProblem[];
}

/** `$states.result.Payload` is `states`, then `result` and `Payload`. */
export interface PlainPath {
  readonly variable: string;
  readonly members: readonly string[];
}

/** The name under which an evaluation keeps what it may still spend; no expression can write it. */
export const BUDGET = ' budget';

interface Compiled {
  readonly expression: Expression;
  readonly compiled: jsonata.Expression;
}

/** By source, for all regions of this Node.js process. */
const COMPILED = new Map<string, Compiled>();

/** Reads `source`; an expression that does not parse throws what is wrong with it. */
export function readExpression(source: string): Expression {
  return compile(source).expression;
}

/** What evaluates an expression. */
export function compiledOf({ source }: Expression): jsonata.Expression {
  return compile(source).compiled;
}

/** Compiles `source` once. */
function compile(source: string): Compiled {
  const known = COMPILED.get(source);
  if (known) return known;
  const compiled = jsonata(source);
  const references = walkExpression(compiled.ast());
  if (references.hasLambda) limitEvaluation(compiled);
  const expression: Expression = {
    source,
    variables: [...references.variables],
    probed: [...references.probed],
    functions: [...references.functions],
    statesMembers: [...references.statesMembers],
    path: plainPath(compiled.ast()),
    problems: [...references.problems, ...functionProblems(references.calls)],
  };
  const both = { expression, compiled };
  COMPILED.set(source, both);
  return both;
}

/** What one evaluation may still spend. */
interface Budget {
  stepsLeft: number;
  depth: number;
}

/** How deep one expression may nest, as measured in AWS; a recursion in tail position does not nest. */
const MAX_DEPTH = 100;

/** Step Functions stops an expression after a second; here the number of its steps is limited instead. */
function limitEvaluation(compiled: jsonata.Expression): void {
  const onEntry = (_node: unknown, _input: unknown, environment: jsonata.Environment): void => {
    const budget = environment.lookup(BUDGET) as Budget;
    if (--budget.stepsLeft < 0) throw new Error('Expression evaluation timeout: Check for infinite loop');
    if (!isAside(environment) && ++budget.depth > MAX_DEPTH)
      throw new Error(
        `Stack overflow error: Check for non-terminating recursive function. Depth=${budget.depth} max=${MAX_DEPTH}`,
      );
  };
  const onExit = (_node: unknown, _input: unknown, environment: jsonata.Environment): void => {
    if (!isAside(environment)) (environment.lookup(BUDGET) as Budget).depth--;
  };
  compiled.assign(Symbol.for('jsonata.__evaluate_entry') as unknown as string, onEntry);
  compiled.assign(Symbol.for('jsonata.__evaluate_exit') as unknown as string, onExit);
}

/** Items of an array constructor are evaluated side by side: all but the first would confuse the count of levels. */
function isAside(environment: jsonata.Environment): boolean {
  return (environment as { readonly isParallelCall?: boolean }).isParallelCall === true;
}

function plainPath(ast: jsonata.ExprNode): PlainPath | undefined {
  if ((ast.type as string) !== 'path' || 'group' in ast) return undefined;
  const [first, ...rest] = ast.steps ?? [];
  const isPlain = (step: jsonata.ExprNode | undefined, type: string) =>
    step?.type === type && Object.keys(step).every((member) => ['type', 'value', 'position'].includes(member));
  if (!isPlain(first, 'variable') || !rest.every((step) => isPlain(step, 'name'))) return undefined;
  return { variable: String(first!.value), members: rest.map((step) => String(step.value)) };
}

/** Variables hold data, so a call of anything but a built-in function can only fail when it runs. */
function functionProblems(calls: ReadonlyMap<string, number>): ExpressionProblem[] {
  return [...calls].flatMap(([name, argumentCount]): ExpressionProblem[] => {
    if (name === 'eval') return [unsupported("Function '$eval' is not supported, use '$parse'.")];
    if (!isFunctionName(name)) return [unsupported(`Function '$${name}' does not exist.`)];
    // With a seed AWS gives the same number every time; which one is not published.
    if (name === 'random' && argumentCount > 0)
      return [{ code: 'NOT_MODELLED', message: '$random with a seed is not modelled by this region' }];
    return [];
  });
}

function unsupported(message: string): ExpressionProblem {
  return { code: 'UNSUPPORTED_JSONATA_EXPRESSION', message };
}
