import { CONSTRAINTS } from './facts/constraints.ts';
import { ENUMS } from './facts/enums.ts';
import type { Constraint, ConstraintTable, EnumOf } from './facts/tables.ts';
import { enumValues } from './sdk-clients.ts';

/** What a member of a request must satisfy beyond its type. */
export interface Rule {
  /** The values of an enum. */
  readonly values?: readonly string[];
  /** A number that need not be whole, as all others must be. */
  readonly isFractional?: true;
  /** Of a number its range, of a text its length in characters, of a list or map its size, of a blob its bytes. */
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: Pattern;
  readonly item?: Rule;
  readonly key?: Rule;
  readonly value?: Rule;
}

/** A regular expression that the whole of a text must match. */
export interface Pattern {
  readonly text: string;
  readonly expression: RegExp;
}

/** By member. */
export type Rules = ReadonlyMap<string, Rule>;

/** A value that breaks a rule, where it stands, and the constraints that it breaks in the words of most services. */
export interface Violation {
  readonly path: string;
  readonly value: unknown;
  readonly constraints: readonly string[];
  readonly values?: readonly string[];
}

/** Longer texts match no pattern, unless their length has a bound of its own: matching must end soon, whatever comes. */
const MATCHED_CHARACTERS = 4096;

/**
 * Patterns that are ambiguous: some texts take them longer than anyone waits. Nothing is matched with them. None belongs to
 * an operation that the region answers.
 */
export const UNMATCHED_PATTERNS: ReadonlySet<string> = new Set([
  'dynamodb:S3Bucket',
  'ecr:ScanningRepositoryFilterValue',
  'ecr:SigningRepositoryFilterValue',
  'events:AuthHeaderParameters',
  'events:AuthHeaderParametersSensitive',
  'events:HeaderValue',
  'events:HeaderValueSensitive',
]);

const NONE: Rules = new Map();
const known = new Map<string, Rules>();

/** The rules of a structure's members; made when the structure first arrives. */
export function rulesOf(service: string, structure: string): Rules {
  const name = `${service}:${structure}`;
  let rules = known.get(name);
  if (rules === undefined) known.set(name, (rules = read(service, structure)));
  return rules;
}

function read(service: string, structure: string): Rules {
  const enums = ENUMS[service]?.[structure] ?? {};
  const table = CONSTRAINTS[service];
  const shapes = table?.members[structure] ?? {};
  const members = new Set([...Object.keys(enums), ...Object.keys(shapes)]);
  if (members.size === 0) return NONE;
  return new Map(
    [...members].map((member) => [
      member,
      merged(enumRule(service, enums[member]), constraintRule(service, table, shapes[member])),
    ]),
  );
}

function enumRule(service: string, of: EnumOf | undefined): Rule {
  if (of === undefined) return {};
  if (typeof of === 'string') return { values: enumValues(service, of) };
  return elements(of, (part) => enumRule(service, part));
}

function constraintRule(service: string, table: ConstraintTable | undefined, name: string | undefined): Rule {
  const of = name === undefined ? undefined : table?.shapes[name];
  if (of === undefined) return {};
  const isMatched = of.pattern !== undefined && !UNMATCHED_PATTERNS.has(`${service}:${name}`);
  return {
    ...limits(of),
    ...(isMatched ? { pattern: { text: of.pattern, expression: compiled(of.pattern) } } : {}),
    ...elements(of, (part) => constraintRule(service, table, part)),
  };
}

function limits({ isFractional, min, max }: Constraint): Rule {
  return {
    ...(isFractional && { isFractional }),
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
  };
}

const ROLES = ['item', 'key', 'value'] as const;

function elements<T>(of: { readonly [role in (typeof ROLES)[number]]?: T }, ruleOf: (part: T) => Rule): Rule {
  return Object.fromEntries(ROLES.flatMap((role) => (of[role] === undefined ? [] : [[role, ruleOf(of[role])]])));
}

function merged(one: Rule, other: Rule): Rule {
  const parts = ROLES.filter((role) => role in one || role in other);
  const elements = parts.map((role) => [role, merged(one[role] ?? {}, other[role] ?? {})]);
  return { ...one, ...other, ...Object.fromEntries(elements) };
}

/**
 * Reads a pattern as AWS wrote it, for Java: the whole text must match. Escapes that need none are an error to JavaScript in
 * its Unicode mode only, and `\p{Print}` is no property of Unicode.
 */
