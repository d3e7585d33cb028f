import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';

const PROGRAM = join(import.meta.dirname, '..', '..', 'cli', 'rollouts.mjs');

const scratch = mkdtempSync(join(tmpdir(), 'rollouts-stopping-'));
/** For all of them: what was compiled for one is there for the next. */
const TEMPORARY = join(scratch, 'temporary');
mkdirSync(TEMPORARY);
writeFileSync(
  join(scratch, 'a.config.mjs'),
  `export default { services: [{ repository: 'team/api', container: 'api' }] };`,
);
const sandbox = `'${process.execPath}' '${PROGRAM}' sandbox --port 0 --config a.config.mjs`;
writeFileSync(join(scratch, 'package.json'), JSON.stringify({ private: true, scripts: { sandbox } }));

/** What sandboxes have left behind. */
const leftovers = (): string[] => readdirSync(TEMPORARY).filter((name) => name.startsWith('rollouts-'));

interface Started {
  readonly child: ChildProcess;
  /** What was printed up to that. */
  until(pattern: RegExp): Promise<string>;
  /** Ends when nobody is left who could print anything. */
  readonly closed: Promise<void>;
}

function start(command: string, ...args: readonly string[]): Started {
  const child = spawn(command, args, {
    cwd: scratch,
    env: { ...process.env, TMPDIR: TEMPORARY },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let printed = '';
  child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  onTestFinished(async () => {
    child.kill('SIGTERM');
    await closed;
  });
  return {
    child,
    async until(pattern) {
      await expect.poll(() => printed, { timeout: 50_000 }).toMatch(pattern);
      return printed;
    },
    closed,
  };
}

const NPM = ['run', '--silent', 'sandbox'] as const;

it.each([
  ['SIGTERM', /messages\n/],
  ['SIGKILL', /synthesizing/],
] as const)(
  'a sandbox ends when the npm that started it gets %s, frees its port and leaves nothing behind',
  async (signal, at) => {
    const { child, until, closed } = start('npm', ...NPM);
    const port = /127\.0\.0\.1:(\d+)/.exec(await until(at))?.[1];
    child.kill(signal);
    await closed;
    expect(leftovers()).toEqual([]);
    if (port !== undefined) await expect(reached(Number(port))).resolves.toBe('ECONNREFUSED');
  },
);

it('a sandbox in the background of a shell ends when the shell ends it', async () => {
  const { child, until, closed } = start('sh', '-c', `npm ${NPM.join(' ')} & read now; kill $!; wait`);
  await until(/synthesizing/);
  child.stdin!.end('now\n');
  await closed;
  expect(leftovers()).toEqual([]);
});

function reached(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve('connected'));
    socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code));
    socket.unref();
  });
}
