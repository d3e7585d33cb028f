import type { LedgerState, SelectedImage } from '../../../functions/rollout/ledger.ts';
import { wrapped } from '../../terminal/layout.ts';
import { imageText } from '../history/records.ts';

/** The rollout whose turn comes after an aborted one; without an image while it still decides. */
export interface NextRollout {
  readonly rolloutId: string;
  readonly image?: SelectedImage | undefined;
}

/** Who goes on after the aborted rollout: the one that owns the service by now, else the one that waits. */
export function nextOf(
  { owner, pending }: Partial<Pick<LedgerState, 'owner' | 'pending'>>,
  abortedId: string,
): NextRollout | null {
  if (owner && owner.rolloutId !== abortedId) return { rolloutId: owner.rolloutId, image: owner.image };
  return pending ? { rolloutId: pending.rolloutId } : null;
}

/** Says that aborting was not the end of it; no line when nobody is next. */
export function nextLines(next: NextRollout | null, when: 'now' | 'then'): string[] {
  if (!next) return [];
  const image = next.image ? ` ${imageText(next.image)}` : '';
  return wrapped(
    `Rollout ${next.rolloutId}, which waited, rolls${image} ${when}. To see it: rollouts watch. To stop it too: rollouts abort.`,
  );
}
