import { createHash } from 'node:crypto';
import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bundles } from './bundles.ts';

/** The folder of an assembly that holds functions without the SDK, by the names of the assets that are deployed. */
const FOLDER = 'without-sdk';

/** Puts the bundle without the SDK beside every asset of an assembly that is the same function's bundle with it. */
export function writeWithoutSdk(assembly: string, deployed: Bundles, slim: Bundles): void {
  const handlers = new Map([...deployed].map(([handler, directory]) => [digestOf(directory), handler]));
  for (const asset of readdirSync(assembly)) {
    const handler = asset.startsWith('asset.') ? handlers.get(digestOf(join(assembly, asset))) : undefined;
    if (handler !== undefined) cpSync(slim.get(handler)!, join(assembly, FOLDER, asset), { recursive: true });
  }
}

/** Tells bundles apart: CDK names assets by more than their content. */
function digestOf(directory: string): string {
  const file = join(directory, 'index.js');
  return existsSync(file) ? createHash('sha256').update(readFileSync(file)).digest('hex') : '';
}
