import { types } from 'node:util';

const PLAIN = [Object.prototype, Map.prototype, Set.prototype, Array.prototype, null];

/** Paths below `value` of what is no plain data: functions, symbols, instances of classes. At most the first ten. */
export function notPlain(value: unknown, path = 'state', seen = new Set<unknown>()): string[] {
  if (typeof value === 'function' || typeof value === 'symbol') return [`${path} is a ${typeof value}`];
  if (typeof value !== 'object' || value === null || seen.has(value)) return [];
  seen.add(value);
  if (types.isDate(value) || ArrayBuffer.isView(value)) return [];
  const prototype: unknown = Object.getPrototypeOf(value);
  if (!PLAIN.includes(prototype as object)) return [`${path} is a ${value.constructor.name}`];
  return membersOf(value)
    .flatMap(([name, member]) => notPlain(member, `${path}.${name}`, seen))
    .slice(0, 10);
}

function membersOf(value: object): [name: string, member: unknown][] {
  if (value instanceof Map)
    return [...(value as Map<unknown, unknown>)].flatMap(([key, member]): [string, unknown][] => [
      [`key ${String(key)}`, key],
      [String(key), member],
    ]);
  if (value instanceof Set) return [...(value as Set<unknown>)].map((member, index) => [String(index), member]);
  return Reflect.ownKeys(value).map((name) => [String(name), (value as Record<string | symbol, unknown>)[name]]);
}
