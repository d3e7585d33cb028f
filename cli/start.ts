import { isImageTag } from '../functions/rollout/identifiers.ts';
import { CELL_OPTIONS, withCell, type DeployedCell } from './aws/deployed-cell.ts';
import { UsageError, type Command, type Flags, type Terminal } from './command.ts';
import { meantDigest } from './known-digests.ts';
import { NO_WAIT, startRollout } from './started-rollout.ts';

/** `rollouts start`: rolls an image because a person says so. */
export const start: Command = {
  name: 'start',
  summary: 'Rolls what the tag policy selects now, or the image that you name, and shows how it goes.',
  options: {
    ...CELL_OPTIONS,
    tag: { type: 'string', placeholder: 'TAG', summary: 'Rolls the image that has this tag now.' },
    digest: { type: 'string', placeholder: 'DIGEST', summary: 'Rolls this image; its first digits suffice if known.' },
    force: { type: 'boolean', summary: 'Also where it runs already, is quarantined, or is held.' },
    reason: { type: 'string', placeholder: 'TEXT', summary: 'Why it is forced; recorded and announced.' },
    ...NO_WAIT,
  },
  run,
};

async function run(flags: Flags, terminal: Terminal): Promise<number> {
  refuseMisuse(flags);
  return await withCell(flags, terminal, async (cell) => {
    const input = { ...(await imageMember(cell, flags)), ...forceMembers(flags) };
    return await startRollout(cell, input, flags, terminal);
  });
}

function refuseMisuse({ tag, digest, force, reason }: Flags): void {
  if (tag !== undefined && digest !== undefined) throw new UsageError('start takes --tag or --digest, not both');
  if (tag !== undefined && !isImageTag(tag))
    throw new UsageError(`--tag ${String(tag)}: a tag has 1 to 128 of A-Z a-z 0-9 _ . -`);
  if (force && !isText(reason)) throw new UsageError('--force wants a --reason "…", which is recorded and announced');
  if (!force && reason !== undefined)
    throw new UsageError('--reason goes with --force; add it, or leave the reason out');
}

function isText(value: Flags[string]): boolean {
  return typeof value === 'string' && value.trim() !== '';
}

async function imageMember(cell: DeployedCell, { tag, digest }: Flags): Promise<object> {
  if (typeof digest === 'string') return { image: { digest: await meantDigest(cell, 'digest', digest) } };
  return tag === undefined ? {} : { image: { tag } };
}

function forceMembers({ force, reason }: Flags): object {
  return force ? { force: true, reason: String(reason).trim() } : {};
}
