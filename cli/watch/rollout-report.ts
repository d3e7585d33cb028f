import { paletteFor, type Palette } from '../../rehearsal/report/palette.ts';
import type { TimelineEntry } from '../../rehearsal/report/scenario-report.ts';
import { timelineLine } from '../../rehearsal/report/timeline.ts';
import type { DeployedCell } from '../aws/deployed-cell.ts';
import type { Flags, Terminal } from '../command.ts';
import { exitCodeOf, INTERRUPTED } from '../exit-codes.ts';
import { wrapped } from '../layout.ts';
import { MACHINE_CLOCK } from '../moments.ts';
import { endJson, type EndedRollout } from './ended-rollout.ts';
import { followRollout } from './follow-rollout.ts';

/** Where the text of a timeline begins, and how much of it fits. */
const TEXT_FROM = 21;
const TEXT_COLUMNS = 80 - TEXT_FROM;

/** Follows a rollout to its end, tells it as it happens or, with `--json`, in one document; answers the exit code. */
export async function reportRollout(
  cell: DeployedCell,
  executionArn: string,
  flags: Flags,
  terminal: Terminal,
  signal: AbortSignal = signalOf(terminal),
): Promise<number> {
  const palette = paletteFor(terminal.out, terminal.env);
  const isJson = flags['json'] === true;
  const timeline: TimelineEntry[] = [];
  const ended = await followRollout(cell, executionArn, {
    clock: terminal.clock ?? MACHINE_CLOCK,
    signal,
    onEntry: (entry) => {
      timeline.push(entry);
      if (!isJson) terminal.out.write(`${timelineLines(entry, palette).join('\n')}\n`);
    },
  });
  if (isJson) terminal.out.write(`${JSON.stringify(documentOf(cell, executionArn, ended, timeline), null, 2)}\n`);
  else terminal.out.write(`${endLines(ended, palette).join('\n')}\n`);
  return ended ? exitCodeOf(ended.outcome) : INTERRUPTED;
}

/** Aborts when the terminal is interrupted. */
export function signalOf(terminal: Terminal): AbortSignal {
  const stop = new AbortController();
  void terminal.interrupted().then(() => stop.abort());
  return stop.signal;
}

/** The rehearsal's line, its text broken to fit the columns. */
function timelineLines(entry: TimelineEntry, palette: Palette): string[] {
  const [text = '', ...rest] = wrapped(entry.text, TEXT_COLUMNS);
  return [timelineLine({ ...entry, text }, palette), ...rest.map((line) => `${' '.repeat(TEXT_FROM)}${line}`)];
}

function endLines(ended: EndedRollout | undefined, palette: Palette): string[] {
  if (!ended) return ['', 'Watching ended; the rollout goes on. To see it again: rollouts watch'];
  const { outcome, message = outcome } = ended;
  const code = exitCodeOf(outcome);
  const tint = code === 0 ? palette.good : code >= 20 || code === 1 ? palette.bad : palette.strong;
  return ['', ...wrapped(message).map(tint)];
}

function documentOf(
  { config }: DeployedCell,
  executionArn: string,
  ended: EndedRollout | undefined,
  timeline: readonly TimelineEntry[],
): object {
  return {
    schema: 1,
    service: config.service,
    rollout: ended ? endJson(ended) : { executionArn, outcome: null },
    timeline: timeline.map(({ virtualSeconds, kind, text }) => ({ seconds: virtualSeconds, kind, text })),
  };
}
