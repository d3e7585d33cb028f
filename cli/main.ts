import { parseArgs } from 'node:util';
import { UsageError, type Command, type Flags, type Terminal } from './command.ts';
import { helpOf, overview } from './help.ts';
import { nearest } from './nearest.ts';

/** In the order of their use. Each is loaded when it is asked for: a verb for the account needs no simulated region, and a rehearsal no account. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  status: async () => (await import('./status.ts')).status,
  watch: async () => (await import('./watch.ts')).watch,
  history: async () => (await import('./history.ts')).history,
  start: async () => (await import('./start.ts')).start,
  rollback: async () => (await import('./rollback.ts')).rollback,
  release: async () => (await import('./release.ts')).release,
  abort: async () => (await import('./abort.ts')).abort,
  diff: async () => (await import('./diff.ts')).diff,
  doctor: async () => (await import('./doctor.ts')).doctor,
  size: async () => (await import('./size.ts')).size,
  init: async () => (await import('./init.ts')).init,
  'push-instructions': async () => (await import('./push-instructions.ts')).pushInstructions,
  rehearse: async () => (await import('./rehearse.ts')).rehearse,
  sandbox: async () => (await import('./sandbox.ts')).sandbox,
};

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
    const topic = rest[0] === undefined ? undefined : await commandOf(rest[0]);
    terminal.out.write(topic ? helpOf(topic) : overview(await allCommands()));
    return 0;
  }
  const command = await commandOf(verb);
  if (rest.includes('--help') || rest.includes('-h')) {
    terminal.out.write(helpOf(command));
    return 0;
  }
  return await command.run(parse(command, rest), terminal);
}

async function commandOf(verb: string): Promise<Command> {
  if (Object.hasOwn(COMMANDS, verb)) return await COMMANDS[verb]!();
  const close = nearest(verb, [...Object.keys(COMMANDS), 'help']);
  throw new UsageError(`there is no command "${verb}"${close ? `; did you mean "${close}"?` : '; see: rollouts help'}`);
}

function allCommands(): Promise<Command[]> {
  return Promise.all(Object.values(COMMANDS).map((load) => load()));
}

function parse(command: Command, args: readonly string[]): Flags {
  const options = Object.fromEntries(
    Object.entries(command.options).map(([name, { type, multiple = false }]) => [name, { type, multiple }]),
  );
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values as Flags;
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
