import type { Json, Leaving, Template } from './definition.ts';
import { readExpression } from './expressions.ts';
import { isFunctionName } from './functions.ts';
import { MAX_NAME_CHARACTERS } from './quotas.ts';

/** One thing wrong with a definition; `code` as AWS's validation names it, `NOT_MODELLED` where only this region refuses. */
export interface Problem {
  readonly code: string;
  readonly message: string;
  /** `/States/Wait/Retry[0]` */
  readonly location: string;
}

type JsonObject = { readonly [member: string]: Json };

/** Members of `$states` that a field may read: input and context everywhere, the others only after the task. */
type StatesMember = 'result' | 'errorOutput';

const JSON_PATH_FIELDS = new Set([
  ...['InputPath', 'OutputPath', 'ResultPath', 'ResultSelector', 'Parameters', 'Result', 'ItemsPath', 'SecondsPath'],
  ...['TimestampPath', 'TimeoutSecondsPath', 'HeartbeatSecondsPath', 'CausePath', 'ErrorPath', 'Variable'],
]);
/** AWS knows these, this region does not. */
const UNMODELLED_FIELDS = new Set(['Credentials', 'ProcessorConfig', 'Branches', 'ItemProcessor', 'Iterator', 'Items']);

/** Reads the members of one object of a definition, noting every problem; what was not read is refused by name. */
export class Fields {
  readonly location: string;
  readonly #object: JsonObject;
  readonly #problems: Problem[];
  readonly #read = new Set<string>();
  /** How AWS names this object inside its state: empty, `Choices[1]`, `Catch[0]`. */
  readonly #prefix: string;

  constructor(object: JsonObject, location: string, problems: Problem[], prefix = '') {
    this.location = location;
    this.#object = object;
    this.#problems = problems;
    this.#prefix = prefix;
  }

  problem(message: string, at = this.location, code = 'SCHEMA_VALIDATION_FAILED'): void {
    this.#problems.push({ code, message, location: at });
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#object, name);
  }

  raw(name: string): Json | undefined {
    this.#read.add(name);
    return this.#object[name];
  }

  string(name: string): string | undefined {
    const value = this.raw(name);
    if (value === undefined || typeof value === 'string') return value;
    this.problem('Expected value of type [STRING]', `${this.location}/${name}`);
    return undefined;
  }

  required(name: string): string {
    const value = this.string(name);
    if (value === undefined && !this.has(name)) this.problem(`The field '${name}' is required but was missing`);
    return value ?? '';
  }

  number(name: string, range: { readonly min: number; readonly max?: number; readonly integer?: boolean }) {
    const value = this.raw(name);
    if (value === undefined) return undefined;
    const max = range.max ?? Number.POSITIVE_INFINITY;
    const isRight =
      typeof value === 'number' &&
      value >= range.min &&
      value <= max &&
      (range.integer === false || Number.isInteger(value));
    if (isRight) return value;
    const kind = range.integer === false ? 'a number' : 'an integer';
    const bounds = Number.isFinite(max) ? `between ${range.min} and ${max}` : `of at least ${range.min}`;
    this.problem(`'${name}' must be ${kind} ${bounds}, but was ${JSON.stringify(value)}`, `${this.location}/${name}`);
    return undefined;
  }

