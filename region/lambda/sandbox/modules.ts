import { createRequire } from 'node:module';
import { posix } from 'node:path';
import { readFile, TASK_ROOT, type Code } from '../code.ts';
import { compression } from './compression.ts';
import { ownFiles } from './files.ts';
import type { Host } from './host.ts';
import { timersPromises } from './timers.ts';
import type { SandboxGlobals } from './globals.ts';

const hostRequire = createRequire(import.meta.url);

/** Modules without state or clock of their own: the real ones serve every instance. */
const SHARED = new Set([
  'assert',
  'assert/strict',
  'async_hooks',
  'buffer',
  'diagnostics_channel',
  'events',
  'path',
  'path/posix',
  'querystring',
  'stream',
  'stream/promises',
  'stream/web',
  'string_decoder',
  'url',
  'util',
  'util/types',
]);

/** Modules that bundles mention and must not use: they reach out of the sandbox. */
const REFUSED = new Set([
  'child_process',
  'cluster',
  'dgram',
  'dns',
  'dns/promises',
  'http2',
  'inspector',
  'module',
  'net',
  'readline',
  'tls',
  'v8',
  'vm',
  'worker_threads',
]);

/** The `http` and `https` whose connections end at the region's door. */
export interface HttpModules {
  readonly http: object;
  readonly https: object;
}

/** Answers the built-in modules of one sandbox; undefined for a name that Node.js does not have. */
export function builtinModules(
  host: Host,
  code: Code,
  globals: SandboxGlobals,
  openHttp: () => HttpModules,
): (name: string) => unknown {
  const files = lazily(() => ownFiles(code, host));
  const http = lazily(openHttp);
  const own: Record<string, () => unknown> = {
    fs: () => files().fs,
    'fs/promises': () => files().promises,
    http: () => http().http,
    https: () => http().https,
    crypto: () => globals.cryptoModule,
    process: () => globals.process,
    os: () => operatingSystem(host),
    tty: () => ({ isatty: () => false }),
    perf_hooks: () => ({ ...refusalsOf('perf_hooks', host), performance: globals.performance }),
    console: () => ({ ...(hostRequire('node:console') as object), ...globals.console }),
    timers: () => globals.timers,
    'timers/promises': () => timersPromises(globals.timers, host),
    zlib: () => compression(host),
  };
  const loaded = new Map<string, unknown>();
  return (name) => {
    if (SHARED.has(name)) return hostRequire(`node:${name}`) as unknown;
    if (!Object.hasOwn(own, name) && !REFUSED.has(name)) return undefined;
    if (!loaded.has(name)) loaded.set(name, own[name]?.() ?? refusalsOf(name, host));
    return loaded.get(name);
  };
}

function lazily<Result>(create: () => Result): () => Result {
  let created: Result | undefined;
  return () => (created ??= create());
}

/** A module with the members of the real one, whose functions and classes refuse; constants stay. */
function refusalsOf(name: string, host: Host): Record<string, unknown> {
  const real = hostRequire(`node:${name}`) as Record<string, unknown>;
  const names = Object.getOwnPropertyNames(real).filter((member) => member !== 'default');
  return Object.fromEntries(names.map((member) => [member, stubOf(real[member], `${name}.${member}`, host)]));
}

function stubOf(real: unknown, name: string, host: Host): unknown {
  if (typeof real !== 'function') return real;
  // A function, not an arrow: bundles extend some of these when they are loaded.
  return function refused(): never {
    return host.refuse(`${name} in a Lambda function`);
  };
}

function operatingSystem(host: Host): object {
  return {
    ...refusalsOf('os', host),
    EOL: '\n',
    arch: () => 'arm64',
    platform: () => 'linux',
    type: () => 'Linux',
    release: () => '5.10.0-amazon',
    hostname: () => '169.254.0.1',
    homedir: () => '/home/sbx_user1051',
    tmpdir: () => '/tmp',
    cpus: () => [],
  };
}

/** `require` of one instance: built-in modules, and the function's own files, each evaluated once. */
export function sandboxRequire(
  code: Code,
  builtin: (name: string) => unknown,
  evaluate: (path: string, module: { exports: unknown }, require: (name: string) => unknown) => void,
): (name: string) => unknown {
  const loaded = new Map<string, { exports: unknown }>();
  const load = (path: string): unknown => {
    const known = loaded.get(path);
    if (known !== undefined) return known.exports;
    const module = { exports: {} };
    loaded.set(path, module);
    if (path.endsWith('.json')) module.exports = JSON.parse(String(readFile(code, path))) as object;
    else evaluate(path, module, requireFrom(posix.dirname(path)));
    return module.exports;
  };
  const requireFrom = (folder: string) => (name: string) => {
    if (!/^\.{0,2}\//.test(name)) {
      const found = builtin(name.replace(/^node:/, ''));
      if (found !== undefined) return found;
      throw notFound(name);
    }
    const base = posix.relative(TASK_ROOT, posix.resolve(TASK_ROOT, folder, name));
    const path = ['', '.js', '.cjs', '.json', '/index.js']
      .map((end) => base + end)
      .find((file) => readFile(code, file));
    if (path === undefined) throw notFound(name);
    return load(path);
  };
  return requireFrom('.');
}

function notFound(name: string): Error {
  return Object.assign(new Error(`Cannot find module '${name}'`), { code: 'MODULE_NOT_FOUND' });
}
