import { parseArgs } from 'node:util';

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
  /** The file of its picture; empty for a name of our own. */
  readonly html: string | undefined;
}

/** Somebody asked for what cannot be done; the message says what can. */
export class Misuse extends Error {
  override readonly name = 'Misuse';
}

export const USAGE = [
  'npm run campaign -- [--rollouts N] [--seed S] [--jobs J] [--shrink]',
  'npm run campaign -- --replay SEED|NAME|FILE [--html [FILE]]',
  'npm run campaign -- --mutants [NAME…] [--rollouts N] [--seed S]',
  '',
  '  --rollouts N   Plays worlds until N rollouts have ended. [200]',
  '  --seed S       The seed of the first world; each next one has the next seed. [1]',
  '  --jobs J       Plays so many worlds at once; what is told is the same. [one for each 1000 rollouts, at most one for each processor]',
  '  --shrink       Shortens the history of a world that breaks a rule, as far as it still does.',
  '  --replay WHAT  Plays one world with its timeline: of a seed, or of a plan of campaign/corpus/, by its name or file.',
  '  --html [FILE]  Draws that world, as one file for a browser. [campaign-SEED.html]',
  '  --mutants      Plays faults of our own, each until a world breaks a rule or N rollouts have ended.',
] as const;

const LARGEST_SEED = 0xffff_ffff;
/** Each takes half a gigabyte. */
const JOBS_MAX = 256;

/** Reads the command line; throws {@link Misuse}. */
export function readCommandLine(args: readonly string[]): Asked {
  const { values, positionals } = parsed(args.map((arg, index) => (isBare(arg, args[index + 1]) ? `${arg}=` : arg)));
  if (values.html !== undefined && values.replay === undefined)
    throw new Misuse(`--html draws one world: name it with --replay SEED|NAME|FILE\n${USAGE.join('\n')}`);
  const idle = idleOption(values);
  if (idle !== undefined) throw new Misuse(`--${idle[0]} is not for --${idle[1]}: leave it out\n${USAGE.join('\n')}`);
  return {
    rollouts: wholeNumber('rollouts', values.rollouts ?? '200', 1, 1_000_000_000),
    seed: wholeNumber('seed', values.seed ?? '1', 0, LARGEST_SEED),
    jobs: values.jobs === undefined ? undefined : wholeNumber('jobs', values.jobs, 1, JOBS_MAX),
    isShrunk: values.shrink ?? false,
    replay: values.replay,
    mutants: values.mutants ? positionals : undefined,
    html: values.html,
  };
}

/** What a replayed world, and what mutants have no use for. */
const IDLE = { replay: ['rollouts', 'seed', 'jobs', 'shrink', 'mutants'], mutants: ['jobs', 'shrink'] } as const;

/** An option that would change nothing, and beside which one. */
function idleOption(values: object): readonly [string, string] | undefined {
  const isGiven = (option: string): boolean => Object.hasOwn(values, option);
  for (const [what, options] of Object.entries(IDLE)) {
    const idle = isGiven(what) ? options.find(isGiven) : undefined;
    if (idle !== undefined) return [idle, what];
  }
  return undefined;
}

/** `--html` may stand alone, which parseArgs knows of no option that takes a value. */
function isBare(arg: string, next: string | undefined): boolean {
  return arg === '--html' && (next === undefined || next.startsWith('--'));
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: args.includes('--mutants'),
      options: {
        rollouts: { type: 'string' },
        seed: { type: 'string' },
        jobs: { type: 'string' },
        shrink: { type: 'boolean' },
        replay: { type: 'string' },
        mutants: { type: 'boolean' },
        html: { type: 'string' },
      },
    });
  } catch (error) {
    throw new Misuse(`${error instanceof Error ? error.message : String(error)}\n${USAGE.join('\n')}`);
  }
}

/** A number that stands for itself; throws {@link Misuse} for anything else. */
export function wholeNumber(option: string, text: string, least: number, most: number): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= least && number <= most) return number;
  throw new Misuse(`--${option} is "${text}": give a whole number from ${least} to ${most}`);
}
