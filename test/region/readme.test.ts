import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { NotModelled } from '../../region/service.ts';

const ROOM = join(import.meta.dirname, '..', '..', 'region');
const README = readFileSync(join(ROOM, 'README.md'), 'utf8');
const NAMES = readdirSync(ROOM, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
const SOURCES = NAMES.map((name) => readFileSync(join(ROOM, name), 'utf8'));

const matches = (pattern: RegExp): string[] => [...README.matchAll(pattern)].map((match) => match[1]!);

it('shows code that is there', () => {
  const shown = matches(/^```typescript\n([\s\S]*?)^```/gm);
  expect(shown.length).toBeGreaterThan(0);
  expect(shown.filter((code) => !SOURCES.some((source) => source.includes(code)))).toEqual([]);
});

it('names files, folders and annotations that are there', () => {
  const places = matches(/`([\w/-]+(?:\.ts|\/))`/g);
  expect(places.length).toBeGreaterThan(4);
  const isThere = (place: string): boolean =>
    NAMES.some((name) => name === place || name.endsWith(`/${place}`) || name.startsWith(place));
  expect(places.filter((place) => !isThere(place))).toEqual([]);
  const written = new Set(SOURCES.flatMap((source) => source.match(/'rehearsal\.[a-z-]+'/g) ?? []));
  expect(new Set(matches(/`(rehearsal\.[a-z-]+)`/g).map((name) => `'${name}'`))).toEqual(written);
});

it('says how a refusal ends', () => {
  const [, end] = /which adds "([^"]+)"/.exec(README)!;
  expect(new NotModelled('x').message).toBe(`x ${end}`);
});
