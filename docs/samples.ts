/** What commands print, as the documentation shows it: they are run for it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { main } from '../cli/main.ts';

/** Lines of a long timeline that are shown at its beginning and at its end. */
const [FIRST, LAST] = [2, 6];

/** A bad push, as `rollouts rehearse` plays it; the middle of its timeline is left out. */
export async function rehearsalSample(): Promise<string> {
  const lines = (await printed(['rehearse', '--scenario', 'bad-push'])).split('\n');
  const isTimeline = (line: string): boolean => /^ +[\d.]+ s {2}\w/.test(line);
  const from = lines.findIndex(isTimeline);
  const to = lines.findLastIndex(isTimeline) + 1;
  const shown = [...lines.slice(0, from + FIRST), '        …', ...lines.slice(to - LAST)];
  return fenced('npx rollouts rehearse --scenario bad-push', shown.join('\n'));
}

/** The service of docs/sizing.svg, as `rollouts size` tells it. */
export async function sizeSample(): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'rollouts-docs-'));
  try {
    const file = join(directory, 'sample.config.mjs');
    const provision = { port: 8000, desiredCount: 2, loadBalancer: {}, scaling: { minCount: 1, maxCount: 6 } };
    const services = [{ repository: 'team/api', container: 'api', provision }];
    writeFileSync(file, `export default ${JSON.stringify({ services })};`);
    return fenced('npx rollouts size', await printed(['size', '--config', file]));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

async function printed(argv: readonly string[]): Promise<string> {
  let [out, err] = ['', ''];
  const code = await main(argv, {
    out: { write: (text) => (out += text) },
    err: { write: (text) => (err += text) },
    env: {},
    interrupted: () => new Promise(() => {}),
  });
  if (code !== 0) throw new Error(`rollouts ${argv.join(' ')} ended with ${code}: ${err}${out}`);
  return out.trimEnd();
}

function fenced(command: string, output: string): string {
  return ['```', `$ ${command}`, output, '```'].join('\n');
}
