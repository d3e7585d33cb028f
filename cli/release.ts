import { CELL_OPTIONS, withCell } from './aws/deployed-cell.ts';
import type { Command, Flags, Terminal } from './command.ts';
import { inputOf, NO_WAIT, REASON, startRollout } from './started-rollout.ts';

/** `rollouts release`: ends a person's hold. */
export const release: Command = {
  name: 'release',
  summary: 'Follows pushes again after a person chose an image: rolls what the tag policy selects now.',
  options: { ...CELL_OPTIONS, ...REASON, ...NO_WAIT },
  run,
};

async function run(flags: Flags, terminal: Terminal): Promise<number> {
  const input = inputOf({}, flags);
  return await withCell(flags, terminal, (cell) => startRollout(cell, input, flags, terminal));
}
