import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bundles } from './bundles.ts';
import { readDefinition } from './definition.ts';

/** Twelve hexadecimal digits that stand for the deployed code: the flow's definition and every handler's bundle. */
export function releaseOf(bundles: Bundles, definitionFile?: string): string {
  const hash = createHash('sha256').update(JSON.stringify(readDefinition(definitionFile)));
  for (const [handler, directory] of [...bundles].sort(([one], [other]) => (one < other ? -1 : 1)))
    hash.update(handler).update(readFileSync(join(directory, 'index.js')));
  return hash.digest('hex').slice(0, 12);
}
