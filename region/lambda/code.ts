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

/** Bodies by path and content, for all regions of this Node.js process: compiling a bundle costs more than what it then does. */
const BODIES = new Map<string, ModuleBody>();

/** The files of one function. */
export class Code {
  readonly #read: (path: string) => Buffer | undefined;
  readonly #keys = new Map<string, string>();

  constructor(read: (path: string) => Buffer | undefined) {
    this.#read = read;
  }

  /** A file by its path below `/var/task`, or undefined. */
  read(path: string): Buffer | undefined {
    const relative = posix.relative(TASK_ROOT, posix.resolve(TASK_ROOT, path));
    return relative.startsWith('..') ? undefined : this.#read(relative);
  }

  /** The body of a CommonJS module; a `SyntaxError` of the module passes through. */
  body(path: string): ModuleBody {
    const known = BODIES.get(this.#keys.get(path) ?? '');
    if (known !== undefined) return known;
    const source = this.read(path) ?? Buffer.alloc(0);
    const key = `${path} ${createHash('sha256').update(source).digest('hex')}`;
    const body = BODIES.get(key) ?? compile(source, path);
    this.#keys.set(path, key);
    BODIES.set(key, body);
    return body;
  }
}

/** Compiled in this realm, so that values of the function are values of ours; isolation comes from the parameters. */
function compile(source: Buffer, path: string): ModuleBody {
  const filename = posix.join(TASK_ROOT, path);
  return compileFunction(source.toString('utf8').replace(/^#!.*/, ''), [...SANDBOX_NAMES], { filename }) as ModuleBody;
}

/** The code in a directory, as an asset of a cloud assembly has it. */
export function codeIn(directory: string): Code {
  return new Code((path) => {
    const file = join(directory, path);
    return existsSync(file) && statSync(file).isFile() ? readFileSync(file) : undefined;
  });
}

/** The code of a template's `ZipFile`: CloudFormation saves it as `index.js`. */
export function inlineCode(source: string): Code {
  const file = Buffer.from(source);
  return new Code((path) => (path === 'index.js' ? file : undefined));
}
