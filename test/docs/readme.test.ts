import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { withBlocks } from '../../docs/readme-blocks.ts';

const README = readFileSync('README.md', 'utf8');

it('draws the machine and lists outcomes, states, errors and permissions as the source has them (npm run docs)', async () => {
  expect(await withBlocks(README)).toBe(README);
});

it('links to files that exist', () => {
  const links = [...README.matchAll(/\]\((?!https?:)([^)#]+)/g)].map((match) => match[1]!);
  expect(links.length).toBeGreaterThan(3);
  expect(links.filter((link) => !existsSync(link))).toEqual([]);
});
