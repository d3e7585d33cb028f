import type { Duplex } from 'node:stream';
import type { Random } from '../../kernel/random.ts';

/** What the stand-ins of a sandbox need from the instance that they belong to. */
export interface Host {
  /** Virtual time, milliseconds since the epoch. */
  readonly now: number;
  readonly random: Random;
  /** Virtual milliseconds since the instance was created. */
  readonly ageMs: number;
  /** Nothing that it still does leaves it. */
  readonly isDead: boolean;
  /** Runs code of the function; what it throws ends the instance as an uncaught exception would. */
  enter(callback: () => void): void;
  /** Schedules on the virtual clock; the answer cancels. */
  after(delayMs: number, callback: () => void): () => void;
  /** Counts work that the event loop holds for the instance; the answer ends it. */
  hold(): () => void;
  /** Ends the instance as `process.exit` does. */
  exit(code: number): never;
  /** Opens a connection to the region's door. */
  connect(): Duplex;
  /** Takes a line of output. */
  writeLine(line: string): void;
  /** Records that the function asked for something not modelled, and throws it. */
  refuse(what: string): never;
}
