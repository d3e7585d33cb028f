import { EventEmitter } from 'node:events';
import { TASK_ROOT } from '../code.ts';
import type { Host } from './host.ts';

/** What the nodejs24.x runtime says of itself, whatever Node.js the region runs on. */
const NODE_VERSION = '24.11.0';

/** A stand-in for `process`: own environment, virtual clock, captured output, an exit that ends only the instance. */
export function sandboxProcess(host: Host, env: Record<string, string>, out: NodeJS.WritableStream): object {
  const hrtime = Object.assign((since?: [number, number]) => elapsed(host.ageMs, since), {
    bigint: () => BigInt(Math.round(host.ageMs * 1e6)),
  });
  const refuse = (name: string) => (): never => host.refuse(`process.${name} in a Lambda function`);
  return Object.assign(new EventEmitter(), {
    ...identity,
    env,
    stdout: out,
    stderr: out,
    hrtime,
    uptime: () => host.ageMs / 1000,
    nextTick: (callback: (...given: unknown[]) => void, ...given: unknown[]) =>
      process.nextTick(() => host.enter(() => callback(...given))),
    cwd: () => TASK_ROOT,
    memoryUsage: Object.assign(() => MEMORY, { rss: () => MEMORY.rss }),
    cpuUsage: () => ({ user: 0, system: 0 }),
    // Warnings are for whoever runs Node.js (here: that the SDK will drop Node.js 20), not for the function.
    emitWarning: () => undefined,
    exit: (code?: number) => host.exit(code ?? 0),
    abort: () => host.exit(134),
    kill: refuse('kill'),
    chdir: refuse('chdir'),
    binding: refuse('binding'),
  });
}

/** Constant: real figures would differ from run to run. */
const MEMORY = { rss: 90e6, heapTotal: 40e6, heapUsed: 30e6, external: 3e6, arrayBuffers: 1e5 };

const identity = {
  argv: ['/var/lang/bin/node', '/var/runtime/index.mjs'],
  argv0: 'node',
  execArgv: [],
  execPath: '/var/lang/bin/node',
  title: 'node',
  pid: 2,
  ppid: 1,
  platform: 'linux',
  arch: 'arm64',
  version: `v${NODE_VERSION}`,
  versions: { ...process.versions, node: NODE_VERSION },
  release: { name: 'node', lts: 'Krypton' },
  features: process.features,
  config: process.config,
  exitCode: undefined,
};

function elapsed(ageMs: number, since: [number, number] = [0, 0]): [number, number] {
  const nanoseconds = Math.round(ageMs * 1e6) - (since[0] * 1e9 + since[1]);
  return [Math.floor(nanoseconds / 1e9), nanoseconds % 1e9];
}
