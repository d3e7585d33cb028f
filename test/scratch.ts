import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Everything that a run of the tests writes goes below one directory, which is removed when the run ends, however it ends. */
export function setup(): () => void {
  const directory = mkdtempSync(join(tmpdir(), 'rollouts-tests-'));
  process.env['TMPDIR'] = directory;
  return () => rmSync(directory, { recursive: true, force: true });
}
