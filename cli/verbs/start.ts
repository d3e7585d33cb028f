import { CELL_OPTIONS, withCell, type DeployedCell } from '../account/deployed-cell.ts';
import { UsageError, type Answer, type Flags, type Session, type Verb } from '../terminal/command.ts';
import { VERBS_JSON } from '../terminal/document.ts';
import { meantDigest } from './known-digests.ts';
import { FORCE, inputOf, NO_WAIT, startRollout } from './started-rollout.ts';
import { rolloutSchema, type RolloutDocument } from './watch/rollout-report.ts';

/** `rollouts start`: rolls an image because a person says so. */
export const start: Verb<RolloutDocument> = {
  name: 'start',
  summary: 'Rolls what the tag policy selects now, or the image that you name, and shows how it goes.',
  options: {
    ...CELL_OPTIONS,
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
  document: { schema: rolloutSchema, describedIn: VERBS_JSON },
  run,
};

async function run(flags: Flags, session: Session<RolloutDocument>): Promise<Answer<RolloutDocument>> {
  const { tag, digest } = flags;
  if (tag !== undefined && digest !== undefined) throw new UsageError('start takes --tag or --digest, not both');
  const input = inputOf(tag === undefined ? {} : { image: { tag } }, flags);
  return await withCell(flags, session, async (cell) =>
    startRollout(cell, { ...input, ...(await digestMember(cell, digest)) }, flags, session),
  );
}

async function digestMember(cell: DeployedCell, digest: Flags[string]): Promise<object> {
  return typeof digest === 'string' ? { image: { digest: await meantDigest(cell, 'digest', digest) } } : {};
}
