import { Console } from 'node:console';
import { EventEmitter } from 'node:events';
import { format } from 'node:util';
import type { Host } from './host.ts';

/** How the log lines of `console` look, and what stands in them. */
export interface LogFormat {
  readonly format: 'Text' | 'JSON';
  /** Lines below it are dropped; only with `JSON`. */
  readonly level: LogLevel;
  /** Of the invocation that runs, or undefined during the start of an instance. */
  requestId(): string | undefined;
}

const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'] as const;
export type LogLevel = (typeof LEVELS)[number];

/** A stand-in for `process.stdout`: whole lines go to the log, each as one event. */
export function outputStream(writeLine: (line: string) => void): NodeJS.WritableStream {
  let rest = '';
  const write = (chunk: string | Uint8Array, ...given: unknown[]): boolean => {
    const lines = (rest + (typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8'))).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') writeLine(line);
    const callback = given.find((argument) => typeof argument === 'function') as ((error: null) => void) | undefined;
    if (callback !== undefined) process.nextTick(callback, null);
    return true;
  };
  const end = (): void => undefined;
  const stream = Object.assign(new EventEmitter(), { write, end, isTTY: false, writable: true, fd: 1, columns: 80 });
  return stream as unknown as NodeJS.WritableStream;
}

/** `console` as the Lambda runtime patches it ("Log and monitor Node.js Lambda functions"). */
export function patchedConsole(host: Host, out: NodeJS.WritableStream, logFormat: LogFormat): Console {
  const log =
    (level: LogLevel) =>
    (...given: unknown[]): void => {
      if (LEVELS.indexOf(level) >= LEVELS.indexOf(logFormat.level))
        host.writeLine(lineOf(level, given, host, logFormat));
    };
  return Object.assign(new Console({ stdout: out, stderr: out }), {
    trace: log('TRACE'),
    debug: log('DEBUG'),
    info: log('INFO'),
    log: log('INFO'),
    warn: log('WARN'),
    error: log('ERROR'),
  });
}

function lineOf(level: LogLevel, given: readonly unknown[], host: Host, logFormat: LogFormat): string {
  const timestamp = new Date(host.now).toISOString();
  const requestId = logFormat.requestId();
  if (logFormat.format === 'Text') return `${timestamp}\t${String(requestId)}\t${level}\t${format(...given)}`;
  const isObject = given.length === 1 && typeof given[0] === 'object' && !(given[0] instanceof Error);
  return JSON.stringify({ timestamp, level, requestId, message: isObject ? given[0] : format(...given) });
}
