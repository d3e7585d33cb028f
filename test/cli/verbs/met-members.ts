import type { z } from 'zod';
import { schemaOf, type Schema } from '../../../docs/document-blocks.ts';

/**
 * What a schema promises: each member with something in it (`rollout.outcome`), null where it may be (`… null`), and left out
 * where it may be (`… absent`). An object with a name of its own begins a path, wherever it stands.
 */
export function promisesOf(schema: z.ZodType): Set<string> {
  const { $defs = {}, ...root } = schemaOf(schema);
  return new Set([
    ...promisesIn(root, ''),
    ...Object.entries($defs).flatMap(([name, shape]) => promisesIn(shape, name)),
  ]);
}

/** Which of these promises a document keeps. */
export function keptBy(schema: z.ZodType, document: unknown): Set<string> {
  const { $defs = {}, ...root } = schemaOf(schema);
  return new Set(keptIn(root, document, '', $defs));
}

function promisesIn(schema: Schema, path: string): string[] {
  const { properties = {}, required = [], items, anyOf } = schema;
  return [
    ...Object.entries(properties).flatMap(([name, member]) => [
      `${path}.${name}`,
      ...(mayBeNull(member) ? [`${path}.${name} null`] : []),
      ...(required.includes(name) ? [] : [`${path}.${name} absent`]),
      ...promisesIn(member, `${path}.${name}`),
    ]),
    ...(items ? promisesIn(items, `${path}[]`) : []),
    ...(anyOf ?? []).flatMap((choice) => promisesIn(choice, path)),
  ];
}

function keptIn(schema: Schema, value: unknown, path: string, shapes: Readonly<Record<string, Schema>>): string[] {
  const { $ref, properties, required = [], items, anyOf } = schema;
  if ($ref !== undefined) {
    const name = $ref.slice($ref.lastIndexOf('/') + 1);
    return keptIn(shapes[name]!, value, name, shapes);
  }
  if (value === null) return [`${path} null`];
  if (anyOf) return anyOf.flatMap((choice) => (fits(choice, value) ? keptIn(choice, value, path, shapes) : []));
  if (items) return (value as unknown[]).flatMap((item) => keptIn(items, item, `${path}[]`, shapes));
  return Object.entries(properties ?? {}).flatMap(([name, member]) => {
    const held = (value as Readonly<Record<string, unknown>>)[name];
    if (held === undefined) return required.includes(name) ? [] : [`${path}.${name} absent`];
    const isEmpty = held === null || (Array.isArray(held) && held.length === 0);
    return [
      ...(isEmpty ? [] : [`${path}.${name}`]),
      ...nullAt(held, `${path}.${name}`),
      ...keptIn(member, held, `${path}.${name}`, shapes),
    ];
  });
}

function nullAt(held: unknown, path: string): string[] {
  return held === null ? [`${path} null`] : [];
}

function mayBeNull({ type, anyOf = [] }: Schema): boolean {
  return [type].flat().includes('null') || anyOf.some(mayBeNull);
}

/** Whether a choice of a union is the one that the value took. */
function fits({ $ref, properties, type }: Schema, value: unknown): boolean {
  if ($ref !== undefined) return typeof value === 'object';
  if (properties) return typeof value === 'object' && Object.keys(value!).every((name) => name in properties);
  return type === (Array.isArray(value) ? 'array' : typeof value);
}
