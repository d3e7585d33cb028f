import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isAsExpected, tableOf } from '../../campaign/hunt.ts';
import type { Mutant } from '../../campaign/mutants/mutant.ts';
import { MUTANTS, mutantNamed } from '../../campaign/mutants/mutants.ts';
import { faulty, plant, readFaulty } from '../../campaign/plant.ts';
import { readDefinition } from '../../infra/definition.ts';
import { parseDefinition } from '../../region/states/states.ts';
import { scratchDirectory } from '../scenario/setting.ts';

const ROOT = join(import.meta.dirname, '..', '..');

describe('every mutant', () => {
  it.each(MUTANTS)('$name applies to what stands there now', (mutant) => {
    expect(readFaulty(mutant)).not.toBe(readFileSync(join(ROOT, mutant.file), 'utf8'));
  });

  it('has a name and a sentence of its own', () => {
    expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length);
    expect(MUTANTS.filter(({ name }) => !/^[a-z]+(-[a-z]+)+$/.test(name))).toEqual([]);
    const sentences = MUTANTS.flatMap(({ breaks, lives }) => [breaks, lives?.because ?? 'It dies.']);
    expect(sentences.filter((sentence) => !/^[^|\n]+\.$/.test(sentence))).toEqual([]);
  });

  it('compiles', () => {
    const copy = copyWith(undefined);
    const written = MUTANTS.filter(({ file }) => file.endsWith('.ts')).map((mutant) => {
      // Beside the original, so that one run of the compiler is enough for all.
      const file = mutant.file.replace(/\.ts$/, `.${mutant.name}.ts`);
      writeFileSync(join(copy, file), readFaulty(mutant));
      return file;
    });
    const configuration = join(copy, 'mutants.json');
    writeFileSync(configuration, JSON.stringify({ extends: join(ROOT, 'tsconfig.json'), include: written }));
    const compiler = join(ROOT, 'node_modules', 'typescript-7', 'bin', 'tsc');
    const { stdout } = spawnSync(process.execPath, [compiler, '-p', configuration], { cwd: copy, encoding: 'utf8' });
    expect(stdout).toBe('');
  });

  it.each(MUTANTS.filter(({ file }) => file.endsWith('.yaml')))('$name is a state machine still', (mutant) => {
    const file = join(scratchDirectory(), 'rollout.asl.yaml');
    writeFileSync(file, readFaulty(mutant));
    const text = JSON.stringify(readDefinition(file)).replaceAll(/\$\{\w+\}/g, 'aws');
    expect(parseDefinition(text).startAt).toBe('Configure');
  });
});

/** Another checkout, with a mutant in it. */
function copyWith(mutant: Mutant | undefined): string {
  const copy = join(scratchDirectory(), 'copy');
  mkdirSync(copy);
  plant(mutant, copy);
  return copy;
}

const mutant: Mutant = { name: 'a-mutant', breaks: 'One is one.', file: 'one.ts', find: 'one', replace: 'two $1' };

it.each([
  ['no', 'none at all', /a-mutant does not apply: one\.ts has no times .*"one".* write in campaign\/mutants\//],
  ['2', 'one and one', /a-mutant does not apply: one\.ts has 2 times/],
])('does not apply where what it replaces stands %s times', (_times, text, message) => {
  expect(() => faulty(text.replace('none', 'nil'), mutant)).toThrow(message);
});

it('applies as it is written', () => {
  expect(faulty('at one place', mutant)).toBe('at two $1 place');
});

it('stands in a copy of its own, and nowhere else', () => {
  const planted = mutantNamed('no-bake');
  const copy = copyWith(planted);
  expect(readFileSync(join(copy, planted.file), 'utf8')).toBe(readFaulty(planted));
  expect(readFileSync(join(ROOT, planted.file), 'utf8')).toContain(planted.find);
  expect(readFileSync(join(copy, 'campaign', 'corpus.ts'), 'utf8')).toContain('readCorpus');
});

it.each([
  ['dies', undefined, 'rest', true],
  ['lives', undefined, undefined, false],
  ['lives, and may', 'blind spot', undefined, true],
  ['dies, and is called a blind spot', 'blind spot', 'rest', false],
] as const)('knows what to expect of one that %s', (_what, as, rule, isExpected) => {
  const found = { name: mutant.name, worlds: 3, rollouts: 7, cpuMs: 1, ...(rule && { rule }) };
  const entry = as ? { ...mutant, lives: { as, because: 'nobody looks.' } } : mutant;
  expect(isAsExpected([entry, found])).toBe(isExpected);
  const by = rule ? '`rest`' : as ? 'blind spot: nobody looks.' : '**survived**';
  expect(tableOf([[entry, found]]).at(-1)).toBe(`| \`a-mutant\` | One is one. | ${by} | 3 | 7 |`);
});

it('has the table in the documentation', () => {
  const rows = readFileSync(join(ROOT, 'docs', 'campaign.md'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| `'));
  for (const { name, breaks } of MUTANTS)
    expect(
      rows.some((row) => row.replaceAll(/ +/g, ' ').startsWith(`| \`${name}\` | ${breaks} |`)),
      name,
    ).toBe(true);
});
