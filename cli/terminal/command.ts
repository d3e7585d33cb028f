import type { ParseArgsConfig } from 'node:util';
import type { z } from 'zod';
import type { Palette } from '../../timeline/palette.ts';
import type { Clock } from './clock.ts';
import type { Event } from './events.ts';
import type { Output } from './output.ts';

/** Where a command reads and writes; tests pass their own. */
export interface Terminal {
  /** What was asked for. */
  readonly out: Output;
  /** Messages and errors. */
  readonly err: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What waits and what tells ages go by. @default the machine's clock */
  readonly clock?: Clock;
  /** From now on SIGINT, SIGTERM and SIGHUP do not end the process but resolve this promise, once; so does the end of the npm that started it. */
  interrupted(): Promise<void>;
  /** Puts a question and answers one line, or undefined when the input ended; throws {@link Interrupted}; absent without a terminal. */
  ask?(question: string): Promise<string | undefined>;
}

/** A flag that may be repeated holds a list. */
export type Flags = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

/** One verb of the command line. */
export type Command = Verb | ScreenVerb;

interface Described {
  readonly name: string;
  /** One sentence for `help`. */
  readonly summary: string;
  readonly options: Readonly<Record<string, Option>>;
  /** The one word that it takes beside its flags. @default none */
  readonly argument?: Argument | undefined;
}

/** A word that stands for itself on the command line; it is among the flags under its name. */
interface Argument {
  readonly name: string;
  readonly choices: readonly string[];
}

/** A verb that answers: one document for machines, printed with `--json`, and lines for people. */
export interface Verb<Document = unknown> extends Described {
  readonly document: DocumentKind<Document>;
  /** Throws a {@link UsageError} for wrong flags and any other error for a failed run. */
  run(flags: Flags, session: Session<Document>): Promise<Answer<Document>>;
}

/** A verb that needs the screen itself, and has nothing to say to a machine; it answers its exit code. */
export interface ScreenVerb extends Described {
  readonly document: 'none';
  run(flags: Flags, terminal: Terminal): Promise<number>;
}

/** What a verb's documents look like, and the file that says so to people. */
export interface DocumentKind<Document = unknown> {
  readonly schema: z.ZodType<Document>;
  /** A path below the root of the checkout. */
  readonly describedIn: string;
}

/** The same, once for machines and once for people. */
export interface Told<Document> {
  readonly document: Document;
  /** Lines that need colours are made for a palette. */
  readonly lines: readonly string[] | ((palette: Palette) => readonly string[]);
}

/** What a verb ends with. */
export interface Answered<Document> extends Told<Document> {
  /** 0 as asked, 1 failed; of an awaited rollout its outcome (exit-codes.ts). */
  readonly exitCode: number;
}

/** The end of a verb that has told everything by {@link Session.tell} already. */
export interface ToldBefore {
  readonly document: 'told-before';
  readonly exitCode: number;
}

export type Answer<Document> = Answered<Document> | ToldBefore;

/** One run of a verb: what it goes by, and how it speaks before it answers. */
export interface Session<Document = unknown> extends Pick<Terminal, 'env' | 'interrupted'> {
  readonly clock: Clock;
  /** Whether somebody sees how things stand at this moment, told by `live` events, every second. @default false */
  readonly isLive?: boolean;
  /** Says what happens meanwhile: lines for a person, nothing with `--json`. */
  emit(event: Event): void;
  /** Tells one of several documents, or the one that is left when the run breaks off. */
  tell(told: Told<Document>): void;
}

export interface Option {
  readonly type: NonNullable<ParseArgsConfig['options']>[string]['type'];
  /** Whether it may be repeated; its values are a list then. @default false */
  readonly multiple?: boolean;
  /** What stands for the value in `help`: `FILE`. */
  readonly placeholder?: string;
  readonly summary: string;
}

/** The flags that a command takes: a verb that answers a document has `--json`, whatever else it has. */
export function optionsOf({ options, document }: Command): Command['options'] {
  if (document === 'none') return options;
  return {
    ...options,
    json: { type: 'boolean', summary: `Prints one JSON document instead (${document.describedIn}).` },
  };
}

/** The command line asks for something that does not exist; exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** A person ended a question with Ctrl-C; exit code 130. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** Aborts when the terminal is interrupted. */
export function signalOf(session: Pick<Terminal, 'interrupted'>): AbortSignal {
  const stop = new AbortController();
  void session.interrupted().then(() => stop.abort());
  return stop.signal;
}

/** The flag as a whole number within bounds, or the default when it is absent. */
export function wholeNumber(flags: Flags, name: string, byDefault: number, min: number, max: number): number {
  const text = flags[name];
  if (text === undefined) return byDefault;
  const number = Number(text);
  if (Number.isInteger(number) && number >= min && number <= max && String(text).trim() !== '') return number;
  throw new UsageError(`--${name} ${String(text)}: give a whole number from ${min} to ${max}`);
}
