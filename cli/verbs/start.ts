import { readState } from '../../functions/aws/ledger-table.ts';
import { cellVerb } from '../account/cell-verb.ts';
import { cellToActOn, type DeployedCell } from '../account/deployed-cell.ts';
import { UsageError, type Session } from '../terminal/command.ts';
import { meantDigest } from '../account/known-digests.ts';
import { checkNamed } from './start/named-image.ts';
import { askStart, FORCE, NO_WAIT, startRollout } from './start/started-rollout.ts';
import { rolloutSchema } from './watch/rollout-report.ts';

/** `rollouts start`: rolls an image because a person says so. */
export const start = cellVerb({
  name: 'start',
  summary:
    'Rolls the image that you name and shows how it goes; without a name what the tag policy selects now, which resumes automatic rollouts.',
  options: {
    tag: { type: 'string', placeholder: 'TAG', summary: 'Rolls the image that has this tag now.' },
    digest: { type: 'string', placeholder: 'DIGEST', summary: 'Rolls this image; its first digits suffice if known.' },
    ...FORCE,
    force: {
      type: 'boolean',
      summary:
        'Even what runs already or, where you name no image, is quarantined (naming it lifts that); wants a --reason.',
    },
    ...NO_WAIT,
  },
  schema: rolloutSchema,
  ask(flags) {
    const { tag, digest } = flags;
    if (tag !== undefined && digest !== undefined) throw new UsageError('start takes --tag or --digest, not both');
    return askStart(typeof tag === 'string' ? { image: { tag } } : {}, flags, digest);
  },
  find: cellToActOn,
  async runIn(cell, { input, digest, isAwaited }, session) {
    const named = digest === undefined ? {} : { image: { digest: await meantDigest(cell, 'digest', digest) } };
    const asked = { ...input, ...named };
    if (asked.image) await checkNamed(cell, asked.image);
    else await sayThatItResumes(cell, session);
    return await startRollout(cell, asked, isAwaited, session);
  },
});

/** Whoever names no image asks to follow pushes again, which need not be what they had in mind. */
async function sayThatItResumes(cell: DeployedCell, { emit }: Pick<Session, 'emit'>): Promise<void> {
  const { pin } = await readState(cell.ledger);
  if (pin) emit({ kind: 'resumes', rolloutId: pin.rolloutId, since: pin.since });
}