  /** The objects of an array member; anything else in it is a problem. */
  objects(name: string): Fields[] {
    const value = this.raw(name);
    if (value === undefined) return [];
    if (!Array.isArray(value)) {
      this.problem('Expected value of type [ARRAY]', `${this.location}/${name}`);
      return [];
    }
    return (value as readonly Json[]).flatMap((item, index) => {
      const location = `${this.location}/${name}[${index}]`;
      if (isObject(item)) return [new Fields(item, location, this.#problems, `${name}[${index}]/`)];
      this.problem('Expected value of type [OBJECT]', location);
      return [];
    });
  }

  template(name: string, members: readonly StatesMember[] = []): Template | undefined {
    const value = this.raw(name);
    if (value === undefined) return undefined;
    return this.#template(value, `${this.#prefix}${name}`, `${this.location}/${name}`, members);
  }

  /** A member that is nothing but an expression, such as Condition. */
  expression(name: string, members: readonly StatesMember[] = []): Template | undefined {
    const template = this.template(name, members);
    if (template === undefined || template.kind === 'expression') return template;
    this.problem('Expected a JSONata expression between {% and %}', `${this.location}/${name}`);
    return undefined;
  }

  /** Output and Assign, evaluated side by side when a state is left. */
  leaving(members: readonly StatesMember[] = []): Leaving {
    const output = this.template('Output', members);
    const assign = this.assign(members);
    return { ...(output && { output }), ...(assign && { assign }) };
  }

  assign(members: readonly StatesMember[]): Template | undefined {
    const value = this.raw('Assign');
    if (value === undefined) return undefined;
    const at = `${this.location}/Assign`;
    if (!isObject(value)) {
      this.problem('Expected value of type [OBJECT]', at);
      return undefined;
    }
    for (const name of Object.keys(value)) {
      const problem = variableNameProblem(name);
      if (problem) this.problem(problem, `${at}/${name}`);
    }
    return this.#template(value, `${this.#prefix}Assign`, at, members);
  }

  #template(value: Json, field: string, location: string, members: readonly StatesMember[]): Template {
    if (typeof value === 'string') return this.#text(value, field, location, members);
    if (Array.isArray(value)) {
      const items = (value as readonly Json[]).map((item, index) =>
        this.#template(item, `${field}[${index}]`, `${location}[${index}]`, members),
      );
      return items.every((item) => item.kind === 'literal') ? { kind: 'literal', value } : { kind: 'array', items };
    }
    if (!isObject(value)) return { kind: 'literal', value };
    const entries = Object.entries(value).map(([name, member]) => {
      if (name.endsWith('.$'))
        this.problem(`The field '${name}' is JSONPath, which a JSONata state does not support`, location);
      return [name, this.#template(member, `${field}/${name}`, `${location}/${name}`, members)] as const;
    });
    if (entries.every(([, member]) => member.kind === 'literal')) return { kind: 'literal', value };
    return { kind: 'object', members: entries };
  }

  #text(text: string, field: string, location: string, members: readonly StatesMember[]): Template {
    const literal: Template = { kind: 'literal', value: text };
    const [opens, closes] = [text.startsWith('{%'), text.endsWith('%}')];
    if (!opens && !closes) {
      if (/^\s+\{%|%\}\s+$/.test(text)) this.problem('White space outside {% and %} makes this plain text', location);
      return literal;
    }
    if (!opens || !closes || text.length < 4) {
      this.problem('An expression must start with {% and end with %}', location, 'INVALID_JSONATA_EXPRESSION');
      return literal;
    }
    try {
      const expression = readExpression(text.slice(2, -2).trim());
      for (const { code, message } of expression.problems) this.problem(message, location, code);
      for (const member of expression.statesMembers) this.#checkMember(member, members, location);
      return { kind: 'expression', expression, field };
    } catch (error) {
      const { code, message } = error as { readonly code?: string; readonly message: string };
      this.problem(`${code === undefined ? '' : `${code}: `}${message}`, location, 'INVALID_JSONATA_EXPRESSION');
      return literal;
    }
  }

  #checkMember(member: string, members: readonly StatesMember[], location: string): void {
    if (['*', 'input', 'context', ...members].includes(member)) return;
    this.problem(`Field '$states.${member}' does not exist.`, location, 'UNSUPPORTED_JSONATA_EXPRESSION');
  }

  refuseUnread(): void {
    for (const name of Object.keys(this.#object)) {
      if (this.#read.has(name)) continue;
      if (JSON_PATH_FIELDS.has(name))
        this.problem(
          `The QueryLanguage is set to 'JSONata', but field '${name}' is only supported for the 'JSONPath' QueryLanguage`,
        );
      else if (UNMODELLED_FIELDS.has(name)) this.problem(`Field '${name}'`, this.location, 'NOT_MODELLED');
      else this.problem(`Field '${name}' is not supported`);
    }
  }
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function variableNameProblem(name: string): string | undefined {
  if (name === 'states') return "The variable name 'states' is reserved";
  if (!/^[\p{L}_][\p{L}\p{N}_]*$/u.test(name) || name.length > MAX_NAME_CHARACTERS)
    return `'${name}' is not a valid variable name: letters, digits and underscores, at most ${MAX_NAME_CHARACTERS}`;
  if (isFunctionName(name)) return `The variable '${name}' would hide the function '$${name}'`;
  return undefined;
}
