/**
 * Names of the members in which two values differ, as paths: `containerDefinitions[api].image`. List items are told apart by
 * their `name` or `key` where they have one. Names only: values may be secrets.
 */
export function changedMembers(before: unknown, after: unknown, path = ''): string[] {
  if (isObject(before) && isObject(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return names.flatMap((name) =>
      changedMembers(before[name], after[name], path === '' ? name : memberPath(path, name, before, after)),
    );
  }
  return JSON.stringify(before) === JSON.stringify(after) ? [] : [path];
}

type Members = Readonly<Record<string, unknown>>;

function memberPath(path: string, name: string, before: Members, after: Members): string {
  if (!Array.isArray(before) && !Array.isArray(after)) return `${path}.${name}`;
  return `${path}[${nameOf(before[name]) ?? nameOf(after[name]) ?? name}]`;
}

function nameOf(item: unknown): string | undefined {
  const { name, key } = isObject(item) ? item : {};
  return typeof name === 'string' ? name : typeof key === 'string' ? key : undefined;
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null;
}
