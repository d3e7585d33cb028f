import { parseArgs } from 'node:util';
import { Interrupted, UsageError, type Command, type Flags, type Terminal } from './terminal/command.ts';
import { INTERRUPTED } from './terminal/exit-codes.ts';
import { helpOf, overview } from './terminal/help.ts';
import { wrapped } from './terminal/layout.ts';
import { nearest } from './terminal/nearest.ts';

/** In the order of their use. Each is loaded when it is asked for: a verb for the account needs no simulated region, and a rehearsal no account. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  status: async () => (await import('./verbs/status.ts')).status,
  watch: async () => (await import('./verbs/watch.ts')).watch,
  history: async () => (await import('./verbs/history.ts')).history,
  start: async () => (await import('./verbs/start.ts')).start,
  rollback: async () => (await import('./verbs/rollback.ts')).rollback,
  release: async () => (await import('./verbs/release.ts')).release,
  abort: async () => (await import('./verbs/abort.ts')).abort,
  diff: async () => (await import('./verbs/diff.ts')).diff,
  doctor: async () => (await import('./verbs/doctor.ts')).doctor,
  size: async () => (await import('./verbs/size.ts')).size,
  init: async () => (await import('./verbs/init.ts')).init,
  'push-instructions': async () => (await import('./verbs/push-instructions.ts')).pushInstructions,
  rehearse: async () => (await import('./verbs/rehearse.ts')).rehearse,
  sandbox: async () => (await import('./verbs/sandbox.ts')).sandbox,
};

/** Runs one command line (without `node` and the file) and answers its exit code: 0 as asked, 1 failed, 2 misused. */
export async function main(argv: readonly string[], terminal: Terminal): Promise<number> {
  try {
    return await dispatch(argv, terminal);
  } catch (error) {
    terminal.err.write(`${messageLines(`rollouts: ${explain(error, terminal.env)}`, terminal).join('\n')}\n`);
    if (error instanceof Interrupted) return INTERRUPTED;
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
    const all = withNumbers(command, args);
    const { values, tokens } = parseArgs({ args: all, options, strict: true, allowPositionals: false, tokens: true });
    const given = tokens.flatMap((token) => (token.kind === 'option' ? [token] : []));
    refuseRepeated(
      command,
      given.map(({ name }) => name),
    );
    refuseEmpty(command, given);
    return values as Flags;
  } catch (error) {
    throw error instanceof UsageError ? error : new UsageError(misuse(command, args, error));
  }
}

/** A number below zero is the value of the flag before it: whoever reads the flag says which numbers it takes. */
function withNumbers({ options }: Command, args: readonly string[]): string[] {
  const isValue = (index: number): boolean =>
    /^-\d/.test(args[index] ?? '') && /^--[^=]+$/.test(args[index - 1] ?? '') && takesValue(args[index - 1]!);
  const takesValue = (flag: string): boolean => options[nameOf(flag)]?.type === 'string';
  return args.flatMap((arg, index) =>
    isValue(index) ? [] : isValue(index + 1) ? [`${arg}=${args[index + 1]!}`] : [arg],
  );
}

function refuseRepeated({ name, options }: Command, given: readonly string[]): void {
  const twice = given.find((flag, index) => given.indexOf(flag) < index && !options[flag]?.multiple);
  if (twice !== undefined) throw new UsageError(`--${twice} is given twice; ${name} takes it once`);
}

function refuseEmpty(
  { options }: Command,
  given: readonly { readonly name: string; readonly value?: unknown }[],
): void {
  const empty = given.find(({ value }) => value === '');
  if (!empty) return;
  const wanted = options[empty.name]?.placeholder ?? 'VALUE';
  throw new UsageError(`--${empty.name} is empty: give ${wanted}, or leave it out`);
}

/** What Node's parser calls an argument that belongs to no flag, and a flag that lacks its value. */
const POSITIONAL = 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL';
const VALUE = 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE';

/** Ours where Node's sentence would not name the verb: the nearest known flag, or what may stand there. */
function misuse(command: Command, args: readonly string[], error: unknown): string {
  const known = Object.keys(command.options);
  const unknown = args.find((arg) => arg.startsWith('-') && !known.includes(nameOf(arg)));
  if (unknown === undefined) {
    const { code } = error as { readonly code?: unknown };
    const help = `see: rollouts help ${command.name}`;
    if (code === POSITIONAL) return `${command.name} takes flags only, not ${quotedIn(error)}; ${help}`;
    return code === VALUE ? `${command.name}: ${firstSentence(error)}; ${help}` : firstSentence(error);
  }
  const close = nearest(nameOf(unknown), known);
  return `${command.name} has no flag ${unknown}${close ? `; did you mean --${close}?` : `; see: rollouts help ${command.name}`}`;
}

function nameOf(flag: string): string {
  return flag.replace(/^-+/, '').replace(/=.*$/, '');
}

function quotedIn(error: unknown): string {
  return /'([^']*)'/.exec(String(error))?.[1] ?? 'that';
}

function firstSentence(error: unknown): string {
  return String(error instanceof Error ? error.message : error).split('. ')[0]!;
}

function explain(error: unknown, env: Terminal['env']): string {
  if (!(error instanceof Error)) return String(error);
  return env['ROLLOUTS_DEBUG'] === '1' ? (error.stack ?? error.message) : error.message;
}

/** Folded for a person at a terminal only: whoever reads a log searches for whole sentences. A long word stays whole. */
function messageLines(message: string, { err }: Terminal): string[] {
  return err.isTTY ? message.split('\n').flatMap((line) => wrapped(line, undefined, line.length)) : [message];
}
