import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { BUNDLED } from '../../infra/handler-names.ts';

/** A directory that is removed when the test file ends. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'infra-test-'));
  temporary.push(directory);
  return directory;
}

const temporary: string[] = [];
afterAll(() => temporary.forEach((directory) => rmSync(directory, { recursive: true, force: true })));

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
