import { plainText } from '../functions/rollout/identifiers.ts';

/** One thing that is wrong with a configuration. */
export interface ConfigurationProblem {
  /** `services[0].tag.glob`; empty for the file as a whole. */
  readonly path: string;
  /** The value seen, as JSON, shortened. */
  readonly value: string;
  readonly message: string;
  readonly remedy: string;
}

/** The configuration was refused; the message lists every problem, one a line, with path, value and remedy. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  readonly problems: readonly ConfigurationProblem[];
  constructor(file: string, problems: readonly ConfigurationProblem[]) {
    super(
      problems
        .map((problem) => asLine(file, problem))
        .join('\n')
        .split('\n')
        .map(harmless)
        .join('\n'),
    );
    this.problems = problems;
  }
}

/** `cdk synth` shows it as it is, and the file's name and values may be anybody's. */
function harmless(line: string): string {
  return plainText(line, Infinity);
}

function asLine(file: string, { path, value, message, remedy }: ConfigurationProblem): string {
  const place = path === '' ? file : `${file}: ${path}: ${value}`;
  return `${place}: ${message}. Remedy: ${remedy}.`;
}

/** A problem with the value that it concerns, shortened to fit a line. */
export function problem(path: string, value: unknown, message: string, remedy: string): ConfigurationProblem {
  return { path, value: shown(value), message, remedy };
}

const SHOWN_LENGTH_MAX = 80;

function shown(value: unknown): string {
  if (value === undefined) return '(nothing)';
  const text = JSON.stringify(value) ?? `(a ${typeof value})`;
  return text.length <= SHOWN_LENGTH_MAX ? text : `${text.slice(0, SHOWN_LENGTH_MAX)}…`;
}
