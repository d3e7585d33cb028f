import { CELL_OPTIONS, withCell } from './aws/deployed-cell.ts';
import type { Command, Flags, Terminal } from './command.ts';
import { NO_WAIT, startRollout } from './started-rollout.ts';

/** `rollouts release`: ends a person's hold. */
export const release: Command = {
  name: 'release',
  summary: 'Follows pushes again after a person chose an image: rolls what the tag policy selects now.',
  options: { ...CELL_OPTIONS, ...NO_WAIT },
  run: (flags: Flags, terminal: Terminal) =>
    withCell(flags, terminal, (cell) => startRollout(cell, {}, flags, terminal)),
};
