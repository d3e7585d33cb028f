import type { RolloutRecord } from '../../../functions/rollout/ledger.ts';

/**
 * Reasons of rollouts that only found their image dealt with elsewhere: by a rollout under way, by an earlier one, or by the push
 * of another of its tags.
 */
const POINTS_ELSEWHERE: readonly string[] = ['AlreadyRolling', 'AlreadySeen', 'Quarantined', 'TagNotSelected'];

/** Whether a record says itself what became of its image. */
export function saysItself({ reason }: Pick<RolloutRecord, 'reason'>): boolean {
  return !POINTS_ELSEWHERE.includes(reason);
}

/**
 * The record that says what became of an image, of all records of that image, the newest first: the newest that says so itself,
 * else the newest. One that ran into somebody's choice or a newer push counts, whatever became of the image before.
 */
export function decidingRecord(records: readonly RolloutRecord[]): RolloutRecord | undefined {
  return records.find(saysItself) ?? records[0];
}
