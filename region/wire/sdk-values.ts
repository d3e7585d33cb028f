import { isDate } from './schema-walk.ts';
import type { Shape, StructureShape } from './sdk-shapes.ts';
import { travelled } from './timestamps.ts';

/**
 * Copies a value as it would come out of the SDK at the other end of a connection: members that the SDK does not know and
 * those that are not set are gone, the others stand in the order of the schema, and nothing is shared with the original.
 * What is of the wrong type is left as it is, for the check that follows.
 */
export function knownMembers(shape: Shape, value: unknown): unknown {
  switch (shape.kind) {
    case 'structure':
      return isPlain(value) ? knownStructure(shape, value) : value;
    case 'list':
      return Array.isArray(value) ? value.map((item) => orNull(shape.item.shape, item)) : value;
    case 'map':
      return isPlain(value) ? knownEntries(shape.value.shape, value) : value;
    case 'timestamp':
      return isDate(value) ? new Date(travelled(value.getTime(), shape.format)) : value;
    case 'blob':
      return bytesOf(value);
    case 'document':
      return structuredClone(value);
    default:
      return value;
  }
}

function knownStructure(shape: StructureShape, value: Record<string, unknown>): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const [name, member] of shape.members) {
    const present = value[name];
    if (present !== undefined && present !== null) copy[name] = knownMembers(member.shape, present);
  }
  return copy;
}

function knownEntries(shape: Shape, value: Record<string, unknown>): unknown {
  const entries = Object.entries(value).filter(([, present]) => present !== undefined);
  // Not by assignment: a key may be `__proto__`.
  return Object.fromEntries(entries.map(([key, present]) => [key, orNull(shape, present)]));
}

function orNull(shape: Shape, value: unknown): unknown {
  return value === null || value === undefined ? null : knownMembers(shape, value);
}

/** The SDK takes text for bytes, too. */
function bytesOf(value: unknown): unknown {
  if (typeof value === 'string') return new Uint8Array(Buffer.from(value));
  return value instanceof Uint8Array ? new Uint8Array(value) : value;
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isDate(value);
}
