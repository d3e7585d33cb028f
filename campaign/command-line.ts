import { parseArgs } from 'node:util';
import { alike } from './alike.ts';

/** What somebody asks of a campaign. */
export interface Asked {
  /** Executions of the state machine, at least. */
  readonly rollouts: number;
  /** The first seed; the others follow it. */
  readonly seed: number;
  /** Worlds that are played at once, each by a process of its own; undefined for as many as are worth it. */
  readonly jobs: number | undefined;
  /** Whether what breaks a rule is made as short as can be. */
  readonly isShrunk: boolean;
  /** A seed, or the name or file of a plan, to be played alone with its timeline. */
  readonly replay: string | undefined;
  /** Names of mutants to be played, none for all of them; undefined where no mutant is. */
  readonly mutants: readonly string[] | undefined;
  /** Whether mutants are listed, and not played. */
  readonly isList: boolean;
  /** The file of its picture; empty for a name of our own. */
  readonly html: string | undefined;
}

/** Somebody asked for what cannot be done; the message says what can. */
export class Misuse extends Error {
  override readonly name = 'Misuse';
}

/** How to ask. */
export const USAGE = [
  'npm run campaign -- [--rollouts N] [--seed S] [--jobs J] [--shrink]',
  'npm run campaign -- --replay SEED|NAME|FILE [--html [FILE]] [--shrink]',
  'npm run campaign -- --mutants [NAME…] [--rollouts N] [--seed S]',
  'npm run campaign -- --mutants --list',
  '',
  '  --rollouts N   Play worlds until N rollouts have ended: the plans of campaign/corpus/, then seed after seed. [200]',
  '  --seed S       The seed of the first world after the corpus; each next one has the next seed. [1]',
  '  --jobs J       Play so many worlds at once; the results are the same. [one for each 1000 rollouts, at most one for each processor]',
  '  --shrink       Shorten the history of the first world that breaks a rule, for each rule, as far as it still does.',
  '  --replay WHAT  Play one world with its timeline: of a seed, or of a plan of campaign/corpus/, by its name or file.',
  '  --html [FILE]  Draw that world, as one file for a browser. [campaign-SEED.html]',
  '  --mutants      Play faults of our own, each until a world breaks a rule or N rollouts have ended.',
  '  --list         List them instead.',
  '  --help         Show this.',
  '',
  'Ctrl-C ends a run after the world that is being played, and shows its table; Ctrl-C again ends it at once.',
  'Exit codes: 0 no world broke a rule, 1 one did, or the run met too little, 2 the command line is wrong.',
] as const;

const LARGEST_SEED = 0xffff_ffff;
/** Each takes half a gigabyte. */
const JOBS_MAX = 256;

const OPTIONS = {
  rollouts: { type: 'string' },
  seed: { type: 'string' },
  jobs: { type: 'string' },
  shrink: { type: 'boolean' },
  replay: { type: 'string' },
  mutants: { type: 'boolean' },
  list: { type: 'boolean' },
  html: { type: 'string' },
} as const;

/** What an option may be given. */
const VALUES: Readonly<Record<string, string>> = {
  rollouts: wholeFrom(1, 1_000_000_000),
  seed: wholeFrom(0, LARGEST_SEED),
  jobs: wholeFrom(1, JOBS_MAX),
  replay: 'give a seed, or a plan of campaign/corpus/, by its name or file',
};

function wholeFrom(least: number, most: number): string {
  return `give a whole number from ${least} to ${most}`;
}

/** Whether somebody wants to know how to ask. */
export function asksForHelp(args: readonly string[]): boolean {
  return args.some((arg) => arg === '--help' || arg === '-h');
}

/** Throws {@link Misuse} for options that stand where npm takes them for its own, of which only the environment tells. */
export function refuseTakenByNpm(environment: Readonly<Record<string, string | undefined>>): void {
  const taken = Object.keys(OPTIONS).find((option) => environment[`npm_config_${option}`] !== undefined);
  if (taken !== undefined)
    throw new Misuse(`npm took --${taken} for an option of its own: put -- before it\n\n${USAGE.join('\n')}`);
}

