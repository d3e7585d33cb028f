import type { RolloutRecord } from './ledger.ts';

/**
 * The sort key of a history entry is `ended#<when it ended, ISO 8601>#<rollout>`: the newest entries are read without any other.
 * An outcome is committed once, time included, so writing an entry again finds the same key.
 */
const ENDED = 'ended#';

/** Sort keys from the first to the last of a history, or of a part of it. */
export interface KeyRange {
  readonly from: string;
  readonly to: string;
}

/** A place in a history, the newest first: the entries after it are those that ended before. An entry's own, or a time in ISO 8601. */
export type HistoryPlace = string & { readonly __brand: 'HistoryPlace' };

/** Milliseconds by which the clocks of Step Functions and of a function may differ: far more than they do. */
const CLOCKS_DIFFER_MS = 3_600_000;

/** The sort key of an entry. */
export function historyKey(record: Pick<RolloutRecord, 'endedAt' | 'rolloutId'>): string {
  return `${ENDED}${placeOf(record)}`;
}

/** Where an entry stands. */
export function placeOf({ endedAt, rolloutId }: Pick<RolloutRecord, 'endedAt' | 'rolloutId'>): HistoryPlace {
  return `${new Date(endedAt).toISOString()}#${rolloutId}` as HistoryPlace;
}

const PLACE = /^(\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?Z)?)(#\S{1,80})?$/;

/** Reads a place: a day or a time in UTC, as in `2027-03-01` or `2027-03-01T12:00Z`, or what {@link placeOf} gave; undefined when it is none. */
export function parsePlace(text: string): HistoryPlace | undefined {
  const [, time, entry = ''] = PLACE.exec(text) ?? [];
  const at = Date.parse(time ?? '');
  return Number.isNaN(at) ? undefined : (`${new Date(at).toISOString()}${entry}` as HistoryPlace);
}

/** Everything, or what comes after a place; that place itself is in the range, too. */
export function historyRange(after?: HistoryPlace): KeyRange {
  // Behind "#" and before "$" is every rollout of one moment.
  return { from: ENDED, to: after === undefined ? 'ended$' : `${ENDED}${after}` };
}

/** Entries of rollouts that ended after this time, as far as clocks agree. */
export function endedSince(startedAt: number): KeyRange {
  const since = new Date(Math.max(0, startedAt - CLOCKS_DIFFER_MS)).toISOString();
  return { ...historyRange(), from: `${ENDED}${since}` };
}
