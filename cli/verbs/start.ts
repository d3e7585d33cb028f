import { cellVerb } from '../account/cell-verb.ts';
import { UsageError } from '../terminal/command.ts';
import { meantDigest } from '../account/known-digests.ts';
import { askStart, FORCE, NO_WAIT, startRollout } from './start/started-rollout.ts';
import { rolloutSchema } from './watch/rollout-report.ts';

/** `rollouts start`: rolls an image because a person says so. */
export const start = cellVerb({
  name: 'start',
  summary: 'Rolls what the tag policy selects now, or the image that you name, and shows how it goes.',
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
    return askStart(tag === undefined ? {} : { image: { tag } }, flags, digest);
  },
  async runIn(cell, { input, digest, isAwaited }, session) {
    const image = digest === undefined ? {} : { image: { digest: await meantDigest(cell, 'digest', digest) } };
    return await startRollout(cell, { ...input, ...image }, isAwaited, session);
  },
});
