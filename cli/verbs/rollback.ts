import { CELL_OPTIONS, withCell } from '../account/deployed-cell.ts';
import type { Command, Flags, Terminal } from '../terminal/command.ts';
import { meantDigest } from './known-digests.ts';
import { FORCE, inputOf, NO_WAIT, startRollout } from './started-rollout.ts';

/** `rollouts rollback`: goes back to a proven image. */
export const rollback: Command = {
  name: 'rollback',
  summary: 'Goes back to the image that was proven before, or to the one that you name, and shows how it goes.',
  options: {
    ...CELL_OPTIONS,
    to: { type: 'string', placeholder: 'DIGEST', summary: 'A proven image; its first digits suffice.' },
    ...FORCE,
    ...NO_WAIT,
  },
  run,
};

async function run(flags: Flags, terminal: Terminal): Promise<number> {
  const { to } = flags;
  const input = inputOf({ rollback: true }, flags);
  return await withCell(flags, terminal, async (cell) => {
    const named = typeof to === 'string' ? { rollback: { to: await meantDigest(cell, 'to', to) } } : {};
    return await startRollout(cell, { ...input, ...named }, flags, terminal);
  });
}