export function compiled(pattern: string): RegExp {
  const whole = `^(?:${pattern.replaceAll('\\p{Print}', '[\\x20-\\x7E]')})$`;
  try {
    return new RegExp(whole, 'u');
  } catch (error) {
    if (/\\[pP]\{/.test(whole)) throw error;
    return new RegExp(whole);
  }
}

/** What a value of a request breaks; nothing most of the time. Structures within lists and maps have rules of their own. */
export function check(rule: Rule, value: unknown, path: string, violations: Violation[]): void {
  const constraints = broken(rule, value);
  if (constraints.length > 0)
    violations.push({ path, value, constraints, ...(rule.values === undefined ? {} : { values: rule.values }) });
  if (rule.item !== undefined && Array.isArray(value)) checkElements(rule.item, value, '', value, path, violations);
  if (rule.key !== undefined)
    checkElements(rule.key, Object.keys(value as object), 'Map keys', value, path, violations);
  if (rule.value !== undefined)
    checkElements(rule.value, Object.values(value as object), 'Map value', value, path, violations);
}

/** Whether {@link check} would find nothing; for the many values that are as they should be. */
export function keeps(rule: Rule, value: unknown): boolean {
  if (rule.values !== undefined && !rule.values.includes(String(value))) return false;
  if (rule.max !== undefined && sizeOf(value) > rule.max) return false;
  if (rule.min !== undefined && sizeOf(value) < rule.min) return false;
  if (rule.pattern !== undefined && typeof value === 'string' && !isMatch(rule, rule.pattern, value)) return false;
  if (rule.item !== undefined && Array.isArray(value) && !keepAll(rule.item, value)) return false;
  if (rule.key !== undefined && !keepAll(rule.key, Object.keys(value as object))) return false;
  return rule.value === undefined || keepAll(rule.value, Object.values(value as object));
}

function keepAll(rule: Rule, elements: readonly unknown[]): boolean {
  for (const element of elements) if (element !== null && !keeps(rule, element)) return false;
  return true;
}

/** Elements are told by the whole that they are in, as AWS tells them. */
function checkElements(
  rule: Rule,
  elements: readonly unknown[],
  what: string,
  whole: unknown,
  path: string,
  violations: Violation[],
): void {
  if (keepAll(rule, elements)) return;
  const all = described(rule).join(', ');
  const subject = what === '' ? 'Member' : what;
  violations.push({
    path,
    value: whole,
    constraints: [`${subject} must satisfy constraint: [${all}]`],
    ...(rule.values === undefined ? {} : { values: rule.values }),
  });
}

/** The constraints that a value breaks. A text of the wrong length is not matched with a pattern. */
function broken(rule: Rule, value: unknown): string[] {
  if (rule.values !== undefined && !rule.values.includes(String(value))) return [enumText(rule.values)];
  const size = sizeOf(value);
  if (rule.max !== undefined && size > rule.max) return [maxText(rule.max, value)];
  const isShort = rule.min !== undefined && size < rule.min;
  const found = isShort ? [minText(rule.min, value)] : [];
  if (rule.pattern === undefined || typeof value !== 'string') return found;
  return isMatch(rule, rule.pattern, value) ? found : [...found, patternText(rule.pattern)];
}

function isMatch({ max }: Rule, { expression }: Pattern, text: string): boolean {
  return (max !== undefined || text.length <= MATCHED_CHARACTERS) && expression.test(text);
}

function described(rule: Rule): string[] {
  const text = '';
  return [
    ...(rule.max === undefined ? [] : [maxText(rule.max, text)]),
    ...(rule.min === undefined ? [] : [minText(rule.min, text)]),
    ...(rule.pattern === undefined ? [] : [patternText(rule.pattern)]),
    ...(rule.values === undefined ? [] : [enumText(rule.values)]),
  ];
}

function sizeOf(value: unknown): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'string' || Array.isArray(value) || value instanceof Uint8Array) return value.length;
  return typeof value === 'object' && value !== null ? Object.keys(value).length : 0;
}

function quantity(value: unknown): string {
  return typeof value === 'number' ? 'value' : 'length';
}

const minText = (min: number, value: unknown): string =>
  `Member must have ${quantity(value)} greater than or equal to ${min}`;
const maxText = (max: number, value: unknown): string =>
  `Member must have ${quantity(value)} less than or equal to ${max}`;
const patternText = ({ text }: Pattern): string => `Member must satisfy regular expression pattern: ${text}`;
const enumText = (values: readonly string[]): string => `Member must satisfy enum value set: [${values.join(', ')}]`;
