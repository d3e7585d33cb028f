import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Measurement } from './measurement.ts';

const ROOT = join(import.meta.dirname, '..');
const SECONDS_MAX = 10;
const PEAK_MB_MAX = 300;

/** Runs what `npm start` runs in a process of its own: wall time and that process's peak of resident memory. */
export function measureStart(scratch: string): Measurement[] {
  const peakFile = join(scratch, 'peak');
  const preload = pathToFileURL(join(import.meta.dirname, 'write-peak.mjs')).href;
  const startedAt = performance.now();
  const { status } = spawnSync(process.execPath, ['--import', preload, ...startArguments()], {
    cwd: ROOT,
    env: { ...process.env, PEAK_FILE: peakFile, NODE_OPTIONS: '' },
    stdio: 'ignore',
  });
  const seconds = (performance.now() - startedAt) / 1000;
  if (status !== 0) throw new Error(`npm start ended with exit code ${status}`);
  return [
    { name: 'npm start, wall time', value: seconds, unit: 's', bound: SECONDS_MAX },
    {
      name: 'npm start, peak of resident memory',
      value: Number(readFileSync(peakFile, 'utf8')) / 1024,
      unit: 'MB',
      bound: PEAK_MB_MAX,
    },
  ];
}

/** The arguments that `npm start` gives to Node.js. */
function startArguments(): string[] {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: { start: string } };
  const [command, ...parameters] = scripts.start.split(' ');
  if (command !== 'node') throw new Error(`npm start runs ${command}, not node: teach this benchmark to start it`);
  return parameters;
}
