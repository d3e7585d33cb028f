import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { expect, it } from 'vitest';
import { readCorpus, readRemembered, remember } from '../../campaign/corpus.ts';
import { planOf } from '../../campaign/generate-plan.ts';
import { scratchDirectory } from '../scenario/setting.ts';

it('writes a plan that broke a rule, without the stack of what was thrown', () => {
  const directory = scratchDirectory();
  const file = remember({ why: 'end: Error: So.\n    at play (/home/me/play.ts:1:1)', plan: planOf(7) }, directory);
  expect(basename(file)).toBe('end-7.json');
  expect(readRemembered(file)).toEqual({ why: 'end: Error: So.', plan: planOf(7) });
});

it('writes no plan twice, whatever it broke and whatever its file is called', () => {
  const directory = scratchDirectory();
  const first = remember({ why: 'rest: It does not.', plan: planOf(7) }, directory);
  expect(remember({ why: 'end: Never.', plan: planOf(7) }, directory)).toBe(first);
  expect(remember({ why: 'end: Never.', plan: planOf(8) }, directory)).not.toBe(first);
  expect(readdirSync(directory)).toHaveLength(2);
  expect(readCorpus(directory).map(({ why }) => why)).toEqual(['end: Never.', 'rest: It does not.']);
});
