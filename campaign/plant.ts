import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Mutant } from './mutants/mutant.ts';

const ROOT = join(import.meta.dirname, '..');
/** What is copied, so that it can be changed; all else of a copy is this checkout itself. */
const PRODUCT = ['configuration', 'functions', 'infra', 'state-machine'];
/** The only file of the campaign that knows the product, by which the stacks of a copy are made. */
const BRIDGE = 'assemblies.ts';

/** The text with the fault in it; throws where the place of the fault is not there, or not the only one. */
export function faulty(text: string, { name, file, find, replace }: Mutant): string {
  const times = text.split(find).length - 1;
  if (times === 1) return text.replace(find, () => replace);
  throw new Error(
    `the mutant ${name} does not apply: ${file} has ${times === 0 ? 'no' : times} times what it replaces, ${JSON.stringify(find)}; write in campaign/mutants/ what stands there now`,
  );
}

/** Reads the file of a mutant with the fault in it. */
export function readFaulty(mutant: Mutant): string {
  return faulty(readFileSync(join(ROOT, mutant.file), 'utf8'), mutant);
}

/**
 * Makes a copy of this checkout below a directory that is empty, with the fault in it where one is given; answers the file that
 * synthesizes its stacks. Who judges them is linked and stays the original.
 */
export function plant(mutant: Mutant | undefined, directory: string): string {
  const campaign = join(directory, 'campaign');
  mkdirSync(campaign, { recursive: true });
  for (const name of readdirSync(ROOT)) {
    if (PRODUCT.includes(name)) cpSync(join(ROOT, name), join(directory, name), { recursive: true });
    else if (name !== 'campaign' && !name.startsWith('.')) symlinkSync(join(ROOT, name), join(directory, name));
  }
  for (const name of readdirSync(join(ROOT, 'campaign'))) {
    if (name === BRIDGE) cpSync(join(ROOT, 'campaign', name), join(campaign, name));
    else symlinkSync(join(ROOT, 'campaign', name), join(campaign, name));
  }
  if (mutant) writeFileSync(join(directory, mutant.file), readFaulty(mutant));
  return join(campaign, BRIDGE);
}
