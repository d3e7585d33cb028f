import { Misuse, type Asked } from './command-line.ts';
import { hunt, isAsExpected, tableOf, type Row } from './hunt.ts';
import { MUTANTS } from './mutants/mutants.ts';

/** Plays faults of our own, those that are named or all, and tells of each; answers whether each that has to die does. */
export async function playMutants(names: readonly string[], { rollouts, seed }: Asked): Promise<boolean> {
  const unknown = names.find((name) => !MUTANTS.some((mutant) => mutant.name === name));
  if (unknown !== undefined)
    throw new Misuse(
      `--mutants names "${unknown}", which is none: give one of ${MUTANTS.map(({ name }) => name).join(', ')}`,
    );
  const chosen = names.length === 0 ? MUTANTS : MUTANTS.filter(({ name }) => names.includes(name));
  const rows = await hunt(chosen, { rollouts, seed }, (row) => console.error(lineOf(row)));
  const found = rows.filter(([, { rule }]) => rule !== undefined);
  const odd = rows.filter((row) => !isAsExpected(row));
  console.log(
    [...tableOf(rows), '', `${found.length} of ${rows.length} mutants were found.`, ...odd.map(remedyOf)].join('\n'),
  );
  return odd.length === 0;
}

function lineOf([{ name }, { sentence = 'lives', worlds, cpuMs }]: Row): string {
  return `${name}: ${sentence} (${worlds} worlds, ${Math.round(cpuMs / 1000)} s)`;
}

function remedyOf([{ name, lives }]: Row): string {
  return lives
    ? `${name} was found, and its entry calls it ${lives.as}: take that out of campaign/mutants/.`
    : `${name} lives: write a rule or a plan that finds it, or say in campaign/mutants/ why it may.`;
}
