import type { Chronicler } from './chronicler.ts';
import type { NamedFault } from './faults/named-fault.ts';

/**
 * Notes a fault that is on for so many seconds from a moment on. Its bar is as long as it acts, and its words leave that to the
 * bar: an outage of two minutes is over after two, however long it could have gone on.
 */
export function noteFault(
  chronicler: Pick<Chronicler, 'note'>,
  at: number,
  { name, title, acts = { afterSeconds: 0, lastsSeconds: Infinity, title } }: NamedFault,
  onSeconds: number,
): void {
  const { afterSeconds, lastsSeconds } = acts;
  if (afterSeconds >= onSeconds) return;
  chronicler.note(
    at + afterSeconds,
    'fault',
    `${name}: ${acts.title}`,
    Math.min(lastsSeconds, onSeconds - afterSeconds),
  );
}
