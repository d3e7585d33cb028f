import { Fault, NotModelled } from '../service.ts';
import { fieldsOf, isConsistent, joined, type EventFields, type Membership } from './event-fields.ts';
import { parseValueTest, RESERVED_WORDS, type ValueTest } from './operators.ts';

/**
 * A checked event pattern: one combination for each way through its `$or`s, of which one must match. As in AWS's engine
 * (aws/event-ruler), a combination is a list of fields by their dotted name, sorted by it.
 */
export type Pattern = readonly Combination[];

type Combination = readonly (readonly [name: string, tests: readonly ValueTest[]])[];
type Fields = ReadonlyMap<string, readonly ValueTest[]>;

/** EventBridge quotas, "Event pattern size". */
const PATTERN_CHARACTERS_MAX = 2_048;
/** EventBridge user guide, "Matching with OR logic". */
const COMBINATIONS_MAX = 1_000;

/**
 * Values of one event held against what the arrays before them have bound. AWS publishes no limit; two fields of 3,000 objects
 * in an array stay below this one, and with what fits into an event the region would be busy for minutes.
 */
const COMPARISONS_MAX = 10_000_000;

/** Checks a pattern as `PutRule` does; operators that the region does not know are refused. */
export function parsePattern(source: unknown): Pattern {
  const length = JSON.stringify(source).length;
  if (length > PATTERN_CHARACTERS_MAX) {
    throw invalidPattern(`${length} characters, more than ${PATTERN_CHARACTERS_MAX}`);
  }
  const combinations = parseObject([new Map()], source, [], 'the pattern');
  return combinations.map((fields) => [...fields].sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** Whether `event` matches: all fields of a combination, any of the values of each. */
export function matchesPattern(pattern: Pattern, event: Readonly<Record<string, unknown>>): boolean {
  return matchesFields(pattern, fieldsOf(event));
}

/** The same for an event whose fields were looked up before: a bus with many rules does so once for all of them. */
export function matchesFields(pattern: Pattern, fields: EventFields): boolean {
  const work = { comparisons: 0 };
  return pattern.some((combination) => matchesCombination(combination, fields, work));
}

/**
 * Goes through the names in their order. What matched in one element of an array binds what follows to that element, and so
 * absence is judged in it when a field before it, in the order of names, is of the same array; else in the whole event.
 */
function matchesCombination(combination: Combination, fields: EventFields, work: { comparisons: number }): boolean {
  let reached: readonly Membership[] = [new Map()];
  for (const [at, [name, tests]] of combination.entries()) {
    const found = fields.get(name) ?? [];
    work.comparisons += reached.length * found.length;
    if (work.comparisons > COMPARISONS_MAX) throw new NotModelled('An event with that many objects in arrays');
    const next = reached.flatMap((membership) => {
      const present = found.filter((field) => isConsistent(membership, field.membership));
      const isAbsent = present.length === 0 && tests.some(({ kind }) => kind === 'absent');
      const accepted = present.filter(({ value }) => tests.some((test) => accepts(test, value)));
      return [...(isAbsent ? [membership] : []), ...accepted.map((field) => joined(membership, field.membership))];
    });
    if (next.length === 0) return false;
    // One needs no comparing, and what it is bound to beyond what follows does no harm.
    if (next.length === 1) {
      reached = next;
      continue;
    }
    const later = combination.slice(at + 1).flatMap(([following]) => fields.get(following) ?? []);
    reached = distinct(next, new Set(later.flatMap(({ membership }) => [...membership.keys()])));
  }
  return reached.length > 0;
}

/** Memberships in the arrays that still matter, each once. */
function distinct(memberships: readonly Membership[], arrays: ReadonlySet<number>): Membership[] {
  const known = new Map<string, Membership>();
  for (const membership of memberships) {
    const kept = [...membership].filter(([array]) => arrays.has(array)).sort(([one], [other]) => one - other);
    known.set(kept.join(), new Map(kept));
  }
  return [...known.values()];
}

function accepts(test: ValueTest, value: unknown): boolean {
  return test.kind !== 'absent' && (test.kind === 'present' || test.accepts(value));
}

/** Adds the fields of an object to every combination so far. A name that stands again takes the place of the former. */
function parseObject(before: readonly Fields[], source: unknown, path: readonly string[], where: string): Fields[] {
  if (typeof source !== 'object' || source === null || Array.isArray(source)) {
    throw invalidPattern(`${where} must be an object or an array`);
  }
  const entries = Object.entries(source as Record<string, unknown>);
  if (entries.length === 0) throw invalidPattern(`Empty objects are not allowed: ${where}`);
  let combinations = [...before];
  for (const [name, condition] of entries) {
    const inner = [...path, name];
    if (name === '$or') combinations = parseAlternatives(combinations, condition, path, where);
    else if (!Array.isArray(condition)) combinations = parseObject(combinations, condition, inner, name);
    else {
      const tests = parseValues(condition, name);
      combinations = combinations.map((fields) => new Map([...fields, [inner.join('.'), tests]]));
    }
  }
  return combinations;
}

function parseValues(values: readonly unknown[], name: string): ValueTest[] {
  if (values.length === 0) throw invalidPattern(`Empty arrays are not allowed: ${name}`);
  return values.map((value) => parseValueTest(value, name));
}

/** Anything but two or more objects of ordinary fields would make `$or` an ordinary field name; we refuse that. */
function parseAlternatives(
  before: readonly Fields[],
  source: unknown,
  path: readonly string[],
  where: string,
): Fields[] {
  if (!Array.isArray(source) || source.length < 2) {
    throw new NotModelled(`$or in ${where} without an array of two or more objects`);
  }
  const combinations: Fields[] = [];
  for (const alternative of source as unknown[]) {
    const reserved = namesIn(alternative).find((name) => RESERVED_WORDS.has(name));
    if (reserved !== undefined) throw new NotModelled(`$or in ${where} over the operator ${reserved}`);
    combinations.push(...parseObject(before, alternative, path, '$or'));
    if (combinations.length > COMBINATIONS_MAX)
      throw new Fault('LimitExceededException', `Event pattern has more than ${COMBINATIONS_MAX} combinations of $or.`);
  }
  return combinations;
}

/** The names of fields at every depth. */
function namesIn(source: unknown): string[] {
  if (typeof source !== 'object' || source === null || Array.isArray(source)) return [];
  return Object.entries(source).flatMap(([name, inner]) => [name, ...namesIn(inner)]);
}

function invalidPattern(reason: string): Fault {
  return new Fault('InvalidEventPatternException', `Event pattern is not valid. Reason: ${reason}`);
}
