import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { allCommands } from '../../../cli/main.ts';
import { optionsOf, type Flags, type Session, type Verb } from '../../../cli/terminal/command.ts';
import { helpOf } from '../../../cli/terminal/help.ts';
import { runCommand } from '../../../cli/terminal/run-command.ts';

interface Document {
  readonly a: number;
}

const verb = (run: Verb<Document>['run']): Verb<Document> => ({
  name: 'try',
  summary: 'Tries.',
  options: { tag: { type: 'string', summary: 'A tag.' } },
  document: { schema: z.strictObject({ a: z.number() }), describedIn: 'docs/verbs-json.md' },
  run,
});

/** Runs it with these flags; answers what was printed, and the exit code or what was thrown. */
async function ran(run: Verb<Document>['run'], flags: Flags = {}, isTTY = false) {
  let out = '';
  const terminal = {
    out: { write: (text: string) => (out += text), isTTY },
    err: { write: () => expect.unreachable() },
    env: {},
    interrupted: () => new Promise<void>(() => {}),
  };
  const code: unknown = await runCommand(verb(run), flags, terminal).catch((error: unknown) => error);
  return { out, code };
}

const telling = async (_flags: Flags, { emit, tell }: Session<Document>) => {
  emit({ kind: 'waiting' });
  tell({ document: { a: 1 }, lines: ['first'] });
  return { document: { a: 2 }, lines: ['second', 'third'], exitCode: 21 };
};

describe('what a verb answers', () => {
  it('is lines for a person, after what it said meanwhile, and its exit code', async () => {
    expect(await ran(telling)).toEqual({ out: 'Waiting for the next rollout.\nfirst\nsecond\nthird\n', code: 21 });
  });

  it('is nothing but documents with --json', async () => {
    expect(await ran(telling, { json: true })).toEqual({ out: '{\n  "a": 1\n}\n{\n  "a": 2\n}\n', code: 21 });
  });

  it('never steers the terminal, whatever AWS or a person said', async () => {
    const commanding: Verb<Document>['run'] = async (_flags, { emit }) => {
      emit({ kind: 'ended', outcome: 'ABORTED', message: 'by \u001b[31mme\u001b]0;x\u0007 \u202Egnp' });
      return { document: { a: 1, said: '\u009b2J\u2066' } as Document, lines: ['a\rb\u061c\u007f\nc'], exitCode: 0 };
    };
    expect((await ran(commanding)).out).toBe('\nby  [31mme ]0;x   gnp\na b c\n');
    const { out } = await ran(commanding, { json: true });
    expect(out).toMatch(/^[\x20-\x7e\n]+$/);
    expect(JSON.parse(out)).toEqual({ a: 1, said: '\u009b2J\u2066' });
  });

  it('brings no colours of their own into lines that go on below themselves', async () => {
    const text = `${'word '.repeat(20)}\u001b[31mred`;
    const long: Verb<Document>['run'] = async (_flags, { emit }) => {
      emit({ kind: 'happened', entry: { virtualSeconds: 1, kind: 'state', text } });
      return { document: { a: 1 }, lines: [], exitCode: 0 };
    };
    const [, below, ...end] = (await ran(long, {}, true)).out.split('\n');
    expect(below).toMatch(/^ {21}[\x20-\x7e]*\[31mred$/);
    expect(end).toEqual(['']);
  });

  it('may have been told before, document after document', async () => {
    const before: Verb<Document>['run'] = async (_flags, { tell }) => {
      tell({ document: { a: 1 }, lines: [] });
      return { document: 'told-before', exitCode: 0 };
    };
    expect(await ran(before, { json: true })).toEqual({ out: '{\n  "a": 1\n}\n', code: 0 });
    expect(await ran(before)).toEqual({ out: '', code: 0 });
  });

  it('has colours where a terminal shows them', async () => {
    const coloured: Verb<Document>['run'] = async () => ({
      document: { a: 1 },
      lines: (palette) => [palette.good('well')],
      exitCode: 0,
    });
    expect((await ran(coloured, {}, true)).out).toBe('\u001b[32mwell\u001b[0m\n');
    expect((await ran(coloured)).out).toBe('well\n');
  });

  it('wipes away what stood on the screen for the meantime, also when the run fails', async () => {
    const failed = new Error('no');
    const failing: Verb<Document>['run'] = async (_flags, { emit }) => {
      emit({ kind: 'synthesizing' });
      throw failed;
    };
    const { out, code } = await ran(failing, {}, true);
    expect([out.replaceAll(/\u001b\[\d+m/g, ''), code]).toEqual(['synthesizing the stack…\r\u001b[2K', failed]);
    expect((await ran(failing)).out).toBe('');
  });
});

it('no verb can ask whether it prints JSON', async () => {
  const given: Flags[] = [];
  const asking: Verb<Document>['run'] = async (flags) => {
    given.push(flags);
    return { document: { a: 1 }, lines: [], exitCode: 0 };
  };
  await ran(asking, { tag: 'v1', json: true });
  expect(given).toEqual([{ tag: 'v1' }]);
});

it('every verb with a document takes --json, and its help says where that is described; no other does', async () => {
  for (const command of await allCommands()) {
    const { document } = command;
    expect('json' in optionsOf(command)).toBe(document !== 'none');
    expect(helpOf(command).replaceAll(/\s+/g, ' ').includes('one JSON document')).toBe(document !== 'none');
    expect(command.options).not.toHaveProperty('json');
  }
});
