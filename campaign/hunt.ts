import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { unplayable, type Found } from './found.ts';
import type { Mutant } from './mutants/mutant.ts';
import type { Play } from './play-until-broken.ts';
import { NODE_FLAGS } from './players.ts';

const PLAYER = join(import.meta.dirname, 'play-mutant.ts');

/** A mutant, and what became of it. */
export type Row = readonly [Mutant, Found];

export interface HuntOptions {
  /** After each mutant, whichever ends first. */
  readonly onFound: (row: Row) => void;
  /** Whether nobody wants more; those that are being played then are left out. @default never */
  readonly isOver?: () => boolean;
  /** How many are played at once. @default one for each processor; this process only waits */
  readonly jobs?: number;
  /** The module that plays one mutant. @default play-mutant.ts */
  readonly player?: string;
}

/**
 * Plays each mutant, some of them at once; the answers are in their order, and depend on nothing else. One that cannot be played has
 * a row that says so.
 */
export async function hunt(
  mutants: readonly Mutant[],
  asked: Omit<Play, 'name'>,
  { onFound, isOver = (): boolean => false, jobs = availableParallelism(), player = PLAYER }: HuntOptions,
): Promise<Row[]> {
  const rows = new Map<Mutant, Row>();
  const left = [...mutants];
  const work = async (): Promise<void> => {
    for (let mutant = left.shift(); mutant && !isOver(); mutant = left.shift()) {
      const found = await playMutant({ ...asked, name: mutant.name }, player);
      if (isOver() && found.failure !== undefined) return;
      const row: Row = [mutant, found];
      rows.set(mutant, row);
      onFound(row);
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
  return mutants.map((mutant) => rows.get(mutant)).filter((row) => row !== undefined);
}

/** Plays one mutant in a process of its own. */
function playMutant(asked: Play, player: string): Promise<Found> {
  return new Promise((found) => {
    const child = fork(player, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], execArgv: NODE_FLAGS });
    const isLost = (how: string): void =>
      found(unplayable(asked.name, `The process that played it ended with ${how}.`));
    child.once('message', (message) => found(message as Found));
    child.once('exit', (code, signal) => isLost(`${signal ?? code}`));
    child.once('error', (error) => isLost(String(error)));
    // Of one that is gone already, its end tells.
    child.send(asked, () => undefined);
  });
}

/** Whether a mutant dies, or its entry says why it lives: one that dies all the same is no blind spot any more. */
export function isAsExpected([{ lives }, { rule, failure }]: Row): boolean {
  return failure === undefined && (rule === undefined) === (lives !== undefined);
}

/** A table in Markdown, a row for each mutant that was played. */
export function tableOf(rows: readonly Row[]): string[] {
  return [
    '| Mutant | What no longer holds | Found by | Worlds | Rollouts |',
    '| --- | --- | --- | ---: | ---: |',
    ...rows.map(rowOf),
  ];
}

function rowOf(row: Row): string {
  const [{ name, breaks }, { worlds, rollouts }] = row;
  return `| \`${name}\` | ${breaks} | ${finderOf(row)} | ${worlds} | ${rollouts} |`;
}

function finderOf([{ lives }, { rule, failure }]: Row): string {
  if (failure !== undefined) return '**could not be played**';
  if (rule !== undefined) return `\`${rule}\``;
  return lives ? `${lives.as}: ${lives.because}` : '**survived**';
}
