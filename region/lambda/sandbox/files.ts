import fs from 'node:fs';
import { posix } from 'node:path';
import { readFile, TASK_ROOT, type Code } from '../code.ts';
import type { Host } from './host.ts';

type Callback = (error: Error | null, result?: unknown) => void;

/** `fs` that knows only the function's own files; everything else is missing, at once and without a thread pool. */
export function ownFiles(code: Code, host: Host): { fs: object; promises: object } {
  const find = (syscall: string, path: unknown): Buffer => {
    const found = readFile(code, posix.resolve(TASK_ROOT, pathText(path)));
    if (found === undefined) throw missing(syscall, pathText(path));
    // A copy: the function may write into it.
    return Buffer.from(found);
  };
  const known: Record<string, (path: unknown, ...options: unknown[]) => unknown> = {
    readFile: (path, options) => decoded(find('open', path), options),
    access: (path) => void find('access', path),
    stat: (path) => statOf(find('stat', path)),
    lstat: (path) => statOf(find('lstat', path)),
  };
  const stubs = refusals(fs, host);
  const promises: Record<string, unknown> = { ...refusals(fs.promises, host), constants: fs.constants };
  const whole: Record<string, unknown> = { ...stubs, constants: fs.constants, promises };
  whole['existsSync'] = (path: unknown) => readFile(code, posix.resolve(TASK_ROOT, pathText(path))) !== undefined;
  for (const [name, read] of Object.entries(known)) {
    whole[`${name}Sync`] = read;
    promises[name] = async (...given: [unknown]) => read(...given);
    whole[name] = withCallback(read, host);
  }
  return { fs: whole, promises };
}

function withCallback(read: (path: unknown, ...options: unknown[]) => unknown, host: Host) {
  return (path: unknown, ...given: unknown[]): void => {
    const callback = given.pop() as Callback;
    const answer = attempt(() => read(path, ...given));
    process.nextTick(() => host.enter(() => callback(answer.error, answer.result)));
  };
}

function attempt(read: () => unknown): { error: Error | null; result?: unknown } {
  try {
    return { error: null, result: read() };
  } catch (error) {
    return { error: error as Error };
  }
}

function refusals(target: object, host: Host): Record<string, unknown> {
  const names = Object.getOwnPropertyNames(target).filter((name) => name !== 'promises');
  return Object.fromEntries(names.map((name) => [name, () => host.refuse(`fs.${name} in a Lambda function`)]));
}

function decoded(file: Buffer, options: unknown): Buffer | string {
  const encoding = typeof options === 'object' ? (options as { encoding?: unknown } | null)?.encoding : options;
  return typeof encoding === 'string' ? file.toString(encoding as BufferEncoding) : file;
}

function statOf(file: Buffer): object {
  return { size: file.length, isFile: () => true, isDirectory: () => false, isSymbolicLink: () => false };
}

function missing(syscall: string, path: string): Error {
  const error = new Error(`ENOENT: no such file or directory, ${syscall} '${path}'`);
  return Object.assign(error, { errno: -2, code: 'ENOENT', syscall, path });
}

function pathText(path: unknown): string {
  return path instanceof URL ? path.pathname : String(path);
}
