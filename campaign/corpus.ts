import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { Misuse } from './command-line.ts';
import type { Plan } from './plan.ts';

/** Plans that broke something once: every run plays them first. */
export const CORPUS = join(import.meta.dirname, 'corpus');

/** A plan in the corpus. */
export interface Remembered {
  /** What it broke, in a sentence. */
  readonly why: string;
  readonly plan: Plan;
}

/** Every plan of the corpus, by the names of their files. */
export function readCorpus(directory: string = CORPUS): readonly Remembered[] {
  return filesOf(directory).map(readRemembered);
}

function filesOf(directory: string): string[] {
  const names = readdirSync(directory).filter((name) => name.endsWith('.json'));
  return names.sort().map((name) => join(directory, name));
}

/** One plan; throws {@link Misuse} for a file that holds none. */
export function readRemembered(file: string): Remembered {
  const remembered = readJson(file) as Partial<Remembered> | null | undefined;
  if (!Array.isArray(remembered?.plan?.steps))
    throw new Misuse(
      `${file} holds no plan: write { "why": "…", "plan": { "seed": …, "steps": […] } }, as a campaign does`,
    );
  return remembered as Remembered;
}

/** What a file holds; undefined for a folder, and for what is not JSON. */
function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Writes a plan into the corpus, unless it is there; answers its file. A stack trace, which names this machine's files, stays out. */
export function remember({ why, plan }: Remembered, directory: string = CORPUS): string {
  mkdirSync(directory, { recursive: true });
  const known = fileOf(plan, directory);
  if (known !== undefined) return known;
  const remembered: Remembered = { why: why.split('\n', 1)[0]!, plan };
  const file = join(directory, `${ruleOf(remembered.why)}-${remembered.plan.seed}.json`);
  writeFileSync(file, `${JSON.stringify(remembered, undefined, 2)}\n`);
  return file;
}

/** The file in which a plan is; undefined where it is in none. */
export function fileOf(plan: Plan, directory: string = CORPUS): string | undefined {
  return filesOf(directory).find((file) => isDeepStrictEqual(readRemembered(file).plan, plan));
}

/** The word before a violation's colon. */
export function ruleOf(violation: string): string {
  return /^[\w-]+(?=:)/.exec(violation)?.[0] ?? 'end';
}
