import { z } from 'zod';
import type { TimelineEntry } from '../../../timeline/scenario-report.ts';
import type { DeployedCell } from '../../account/deployed-cell.ts';
import { LostRollout } from '../../account/lost-rollout.ts';
import { signalOf, type Answered, type Session } from '../../terminal/command.ts';
import type { Live } from '../../terminal/events.ts';
import { list, serviceDocument, shape } from '../../terminal/document.ts';
import { exitCodeOf, INTERRUPTED } from '../../terminal/exit-codes.ts';
import { followedJson, followedSchema, type EndedRollout } from './ended-rollout.ts';
import { followRollout } from './follow-rollout.ts';

/** What was seen of a rollout; `ended` is undefined when watching was interrupted. */
export interface Seen {
  readonly ended: EndedRollout | undefined;
  readonly timeline: readonly TimelineEntry[];
}

/** What happened during a rollout, for machines. */
export const timelineSchema = list(
  shape('happening', {
    seconds: z.number().describe('Seconds since the rollout began.'),
    kind: z
      .enum(['push', 'state', 'tasks', 'ecs', 'decided', 'ended'])
      .describe('As in [rehearse-json.md](rehearse-json.md).'),
    text: z.string().describe('For people; its wording is not part of the contract.'),
  }),
).describe('What happened, in order; empty with `--no-wait`.');

/** A rollout that was followed, for machines. */
export const rolloutSchema = serviceDocument({
  rollout: followedSchema.describe('The rollout that was started.'),
  timeline: timelineSchema,
});
export type RolloutDocument = z.infer<typeof rolloutSchema>;

/** Follows a rollout to its end and tells it as it happens. */
export async function reportRollout(
  cell: DeployedCell,
  executionArn: string,
  session: Session<RolloutDocument>,
  signal: AbortSignal = signalOf(session),
): Promise<Answered<RolloutDocument>> {
  const seen = await tellStarted(cell, executionArn, session, signal);
  return { document: rolloutJson(cell, executionArn, seen), lines: [], exitCode: exitCodeSeen(seen) };
}

/** As {@link tellRollout}; where that fails, there is still a document, which says which rollout goes on. */
export async function tellStarted(
  cell: DeployedCell,
  executionArn: string,
  session: Session<RolloutDocument>,
  signal: AbortSignal,
): Promise<Seen> {
  try {
    return await tellRollout(cell, executionArn, session, signal);
  } catch (error) {
    const timeline = error instanceof LostRollout ? error.timeline : [];
    session.tell({ document: rolloutJson(cell, executionArn, { ended: undefined, timeline }), lines: [] });
    throw error;
  }
}

/** Follows a rollout to its end and tells it as it happens; throws a {@link LostRollout}. */
export async function tellRollout(
  cell: DeployedCell,
  executionArn: string,
  { clock, emit, isLive = false }: Pick<Session, 'clock' | 'emit' | 'isLive'>,
  signal: AbortSignal,
): Promise<Seen> {
  const timeline: TimelineEntry[] = [];
  const onEntry = (entry: TimelineEntry): void => {
    timeline.push(entry);
    emit({ kind: 'happened', entry });
  };
  const onLive = (live: Live): void => emit({ kind: 'live', live });
  const following = { clock, signal, onEntry, ...(isLive && { onLive }) };
  const ended = await followRollout(cell, executionArn, following).catch((error) => {
    throw new LostRollout(error, timeline);
  });
  emit(ended ? { kind: 'ended', outcome: ended.outcome, message: ended.message } : { kind: 'left' });
  return { ended, timeline };
}

/** The outcome's exit code; without an end somebody interrupted. */
export function exitCodeSeen({ ended }: Seen): number {
  return ended ? exitCodeOf(ended.outcome) : INTERRUPTED;
}

/** A rollout that was started, and perhaps followed, for machines. */
export function rolloutJson(
  { config }: DeployedCell,
  executionArn: string,
  { ended, timeline }: Seen,
): RolloutDocument {
  return {
    schema: 1,
    service: config.service,
    rollout: followedJson(executionArn, ended),
    timeline: timelineJson(timeline),
  };
}

/** A timeline for machines. */
export function timelineJson(timeline: readonly TimelineEntry[]): RolloutDocument['timeline'] {
  return timeline.map(({ virtualSeconds, kind, text }) => ({ seconds: virtualSeconds, kind, text }));
}
