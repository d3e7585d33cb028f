import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hunt, isAsExpected, tableOf, type Row } from '../../campaign/hunt.ts';
import type { Mutant } from '../../campaign/mutants/mutant.ts';
import { MUTANTS, mutantNamed } from '../../campaign/mutants/mutants.ts';
import { huntLines, listLines, mutantsNamed } from '../../campaign/play-mutants.ts';
import { playUntilBroken } from '../../campaign/play-until-broken.ts';
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

it('goes on after one that dies or cannot be played, and says so in its row', async () => {
  const lives = { as: 'blind spot', because: 'nobody looks.' } as const;
  const mutants = [
    { ...mutant, name: 'it-dies' },
    { ...mutant, name: 'it-is-found' },
    { ...mutant, name: 'it-throws', lives },
  ];
  const told: string[] = [];
  const onFound = ([{ name }]: Row): void => void told.push(name);
  const player = join(ROOT, 'test', 'fixtures', 'mutant-player.ts');
  const rows = await hunt(mutants, { rollouts: 1, seed: 1 }, { onFound, player });
  expect(told.sort()).toEqual(['it-dies', 'it-is-found', 'it-throws']);
  expect(rows.map(isAsExpected)).toEqual([false, true, false]);
  expect(huntLines(rows, 3).slice(2)).toEqual([
    '| `it-dies` | One is one. | **could not be played** | 0 | 0 |',
    '| `it-is-found` | One is one. | `rest` | 2 | 5 |',
    '| `it-throws` | One is one. | **could not be played** | 0 | 0 |',
    '',
    '1 of 3 mutants were found.',
    '2 could not be played.',
    'it-dies could not be played: write it otherwise, so that one.ts still runs. The process that played it ended with 7.',
    'it-throws could not be played: write it otherwise, so that one.ts still runs. Error: no such module\n    at import',
  ]);
});

it.each([
  ['begins nothing more after an interrupt', 1],
  ['leaves out what an interrupt ended', 2],
])('%s', async (_what, at) => {
  const player = join(ROOT, 'test', 'fixtures', 'mutant-player.ts');
  const mutants = ['it-is-found', 'it-dies', 'it-is-never-begun'].map((name) => ({ ...mutant, name }));
  let looks = 0;
  const isOver = (): boolean => looks++ > at;
  const rows = await hunt(mutants, { rollouts: 1, seed: 1 }, { onFound: () => undefined, isOver, jobs: 1, player });
  expect(rows.map(([{ name }]) => name)).toEqual(['it-is-found']);
  expect(huntLines(rows, 3)).toContain('Ended early: 2 more were not played to their ends.');
});

it('finds no mutant by that it cannot be synthesized', async () => {
  const broken = new Error('Build failed with 1 error');
  const played = playUntilBroken({ name: 'a-mutant', rollouts: 1, seed: 1 }, () => Promise.reject(broken), []);
  await expect(played).rejects.toBe(broken);
});

it.each([
  ['no-bkae', ['no-bake']],
  ['bake', ['no-bake', 'bake-is-skipped']],
  ['no-net-under-watch', ['no-net-under-the-watch']],
  ['xyzzy', undefined],
])('says of "%s", which is none, which are like it and how all are listed', (name, close) => {
  expect(mutantsNamed(['no-bake']).map((one) => one.name)).toEqual(['no-bake']);
  expect(mutantsNamed([])).toBe(MUTANTS);
  const like = close ? `; did you mean ${close.join(' or ')}` : '\n';
  expect(() => mutantsNamed(['no-bake', name])).toThrow(`--mutants names "${name}", which is none${like}`);
  expect(() => mutantsNamed([name])).toThrow(/\nnpm run campaign -- --mutants --list {3}names them all$/);
});

it('lists them all', () => {
  const lines = listLines();
  expect(lines).toHaveLength(MUTANTS.length);
  expect(lines.find((line) => line.startsWith('no-bake '))).toMatch(
    / {2}A steady service is watched for the bake time\.$/,
  );
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
