import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A page of the documentation. */
export interface Page {
  /** Its path below the root. */
  readonly file: string;
  readonly text: string;
}

/** A fenced block. */
export interface Block {
  readonly page: string;
  /** `sh`; empty where none is named. */
  readonly language: string;
  readonly text: string;
  /** Whether it stands between the marks of a generated part. */
  readonly isGenerated: boolean;
}

/** Code within a sentence or a table. */
export interface Code {
  readonly page: string;
  readonly text: string;
}

/** README, ARCHITECTURE, the region's README and everything below docs/. */
export const PAGES: readonly Page[] = [
  'README.md',
  'ARCHITECTURE.md',
  'region/README.md',
  ...(readdirSync('docs', { recursive: true }) as string[])
    .filter((file) => file.endsWith('.md'))
    .map((file) => join('docs', file)),
].map((file) => ({ file, text: readFileSync(file, 'utf8') }));

const FENCE = /^```(\w*)\n([\s\S]*?)^```$/gm;

/** All fenced blocks. */
export const BLOCKS: readonly Block[] = PAGES.flatMap(({ file, text }) =>
  [...text.matchAll(FENCE)].map(({ 1: language = '', 2: block = '', index }) => ({
    page: file,
    language,
    text: block,
    isGenerated: isWithinMarks(text.slice(0, index)),
  })),
);

/** All code within sentences and tables. */
export const CODES: readonly Code[] = PAGES.flatMap(({ file, text }) =>
  [...text.replace(FENCE, '').matchAll(/`([^`\n]+)`/g)].map((match) => ({ page: file, text: match[1]! })),
);

function isWithinMarks(before: string): boolean {
  return before.lastIndexOf(': generated -->') > before.lastIndexOf('<!-- /');
}
