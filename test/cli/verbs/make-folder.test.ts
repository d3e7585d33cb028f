import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeFolder } from '../../../cli/verbs/make-folder.ts';

const base = mkdtempSync(join(tmpdir(), 'make-folder-'));

it('makes a folder with those that it lies in, and answers the topmost that it made', () => {
  expect(makeFolder(join(base, 'a', 'b', 'c'))).toBe(join(base, 'a'));
  expect(makeFolder(join(base, 'a', 'b', 'c'))).toBeUndefined();
  expect(makeFolder(join(base, 'a', 'd'))).toBe(join(base, 'a', 'd'));
});

it('refuses a file, and what would lie below one', () => {
  const file = join(base, 'file');
  writeFileSync(file, '');
  expect(() => makeFolder(file)).toThrow('EEXIST');
  expect(() => makeFolder(join(file, 'below'))).toThrow('ENOTDIR');
});

it.skipIf(!existsSync('/proc/self'))('ends below a folder that takes no others', () => {
  expect(() => makeFolder('/proc/rollouts-sandbox/messages')).toThrow('ENOENT');
});
