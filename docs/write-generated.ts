import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withBlocks } from './readme-blocks.ts';
import { sizingPicture } from './sizing-picture.ts';

const README = join(import.meta.dirname, '..', 'README.md');
writeFileSync(README, await withBlocks(readFileSync(README, 'utf8')));
writeFileSync(join(import.meta.dirname, 'sizing.svg'), sizingPicture());
