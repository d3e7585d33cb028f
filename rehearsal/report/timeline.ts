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
