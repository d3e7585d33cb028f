import type { Leaves } from './schema-walk.ts';
import { isDate } from './schema-walk.ts';
import type { Shape } from './sdk-shapes.ts';
import { dateOf } from './timestamps.ts';
import { element, escaped } from './xml.ts';

/** How timestamps and blobs are read from a form. */
export const READ: Leaves = {
  timestamp: (value) => (typeof value === 'string' ? dateOf(value) : undefined),
  blob: (value) => (typeof value === 'string' ? new Uint8Array(Buffer.from(value, 'base64')) : undefined),
};
/** How they are written into XML. */
export const WRITE: Leaves = {
  timestamp: (value) => (isDate(value) ? value.toISOString() : undefined),
  blob: (value) => (value instanceof Uint8Array ? Buffer.from(value).toString('base64') : undefined),
};

/** Writes the inside of an element; `value` has been through its schema and holds strings, numbers and booleans only. */
export function xmlOf(shape: Shape, value: unknown): string {
  if (shape.kind === 'structure') return structureXml(shape, value as Record<string, unknown>);
  if (shape.kind === 'list') {
    return (value as unknown[])
      .map((item) => element(shape.item.xmlName ?? 'member', xmlOf(shape.item.shape, item)))
      .join('');
  }
  if (shape.kind === 'map') {
    return Object.entries(value as object)
      .map(([key, inner]) => element('entry', mapEntry(shape, key, inner)))
      .join('');
  }
  return escaped(String(value));
}

function structureXml(shape: Shape & { kind: 'structure' }, value: Record<string, unknown>): string {
  return Object.entries(value)
    .map(([name, inner]) => {
      const member = shape.members.get(name);
      if (member === undefined) return element(name, escaped(String(inner)));
      const tag = member.xmlName ?? name;
      return member.isFlattened ? flattened(member.shape, tag, inner) : element(tag, xmlOf(member.shape, inner));
    })
    .join('');
}

function flattened(shape: Shape, tag: string, value: unknown): string {
  if (shape.kind === 'list')
    return (value as unknown[]).map((item) => element(tag, xmlOf(shape.item.shape, item))).join('');
  if (shape.kind !== 'map') return element(tag, xmlOf(shape, value));
  return Object.entries(value as object)
    .map(([key, inner]) => element(tag, mapEntry(shape, key, inner)))
    .join('');
}

function mapEntry(shape: Shape & { kind: 'map' }, key: string, value: unknown): string {
  return (
    element(shape.key.xmlName ?? 'key', escaped(key)) +
    element(shape.value.xmlName ?? 'value', xmlOf(shape.value.shape, value))
  );
}
