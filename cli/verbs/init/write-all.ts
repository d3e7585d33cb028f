import { realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { makeFolder } from '../make-folder.ts';

/** A file to write. */
export interface Draft {
  readonly path: string;
  readonly text: string;
  /** What the file says now; undefined when there is none. */
  readonly old: string | undefined;
  /** What it says now stays. @default false */
  readonly isAddition?: boolean;
}

interface Staged extends Draft {
  readonly target: string;
  readonly staging: string;
  /** The topmost folder that was created for it. */
  readonly folder: string | undefined;
}

/** Writes all files or none: each beside its place first, then all are moved there; throws when one cannot be written. */
export function writeAll(drafts: readonly Draft[]): void {
  const staged: Staged[] = [];
  const moved: Staged[] = [];
  try {
    for (const draft of drafts) staged.push(stage(draft));
    for (const one of staged) {
      renameSync(one.staging, one.target);
      moved.push(one);
    }
  } catch (cause) {
    for (const one of moved) putBack(one);
    for (const one of staged) discard(one);
    throw new Error(`${refusalOf(cause)}; nothing was written`, { cause });
  }
}

function stage(draft: Draft): Staged {
  // A link stays a link: what it points to is replaced.
  const target = draft.old === undefined ? draft.path : realpathSync(draft.path);
  const folder = makeFolder(dirname(target));
  const staging = join(dirname(target), `.${basename(target)}.${process.pid}.new`);
  const staged = { ...draft, target, staging, folder };
  try {
    writeFileSync(staging, draft.text, { flag: 'wx', mode: draft.old === undefined ? 0o666 : statSync(target).mode });
  } catch (cause) {
    discard(staged);
    throw cause;
  }
  return staged;
}

function putBack({ target, old }: Staged): void {
  if (old === undefined) rmSync(target, { force: true });
  else writeFileSync(target, old);
}

function discard({ staging, folder }: Staged): void {
  rmSync(staging, { force: true });
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
}

function refusalOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
