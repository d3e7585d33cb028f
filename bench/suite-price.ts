import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Measurement } from './measurement.ts';

const ROOT = join(import.meta.dirname, '..');
const SECONDS_MAX = 115;

/** What `npm test` consists of. */
const PARTS = [
  ['tests', 'npx vitest run'],
  ['types, unused code and lint', 'npm run --silent check'],
] as const;

/** What the parts keep from run to run; a fresh clone has none of it. */
const CACHES = join(ROOT, 'node_modules', '.cache');

/** Processor time of `npm test`, as in a fresh clone and once more: it depends less on what else a machine does than real time. */
export function measureSuite(): Measurement[] {
  rmSync(CACHES, { recursive: true, force: true });
  return [...measureRun('in a fresh clone'), ...measureRun('again')];
}

function measureRun(which: string): Measurement[] {
  const parts = PARTS.map(([name, command]): Measurement => ({
    name: `npm test, ${which}: processor time of ${name}`,
    value: processorSeconds(command),
    unit: 's',
  }));
  const value = parts.reduce((sum, part) => sum + part.value, 0);
  return [...parts, { name: `npm test, ${which}: processor time`, value, unit: 's', bound: SECONDS_MAX }];
}

/** Runs a command in a shell, which knows what its children and theirs have used. */
function processorSeconds(command: string): number {
  const { status, stdout } = spawnSync('sh', ['-c', `${command} 1>&2; ended=$?; times; exit $ended`], {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new Error(`${command} ended with exit code ${status}: only a suite that passes is measured`);
  return secondsOfChildren(stdout);
}

/** Of the two lines of POSIX's `times` the second is of the children: user and system time, as `1m2.34s`. */
function secondsOfChildren(times: string): number {
  const [, children = ''] = times.trim().split('\n');
  const read = [...children.matchAll(/(\d+)m([\d.]+)s/g)].map(
    ([, minutes, seconds]) => Number(minutes) * 60 + Number(seconds),
  );
  if (read.length !== 2) throw new Error(`the shell's times read ${JSON.stringify(times)}, not two lines of two times`);
  return read[0]! + read[1]!;
}
