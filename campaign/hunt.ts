import { fork } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Found } from './found.ts';
import type { Mutant } from './mutants/mutant.ts';
import type { Play } from './play-mutant.ts';

const PLAYER = join(import.meta.dirname, 'play-mutant.ts');

/** A mutant, and what became of it. */
export type Row = readonly [Mutant, Found];

/** Plays each mutant, as many at once as there are processors to spare; the answers are in their order, and depend on nothing else. */
export async function hunt(
  mutants: readonly Mutant[],
  asked: Omit<Play, 'name'>,
  onFound: (row: Row) => void,
): Promise<Row[]> {
  const rows = new Map<Mutant, Row>();
  const left = [...mutants];
  const work = async (): Promise<void> => {
    for (let mutant = left.shift(); mutant; mutant = left.shift()) {
      const row: Row = [mutant, await playMutant({ ...asked, name: mutant.name })];
      rows.set(mutant, row);
      onFound(row);
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, availableParallelism() - 1) }, work));
  return mutants.map((mutant) => rows.get(mutant)!);
}

/** Plays one mutant in a process of its own, with the flags of this one. */
async function playMutant(asked: Play): Promise<Found> {
  const child = fork(PLAYER, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  child.send(asked);
  const [message] = (await Promise.race([once(child, 'message'), once(child, 'exit')])) as [Found | number | null];
  if (typeof message !== 'object' || message === null)
    throw new Error(`the process that played ${asked.name} ended early (${message})`);
  return message;
}

/** Whether a mutant dies, or its entry says why it lives: one that dies all the same is no blind spot any more. */
export function isAsExpected([{ lives }, { rule }]: Row): boolean {
  return (rule === undefined) === (lives !== undefined);
}

/** A table in Markdown, a row for each mutant that was played. */
export function tableOf(rows: readonly Row[]): string[] {
  return [
    '| Mutant | What no longer holds | Found by | Worlds | Rollouts |',
    '| --- | --- | --- | ---: | ---: |',
    ...rows.map(rowOf),
  ];
}

function rowOf([{ name, breaks, lives }, { rule, worlds, rollouts }]: Row): string {
  const by = rule === undefined ? (lives ? `${lives.as}: ${lives.because}` : '**survived**') : `\`${rule}\``;
  return `| \`${name}\` | ${breaks} | ${by} | ${worlds} | ${rollouts} |`;
}
