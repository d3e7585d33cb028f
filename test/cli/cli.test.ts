import { describe, expect, it } from 'vitest';
import type { Terminal } from '../../cli/terminal/command.ts';
import { main } from '../../cli/main.ts';
import { nearest } from '../../cli/terminal/nearest.ts';
import { FAULTS } from '../../rehearsal/faults/catalogue.ts';

interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function run(...argv: string[]): Promise<Run> {
  return await runAt({}, ...argv);
}

async function runAt(err: { readonly isTTY?: boolean }, ...argv: string[]): Promise<Run> {
  let [out, told] = ['', ''];
  const terminal: Terminal = {
    out: { write: (text) => (out += text) },
    err: { write: (text) => (told += text), ...err },
    env: {},
    interrupted: () => new Promise(() => {}),
  };
  return { code: await main(argv, terminal), out, err: told };
}

it('says an error without what would steer the terminal', async () => {
  const { code, err } = await run('\u001b]0;title\u0007\u202estatus');
  expect(code).toBe(2);
  expect(err).toMatch(/^rollouts: there is no command " ]0;title {1,2}status"[\x20-\x7e]*\n$/);
});

describe('help', () => {
  it.each([[[]], [['help']], [['--help']]])('is what %j gets', async (argv) => {
    const { code, out } = await run(...argv);
    expect(code).toBe(0);
    expect(out).toContain('Usage: rollouts COMMAND');
    expect(out).toContain('rehearse');
    expect(out).toContain('sandbox');
  });

  it.each([[['help', 'sandbox']], [['sandbox', '--help']]])('of one command is what %j gets', async (argv) => {
    const { code, out } = await run(...argv);
    expect(code).toBe(0);
    expect(out).toContain('--port N');
    expect(out).not.toContain('--scenario');
  });
});

describe('a command line that asks for what does not exist', () => {
  it.each([
    ['an unknown verb', ['rehears'], 'rollouts: there is no command "rehears"; did you mean "rehearse"?\n'],
    ['a verb like none', ['deploy'], 'rollouts: there is no command "deploy"; see: rollouts help\n'],
    [
      'an unknown flag',
      ['rehearse', '--scenaro', 'x'],
      'rollouts: rehearse has no flag --scenaro; did you mean --scenario?\n',
    ],
    [
      'an unknown flag with a value',
      ['sandbox', '--prot=1'],
      'rollouts: sandbox has no flag --prot=1; did you mean --port?\n',
    ],
    [
      'a flag like none',
      ['rehearse', '--wait'],
      'rollouts: rehearse has no flag --wait; see: rollouts help rehearse\n',
    ],
    [
      'a flag without its value',
      ['rehearse', '--scenario'],
      "rollouts: rehearse: Option '--scenario <value>' argument missing; see: rollouts help rehearse\n",
    ],
    [
      'a stray argument',
      ['rehearse', 'good-push'],
      'rollouts: rehearse takes flags only, not good-push; see: rollouts help rehearse\n',
    ],
    [
      'an unknown scenario',
      ['rehearse', '--scenario', 'good-posh'],
      'rollouts: there is no scenario "good-posh"; did you mean "good-push"?\n',
    ],
    [
      'an unknown fault',
      ['rehearse', '--fault', 'stale-read'],
      'rollouts: there is no fault "stale-read"; did you mean "stale-reads"?\n',
    ],
    [
      'a seed that is no number',
      ['rehearse', '--seed', 'x'],
      'rollouts: --seed x: give a whole number from 0 to 4294967295\n',
    ],
    [
      'a port out of range',
      ['sandbox', '--port', '70000'],
      'rollouts: --port 70000: give a whole number from 0 to 65535\n',
    ],
    ['a limit below zero', ['history', '--limit', '-1'], 'rollouts: --limit -1: give a whole number from 1 to 10000\n'],
    [
      'a flag that is given twice',
      ['start', '--tag', '1', '--tag', '2'],
      'rollouts: --tag is given twice; start takes it once\n',
    ],
    [
      'a flag that is given empty',
      ['status', '--config='],
      'rollouts: --config is empty: give FILE, or leave it out\n',
    ],
    [
      'an empty flag that is its own argument',
      ['history', '--rollout', ''],
      'rollouts: --rollout is empty: give ID, or leave it out\n',
    ],
    ['a speed of zero', ['sandbox', '--speed', '0'], 'rollouts: --speed 0: give a whole number from 1 to 3600\n'],
  ])('%s ends in one message and exit code 2', async (_, argv, message) => {
    expect(await run(...argv)).toEqual({ code: 2, out: '', err: message });
  });
});

it('a configuration that is not there ends in one message and exit code 1', async () => {
  const { code, out, err } = await run('rehearse', '--config', 'no-such-file.ts');
  expect(code).toBe(1);
  expect(out).toBe('');
  expect(err).toContain('no-such-file.ts');
  expect(err).not.toContain('    at ');
});

it('a long message is folded for a person at a terminal, and is one line for all others', async () => {
  const argv = ['diff', '--tag', `${'a word '.repeat(12)}${'x'.repeat(100)}`];
  const [folded, whole] = [(await runAt({ isTTY: true }, ...argv)).err, (await run(...argv)).err];
  expect(whole.trimEnd().split('\n')).toHaveLength(1);
  expect(
    folded
      .trimEnd()
      .split('\n')
      .filter((line) => line.length > 80 && line.includes(' ')),
  ).toEqual([]);
  expect(folded.trimEnd().split('\n').length).toBeGreaterThan(2);
  expect(folded).toContain('x'.repeat(100));
  expect(folded.replaceAll('\n', ' ')).toBe(whole.replaceAll('\n', ' '));
});

it('rehearse --list names every scenario with the outcome that its story tells, and every fault', async () => {
  const { code, out } = await run('rehearse', '--list');
  expect(code).toBe(0);
  const [stories = '', faults = ''] = out.trimEnd().split('\n\n');
  expect(stories.split('\n').map((line) => [line.split(' ')[0], /\((\w+)\)$/.exec(line)?.[1]])).toEqual([
    ['first-deployment', 'SUCCEEDED'],
    ['good-push', 'SUCCEEDED'],
    ['bad-push', 'ROLLED_BACK'],
    ['unpullable-push', 'ROLLED_BACK'],
  ]);
  const [head, ...named] = faults.split('\n');
  expect(head).toBe('Faults, for --fault:');
  expect(named.map((line) => line.split(/ {2,}/))).toEqual(FAULTS.map(({ name, title }) => [name, title]));
});

it.each([
  ['sandbx', ['rehearse', 'sandbox'], 'sandbox'],
  ['REHEARSE', ['rehearse'], undefined],
  ['x', ['json', 'list'], undefined],
])('the nearest name to %s among %j is %s', (word, candidates, expected) => {
  expect(nearest(word, candidates)).toBe(expected);
});
