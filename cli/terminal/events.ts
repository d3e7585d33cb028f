import type { Palette } from '../../timeline/palette.ts';
import type { TimelineEntry } from '../../timeline/scenario-report.ts';
import { timelineLine } from '../../timeline/timeline.ts';
import { exitCodeOf } from './exit-codes.ts';
import { hangingLines, shortDigest, wrapped } from './layout.ts';
import { moment } from './moments.ts';

/** What a verb says while it goes on; times are milliseconds since the epoch. */
export type Event =
  | { readonly kind: 'started'; readonly rolloutId: string; readonly service: string }
  | { readonly kind: 'resumes'; readonly rolloutId: string; readonly since: number }
  | { readonly kind: 'following'; readonly rolloutId: string; readonly startedAt: number }
  | { readonly kind: 'waiting' }
  | { readonly kind: 'awaiting'; readonly image: string; readonly service: string }
  | { readonly kind: 'stopped'; readonly rolloutId: string; readonly wasRunning: boolean }
  | { readonly kind: 'happened'; readonly entry: TimelineEntry }
  | { readonly kind: 'ended'; readonly outcome: string; readonly message: string | undefined }
  | { readonly kind: 'left' }
  | { readonly kind: 'synthesizing' }
  | { readonly kind: 'rehearsing'; readonly config: string; readonly faults: readonly string[] }
  | { readonly kind: 'scenario'; readonly name: string; readonly title: string }
  | { readonly kind: 'played'; readonly entry: TimelineEntry };

/** Where the text of a timeline begins. */
const TEXT_FROM = 21;

/** The lines of an event; `now` in milliseconds since the epoch. */
export function eventLines(event: Event, palette: Palette, now: number): string[] {
  switch (event.kind) {
    case 'started':
      return wrapped(`Rollout ${event.rolloutId} of ${event.service} started.`);
    case 'resumes':
      return wrapped(
        `No image is named, so automatic rollouts resume: pushes waited behind the image that was chosen in rollout ${event.rolloutId}, ${moment(event.since, now)}. To keep it, name it: rollouts start --digest DIGEST.`,
      );
    case 'following':
      return [`Rollout ${event.rolloutId}`, `since ${moment(event.startedAt, now)}`];
    case 'waiting':
      return ['Waiting for the next rollout.'];
    case 'awaiting':
      return wrapped(`Waiting for the outcome of ${event.image} on ${event.service}.`);
    case 'stopped':
      return [`Rollout ${event.rolloutId} ${event.wasRunning ? 'stopped' : 'was over already'}.`];
    case 'happened':
      return timelineLines(event.entry, palette);
    case 'ended':
      return endLines(event.outcome, event.message ?? event.outcome, palette);
    case 'left':
      return ['', 'Watching ended; the rollout goes on. To see it again: rollouts watch'];
    case 'synthesizing':
      return [];
    case 'rehearsing':
      return [
        `A rehearsal of the stack synthesized from ${event.config}, in a simulated region; no AWS account is touched.`,
        'Times are virtual. Each scenario starts in a fresh world.',
        ...event.faults.map((title) => `Meanwhile: ${title}`),
      ].map(palette.faint);
    case 'scenario':
      return ['', palette.strong(`${event.name}: ${event.title}`)];
    case 'played':
      return [timelineLine(event.entry, palette)];
  }
}

/** What stands on the screen until the next event, where a terminal can wipe it away again. */
export function passingText(event: Event): string | undefined {
  return event.kind === 'synthesizing' ? 'synthesizing the stack…' : undefined;
}

/** The rehearsal's line, its text broken to fit the columns. */
export function timelineLines(entry: TimelineEntry, palette: Palette): string[] {
  const [first = '', ...rest] = hangingLines(' '.repeat(TEXT_FROM), entry.text);
  const isBeside = first.startsWith(' '.repeat(TEXT_FROM));
  const line = (text: string): string => timelineLine({ ...entry, text }, palette);
  return isBeside ? [line(first.slice(TEXT_FROM)), ...rest] : [line(''), first, ...rest];
}

function endLines(outcome: string, message: string, palette: Palette): string[] {
  const code = exitCodeOf(outcome);
  const tint = code === 0 ? palette.good : code >= 20 || code === 1 ? palette.bad : palette.strong;
  return ['', ...wrapped(shortDigest(message)).map(tint)];
}
