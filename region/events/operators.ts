import { Fault, NotModelled } from '../service.ts';
import { parseWildcard } from './wildcard.ts';

/** One value of a field's array: a condition on a leaf of the event, or on its presence. */
export type ValueTest =
  | { readonly kind: 'absent' }
  | { readonly kind: 'present' }
  | { readonly kind: 'value'; readonly accepts: (leaf: unknown) => boolean };

type Accepts = (leaf: unknown) => boolean;
type Parse = (operand: unknown, field: string) => Accepts;

/** aws/event-ruler: numbers from -5.0e9 to +5.0e9. */
const NUMBER_MAX = 5_000_000_000;

const operators: Readonly<Record<string, Parse>> = {
  prefix: affix((leaf, part) => leaf.startsWith(part)),
  suffix: affix((leaf, part) => leaf.endsWith(part)),
  'equals-ignore-case': (operand, field) => {
    const folded = text(operand, field).toLowerCase();
    return ofText((leaf) => leaf.toLowerCase() === folded);
  },
  wildcard: (operand, field) => ofText(parseWildcard(text(operand, field), field)),
  numeric: parseNumeric,
  'anything-but': parseAnythingBut,
};

/** Operators that `anything-but` may be applied to. */
const NEGATABLE = ['prefix', 'suffix', 'equals-ignore-case', 'wildcard'];

/** Words that cannot be field names inside `$or`. */
export const RESERVED_WORDS: ReadonlySet<string> = new Set([...Object.keys(operators), 'exists', 'cidr']);

/** Reads one element of a field's array: a literal or an object with exactly one operator. */
export function parseValueTest(value: unknown, field: string): ValueTest {
  if (typeof value !== 'object' || value === null) return { kind: 'value', accepts: equals(value, field) };
  const [name, operand] = onlyEntry(value, field);
  if (name === 'exists') {
    if (typeof operand !== 'boolean') throw invalid(field, 'exists match pattern must be either true or false');
    return { kind: operand ? 'present' : 'absent' };
  }
  return { kind: 'value', accepts: operatorNamed(name, field)(operand, field) };
}

function operatorNamed(name: string, field: string): Parse {
  const parse = Object.hasOwn(operators, name) ? operators[name] : undefined;
  if (!parse) throw new NotModelled(`Event pattern operator ${name} (field ${field})`);
  return parse;
}

function onlyEntry(value: object, field: string): [name: string, operand: unknown] {
  const entries = Object.entries(value);
  const [entry] = entries;
  if (!entry || entries.length > 1) throw invalid(field, 'Only one key allowed in match expression');
  return entry as [string, unknown];
}

function equals(literal: unknown, field: string): Accepts {
  if (typeof literal === 'number') checkNumber(literal, field);
  return (leaf) => leaf === literal;
}

/** `prefix` and `suffix`: a string, or `{ "equals-ignore-case": … }`. */
function affix(fits: (leaf: string, part: string) => boolean): Parse {
  return (operand, field) => {
    if (typeof operand !== 'object' || operand === null) {
      const part = text(operand, field);
      return ofText((leaf) => fits(leaf, part));
    }
    const [name, inner] = onlyEntry(operand, field);
    if (name !== 'equals-ignore-case') throw invalid(field, `Unsupported expression ${name}`);
    const part = text(inner, field).toLowerCase();
    return ofText((leaf) => fits(leaf.toLowerCase(), part));
  };
}

/** Of one value, a list of values of one type, or an operator on one text or a list of texts. */
function parseAnythingBut(operand: unknown, field: string): Accepts {
  if (typeof operand === 'object' && operand !== null && !Array.isArray(operand)) {
    const [name, inner] = onlyEntry(operand, field);
    if (!NEGATABLE.includes(name))
      throw new NotModelled(`Event pattern operator anything-but ${name} (field ${field})`);
    const excluded = listOf(inner, field).map((part) => operatorNamed(name, field)(text(part, field), field));
    return (leaf) => {
      if (typeof leaf !== 'string')
        throw new NotModelled(`anything-but ${name} on a value that is not text (${field})`);
      return !excluded.some((accepts) => accepts(leaf));
    };
  }
  const values = listOf(operand, field);
  const type = typeof values[0];
  if ((type !== 'string' && type !== 'number') || values.some((value) => typeof value !== type)) {
    throw invalid(field, 'anything-but takes strings or numbers, not both');
  }
  const excluded = values.map((value) => equals(value, field));
  return (leaf) => !excluded.some((accepts) => accepts(leaf));
}

function listOf(operand: unknown, field: string): readonly unknown[] {
  const values: readonly unknown[] = Array.isArray(operand) ? operand : [operand];
  if (values.length === 0) throw invalid(field, 'Empty arrays are not allowed');
  return values;
}

/** `["=", n]`, one bound, or a lower and an upper bound, in this order. */
function parseNumeric(operand: unknown, field: string): Accepts {
  if (!Array.isArray(operand) || (operand.length !== 2 && operand.length !== 4)) {
    throw invalid(field, 'numeric takes one or two comparisons');
  }
  const [first, firstBound, second, secondBound] = operand as unknown[];
  const tests = [comparison(first, firstBound, field)];
  if (operand.length === 4) {
    const isRange = String(first).startsWith('>') && String(second).startsWith('<');
    if (!isRange) throw invalid(field, 'a numeric range is a lower bound followed by an upper bound');
    if ((firstBound as number) >= (secondBound as number)) throw invalid(field, 'Bottom must be less than top');
    tests.push(comparison(second, secondBound, field));
  }
  return (leaf) => typeof leaf === 'number' && tests.every((isWithin) => isWithin(leaf));
}

function comparison(sign: unknown, bound: unknown, field: string): (leaf: number) => boolean {
  if (typeof bound !== 'number') throw invalid(field, 'Value of numeric comparison must be numeric');
  checkNumber(bound, field);
  switch (sign) {
    case '=':
      return (leaf) => leaf === bound;
    case '<':
      return (leaf) => leaf < bound;
    case '<=':
      return (leaf) => leaf <= bound;
    case '>':
      return (leaf) => leaf > bound;
    case '>=':
      return (leaf) => leaf >= bound;
    default:
      throw invalid(field, `Unrecognized numeric range operator: ${String(sign)}`);
  }
}

function checkNumber(value: number, field: string): void {
  if (Math.abs(value) > NUMBER_MAX) throw invalid(field, `${value} is beyond ±5.0e9`);
}

function text(operand: unknown, field: string): string {
  if (typeof operand !== 'string') throw invalid(field, 'match pattern must be a string');
  if (operand === '') throw new NotModelled(`An empty operand in an event pattern (field ${field})`);
  return operand;
}

function ofText(accepts: (leaf: string) => boolean): Accepts {
  return (leaf) => typeof leaf === 'string' && accepts(leaf);
}

function invalid(field: string, reason: string): Fault {
  return new Fault('InvalidEventPatternException', `Event pattern is not valid. Reason: ${reason} (field ${field})`);
}
