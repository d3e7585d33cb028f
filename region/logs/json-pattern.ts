import { Fault, NotModelled } from '../service.ts';
import { compareWith, type Operator } from './json-comparison.ts';

/** Judges a message that was read as JSON. */
type Condition = (message: unknown) => boolean;

/** Reads `{ $.level = "ERROR" && … }`: conditions on fields, `&&` before `||`, parentheses. */
export function parseJsonPattern(pattern: string): (message: string) => boolean {
  const tokens = tokensOf(pattern);
  const condition = conditionOf({ tokens, pattern, at: 0 });
  return (message) => {
    const value = parsed(message);
    return value !== undefined && condition(value);
  };
}

interface Token {
  readonly kind: 'sign' | 'selector' | 'word' | 'operator' | 'quoted';
  readonly text: string;
}

/** Each alternative begins with another character or has one end only, so that reading never goes back. */
const TOKEN =
  /\s*(?:([{}()]|&&|\|\|)|(\$(?:\.?\['[^']*'\]|\.[\w-]+|\[\d+\]|\.\*|\[\*\])+)|(!=|<=|>=|=|<|>)|"((?:[^"\\]|\\.)*)"|([\w*.+:/-]+))/y;

function tokensOf(pattern: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  const text = pattern.trimEnd();
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const [, sign, selector, operator, quoted, word] = TOKEN.exec(text) ?? [];
    if (sign !== undefined) tokens.push({ kind: 'sign', text: sign });
    else if (selector !== undefined) tokens.push({ kind: 'selector', text: selector });
    else if (operator !== undefined) tokens.push({ kind: 'operator', text: operator });
    else if (quoted !== undefined) tokens.push({ kind: 'quoted', text: quoted.replace(/\\(.)/g, '$1') });
    else if (word !== undefined) tokens.push({ kind: 'word', text: word });
    else throw unreadable(text.slice(at).trim(), pattern);
  }
  return tokens;
}

function unreadable(rest: string, pattern: string): Error {
  if (rest.startsWith('%')) return new NotModelled(`The log filter pattern with a regular expression ${pattern}`);
  return invalid(pattern, `at ${rest}`);
}

function invalid(pattern: string, where: string): Fault {
  return new Fault('InvalidParameterException', `Invalid filter pattern ${pattern}: ${where}`);
}

/** Where reading stands. */
interface Cursor {
  readonly tokens: readonly Token[];
  readonly pattern: string;
  at: number;
}

/** Recursive descent; its depth is bounded by the length of a pattern. */
function conditionOf(cursor: Cursor): Condition {
  expect(cursor, '{');
  const condition = anyOf(cursor);
  expect(cursor, '}');
  if (cursor.at < cursor.tokens.length) throw misplaced(cursor);
  return condition;
}

function anyOf(cursor: Cursor): Condition {
  const conditions = [allOf(cursor)];
  while (takes(cursor, '||')) conditions.push(allOf(cursor));
  return (message) => conditions.some((holds) => holds(message));
}

function allOf(cursor: Cursor): Condition {
  const conditions = [oneOf(cursor)];
  while (takes(cursor, '&&')) conditions.push(oneOf(cursor));
  return (message) => conditions.every((holds) => holds(message));
}

function oneOf(cursor: Cursor): Condition {
  if (takes(cursor, '(')) {
    const inner = anyOf(cursor);
    expect(cursor, ')');
    return inner;
  }
  const path = pathOf(next(cursor, 'selector').text);
  if (path.includes('*'))
    throw new NotModelled(`A selector of every element in the log filter pattern ${cursor.pattern}`);
  if (takes(cursor, 'IS')) return stateOf(cursor, path);
  if (takes(cursor, 'NOT')) {
    expect(cursor, 'EXISTS');
    return (message) => valueAt(message, path) === undefined;
  }
  return comparisonOf(cursor, path);
}

function stateOf(cursor: Cursor, path: Path): Condition {
  for (const [word, state] of Object.entries(STATES)) {
    if (takes(cursor, word)) return (message) => valueAt(message, path) === state;
  }
  throw misplaced(cursor);
}

function comparisonOf(cursor: Cursor, path: Path): Condition {
  const operator = next(cursor, 'operator').text as Operator;
  const operand = cursor.tokens[cursor.at];
  if (operand?.kind !== 'word' && operand?.kind !== 'quoted') throw misplaced(cursor);
  cursor.at++;
  const compare = compareWith(operator, operand.text, operand.kind === 'quoted');
  if (compare === undefined) throw invalid(cursor.pattern, `${operator} takes a number, not ${operand.text}`);
  return (message) => compare(valueAt(message, path));
}

function takes(cursor: Cursor, text: string): boolean {
  const token = cursor.tokens[cursor.at];
  const isTaken = token?.text === text && token.kind !== 'quoted';
  if (isTaken) cursor.at++;
  return isTaken;
}

function expect(cursor: Cursor, text: string): void {
  if (!takes(cursor, text)) throw misplaced(cursor);
}

function next(cursor: Cursor, kind: Token['kind']): Token {
  const token = cursor.tokens[cursor.at];
  if (token?.kind !== kind) throw misplaced(cursor);
  cursor.at++;
  return token;
}

function misplaced({ tokens, pattern, at }: Cursor): Fault {
  const token = tokens[at];
  return invalid(pattern, token === undefined ? 'it ends too early' : `at ${token.text}`);
}

type Path = readonly (string | number)[];

const STATES = { NULL: null, TRUE: true, FALSE: false } as const;

const STEP = /\.?\['([^']*)'\]|\.([\w-]+)|\[(\d+)\]|\.?\[?(\*)\]?/g;

/** `$.a[0].['b.c']` → `a`, 0, `b.c` */
function pathOf(selector: string): Path {
  return [...selector.matchAll(STEP)].map(([, quoted, name, index, every]) => quoted ?? name ?? every ?? Number(index));
}

/** Undefined when there is no such field: a list has elements only, an object has names only. */
function valueAt(message: unknown, path: Path): unknown {
  let value = message;
  for (const step of path) {
    const isList = Array.isArray(value);
    if (typeof value !== 'object' || value === null || isList !== (typeof step === 'number')) return undefined;
    if (!Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}

function parsed(message: string): unknown {
  try {
    return JSON.parse(message);
  } catch {
    return undefined;
  }
}
