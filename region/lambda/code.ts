import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import { compileFunction } from 'node:vm';

/** Names that every module of a function sees in place of Node.js's own. */
export const SANDBOX_NAMES = [
  'exports',
  'require',
  'module',
  '__filename',
  '__dirname',
  'process',
  'global',
  'globalThis',
  'console',
  'Date',
  'Math',
  'setTimeout',
  'clearTimeout',
  'setInterval',
  'clearInterval',
  'setImmediate',
  'clearImmediate',
  'queueMicrotask',
  'performance',
  'crypto',
  'AbortSignal',
  'fetch',
  'WebSocket',
  'EventSource',
  'MessageChannel',
  'BroadcastChannel',
] as const;

/** A module, compiled once; each call of it is a fresh start with its own variables. */
export type ModuleBody = (...sandbox: unknown[]) => void;

/** Where the files of a function appear to it. */
export const TASK_ROOT = '/var/task';

/** The files of one function: a directory, as an asset has it, or a template's `ZipFile`, which CloudFormation saves as `index.js`. */
export type Code =
  { readonly kind: 'directory'; readonly directory: string } | { readonly kind: 'inline'; readonly source: string };

/** Bodies by path and content, for all regions of this Node.js process: compiling a bundle costs more than what it then does. */
const BODIES = new Map<string, ModuleBody>();

/** Their keys by code and path, so that no file is read twice. */
const KEYS = new WeakMap<Code, Map<string, string>>();

/** What was read of code whose files never change. */
const FILES = new WeakMap<Code, Map<string, Buffer | undefined>>();

/** A file by its path below `/var/task`, or undefined. */
export function readFile(code: Code, path: string): Buffer | undefined {
  const files = FILES.get(code) ?? new Map<string, Buffer | undefined>();
  FILES.set(code, files);
  if (!files.has(path)) files.set(path, read(code, path));
  return files.get(path);
}

function read(code: Code, path: string): Buffer | undefined {
  const relative = posix.relative(TASK_ROOT, posix.resolve(TASK_ROOT, path));
  if (relative.startsWith('..')) return undefined;
  if (code.kind === 'inline') return relative === 'index.js' ? Buffer.from(code.source) : undefined;
  const file = join(code.directory, relative);
  return existsSync(file) && statSync(file).isFile() ? readFileSync(file) : undefined;
}

/** The body of a CommonJS module; a `SyntaxError` of the module passes through. */
export function moduleBody(code: Code, path: string): ModuleBody {
  const keys = KEYS.get(code) ?? new Map<string, string>();
  KEYS.set(code, keys);
  const known = BODIES.get(keys.get(path) ?? '');
  if (known !== undefined) return known;
  const source = readFile(code, path) ?? Buffer.alloc(0);
  const key = `${path} ${createHash('sha256').update(source).digest('hex')}`;
  const body = BODIES.get(key) ?? compiledModule(source, posix.join(TASK_ROOT, path));
  keys.set(path, key);
  BODIES.set(key, body);
  return body;
}

/** Compiled in this realm, so that values of the function are values of ours; isolation comes from the parameters. */
export function compiledModule(source: Buffer, filename: string): ModuleBody {
  return compileFunction(source.toString('utf8').replace(/^#!.*/, ''), [...SANDBOX_NAMES], { filename }) as ModuleBody;
}
