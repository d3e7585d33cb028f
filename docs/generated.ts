/** Everything that is generated: `npm run docs` writes it, a test compares it with the source. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { configurationReference } from './configuration-reference.ts';
import { documentBlocks } from './document-blocks.ts';
import { withBlocks } from './markdown.ts';
import { readmeBlocks } from './readme-blocks.ts';
import { regionBlocks } from './region-blocks.ts';
import { sizeSample } from './samples.ts';
import { sizingPicture } from './sizing-picture.ts';
import { enumFacts } from './wire-facts.ts';

type Blocks = Readonly<Record<string, string>>;

/** Generated files by their path below the root of the checkout, each made when it is asked for. */
export const GENERATED: Readonly<Record<string, () => Promise<string>>> = {
  'README.md': async () => withBlocks(current('README.md'), await readmeBlocks()),
  'docs/configuration.md': async () => configurationReference(),
  'region/README.md': () => Promise.resolve(withBlocks(current('region/README.md'), regionBlocks())),
  'region/wire/facts/enums.ts': () => Promise.resolve(enumFacts()),
  'docs/verbs-json.md': () => withDocuments('docs/verbs-json.md'),
  'docs/rehearse-json.md': () => withDocuments('docs/rehearse-json.md'),
  'docs/sizing.md': async () => withDocuments('docs/sizing.md', { sample: await sizeSample() }),
  'docs/sizing.svg': async () => sizingPicture(),
};

async function withDocuments(file: string, others: Blocks = {}): Promise<string> {
  return withBlocks(current(file), { ...(await documentBlocks(file)), ...others });
}

function current(file: string): string {
  return readFileSync(join(import.meta.dirname, '..', file), 'utf8');
}
