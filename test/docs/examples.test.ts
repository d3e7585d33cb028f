import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { USAGE } from '../../campaign/command-line.ts';
import { allCommands, commandOf } from '../../cli/main.ts';
import { optionsOf, UsageError } from '../../cli/terminal/command.ts';
import { parseFlags } from '../../cli/terminal/parse-flags.ts';
import { toRolloutConfig } from '../../configuration/configuration.ts';
import { loadConfiguration } from '../../configuration/load-configuration.ts';
import { parseIntent } from '../../functions/rollout/intent.ts';
import { BLOCKS, CODES } from './markdown.ts';

const scratch = mkdtempSync(join(tmpdir(), 'rollouts-examples-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Command lines of a shell, joined where they go on, without comments, each command by itself. */
const shellLines = (text: string): string[] =>
  text
    .replaceAll(/ \\\n\s*/g, ' ')
    .split('\n')
    .map((line) => line.replace(/^\$ /, '').replace(/(^|\s)#.*$/, ''))
    .flatMap((line) => line.split(/&&|\||&(?=\s|$)/))
    .map((line) => line.trim())
    .filter((line) => line !== '');

const SHELL = [
  ...BLOCKS.filter(({ language, text }) => language === 'sh' || text.startsWith('$ ')).flatMap(({ text }) =>
    shellLines(text),
  ),
  ...CODES.flatMap(({ text }) => shellLines(text)),
];

/** Words of a command line, without their quotes. */
const wordsOf = (line: string): string[] =>
  [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, double, single, plain]) => double ?? single ?? plain!);

const OURS = [...new Set(SHELL)].flatMap((line) => /^(?:npx )?rollouts (\S.*)$/.exec(line)?.[1] ?? []);

it('has command lines to look at', () => expect(OURS.length).toBeGreaterThan(25));

it.each(OURS)('rollouts %s is a command line that is understood', async (line) => {
  const [verb = '', ...args] = wordsOf(line);
  const command = await commandOf(verb === 'help' ? args[0]! : verb);
  const flags = parseFlags(command, verb === 'help' ? [] : args);
  // What a flag means is looked at too; a folder, which only its reader has, cannot be.
  if ('ask' in command && flags['terraform'] === undefined) (command.ask as (flags: object) => unknown)(flags);
});

/** `start --tag`: a verb and flags whose values are left to the reader. */
const MENTIONED = CODES.map(({ text }) => text).filter((text) => /^[a-z-]+( --[a-z-]+( [A-Z]+)?)+$/.test(text));

it.each([...new Set(MENTIONED)])('%s names flags of that verb', async (text) => {
  const [verb = '', ...words] = wordsOf(text);
  const known = Object.keys(optionsOf(await commandOf(verb)));
  expect(known).toEqual(
    expect.arrayContaining(words.filter((word) => word.startsWith('--')).map((word) => word.slice(2))),
  );
});

/** With which README's first command starts Node. */
const NODES_OWN = 'max-semi-space-size=4';

it('names no flag that no verb has, nor the campaign', async () => {
  const verbs = (await allCommands()).flatMap((command) => Object.keys(optionsOf(command)));
  const known = [...verbs, ...USAGE.flatMap((line) => /^ +--([a-z]+)/.exec(line)?.[1] ?? [])];
  const named = CODES.filter(({ text }) => text.startsWith('--')).flatMap(({ text }) => wordsOf(text));
  const flags = named.flatMap((word) => /^--(.*)/.exec(word)?.[1] ?? []);
  expect(flags.length).toBeGreaterThan(20);
  expect(flags.filter((flag) => !known.includes(flag))).toEqual([NODES_OWN]);
});

it('calls scripts that there are', () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: object };
  const called = SHELL.flatMap((line) => /^npm (?:run )?(?!ci\b|run\b)([a-z-]+)/.exec(line)?.[1] ?? []);
  expect(new Set(called)).toEqual(new Set(called.filter((name) => name in scripts)));
  expect(called.length).toBeGreaterThan(3);
});

it('asks the AWS CLI for what the example configuration is about', async () => {
  const config = toRolloutConfig((await loadConfiguration()).services[0]!);
  const about = {
    'repository-name': config.repository,
    cluster: config.cluster,
    services: config.serviceName,
    name: config.liveImageParameter,
  };
  const sandbox = BLOCKS.find(({ page, text }) => page === 'README.md' && text.includes('rollouts sandbox'))!;
  const lines = shellLines(sandbox.text).filter((line) => line.startsWith('aws '));
  const named = lines.flatMap((line) => [...line.matchAll(/--(repository-name|cluster|services|name) (\S+)/g)]);
  expect(Object.fromEntries(named.map(([, flag, value]) => [flag, value]))).toEqual(about);
});

const DIGEST = `sha256:${'a'.repeat(64)}`;
const INPUTS = [...new Set(CODES.map(({ text }) => text).filter((text) => /^\{(.*"\w+":.*|)\}$/.test(text)))];

it('has inputs to look at', () => expect(INPUTS.length).toBeGreaterThan(5));

it.each(INPUTS)('the flow takes the input %s', (text) => {
  const input: unknown = JSON.parse(text.replaceAll('sha256:…', DIGEST));
  expect(parseIntent(input, { repository: 'team/api' })).toMatchObject({ kind: 'person' });
});

const CONFIGURATIONS = BLOCKS.filter(({ language }) => language === 'ts');

it('has configurations to look at', () => expect(CONFIGURATIONS.length).toBeGreaterThan(2));

it.each(CONFIGURATIONS.map(({ page, text }, index) => [`${index} of ${page}`, text]))(
  'the configuration %s is one that is taken',
  async (name, text) => {
    const file = join(scratch, `${name.replaceAll(/\W/g, '-')}.config.ts`);
    writeFileSync(file, text.includes('export default') ? text : `export default { services: [${text}] };`);
    expect((await loadConfiguration(file)).services).toHaveLength(1);
  },
);

it('shows no output that is not generated', () => {
  const shown = BLOCKS.filter(({ text, language }) => language === '' && text.startsWith('$ '));
  expect(shown.length).toBeGreaterThan(1);
  expect(shown.filter(({ isGenerated }) => !isGenerated)).toEqual([]);
});

it('a flag that is wrong would not be taken', async () => {
  const command = await commandOf('watch');
  expect(() => parseFlags(command, ['--folow'])).toThrow(UsageError);
});
