import type { RecordView } from '../rehearsal/cell/ledger-view.ts';
import type { Happenings } from './happenings.ts';

type Ended = Pick<RecordView, 'rolloutId' | 'outcome' | 'image' | 'request' | 'trigger' | 'startedAt' | 'endedAt'>;

/**
 * Rollouts of pushes and ticks that rolled something over somebody's choice: what a person named beside what was pushed last, and
 * what succeeded, stays until a person asks for what was pushed last, whatever else they try and fail with.
 */
export function rolledOverChoices(
  records: readonly Ended[],
  { pushes }: Pick<Happenings, 'pushes'>,
  isSelected: (tag: string) => boolean,
): string[] {
  const selected = pushes.filter(({ tag }) => isSelected(tag));
  let choice: Ended | undefined;
  return records.flatMap((record) => {
    if (record.request) {
      // One that came to nothing changes nothing, unless it asked to follow pushes.
      if (!isNamed(record) || isOfSelection(record, selected)) choice = undefined;
      else if (record.outcome === 'SUCCEEDED') choice = record;
      return [];
    }
    const { rolloutId, outcome, image, trigger } = record;
    // What brings an emptied service back rolls what was chosen.
    if (!choice || outcome !== 'SUCCEEDED' || image?.digest === choice.image?.digest) return [];
    const chosen = `${choice.image?.digest} was somebody's choice in rollout ${choice.rolloutId}`;
    return [`choice: ${chosen}, and rollout ${rolloutId} of a ${trigger} rolled ${image?.digest} over it.`];
  });
}

function isNamed({ request = {} }: Ended): boolean {
  return request.tag !== undefined || request.digest !== undefined || request.rollback !== undefined;
}

/** Whether its image was the one that was pushed last at any time while it went on: then it is no choice beside the selection. */
function isOfSelection({ image, startedAt, endedAt }: Ended, pushes: Happenings['pushes']): boolean {
  const current = pushes.findLast(({ at }) => at <= startedAt);
  const meanwhile = pushes.filter(({ at }) => at > startedAt && at <= endedAt);
  return [current, ...meanwhile].some((push) => push?.digest === image?.digest);
}
