import { parseArgs } from 'node:util';
import { optionsOf, UsageError, type Command, type Flags } from './command.ts';
import { nearest } from './nearest.ts';

type Parsed = Pick<Command, 'name' | 'options' | 'argument'>;

/** Reads the flags of one command line; throws a {@link UsageError} for what the command does not take. */
export function parseFlags(named: Command, args: readonly string[]): Flags {
  const command = { name: named.name, argument: named.argument, options: optionsOf(named) };
  const options = Object.fromEntries(
    Object.entries(command.options).map(([name, { type, multiple = false }]) => [name, { type, multiple }]),
  );
  try {
    const all = withNumbers(command, args);
    const allowPositionals = command.argument !== undefined;
    const parsed = parseArgs({ args: all, options, strict: true, allowPositionals, tokens: true });
    const { values, tokens, positionals } = parsed;
    const given = tokens.flatMap((token) => (token.kind === 'option' ? [token] : []));
    refuseRepeated(
      command,
      given.map(({ name }) => name),
    );
    refuseEmpty(command, given);
    return { ...(values as Flags), ...argumentIn(command, positionals) };
  } catch (error) {
    throw error instanceof UsageError ? error : new UsageError(misuse(command, args, error));
  }
}

/** The word that stands for itself: one of those that the command knows, and exactly one. */
function argumentIn({ name, argument }: Parsed, words: readonly string[]): Flags {
  if (!argument) return {};
  const [word = ''] = words;
  if (words.length === 1 && argument.choices.includes(word)) return { [argument.name]: word };
  const seen = words.length === 0 ? '' : `, not ${words.join(' ')}`;
  throw new UsageError(`${name} takes one of ${argument.choices.join(', ')}${seen}; see: rollouts help ${name}`);
}

/** A number below zero is the value of the flag before it: whoever reads the flag says which numbers it takes. */
function withNumbers({ options }: Parsed, args: readonly string[]): string[] {
  const isValue = (index: number): boolean =>
    /^-\d/.test(args[index] ?? '') && /^--[^=]+$/.test(args[index - 1] ?? '') && takesValue(args[index - 1]!);
  const takesValue = (flag: string): boolean => options[nameOf(flag)]?.type === 'string';
  return args.flatMap((arg, index) =>
    isValue(index) ? [] : isValue(index + 1) ? [`${arg}=${args[index + 1]!}`] : [arg],
  );
}

function refuseRepeated({ name, options }: Parsed, given: readonly string[]): void {
  const twice = given.find((flag, index) => given.indexOf(flag) < index && !options[flag]?.multiple);
  if (twice !== undefined) throw new UsageError(`--${twice} is given twice; ${name} takes it once`);
}

function refuseEmpty({ options }: Parsed, given: readonly { readonly name: string; readonly value?: unknown }[]): void {
  const empty = given.find(({ value }) => value === '');
  if (!empty) return;
  const wanted = options[empty.name]?.placeholder ?? 'VALUE';
  throw new UsageError(`--${empty.name} is empty: give ${wanted}, or leave it out`);
}

/** What Node's parser calls an argument that belongs to no flag, and a flag that lacks its value. */
const POSITIONAL = 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL';
const VALUE = 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE';

/** Ours where Node's sentence would not name the verb: the nearest known flag, or what may stand there. */
function misuse(command: Parsed, args: readonly string[], error: unknown): string {
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
