/** A copy in which bytes have become base64, as DynamoDB's JSON has them. */
export function withBase64(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  return copied(value, (inner) => withBase64(inner));
}

/**
 * A copy in which the binary values of attributes (`B`, `BS`) have become bytes. Text under these names can be
 * nothing else: an attribute that happens to be called `B` holds a structure, never text.
 */
export function withBytes(value: unknown): unknown {
  return copied(value, (inner, name) => {
    if (name === 'B' && typeof inner === 'string') return bytes(inner);
    if (name === 'BS' && Array.isArray(inner) && inner.every((item) => typeof item === 'string'))
      return inner.map(bytes);
    return withBytes(inner);
  });
}

function copied(value: unknown, copy: (inner: unknown, name: string) => unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => copy(item, ''));
  if (typeof value !== 'object' || value === null) return value;
  const result: Record<string, unknown> = {};
  for (const [name, inner] of Object.entries(value)) result[name] = copy(inner, name);
  return result;
}

function bytes(base64: string): Uint8Array {
  return new Uint8Array(Buffer.from(base64, 'base64'));
}
