import { COLUMNS, hangingLines } from './folded.ts';
import type { Palette } from './palette.ts';
import { printable } from './printable.ts';
import type { TimelineEntry } from './scenario-report.ts';

const SECONDS_WIDTH = 9;
const KIND_WIDTH = 8;

/** What a line is made of; a sandbox shows messages to subscribers too, and what its region could not do. */
export type ShownEntry = Omit<TimelineEntry, 'kind'> & { readonly kind: TimelineEntry['kind'] | 'message' | 'defect' };

/** How a timeline is shown. */
export interface Shown {
  readonly palette: Palette;
  /** @default {@link COLUMNS} */
  readonly columns?: number;
  /** Whose timeline it is, where there are several; padded to one width. */
  readonly service?: string | undefined;
  /** How the outcome of a rollout is coloured. @default as a decision is */
  readonly outcomeTint?: (outcome: string) => (text: string) => string;
}

/** No word is cut: a name that is longer than a line is there to be copied. */
const WHOLE = Number.MAX_SAFE_INTEGER;
/** Deeper than the text itself, so that what goes on below is told from what begins. */
const HANGING = 2;

/** The lines of one happening: seconds, which service where there are several, what kind of thing happened, what it was, broken to fit. */
export function timelineLines(entry: ShownEntry, { palette, columns = COLUMNS, ...shown }: Shown): string[] {
  const { service, outcomeTint } = shown;
  const seconds = `${entry.virtualSeconds.toFixed(1)} s`.padStart(SECONDS_WIDTH);
  const subject = service === undefined ? '' : `${service}  `;
  const indent = SECONDS_WIDTH + 2 + subject.length + KIND_WIDTH + HANGING;
  const [first = '', ...rest] = hangingLines(' '.repeat(indent), printable(entry.text), columns, WHOLE);
  const tint = entry.kind === 'ended' && outcomeTint ? outcomeTint(entry.text) : tintOf(entry.kind, palette);
  const head = `${palette.faint(seconds)}  ${subject}${entry.kind.padEnd(KIND_WIDTH)}`;
  return first.startsWith(' '.repeat(indent))
    ? [`${head}${tint(first.slice(indent))}`, ...rest]
    : [head, first, ...rest];
}

/** The line for the meantime, in the same columns: as many of the parts, the first ones first, as the terminal has room for. */
export function liveLine(seconds: number, parts: readonly string[], columns: number): string {
  const head = `${`${Math.floor(seconds)} s`.padStart(SECONDS_WIDTH)}  ${'now'.padEnd(KIND_WIDTH)}`;
  // The last column stays empty: a full line would make the terminal go on with the next.
  const fitting = parts.findLastIndex((_, index) => text(parts, index).length + head.length < columns);
  return fitting < 0 ? '' : `${head}${text(parts, fitting)}`;
}

function text(parts: readonly string[], last: number): string {
  return printable(parts.slice(0, last + 1).join(', '));
}

function tintOf(kind: ShownEntry['kind'], palette: Palette): (text: string) => string {
  if (kind === 'ecs' || kind === 'tasks') return palette.faint;
  if (kind === 'defect') return palette.bad;
  return kind === 'decided' || kind === 'ended' ? palette.strong : printable;
}

/** Twelve digits of a digest, and names instead of ARNs and registries, are what a person compares; a URL keeps its host. */
export function readable(text: string): string {
  return text
    .replace(/(sha256:[0-9a-f]{12})[0-9a-f]{52}/g, '$1')
    .replace(/arn:aws[a-z-]*:ecs:[^:]*:\d{12}:[a-z-]+\//g, '')
    .replace(/(?<!https:\/\/)\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?\//g, '');
}
