import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BUNDLED } from '../../infra/handler-table.ts';

/** A directory that is removed when the run of the tests ends. */
export function temporaryDirectory(): string {
  return mkdtempSync(join(tmpdir(), 'infra-test-'));
}

/** A directory of handlers that only say a word. */
export function standInFunctions(word = 'nothing'): string {
  const directory = temporaryDirectory();
  for (const handler of BUNDLED) {
    writeFileSync(
      join(directory, `${handler}.ts`),
      `export const handler = async (): Promise<string> => '${handler} says ${word}';`,
    );
  }
  return directory;
}
