import type { Palette } from './palette.ts';
import { printable } from './printable.ts';
import type { TimelineEntry } from './scenario-report.ts';

const SECONDS_WIDTH = 9;
const KIND_WIDTH = 8;

/** What a line is made of; a sandbox shows messages to subscribers too, and what its region could not do. */
export type ShownEntry = Omit<TimelineEntry, 'kind'> & { readonly kind: TimelineEntry['kind'] | 'message' | 'defect' };

/** One line of the timeline: virtual seconds, which service where there are several, what kind of thing happened, what it was. */
export function timelineLine(entry: ShownEntry, palette: Palette, service?: string): string {
  const seconds = `${entry.virtualSeconds.toFixed(1)} s`.padStart(SECONDS_WIDTH);
  const subject = service === undefined ? '' : `${service}  `;
  return `${palette.faint(seconds)}  ${subject}${entry.kind.padEnd(KIND_WIDTH)}${tinted(entry, palette)}`;
}

function tinted({ kind, text }: ShownEntry, palette: Palette): string {
  if (kind === 'ecs' || kind === 'tasks') return palette.faint(text);
  if (kind === 'defect') return palette.bad(text);
  return kind === 'decided' || kind === 'ended' ? palette.strong(text) : printable(text);
}

/** Twelve digits of a digest, and names instead of ARNs and registries, are what a person compares; a URL keeps its host. */
export function readable(text: string): string {
  return text
    .replace(/(sha256:[0-9a-f]{12})[0-9a-f]{52}/g, '$1')
    .replace(/arn:aws[a-z-]*:ecs:[^:]*:\d{12}:[a-z-]+\//g, '')
    .replace(/(?<!https:\/\/)\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?\//g, '');
}
