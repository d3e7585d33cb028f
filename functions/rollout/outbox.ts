import { withLogLines } from './failed-task.ts';
import type { ImageDigest, TaskDefinitionArn } from './identifiers.ts';
import type { LedgerState, ProvenRevision, RolloutRecord, Undone, UntoldRecord } from './ledger.ts';

/** For how long it is tried to tell of a rollout, milliseconds; whoever is told later is told nothing new. */
const TOLD_WITHIN_MS = 6 * 60 * 60_000;

/** Records that wait at most: the state item must stay far below DynamoDB's 400 KB, or no rollout could be committed any more. */
const WAITING_MAX = 50;

/**
 * Ids of the records that have waited too long, or behind too many, to be told still. The one that proved `unnamed` waits on: it
 * alone tells that the live image has yet to be named.
 */
export function overdue(
  outbox: readonly RolloutRecord[],
  now: number,
  unnamed?: TaskDefinitionArn,
): ReadonlySet<string> {
  const surplus = Math.max(0, outbox.length - WAITING_MAX);
  const late = outbox.filter(({ endedAt }, index) => index < surplus || now - endedAt >= TOLD_WITHIN_MS);
  const waitsOn = ({ outcome, taskDefinition }: RolloutRecord): boolean =>
    unnamed !== undefined && outcome === 'SUCCEEDED' && taskDefinition === unnamed;
  return new Set(late.filter((record) => !waitsOn(record)).map(({ rolloutId }) => rolloutId));
}

/** Records of those that wait which keep log lines: of all of them, those could be more than an item of DynamoDB holds. */
const WITH_LINES_MAX = 10;

/** The outbox without the log lines of all records but the newest: their history entries have them. */
export function withoutOldLines(outbox: readonly RolloutRecord[]): readonly RolloutRecord[] {
  const old = Math.max(0, outbox.length - WITH_LINES_MAX);
  return outbox.map((record, index) => (index < old ? withLogLines(record, 0) : record));
}

/** Notes in what stays in the outbox what alone is still to be sent of it. */
export function withOwed(state: LedgerState, owed: ReadonlyMap<string, Undone>): LedgerState {
  if (owed.size === 0) return state;
  const outbox = state.outbox.map((record) => {
    const owes = owed.get(record.rolloutId);
    return owes === undefined ? record : { ...record, owes };
  });
  return { ...state, outbox };
}

/** The record that waits, without what is only the outbox's. */
export function recordIn({ owes: _owes, started: _started, ...record }: UntoldRecord): RolloutRecord {
  return record;
}

/** What outside the ledger names the proven images: the live one, and a tag for each that is kept. */
export interface ProvenImages {
  /** Undefined when what was proven last need not be told. */
  readonly live: ImageDigest | undefined;
  readonly kept: readonly { readonly digest: ImageDigest; readonly slot: number }[];
}

/**
 * What the proven images are by the ledger, as far as it concerns these digests, or all that are kept. It does not depend on the record that is told,
 * which may have waited in the outbox while other images were proven.
 */
export function provenImages({ verified }: LedgerState, due: readonly ImageDigest[], isAllKept: boolean): ProvenImages {
  const isDue = ({ digest }: ProvenRevision): boolean => digest !== undefined && due.includes(digest);
  const isKept = (revision: ProvenRevision): boolean => (isAllKept ? revision.digest !== undefined : isDue(revision));
  const slots = new Map(
    verified.filter(isKept).flatMap(({ digest, keepSlot }) => (keepSlot === undefined ? [] : [[keepSlot, digest!]])),
  );
  const [last] = verified;
  return {
    live: last && isDue(last) ? last.digest : undefined,
    kept: [...slots].map(([slot, digest]) => ({ slot, digest })),
  };
}

/** The images whose names outside the ledger these records may not have reached yet. */
export function dueImages(records: readonly (RolloutRecord | undefined)[]): ImageDigest[] {
  const proven = records.flatMap((record) => (record?.outcome === 'SUCCEEDED' && record.image ? record.image : []));
  return [...new Set(proven.map(({ digest }) => digest))];
}

/** Takes the slot from revisions whose image the repository has no more, so that it can be given to another one. */
export function withoutSlots(state: LedgerState, gone: readonly ImageDigest[]): LedgerState {
  if (gone.length === 0) return state;
  const verified = state.verified.map((revision) =>
    revision.digest && gone.includes(revision.digest) ? { ...revision, keepSlot: undefined } : revision,
  );
  return { ...state, verified };
}
