import { parse } from 'yaml';

/** YAML, of which JSON is a part; undefined where the text is neither. */
export function documentIn(text: string): unknown {
  try {
    // Compose files merge with "<<". Tags that nobody here knows are no reason to say anything.
    return parse(text, { merge: true, logLevel: 'error' }) as unknown;
  } catch {
    return undefined;
  }
}

/** The members of what may be an object; none where it is another thing. */
export function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

/** The elements of what may be a list. */
export function elementsOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The text of a scalar; empty where it is none. */
export function textOf(value: unknown): string {
  return ['string', 'number', 'boolean'].includes(typeof value) ? String(value) : '';
}
