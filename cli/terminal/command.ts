import type { ParseArgsConfig } from 'node:util';

/** Where a command reads and writes; tests pass their own. */
export interface Terminal {
  /** What was asked for. */
  readonly out: { write(text: string): unknown; readonly isTTY?: boolean };
  /** Messages and errors. */
  readonly err: { write(text: string): unknown; readonly isTTY?: boolean };
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What waits and what tells ages go by. @default the machine's clock */
  readonly clock?: Clock;
  /** From now on SIGINT and SIGTERM do not end the process but resolve this promise, once. */
  interrupted(): Promise<void>;
  /** Puts a question and answers one line, or undefined when the input ended; throws {@link Interrupted}; absent without a terminal. */
  ask?(question: string): Promise<string | undefined>;
}

/** The present time and the passing of it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Ends after `ms` milliseconds, or at once when `signal` aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** A flag that may be repeated holds a list. */
export type Flags = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

/** One verb of the command line. */
export interface Command {
  readonly name: string;
  /** One sentence for `help`. */
  readonly summary: string;
  readonly options: Readonly<Record<string, Option>>;
  /** Answers the exit code; throws a {@link UsageError} for wrong flags and any other error for a failed run. */
  run(flags: Flags, terminal: Terminal): Promise<number>;
}

export interface Option {
  readonly type: NonNullable<ParseArgsConfig['options']>[string]['type'];
  /** Whether it may be repeated; its values are a list then. @default false */
  readonly multiple?: boolean;
  /** What stands for the value in `help`: `FILE`. */
  readonly placeholder?: string;
  readonly summary: string;
}

/** The command line asks for something that does not exist; exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** A person ended a question with Ctrl-C; exit code 130. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** The flag as a whole number within bounds, or the default when it is absent. */
export function wholeNumber(flags: Flags, name: string, byDefault: number, min: number, max: number): number {
  const text = flags[name];
  if (text === undefined) return byDefault;
  const number = Number(text);
  if (Number.isInteger(number) && number >= min && number <= max && String(text).trim() !== '') return number;
  throw new UsageError(`--${name} ${String(text)}: give a whole number from ${min} to ${max}`);
}
