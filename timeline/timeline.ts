import type { Palette } from './palette.ts';
import type { TimelineEntry } from './scenario-report.ts';

const SECONDS_WIDTH = 9;
const KIND_WIDTH = 8;

/** One line of the timeline: virtual seconds, what kind of thing happened, what it was. */
export function timelineLine(entry: TimelineEntry, palette: Palette): string {
  const seconds = `${entry.virtualSeconds.toFixed(1)} s`.padStart(SECONDS_WIDTH);
  return `${palette.faint(seconds)}  ${entry.kind.padEnd(KIND_WIDTH)}${tinted(entry, palette)}`;
}

function tinted({ kind, text }: TimelineEntry, palette: Palette): string {
  if (kind === 'ecs' || kind === 'tasks') return palette.faint(text);
  return kind === 'decided' || kind === 'ended' ? palette.strong(text) : text;
}

/** Twelve digits of a digest, and names instead of ARNs and registries, are what a person compares; a URL keeps its host. */
export function readable(text: string): string {
  return text
    .replace(/(sha256:[0-9a-f]{12})[0-9a-f]{52}/g, '$1')
    .replace(/arn:aws[a-z-]*:ecs:[^:]*:\d{12}:[a-z-]+\//g, '')
    .replace(/(?<!https:\/\/)\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?\//g, '');
}