/** Reads the command line; throws {@link Misuse}. */
export function readCommandLine(args: readonly string[]): Asked {
  const { values, positionals } = parsed(joined(args));
  const misplaced = misplacedOption(values);
  if (misplaced !== undefined) throw new Misuse(`${misplaced}\n\n${USAGE.join('\n')}`);
  return {
    rollouts: wholeNumber('rollouts', values.rollouts ?? '200', 1, 1_000_000_000),
    seed: wholeNumber('seed', values.seed ?? '1', 0, LARGEST_SEED),
    jobs: values.jobs === undefined ? undefined : wholeNumber('jobs', values.jobs, 1, JOBS_MAX),
    isShrunk: values.shrink ?? false,
    replay: values.replay,
    mutants: values.mutants ? positionals : undefined,
    isList: values.list ?? false,
    html: values.html,
  };
}

/** An option that goes with none of the others, or would change nothing beside one of them. */
function misplacedOption(values: { readonly [option: string]: unknown }): string | undefined {
  if (values['html'] !== undefined && values['replay'] === undefined)
    return '--html draws one world: name it with --replay SEED|NAME|FILE';
  if (values['list'] !== undefined && values['mutants'] === undefined)
    return '--list is for mutants: write --mutants --list';
  const idle = idleOption(values);
  return idle && `--${idle[0]} is not for --${idle[1]}: leave it out`;
}

/** What a replayed world, what mutants, and what a list of them have no use for. */
const IDLE = {
  replay: ['rollouts', 'seed', 'jobs', 'mutants'],
  mutants: ['jobs', 'shrink'],
  list: ['rollouts', 'seed'],
} as const;

/** An option that would change nothing, and beside which one. */
function idleOption(values: object): readonly [string, string] | undefined {
  const isGiven = (option: string): boolean => Object.hasOwn(values, option);
  for (const [what, options] of Object.entries(IDLE)) {
    const idle = isGiven(what) ? options.find(isGiven) : undefined;
    if (idle !== undefined) return [idle, what];
  }
  return undefined;
}

/**
 * Options with their values as one argument each, as parseArgs does not read on its own: a number below zero, which it takes for an
 * option, and `--html`, which may stand alone. Throws {@link Misuse} for an option that is given twice, or without its value.
 */
function joined(args: readonly string[]): string[] {
  const given = new Set<string>();
  const whole: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const arg = args[at]!;
    const [, option, value] = /^--(\w+)(=.*)?$/s.exec(arg) ?? [];
    if (option !== undefined && given.has(option)) throw new Misuse(`--${option} is given twice: give it once`);
    if (option !== undefined) given.add(option);
    if (value !== undefined || !takesValue(option)) whole.push(arg);
    else whole.push(`${arg}=${isValue(args[at + 1]) ? args[++at]! : missingValue(option)}`);
  }
  return whole;
}

function takesValue(option: string | undefined): option is string {
  return OPTIONS[option as keyof typeof OPTIONS]?.type === 'string';
}

/** Not another option; there are none that are numbers. */
function isValue(arg: string | undefined): boolean {
  return arg !== undefined && !/^-(?!\d)/.test(arg);
}

/** Empty where the option may stand alone. */
function missingValue(option: string): string {
  if (option === 'html') return '';
  throw new Misuse(`--${option} needs a value: ${VALUES[option]}`);
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], allowPositionals: args.includes('--mutants'), options: OPTIONS });
  } catch (error) {
    throw new Misuse(`${whatIsWrong(args, error)}\n\n${USAGE.join('\n')}`);
  }
}

/** Ours where Node's sentence would speak of Node. */
function whatIsWrong(args: readonly string[], error: unknown): string {
  const names = Object.keys(OPTIONS).map((option) => `--${option}`);
  const unknown = args.find((arg) => arg.startsWith('-') && !names.includes(arg.replace(/=.*$/s, '')));
  if (unknown !== undefined) {
    const [close] = alike(unknown, names);
    return `there is no option ${unknown}${close === undefined ? '' : `; did you mean ${close}?`}`;
  }
  const stray = args.find((arg) => !arg.startsWith('-'));
  if (stray !== undefined)
    return `"${stray}" belongs to no option: put -- before them all, or npm takes some for its own`;
  return error instanceof Error ? error.message : String(error);
}

/** A number that stands for itself; throws {@link Misuse} for anything else. */
export function wholeNumber(option: string, text: string, least: number, most: number): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= least && number <= most) return number;
  throw new Misuse(`--${option} is "${text}": ${wholeFrom(least, most)}`);
}
