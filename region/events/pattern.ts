import { Fault, NotModelled } from '../service.ts';
import { parseValueTest, RESERVED_WORDS, type ValueTest } from './operators.ts';

/** A checked event pattern. */
export interface Pattern {
  readonly fields: readonly (readonly [name: string, condition: Pattern | readonly ValueTest[]])[];
  /** The alternatives of each `$or`; one of each must match. */
  readonly alternatives: readonly Pattern[];
}

/** EventBridge quotas, "Event pattern size". */
const PATTERN_CHARACTERS_MAX = 2_048;

/** Checks a pattern as `PutRule` does; operators that the region does not know are refused. */
export function parsePattern(source: unknown): Pattern {
  const length = JSON.stringify(source).length;
  if (length > PATTERN_CHARACTERS_MAX) {
    throw invalidPattern(`${length} characters, more than ${PATTERN_CHARACTERS_MAX}`);
  }
  return parseObject(source, 'the pattern');
}

/** Whether `event` matches: all fields of the pattern, any of the values of each (reference: aws/event-ruler). */
export function matchesPattern(pattern: Pattern, event: Readonly<Record<string, unknown>>): boolean {
  return matchesObject(pattern, event, [], event);
}

function matchesObject(pattern: Pattern, value: unknown, path: readonly string[], event: unknown): boolean {
  // Objects in an array match one by one: all conditions must hold for the same element.
  if (Array.isArray(value)) {
    const elements: unknown[] = value.length === 0 ? [undefined] : value;
    return elements.some((element) => matchesObject(pattern, element, path, event));
  }
  const fieldsMatch = pattern.fields.every(([name, condition]) => {
    const fieldPath = [...path, name];
    const member = memberOf(value, name);
    return isPattern(condition)
      ? matchesObject(condition, member, fieldPath, event)
      : condition.some((test) => matchesTest(test, member, fieldPath, event));
  });
  const { alternatives } = pattern;
  return (
    fieldsMatch && (alternatives.length === 0 || alternatives.some((one) => matchesObject(one, value, path, event)))
  );
}

function isPattern(condition: Pattern | readonly ValueTest[]): condition is Pattern {
  return !Array.isArray(condition);
}

function matchesTest(test: ValueTest, member: unknown, path: readonly string[], event: unknown): boolean {
  // Absence is judged on the whole event, not within one element of an array.
  if (test.kind === 'absent') return leavesAt(event, path).length === 0;
  return leavesAt(member, []).some((leaf) => test.kind === 'present' || test.accepts(leaf));
}

/** The values that are neither objects nor arrays at `path`; arrays on the way and at its end are looked into. */
function leavesAt(value: unknown, path: readonly string[]): unknown[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value.flatMap((element) => leavesAt(element, path));
  const [name, ...rest] = path;
  if (name !== undefined) return leavesAt(memberOf(value, name), rest);
  return typeof value === 'object' && value !== null ? [] : [value];
}

function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, unknown>)[name];
}

function parseObject(source: unknown, where: string): Pattern {
  if (typeof source !== 'object' || source === null || Array.isArray(source)) {
    throw invalidPattern(`${where} must be an object or an array`);
  }
  const entries = Object.entries(source as Record<string, unknown>);
  if (entries.length === 0) throw invalidPattern(`Empty objects are not allowed: ${where}`);
  const fields: [string, Pattern | ValueTest[]][] = [];
  let alternatives: Pattern[] = [];
  for (const [name, condition] of entries) {
    if (name === '$or') alternatives = parseAlternatives(condition, where);
    else fields.push([name, Array.isArray(condition) ? parseValues(condition, name) : parseObject(condition, name)]);
  }
  return { fields, alternatives };
}

function parseValues(values: readonly unknown[], name: string): ValueTest[] {
  if (values.length === 0) throw invalidPattern(`Empty arrays are not allowed: ${name}`);
  return values.map((value) => parseValueTest(value, name));
}

/** Anything but two or more objects of ordinary fields would make `$or` an ordinary field name; we refuse that. */
function parseAlternatives(source: unknown, where: string): Pattern[] {
  if (!Array.isArray(source) || source.length < 2) {
    throw new NotModelled(`$or in ${where} without an array of two or more objects`);
  }
  return source.map((alternative: unknown) => {
    const reserved = Object.keys(alternative ?? {}).find((name) => RESERVED_WORDS.has(name));
    if (reserved !== undefined) throw new NotModelled(`$or in ${where} over the operator ${reserved}`);
    return parseObject(alternative, '$or');
  });
}

function invalidPattern(reason: string): Fault {
  return new Fault('InvalidEventPatternException', `Event pattern is not valid. Reason: ${reason}`);
}
