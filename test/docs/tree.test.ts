import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { CODES, PAGES } from './markdown.ts';

const ROOT = readdirSync('.');
/** What looks like a folder or a file of ours. */
const NO_PATHS = new Set([
  // Stacks, with which the names of their roles begin.
  'foundation/',
  'service/',
]);

const isPath = (text: string): boolean => /^[\w.@*-]+(\/[\w.@*-]+)*\/?$/.test(text);
const looksOurs = (text: string): boolean =>
  text.endsWith('/') ||
  (text.includes('/') && ROOT.includes(text.slice(0, text.indexOf('/')))) ||
  /\.(ts|mjs|js|md|json|ya?ml|sh|svg)$/.test(text);

/** Below the root, beside the page, or, where the page tells of one room, below that. */
const isThere = (text: string, page: string): boolean =>
  ['.', dirname(page), 'region', 'functions'].some((folder) => {
    const path = join(folder, text);
    return path.includes('*') ? fits(path) : existsSync(path);
  });

/** Whether a folder has a file whose name fits the pattern. */
function fits(path: string): boolean {
  const parts = basename(path)
    .split('*')
    .map((part) => part.replaceAll('.', '\\.'));
  const pattern = new RegExp(`^${parts.join('.*')}$`);
  return existsSync(dirname(path)) && readdirSync(dirname(path)).some((name) => pattern.test(name));
}

const NAMED = CODES.filter(({ text }) => isPath(text) && looksOurs(text) && !NO_PATHS.has(text));

it('every file and folder that the documentation names is there', () => {
  expect(NAMED.length).toBeGreaterThan(30);
  expect(NAMED.filter(({ text, page }) => !isThere(text, page))).toEqual([]);
});

it('every link leads to a file, and to a heading of it', () => {
  const links = PAGES.flatMap(({ file, text }) =>
    [...text.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)].map(([, path, heading]) => ({
      file,
      path: path!,
      heading,
    })),
  );
  expect(links.length).toBeGreaterThan(20);
  expect(
    links.filter(
      ({ file, path, heading }) => !leads(join(dirname(file), path), path === '' ? file : undefined, heading),
    ),
  ).toEqual([]);
});

function leads(path: string, page: string | undefined, heading: string | undefined): boolean {
  const found = page ?? path;
  if (!existsSync(found)) return false;
  const target = PAGES.find(({ file }) => file === found);
  return heading === undefined || (target !== undefined && headingsOf(target.text).includes(heading));
}

/** As GitHub names them in addresses. */
function headingsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
    title!
      .toLowerCase()
      .replace(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  );
}

it('ARCHITECTURE’s code map names every folder of the root', () => {
  const { text } = PAGES.find(({ file }) => file === 'ARCHITECTURE.md')!;
  const map = text.slice(text.indexOf('## Code map'), text.indexOf('\n## ', text.indexOf('## Code map') + 1));
  const folders = readdirSync('.', { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  const rooms = folders.filter(
    (name) => !name.startsWith('.') && !['node_modules', 'cdk.out', 'coverage'].includes(name),
  );
  expect(rooms.length).toBeGreaterThan(8);
  expect(rooms.filter((name) => !map.includes(`\`${name}/`))).toEqual([]);
});
