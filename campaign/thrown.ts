import { inspect } from 'node:util';

/** What was thrown, with its stack and its causes below the first line, as a violation: what it struck never came to its end. */
export function thrown(during: string, error: unknown): string {
  return `end: It broke ${during}: ${inspect(error)}`;
}

/** Violations that are found, or else what was thrown while they were looked for. */
export async function foundOrThrown(during: string, find: () => Promise<string[]>): Promise<string[]> {
  try {
    return await find();
  } catch (error) {
    return [thrown(during, error)];
  }
}
