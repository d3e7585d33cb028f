import { Fault, NotModelled } from '../service.ts';
import { compareWith, type Operator } from './json-comparison.ts';

/** Judges a message that was read as JSON. */
type Condition = (message: unknown) => boolean;

/** Reads `{ $.level = "ERROR" && … }`: conditions on fields, `&&` before `||`, parentheses. */
export function parseJsonPattern(pattern: string): (message: string) => boolean {
  const tokens = tokensOf(pattern);
  const condition = new Parser(tokens, pattern).parse();
  return (message) => {
    const value = parsed(message);
    return value !== undefined && condition(value);
  };
}

type Token =
  | { readonly kind: 'sign' | 'selector' | 'word' | 'operator'; readonly text: string }
  | { readonly kind: 'quoted'; readonly text: string };

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

/** Recursive descent; its depth is bounded by the length of a pattern. */
class Parser {
  readonly #tokens: readonly Token[];
  readonly #pattern: string;
  #at = 0;

  constructor(tokens: readonly Token[], pattern: string) {
    this.#tokens = tokens;
    this.#pattern = pattern;
  }

  parse(): Condition {
    this.#expect('{');
    const condition = this.#any();
    this.#expect('}');
    if (this.#at < this.#tokens.length) throw this.#invalid();
    return condition;
  }

  #any(): Condition {
    const conditions = [this.#all()];
    while (this.#takes('||')) conditions.push(this.#all());
    return (message) => conditions.some((holds) => holds(message));
  }

  #all(): Condition {
    const conditions = [this.#one()];
    while (this.#takes('&&')) conditions.push(this.#one());
    return (message) => conditions.every((holds) => holds(message));
  }

  #one(): Condition {
    if (this.#takes('(')) {
      const inner = this.#any();
      this.#expect(')');
      return inner;
    }
    const selector = this.#next('selector');
    const path = pathOf(selector.text);
    if (path.includes('*'))
      throw new NotModelled(`A selector of every element in the log filter pattern ${this.#pattern}`);
    if (this.#takes('IS')) return this.#state(path);
    if (this.#takes('NOT')) {
      this.#expect('EXISTS');
      return (message) => valueAt(message, path) === undefined;
    }
    return this.#comparison(path);
  }

  #state(path: readonly (string | number)[]): Condition {
    for (const [word, state] of Object.entries(STATES)) {
      if (this.#takes(word)) return (message) => valueAt(message, path) === state;
    }
    throw this.#invalid();
  }

  #comparison(path: readonly (string | number)[]): Condition {
    const operator = this.#next('operator').text as Operator;
    const operand = this.#tokens[this.#at++];
    if (operand?.kind !== 'word' && operand?.kind !== 'quoted') throw this.#invalid(-1);
    const compare = compareWith(operator, operand.text, operand.kind === 'quoted');
    if (compare === undefined) throw invalid(this.#pattern, `${operator} takes a number, not ${operand.text}`);
    return (message) => compare(valueAt(message, path));
  }

  #takes(text: string): boolean {
    const token = this.#tokens[this.#at];
    const isTaken = token?.text === text && token.kind !== 'quoted';
    if (isTaken) this.#at++;
    return isTaken;
  }

  #expect(text: string): void {
    if (!this.#takes(text)) throw this.#invalid();
  }

  #next(kind: Token['kind']): Token {
    const token = this.#tokens[this.#at];
    if (token?.kind !== kind) throw this.#invalid();
    this.#at++;
    return token;
  }

  #invalid(offset = 0): Fault {
    const token = this.#tokens[this.#at + offset];
    return invalid(this.#pattern, token === undefined ? 'it ends too early' : `at ${token.text}`);
  }
}

const STATES = { NULL: null, TRUE: true, FALSE: false } as const;

const STEP = /\.?\['([^']*)'\]|\.([\w-]+)|\[(\d+)\]|\.?\[?(\*)\]?/g;

/** `$.a[0].['b.c']` → `a`, 0, `b.c` */
function pathOf(selector: string): readonly (string | number)[] {
  return [...selector.matchAll(STEP)].map(([, quoted, name, index, every]) => quoted ?? name ?? every ?? Number(index));
}

/** Undefined when there is no such field: a list has elements only, an object has names only. */
function valueAt(message: unknown, path: readonly (string | number)[]): unknown {
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
