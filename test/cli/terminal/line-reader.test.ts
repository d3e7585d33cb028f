import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { Interrupted } from '../../../cli/terminal/command.ts';
import { lineReader } from '../../../cli/terminal/line-reader.ts';

/** A terminal, as far as a reader can tell. */
function terminal() {
  const [input, output] = [new PassThrough(), Object.assign(new PassThrough(), { isTTY: true, columns: 80 })];
  return { input, output, ...lineReader(input, output) };
}

it('answers line after line, also those that came ahead of their questions', async () => {
  const { input, ask, close } = terminal();
  input.write('one\ntwo\n');
  expect([await ask('1? '), await ask('2? ')]).toEqual(['one', 'two']);
  close();
});

it('answers nothing once the input has ended', async () => {
  const { input, ask } = terminal();
  input.end();
  expect(await ask('1? ')).toBe(undefined);
});

it('is interrupted by Ctrl-C, and stays so', async () => {
  const { input, ask } = terminal();
  const asked = ask('1? ');
  input.write('\x03');
  await expect(asked).rejects.toThrow(Interrupted);
  await expect(ask('2? ')).rejects.toThrow('interrupted; nothing was written');
});
