import { printable, safeScreen } from '../../timeline/printable.ts';
import { wrapped } from './layout.ts';
import { columnsOf } from './output.ts';
import type { Terminal } from './command.ts';

/** The one way to the terminal, whichever verb it is: nothing that AWS or a person said steers it. */
export function safeTerminal({ out, err, ask, ...terminal }: Terminal): Terminal {
  const safe = (stream: Terminal['out']): Terminal['out'] => ({
    write: (text) => stream.write(safeScreen(text)),
    isTTY: stream.isTTY === true,
    // As wide as it is when somebody asks: people resize their windows.
    get columns() {
      return stream.columns;
    },
  });
  return {
    ...terminal,
    out: safe(out),
    err: safe(err),
    ...(ask && { ask: (question: string) => ask(safeScreen(question)) }),
  };
}

/** Folded for a person at a terminal only: whoever reads a log searches for whole sentences. A long word stays whole. */
export function messageLines(message: string, { err }: Terminal): string[] {
  const lines = message.split('\n').map(printable);
  return err.isTTY ? lines.flatMap((line) => wrapped(line, columnsOf(err), line.length)) : lines;
}
