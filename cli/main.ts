import { parseArgs } from 'node:util';
import { UsageError, type Command, type Flags, type Terminal } from './command.ts';
import { help } from './help.ts';
import { nearest } from './nearest.ts';
import { abort } from './abort.ts';
import { diff } from './diff.ts';
import { doctor } from './doctor.ts';
import { history } from './history.ts';
import { init } from './init.ts';
import { pushInstructions } from './push-instructions.ts';
import { rehearse } from './rehearse.ts';
import { release } from './release.ts';
import { rollback } from './rollback.ts';
import { sandbox } from './sandbox.ts';
import { size } from './size.ts';
import { start } from './start.ts';
import { status } from './status.ts';
import { watch } from './watch.ts';

const COMMANDS: readonly Command[] = [
  status,
  watch,
  history,
  start,
  rollback,
  release,
  abort,
  diff,
  doctor,
  size,
  init,
  pushInstructions,
  rehearse,
  sandbox,
];

/** Runs one command line (without `node` and the file) and answers its exit code: 0 as asked, 1 failed, 2 misused. */
export async function main(argv: readonly string[], terminal: Terminal): Promise<number> {
  try {
    return await dispatch(argv, terminal);
  } catch (error) {
    terminal.err.write(`rollouts: ${explain(error, terminal.env)}\n`);
    return error instanceof UsageError ? 2 : 1;
  }
}

async function dispatch([verb = 'help', ...rest]: readonly string[], terminal: Terminal): Promise<number> {
  if (['help', '--help', '-h'].includes(verb)) {
    const topic = rest[0] === undefined ? undefined : commandOf(rest[0]);
    terminal.out.write(help(COMMANDS, topic));
    return 0;
  }
  const command = commandOf(verb);
  if (rest.includes('--help') || rest.includes('-h')) {
    terminal.out.write(help(COMMANDS, command));
    return 0;
  }
  return await command.run(parse(command, rest), terminal);
}

function commandOf(verb: string): Command {
  const found = COMMANDS.find(({ name }) => name === verb);
  if (found) return found;
  const close = nearest(verb, [...COMMANDS.map(({ name }) => name), 'help']);
  throw new UsageError(`there is no command "${verb}"${close ? `; did you mean "${close}"?` : '; see: rollouts help'}`);
}

function parse(command: Command, args: readonly string[]): Flags {
  const options = Object.fromEntries(Object.entries(command.options).map(([name, { type }]) => [name, { type }]));
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new UsageError(misuse(command, args, error));
  }
}

/** Node's own sentence, unless a flag is unknown: then the nearest known one. */
function misuse(command: Command, args: readonly string[], error: unknown): string {
  const known = Object.keys(command.options);
  const unknown = args.find((arg) => arg.startsWith('-') && !known.includes(nameOf(arg)));
  if (unknown === undefined) return firstSentence(error);
  const close = nearest(nameOf(unknown), known);
  return `${command.name} has no flag ${unknown}${close ? `; did you mean --${close}?` : `; see: rollouts help ${command.name}`}`;
}

function nameOf(flag: string): string {
  return flag.replace(/^-+/, '').replace(/=.*$/, '');
}

function firstSentence(error: unknown): string {
  return String(error instanceof Error ? error.message : error).split('. ')[0]!;
}

function explain(error: unknown, env: Terminal['env']): string {
  if (!(error instanceof Error)) return String(error);
  return env['ROLLOUTS_DEBUG'] === '1' ? (error.stack ?? error.message) : error.message;
}
