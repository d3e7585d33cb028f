import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withBlocks } from './readme-blocks.ts';

const README = join(import.meta.dirname, '..', 'README.md');
writeFileSync(README, await withBlocks(readFileSync(README, 'utf8')));
