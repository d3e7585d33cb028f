import type { Palette } from '../../timeline/palette.ts';
import type { TimelineEntry } from '../../timeline/scenario-report.ts';
import { liveLine, timelineLines } from '../../timeline/timeline.ts';
import { exitCodeOf } from './exit-codes.ts';
import { shortDigest, wrapped } from './layout.ts';
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
  | { readonly kind: 'live'; readonly live: Live }
  | { readonly kind: 'ended'; readonly outcome: string; readonly message: string | undefined }
  | { readonly kind: 'left' }
  | { readonly kind: 'synthesizing' }
  | { readonly kind: 'rehearsing'; readonly config: string; readonly faults: readonly string[] }
  | { readonly kind: 'scenario'; readonly name: string; readonly title: string }
  | { readonly kind: 'played'; readonly entry: TimelineEntry };

/** How a rollout stands at this moment. */
export interface Live {
  /** Since it began. */
  readonly seconds: number;
  /** The most important first: a narrow terminal has no room for all. */
  readonly parts: readonly string[];
}

/** Where an event is told. */
export interface Screen {
  readonly palette: Palette;
  /** As wide as a line may be. */
  readonly columns: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** The lines of an event. */
export function eventLines(event: Event, { palette, columns, now }: Screen): string[] {
  switch (event.kind) {
    case 'started':
      return folded(`Rollout ${event.rolloutId} of ${event.service} started.`, columns);
    case 'resumes':
      return folded(
        `No image is named, so automatic rollouts resume: pushes waited behind the image that was chosen in rollout ${event.rolloutId}, ${moment(event.since, now)}. To keep it, name it: rollouts start --digest DIGEST.`,
        columns,
      );
    case 'following':
      return [`Rollout ${event.rolloutId}`, `since ${moment(event.startedAt, now)}`];
    case 'waiting':
      return ['Waiting for the next rollout.'];
    case 'awaiting':
      return folded(`Waiting for the outcome of ${event.image} on ${event.service}.`, columns);
    case 'stopped':
      return folded(`Rollout ${event.rolloutId} ${event.wasRunning ? 'stopped' : 'was over already'}.`, columns);
    case 'happened':
      return timelineLines(event.entry, { palette, columns, outcomeTint: (outcome) => tintOf(outcome, palette) });
    case 'ended':
      return ['', ...folded(shortDigest(event.message ?? event.outcome), columns).map(tintOf(event.outcome, palette))];
    case 'left':
      return ['', ...folded('Watching ended; the rollout goes on. To see it again: rollouts watch', columns)];
    case 'live':
    case 'synthesizing':
      return [];
    case 'rehearsing':
      return [
        `A rehearsal of the stack synthesized from ${event.config}, in a simulated region; no AWS account is touched.`,
        'Times are virtual. Each scenario starts in a fresh world.',
        ...event.faults.map((title) => `Meanwhile: ${title}`),
      ].flatMap((text) => folded(text, columns).map(palette.faint));
    case 'scenario':
      return ['', ...folded(`${event.name}: ${event.title}`, columns).map(palette.strong)];
    case 'played':
      return timelineLines(event.entry, { palette, columns });
  }
}

/** What stands in the last line until the next event, where a terminal can wipe it away again. */
export function passingText(event: Event, columns: number): string | undefined {
  if (event.kind === 'live') return liveLine(event.live.seconds, event.live.parts, columns);
  return event.kind === 'synthesizing' ? 'synthesizing the stack…' : undefined;
}

/** No word is cut: whoever reads it copies names and ARNs. */
function folded(text: string, columns: number): string[] {
  return wrapped(text, columns, Math.max(columns, text.length));
}

/** Green for a good end, red for one that somebody should know of. */
function tintOf(outcome: string, palette: Palette): (text: string) => string {
  const code = exitCodeOf(outcome);
  if (code === 0) return palette.good;
  return code >= 20 || code === 1 ? palette.bad : palette.strong;
}
