import { check, type Rules, type Violation } from './input-rules.ts';
import type { Member, Shape, StructureShape, TimestampFormat } from './sdk-shapes.ts';

/** How one direction of one protocol writes or reads the types that JSON lacks; undefined means "not such a value". */
export interface Leaves {
  timestamp(value: unknown, format: TimestampFormat | undefined): unknown;
  blob(value: unknown): unknown;
}

/** Timestamps are `Date`s (of any realm: handlers and the region need not share theirs), blobs are bytes. */
export const AS_IS: Leaves = {
  timestamp: (value) => (isDate(value) ? value : undefined),
  blob: (value) => (value instanceof Uint8Array ? value : undefined),
};

/** One passage of a value through its schema. */
export interface Passage {
  readonly leaves: Leaves;
  /** Requests may say `null` for a member that they do not set; our own answers may not. */
  readonly isNullAbsent: boolean;
  /** Members that may appear anywhere although the schema does not know them; they pass unchanged. */
  readonly futureFields: ReadonlySet<string>;
  /** Requests: the rules beyond types, and where what breaks them is put. Our own answers have none. */
  readonly rules?: InputRules;
}

/** What a request is held against, structure by structure, and what was found. */
export interface InputRules {
  of(structure: string): Rules;
  readonly violations: Violation[];
}

/** A value that is not what its schema says. */
export class SchemaMismatch extends Error {
  override readonly name = 'SchemaMismatch';
  readonly kind: 'missing' | 'unexpected';
  readonly path: string;
  constructor(kind: 'missing' | 'unexpected', path: string, problem: string) {
    super(`${path === '' ? 'the value' : path}: ${problem}`);
    this.kind = kind;
    this.path = path;
  }
}

const MISSING = 'Member must not be null';

/** Copies `value` through `shape`: every member is checked, timestamps and blobs are converted. Throws `SchemaMismatch`. */
export function walk(shape: Shape, value: unknown, path: string, passage: Passage): unknown {
  switch (shape.kind) {
    case 'structure':
      return walkStructure(shape, value, path, passage);
    case 'list':
      return walkList(shape, value, path, passage);
    case 'map':
      return walkMap(shape, value, path, passage);
    case 'unit':
      return walkUnit(value, path);
    case 'document':
      return value;
    case 'timestamp':
      return converted(passage.leaves.timestamp(value, shape.format), 'a timestamp', value, path);
    case 'blob':
      return converted(passage.leaves.blob(value), 'a blob', value, path);
    case 'number':
    case 'bigNumber':
      if (typeof value === 'number' && Number.isFinite(value)) return value;
      throw wrongType('a number', value, path);
    default:
      if (typeof value === shape.kind) return value;
      throw wrongType(`a ${shape.kind}`, value, path);
  }
}

function walkStructure(shape: StructureShape, value: unknown, path: string, passage: Passage): unknown {
  if (!isRecord(value)) throw wrongType(`a structure (${shape.name})`, value, path);
  const copy: Record<string, unknown> = {};
  const rules = passage.rules?.of(shape.name);
  for (const name in value) {
    const present = value[name];
    if (present === undefined || (present === null && passage.isNullAbsent)) continue;
    const member = shape.members.get(name);
    if (member !== undefined) {
      copy[name] = walk(member.shape, present, below(path, name), passage);
      const rule = rules?.get(name);
      if (rules !== undefined && member.shape.kind === 'number' && rule?.isFractional !== true)
        refuseFraction(present, below(path, name));
      if (rule !== undefined) check(rule, copy[name], below(path, name), passage.rules!.violations);
    } else if (passage.futureFields.has(name)) copy[name] = present;
    else throw new SchemaMismatch('unexpected', below(path, name), `${shape.name} has no such member`);
  }
  for (const name of shape.required) {
    if (copy[name] !== undefined) continue;
    if (passage.rules === undefined) throw new SchemaMismatch('missing', below(path, name), MISSING);
    passage.rules.violations.push({ path: below(path, name), value: null, constraints: [MISSING] });
  }
  if (shape.isUnion && Object.keys(copy).length !== 1) {
    throw new SchemaMismatch('unexpected', path, `${shape.name} is a union: exactly one member must be set`);
  }
  return copy;
}

/** AWS's models tell whole numbers from others; the SDK's schemas do not. */
function refuseFraction(value: unknown, path: string): void {
  if (!Number.isInteger(value)) throw wrongType('a whole number', value, path);
}

function walkList(shape: Shape & { kind: 'list' }, value: unknown, path: string, passage: Passage): unknown {
  if (!Array.isArray(value)) throw wrongType('a list', value, path);
  return value.map((item, index) => walkElement(shape.item, shape.isSparse, item, `${path}[${index}]`, passage));
}

function walkMap(shape: Shape & { kind: 'map' }, value: unknown, path: string, passage: Passage): unknown {
  if (!isRecord(value)) throw wrongType('a map', value, path);
  const entries: [string, unknown][] = [];
  for (const key in value) {
    if (value[key] === undefined) continue;
    entries.push([key, walkElement(shape.value, shape.isSparse, value[key], below(path, key), passage)]);
  }
  // Not by assignment: a caller's key may be `__proto__`.
  return Object.fromEntries(entries);
}

function walkElement(member: Member, isSparse: boolean, value: unknown, path: string, passage: Passage): unknown {
  if (value === null && isSparse) return null;
  return walk(member.shape, value, path, passage);
}

/** An operation without input or output carries nothing; the AWS CLI sends `{}`. */
function walkUnit(value: unknown, path: string): unknown {
  if (value === undefined || (isRecord(value) && Object.keys(value).length === 0)) return {};
  throw wrongType('nothing', value, path);
}

function converted(result: unknown, expected: string, value: unknown, path: string): unknown {
  if (result === undefined) throw wrongType(expected, value, path);
  return result;
}

/** Whether `value` is a valid `Date` of any realm. */
export function isDate(value: unknown): value is Date {
  return Object.prototype.toString.call(value) === '[object Date]' && !Number.isNaN((value as Date).getTime());
}

function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  return !Array.isArray(value) && !(value instanceof Date) && !(value instanceof Uint8Array);
}

function wrongType(expected: string, value: unknown, path: string): SchemaMismatch {
  return new SchemaMismatch('unexpected', path, `expected ${expected}, got ${described(value)}`);
}

function described(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

function below(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}
