import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a folder and those that it lies in; answers the topmost that was made, undefined when there was nothing to make. Node's own
 * `recursive` never comes back from below a folder that takes no others, such as /proc.
 */
export function makeFolder(path: string): string | undefined {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return undefined;
  const parent = dirname(path);
  const topmost = existsSync(parent) ? undefined : makeFolder(parent);
  mkdirSync(path);
  return topmost ?? path;
}
