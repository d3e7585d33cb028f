import { CELL_OPTIONS, withCell } from '../account/deployed-cell.ts';
import type { Answer, Flags, Session, Verb } from '../terminal/command.ts';
import { VERBS_JSON } from '../terminal/document.ts';
import { meantDigest } from './known-digests.ts';
import { FORCE, inputOf, NO_WAIT, startRollout } from './started-rollout.ts';
import { rolloutSchema, type RolloutDocument } from './watch/rollout-report.ts';

/** `rollouts rollback`: goes back to a proven image. */
export const rollback: Verb<RolloutDocument> = {
  name: 'rollback',
  summary: 'Goes back to the image that was proven before, or to the one that you name, and shows how it goes.',
  options: {
    ...CELL_OPTIONS,
    to: { type: 'string', placeholder: 'DIGEST', summary: 'A proven image; its first digits suffice.' },
    ...FORCE,
    ...NO_WAIT,
  },
  document: { schema: rolloutSchema, describedIn: VERBS_JSON },
  run,
};

async function run(flags: Flags, session: Session<RolloutDocument>): Promise<Answer<RolloutDocument>> {
  const { to } = flags;
  const input = inputOf({ rollback: true }, flags);
  return await withCell(flags, session, async (cell) => {
    const named = typeof to === 'string' ? { rollback: { to: await meantDigest(cell, 'to', to) } } : {};
    return await startRollout(cell, { ...input, ...named }, flags, session);
  });
}
