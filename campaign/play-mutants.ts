import { alignedColumns } from '../timeline/aligned-columns.ts';
import { Misuse, type Asked } from './command-line.ts';
import { hunt, isAsExpected, tableOf, type Row } from './hunt.ts';
import { alike } from './alike.ts';
import { followInterrupts } from './interrupts.ts';
import type { Mutant } from './mutants/mutant.ts';
import { MUTANTS } from './mutants/mutants.ts';

/** Plays faults of our own, those that are named or all, and tells of each; answers whether each that has to die does. */
export async function playMutants(names: readonly string[], { rollouts, seed }: Asked): Promise<boolean> {
  const chosen = mutantsNamed(names);
  const isOver = followInterrupts(() => console.error('Ending with those that were found.'));
  const onFound = (row: Row): void => console.error(lineOf(row));
  const rows = await hunt(chosen, { rollouts, seed }, { onFound, isOver });
  console.log(['', ...huntLines(rows, chosen.length)].join('\n'));
  return !isOver() && rows.every(isAsExpected);
}

/** Those of these names, none for all; throws {@link Misuse} for a name that is none. */
export function mutantsNamed(names: readonly string[]): readonly Mutant[] {
  const known = MUTANTS.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return names.length === 0 ? MUTANTS : MUTANTS.filter(({ name }) => names.includes(name));
  const close = alike(unknown, known);
  throw new Misuse(
    [
      `--mutants names "${unknown}", which is none${close.length > 0 ? `; did you mean ${close.join(' or ')}?` : ''}`,
      'npm run campaign -- --mutants --list   names them all',
    ].join('\n'),
  );
}

/** Every mutant, with what no longer holds. */
export function listLines(): string[] {
  return alignedColumns(
    MUTANTS.map(({ name, breaks }) => [name, breaks]),
    [],
  );
}

/** The table of those that were played, of so many, and what is to be done. */
export function huntLines(rows: readonly Row[], of: number): string[] {
  const count = (isIn: (row: Row) => boolean): number => rows.filter(isIn).length;
  const failed = count(([, { failure }]) => failure !== undefined);
  return [
    ...tableOf(rows),
    '',
    `${count(([, { rule }]) => rule !== undefined)} of ${rows.length} mutants were found.`,
    ...(failed > 0 ? [`${failed} could not be played.`] : []),
    ...(rows.length < of ? [`Ended early: ${of - rows.length} more were not played to their ends.`] : []),
    ...rows.filter((row) => !isAsExpected(row)).map(remedyOf),
  ];
}

function lineOf([{ name }, { sentence = 'lives', failure, worlds, cpuMs }]: Row): string {
  if (failure !== undefined) return `${name} could not be played: ${failure}`;
  return `${name}: ${sentence} (${worlds} worlds, ${Math.round(cpuMs / 1000)} s)`;
}

function remedyOf([{ name, file, lives }, { failure }]: Row): string {
  if (failure !== undefined)
    return `${name} could not be played: write it otherwise, so that ${file} still runs. ${failure}`;
  return lives
    ? `${name} was found, and its entry calls it ${lives.as}: take that out of campaign/mutants/.`
    : `${name} lives: write a rule or a plan that finds it, or say in campaign/mutants/ why it may.`;
}
