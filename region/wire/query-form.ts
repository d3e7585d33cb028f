import { NESTING_MAX, VALUES_MAX } from '../json.ts';
import { Fault } from '../service.ts';
import type { WireRequest } from './protocol.ts';
import type { Member, Shape } from './sdk-shapes.ts';

/** What a form says, by name; throws the `Fault` of one that holds more than the region reads. */
export function formOf(request: WireRequest): URLSearchParams {
  const text = request.body.toString('utf8');
  // Every step of a name becomes an object, a dot that is escaped as well as one that is not.
  if (hasMoreThan(VALUES_MAX, text, /[&.]|%2e/gi))
    throw new Fault('MalformedInput', `the form of the request has more than ${VALUES_MAX} values`);
  return new URLSearchParams(text);
}

function hasMoreThan(limit: number, text: string, separator: RegExp): boolean {
  let count = 0;
  while (count <= limit && separator.test(text)) count++;
  return count > limit;
}

/** What the dotted names of a form make of it. */
export type Tree = { [name: string]: Tree | string };

/** `A.member.1.B=x` becomes `{ A: { member: { 1: { B: 'x' } } } }`. */
export function tree(fields: readonly (readonly [string, string])[]): Tree {
  const root = Object.create(null) as Tree;
  for (const [name, value] of fields) {
    const steps = name.split('.');
    if (steps.length > NESTING_MAX) throw malformed(`a name of ${steps.length} steps`);
    let at = root;
    for (const step of steps.slice(0, -1)) {
      const next = (at[step] ??= Object.create(null) as Tree);
      if (typeof next === 'string') throw malformed(name);
      at = next;
    }
    at[steps.at(-1)!] = value;
  }
  return root;
}

/** How a protocol spells in a form what its schema says. */
export interface FormDialect {
  wireName(name: string, member: Member): string;
  /** Items of every list stand directly below its name, whatever the schema says. */
  readonly areListsFlat: boolean;
}

/** Gives the tree of a form the types of its schema; what does not fit is left as it is, for the check to refuse. */
export function typed(
  dialect: FormDialect,
  shape: Shape,
  value: Tree | string | undefined,
  isFlattened = dialect.areListsFlat,
): unknown {
  if (shape.kind === 'number' && typeof value === 'string' && isNumeric(value)) return Number(value);
  if (shape.kind === 'boolean' && (value === 'true' || value === 'false')) return value === 'true';
  if (shape.kind === 'list' && value === '') return [];
  if (typeof value !== 'object') return value;
  if (shape.kind === 'structure') return typedStructure(dialect, shape, value);
  if (shape.kind === 'list')
    return numbered(isFlattened ? value : nested(value, shape.item.xmlName ?? 'member')).map((item) =>
      typed(dialect, shape.item.shape, item),
    );
  if (shape.kind === 'map') return typedMap(dialect, shape, isFlattened ? value : nested(value, 'entry'));
  return value;
}

function isNumeric(text: string): boolean {
  return text.trim() !== '' && !Number.isNaN(Number(text));
}

function typedStructure(
  dialect: FormDialect,
  shape: Shape & { kind: 'structure' },
  value: Tree,
): Record<string, unknown> {
  const byWireName = new Map(
    [...shape.members].map(([name, member]) => [dialect.wireName(name, member), [name, member] as const]),
  );
  const entries = Object.entries(value).map(([wireName, inner]) => {
    const [name, member] = byWireName.get(wireName) ?? [wireName, undefined];
    if (member === undefined) return [name, inner];
    return [name, typed(dialect, member.shape, inner, dialect.areListsFlat || member.isFlattened)];
  });
  return Object.fromEntries(entries) as Record<string, unknown>;
}

function typedMap(dialect: FormDialect, shape: Shape & { kind: 'map' }, value: Tree): Record<string, unknown> {
  const entries = numbered(value).map((entry) => {
    const { key, value: inner } = named(entry, shape.key, shape.value);
    return [key, typed(dialect, shape.value.shape, inner)];
  });
  return Object.fromEntries(entries) as Record<string, unknown>;
}

function named(entry: Tree | string, key: Member, value: Member): { key: Tree | string; value: Tree | string } {
  const keyName = key.xmlName ?? 'key';
  const valueName = value.xmlName ?? 'value';
  if (typeof entry === 'string' || typeof entry[keyName] !== 'string' || entry[valueName] === undefined)
    throw malformed(keyName);
  return { key: entry[keyName], value: entry[valueName] };
}

function nested(value: Tree, name: string): Tree {
  const inner = value[name];
  if (typeof inner !== 'object' || Object.keys(value).length !== 1) throw malformed(Object.keys(value).join(', '));
  return inner;
}

/** The values of `{ 1: …, 2: …, 3: … }` in order; nothing else may stand beside them. */
function numbered(value: Tree): (Tree | string)[] {
  return Object.keys(value).map((_, index) => {
    const item = value[String(index + 1)];
    if (item === undefined) throw malformed(Object.keys(value).join(', '));
    return item;
  });
}

function malformed(where: string): Fault {
  return new Fault('MalformedInput', `the form of the request cannot be read at ${where}`);
}
