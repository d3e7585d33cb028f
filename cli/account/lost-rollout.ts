import type { TimelineEntry } from '../../timeline/scenario-report.ts';

/** A rollout could not be followed any further, though it goes on by itself; `cause` says why. */
export class LostRollout extends Error {
  override readonly name = 'LostRollout';
  /** What was seen of it until then. */
  readonly timeline: readonly TimelineEntry[];
  constructor(cause: unknown, timeline: readonly TimelineEntry[]) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.timeline = timeline;
  }
}
