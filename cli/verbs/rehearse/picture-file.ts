import { existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { UsageError } from '../../terminal/command.ts';

/** Where the picture is to be written, or nowhere; throws a {@link UsageError} before anything is played or read in vain. */
export function pictureFile(file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  const path = resolve(file);
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory())
    throw new UsageError(`--html ${file} is a folder: name a file in it`);
  if (!existsSync(dirname(path)))
    throw new UsageError(`--html ${file}: there is no folder ${dirname(path)}; make it, or name another file`);
  return path;
}
