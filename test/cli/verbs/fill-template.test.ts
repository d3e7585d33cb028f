import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { fillTemplate } from '../../../cli/verbs/init/fill-template.ts';

const TEMPLATES = 'cli/verbs/init/templates';

describe('a template', () => {
  it('takes each text as it is, wherever its placeholder stands', () => {
    const texts = { NAME: '$& __OTHER__', OTHER: 'b' };
    expect(fillTemplate('a: __NAME__ # __NAME__\nb: __OTHER__', { texts, parts: {} })).toBe(
      'a: $& __OTHER__ # $& __OTHER__\nb: b',
    );
  });

  it('indents every line of a text that stands alone', () => {
    const texts = { SCRIPT: 'one\n  two' };
    expect(fillTemplate('run: |\n  __SCRIPT__\nend', { texts, parts: {} })).toBe('run: |\n  one\n    two\nend');
  });

  it('keeps a part or leaves it out, its marks always', () => {
    const template = 'a\n  # if wait\n  b\n  # end wait\nc';
    expect(fillTemplate(template, { texts: {}, parts: { wait: true } })).toBe('a\n  b\nc');
    expect(fillTemplate(template, { texts: {}, parts: { wait: false } })).toBe('a\nc');
  });

  it.each([
    ['a placeholder for which nothing is given', '__NAME__', {}, {}, 'nothing is given for the placeholder NAME'],
    ['a text that it does not ask for', 'a', { NAME: 'x' }, {}, 'the template has no placeholder NAME'],
    ['a part of which nobody says whether it is kept', '# if a\n# end a', {}, {}, 'nothing is given for the part a'],
    ['a part that it does not have', 'a', {}, { wait: true }, 'the template has no part wait'],
    [
      'a part within a part',
      '# if a\n# if b\n# end b\n# end a',
      {},
      { a: true, b: true },
      'not one after the other: # if b',
    ],
    ['an end of another part', '# if a\n# end b', {}, { a: true, b: true }, 'not one after the other: # end b'],
    ['a part without an end', '# if a', {}, { a: true }, 'part a has no end'],
  ])('refuses %s', (_, template, texts, parts, message) => {
    expect(() => fillTemplate(template, { texts: texts as Record<string, string>, parts })).toThrow(message);
  });
});

it('the workflow’s template is YAML as it stands, for editors', () => {
  expect(parse(readFileSync(join(TEMPLATES, 'push.yml'), 'utf8'))).toHaveProperty('jobs.push.steps');
});

const hasShellCheck = spawnSync('shellcheck', ['--version']).status === 0;

it.skipIf(!hasShellCheck)(
  'ShellCheck finds nothing in the scripts of the workflow (skipped where it is not installed)',
  () => {
    const scripts = readdirSync(TEMPLATES).filter((file) => file.endsWith('.sh'));
    expect(scripts.length).toBeGreaterThan(2);
    const { stdout, status } = spawnSync('shellcheck', scripts, { cwd: TEMPLATES, encoding: 'utf8' });
    expect([stdout, status]).toEqual(['', 0]);
  },
);
