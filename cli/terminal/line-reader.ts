import { createInterface, type Interface } from 'node:readline/promises';
import { Interrupted, type Terminal } from './command.ts';

/** Puts questions on a terminal, one reader for all: lines that were pasted ahead of their questions are not lost. */
export interface LineReader {
  /** Throws {@link Interrupted} at Ctrl-C, which a reader takes from the process. */
  readonly ask: NonNullable<Terminal['ask']>;
  close(): void;
}

/** A reader that opens with its first question, as an open one keeps the process alive. */
export function lineReader(input: NodeJS.ReadableStream, output: NodeJS.WritableStream): LineReader {
  let reader: Interface | undefined;
  let lines: AsyncIterator<string> | undefined;
  let isInterrupted = false;
  const open = (): Interface => {
    reader = createInterface({ input, output });
    lines = reader[Symbol.asyncIterator]();
    reader.on('SIGINT', () => {
      isInterrupted = true;
      reader!.close();
    });
    return reader;
  };
  return {
    async ask(question) {
      if (isInterrupted) throw interruption();
      const asking = reader ?? open();
      asking.setPrompt(question);
      asking.prompt();
      const { value, done } = await lines!.next();
      if (done) output.write('\n');
      if (isInterrupted) throw interruption();
      return done ? undefined : value;
    },
    close: () => reader?.close(),
  };
}

function interruption(): Interrupted {
  return new Interrupted('interrupted; nothing was written');
}
