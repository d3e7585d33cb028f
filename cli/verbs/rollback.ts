import { readState } from '../../functions/aws/ledger-table.ts';
import { cellVerb } from '../account/cell-verb.ts';
import { cellToActOn } from '../account/deployed-cell.ts';
import { meantDigest } from '../account/known-digests.ts';
import { checkGoingBack } from './rollback/going-back.ts';
import { askStart, FORCE, NO_WAIT, startRollout } from './start/started-rollout.ts';
import { rolloutSchema } from './watch/rollout-report.ts';

/** `rollouts rollback`: goes back to a proven image. */
export const rollback = cellVerb({
  name: 'rollback',
  summary: 'Goes back to the image that was proven before, or to the one that you name, and shows how it goes.',
  options: {
    to: { type: 'string', placeholder: 'DIGEST', summary: 'A proven image; its first digits suffice.' },
    ...FORCE,
    ...NO_WAIT,
  },
  schema: rolloutSchema,
  ask: (flags) => askStart({ rollback: true }, flags, flags['to']),
  find: cellToActOn,
  async runIn(cell, { input, digest, isAwaited }, session) {
    const named = digest === undefined ? {} : { rollback: { to: await meantDigest(cell, 'to', digest) } };
    const asked = { ...input, ...named };
    await checkGoingBack(cell, await readState(cell.ledger), asked, session.clock.now());
    return await startRollout(cell, asked, isAwaited, session);
  },
});
