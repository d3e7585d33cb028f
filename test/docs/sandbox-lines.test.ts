import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { BLOCKS } from './markdown.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const scratch = mkdtempSync(join(tmpdir(), 'rollouts-readme-'));

/** Where programs are found: beside a stand-in for the AWS CLI where there is none. */
function programs(): string {
  const path = process.env['PATH'] ?? '';
  if (spawnSync('aws', ['--version'], { stdio: 'ignore' }).status === 0) return path;
  const directory = join(scratch, 'bin');
  mkdirSync(directory);
  const aws = join(directory, 'aws');
  const standIn = join(ROOT, 'test', 'fixtures', 'aws-stand-in.js');
  writeFileSync(aws, `#!/bin/sh\nexec '${process.execPath}' '${standIn}' "$@"\n`);
  chmodSync(aws, 0o755);
  return `${directory}${delimiter}${path}`;
}

function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** What a shell says to lines that are pasted into it, and what it ends with. */
function pasted(
  lines: readonly string[],
): Promise<{ readonly code: number | null; readonly out: string; readonly err: string }> {
  const { AWS_PROFILE: _, ...env } = process.env;
  const shell = spawn('sh', ['-s'], {
    cwd: ROOT,
    env: { ...env, PATH: programs(), AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    stdio: 'pipe',
  });
  onTestFinished(() => void shell.kill());
  const said = { out: '', err: '' };
  shell.stdout.on('data', (chunk: Buffer) => (said.out += chunk.toString()));
  shell.stderr.on('data', (chunk: Buffer) => (said.err += chunk.toString()));
  shell.stdin.end(`${lines.join('\n')}\n`);
  return new Promise((resolve) => shell.once('close', (code) => resolve({ code, ...said })));
}

it(
  "README's lines for the sandbox work one after the other, as fast as a shell takes them, and the last ends it",
  { timeout: 180_000 },
  async () => {
    const { text } = BLOCKS.find(({ page, text }) => page === 'README.md' && text.includes('rollouts sandbox'))!;
    const port = await freePort();
    const directory = join(scratch, 'sandbox');
    // Its port and its folder may be somebody's here.
    const lines = text
      .trim()
      .replace('rollouts sandbox', `rollouts sandbox --port ${port}`)
      .replaceAll(':4566', `:${port}`)
      .replaceAll(/(?<=--directory |-e |file:\/\/)sandbox/g, directory)
      .split('\n');
    expect(lines.filter((line) => line.includes('#'))).toEqual([]);

    // Whoever pastes sees where something fails; a shell that reads a file has to be told to stop there.
    const { code, out, err } = await pasted(['set -e', ...lines, 'wait || true']);

    expect(code, err).toBe(0);
    expect(err.replaceAll(/^.*\bTerminated\b.*\n/gm, '')).toBe('');
    expect(out).toContain(`The simulated region answers at http://127.0.0.1:${port}`);
    expect(out).toMatch(/"imageTag": "1"/);
    expect(out).toMatch(/ ended {3}SUCCEEDED\n/);
    expect(out).toMatch(
      /"Value": "\d{12}\.dkr\.ecr\.us-east-1\.amazonaws\.com\/reflectance-datacube-processor@sha256:/,
    );
  },
);
