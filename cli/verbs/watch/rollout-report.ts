import { paletteFor, type Palette } from '../../../timeline/palette.ts';
import type { TimelineEntry } from '../../../timeline/scenario-report.ts';
import { timelineLine } from '../../../timeline/timeline.ts';
import type { DeployedCell } from '../../account/deployed-cell.ts';
import { rolloutIdOf } from '../../account/executions.ts';
import type { Flags, Terminal } from '../../terminal/command.ts';
import { exitCodeOf, INTERRUPTED } from '../../terminal/exit-codes.ts';
import { hangingLines, shortDigest, wrapped } from '../../terminal/layout.ts';
import { MACHINE_CLOCK } from '../../terminal/moments.ts';
import { endJson, type EndedRollout } from './ended-rollout.ts';
import { followRollout } from './follow-rollout.ts';
import { LostRollout } from '../../account/lost-rollout.ts';

/** Where the text of a timeline begins. */
const TEXT_FROM = 21;

/** What was seen of a rollout; `ended` is absent when watching was interrupted. */
export interface Seen {
  readonly ended?: EndedRollout;
  readonly timeline: readonly TimelineEntry[];
}

/** Follows a rollout to its end, tells it as it happens or, with `--json`, in one document; answers the exit code. */
export async function reportRollout(
  cell: DeployedCell,
  executionArn: string,
  flags: Flags,
  terminal: Terminal,
  signal: AbortSignal = signalOf(terminal),
): Promise<number> {
  const seen = await tellStarted(cell, executionArn, flags, terminal, signal);
  if (flags['json']) terminal.out.write(`${JSON.stringify(documentOf(cell, executionArn, seen), null, 2)}\n`);
  return seen.ended ? exitCodeOf(seen.ended.outcome) : INTERRUPTED;
}

/** As {@link tellRollout}; where that fails, `--json` still has its one document, which says which rollout goes on. */
export async function tellStarted(
  cell: DeployedCell,
  executionArn: string,
  flags: Flags,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<Seen> {
  try {
    return await tellRollout(cell, executionArn, flags, terminal, signal);
  } catch (error) {
    const document = documentOf(cell, executionArn, { timeline: error instanceof LostRollout ? error.timeline : [] });
    if (flags['json']) terminal.out.write(`${JSON.stringify(document, null, 2)}\n`);
    throw error;
  }
}

/** Follows a rollout to its end and, without `--json`, tells it as it happens; throws a {@link LostRollout}. */
export async function tellRollout(
  cell: DeployedCell,
  executionArn: string,
  flags: Flags,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<Seen> {
  const palette = paletteFor(terminal.out, terminal.env);
  const print = (lines: readonly string[]): void => void (flags['json'] || terminal.out.write(`${lines.join('\n')}\n`));
  const timeline: TimelineEntry[] = [];
  const ended = await followRollout(cell, executionArn, {
    clock: terminal.clock ?? MACHINE_CLOCK,
    signal,
    onEntry: (entry) => {
      timeline.push(entry);
      print(timelineLines(entry, palette));
    },
  }).catch((error) => {
    throw new LostRollout(error, timeline);
  });
  print(endLines(ended, palette));
  return { timeline, ...(ended && { ended }) };
}

/** Aborts when the terminal is interrupted. */
export function signalOf(terminal: Terminal): AbortSignal {
  const stop = new AbortController();
  void terminal.interrupted().then(() => stop.abort());
  return stop.signal;
}

/** The rehearsal's line, its text broken to fit the columns. */
export function timelineLines(entry: TimelineEntry, palette: Palette): string[] {
  const [first = '', ...rest] = hangingLines(' '.repeat(TEXT_FROM), entry.text);
  const isBeside = first.startsWith(' '.repeat(TEXT_FROM));
  const line = (text: string): string => timelineLine({ ...entry, text }, palette);
  return isBeside ? [line(first.slice(TEXT_FROM)), ...rest] : [line(''), first, ...rest];
}

function endLines(ended: EndedRollout | undefined, palette: Palette): string[] {
  if (!ended) return ['', 'Watching ended; the rollout goes on. To see it again: rollouts watch'];
  const { outcome, message = outcome } = ended;
  const code = exitCodeOf(outcome);
  const tint = code === 0 ? palette.good : code >= 20 || code === 1 ? palette.bad : palette.strong;
  return ['', ...wrapped(shortDigest(message)).map(tint)];
}

/** A rollout that was followed, for machines (docs/verbs-json.md). */
export function documentOf({ config }: DeployedCell, executionArn: string, { ended, timeline }: Seen): object {
  return {
    schema: 1,
    service: config.service,
    rollout: ended ? endJson(ended) : { rolloutId: rolloutIdOf(executionArn), executionArn, outcome: null },
    timeline: timelineJson(timeline),
  };
}

/** A timeline for machines (docs/verbs-json.md). */
export function timelineJson(timeline: readonly TimelineEntry[]): object[] {
  return timeline.map(({ virtualSeconds, kind, text }) => ({ seconds: virtualSeconds, kind, text }));
}
