import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { allCommands, main } from '../../../cli/main.ts';
import { optionsOf } from '../../../cli/terminal/command.ts';
import { completionOf } from '../../../cli/terminal/completion.ts';
import { helpOf } from '../../../cli/terminal/help.ts';

/** Loaded before the tests, whose time it would take. */
const COMMANDS = await allCommands();

const scratch = mkdtempSync(join(tmpdir(), 'rollouts-completion-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

async function printed(...argv: string[]) {
  let [out, err] = ['', ''];
  const terminal = {
    out: { write: (text: string) => (out += text) },
    err: { write: (text: string) => (err += text) },
    env: {},
    interrupted: () => new Promise<void>(() => {}),
  };
  return { code: await main(argv, terminal), out, err };
}

/** What an interactive bash makes of these lines, which are typed with their TABs: the words that the program gets, a line each. */
function typed(script: string, lines: readonly string[]): Promise<string[]> {
  writeFileSync(join(scratch, 'completion.bash'), script);
  mkdirSync(join(scratch, 'folder'), { recursive: true });
  writeFileSync(join(scratch, 'my services.ts'), '');
  const shell = spawn('bash', ['--norc', '--noprofile', '-i'], {
    cwd: scratch,
    env: { PATH: process.env['PATH'], TERM: 'dumb', HISTFILE: '' },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  let out = '';
  shell.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  const program = `rollouts() { printf '<%s>' "$@"; echo; }`;
  shell.stdin.end(['source ./completion.bash', program, ...lines, 'exit', ''].join('\n'));
  return new Promise((resolve) =>
    shell.once('close', () => resolve(out.split('\n').filter((line) => /^</.test(line)))),
  );
}

describe('in a real bash, TAB', () => {
  it('completes commands, their flags, words and paths, and leaves to people what only they know', async () => {
    const { code, out } = await printed('completion', 'bash');
    expect(code).toBe(0);
    const cases: readonly (readonly [typed: string, words: string])[] = [
      ['rollouts push-\t', '<push-instructions>'],
      ['rollouts --v\t', '<--version>'],
      ['rollouts history --sta\t', '<history><--stats>'],
      ['rollouts history --stats --d\t4', '<history><--stats><--days><4>'],
      ['rollouts wait --tag 1 --time\t', '<wait><--tag><1><--timeout>'],
      ['rollouts status --he\t', '<status><--help>'],
      ['rollouts status --config my\t', '<status><--config><my services.ts>'],
      ['rollouts status --config=my\t', '<status><--config=my services.ts>'],
      ['rollouts completion fi\t', '<completion><fish>'],
      ['rollouts help rele\t', '<help><release>'],
      ['rollouts start --reason fold\t', '<start><--reason><fold>'],
      ['rollouts start --reason=fold\t', '<start><--reason=fold>'],
      ['rollouts nonsense --j\t', '<nonsense><--j>'],
    ];
    expect(
      await typed(
        out,
        cases.map(([line]) => line),
      ),
    ).toEqual(cases.map(([, words]) => words));
  }, 120_000);
});

/** How each shell is told of a flag. */
const SPELLED: Readonly<Record<string, RegExp>> = {
  bash: /(?<=--)[a-z-]+/g,
  zsh: /(?<='\*?--)[a-z-]+(?=[=[])/g,
  fish: /(?<= -l )[a-z-]+/g,
};

describe('the completion', () => {
  it.each(['bash', 'zsh', 'fish'])('for %s knows every command and every flag', async (shell) => {
    const { out } = await printed('completion', shell);
    const lines = out.split('\n');
    for (const command of COMMANDS) {
      const from = lines.findIndex((line) => line.trim() === `${command.name})`);
      const own =
        shell === 'fish'
          ? lines.filter((line) => line.includes(`__fish_seen_subcommand_from ${command.name}'`))
          : lines.slice(from, lines.indexOf('      ;;', from));
      const flags = own.join('\n').match(SPELLED[shell]!) ?? [];
      expect([command.name, [...new Set(flags)].sort()]).toEqual([
        command.name,
        [...Object.keys(optionsOf(command)), 'help'].sort(),
      ]);
    }
  });

  it('for zsh and fish survives what stands in a summary', async () => {
    const summary = "A person's [choice]: 100 %\\";
    const verb = {
      name: 'try',
      summary,
      options: { it: { type: 'string', summary } },
      document: 'none',
      run: async () => 0,
    } as const;
    const script = async (shell: string) => {
      let out = '';
      const terminal = {
        out: { write: (text: string) => (out += text) },
        err: { write() {} },
        env: {},
        interrupted: async () => {},
      };
      await completionOf(async () => [verb]).run({ shell }, terminal);
      return out;
    };
    expect(await script('zsh')).toContain(`'--it=[A person'\\''s \\[choice\\]\\: 100 %\\\\]:VALUE:'`);
    expect(await script('fish')).toContain(`-l it -x -d 'A person\\'s [choice]: 100 %\\\\'`);
  });

  it.each([
    [[], 'rollouts: completion takes one of bash, zsh, fish; see: rollouts help completion\n'],
    [['tcsh'], 'rollouts: completion takes one of bash, zsh, fish, not tcsh; see: rollouts help completion\n'],
    [
      ['bash', 'zsh'],
      'rollouts: completion takes one of bash, zsh, fish, not bash zsh; see: rollouts help completion\n',
    ],
    [['bash', '--json'], 'rollouts: completion has no flag --json; see: rollouts help completion\n'],
  ])('after %j ends in one message and exit code 2', async (words, err) => {
    expect(await printed('completion', ...words)).toEqual({ code: 2, out: '', err });
  });

  it('says in its help which shells it knows', () => {
    expect(helpOf(completionOf(() => allCommands()))).toMatch(
      /^Usage: rollouts completion bash\|zsh\|fish \[FLAGS\]\n/,
    );
  });
});

it('--version tells the version of package.json', async () => {
  expect(await printed('--version')).toEqual({
    code: 0,
    out: expect.stringMatching(/^rollouts \d+\.\d+\.\d+\n$/) as string,
    err: '',
  });
});
