import { CELL_OPTIONS, withCell } from '../account/deployed-cell.ts';
import type { Command, Flags, Terminal } from '../terminal/command.ts';
import { MACHINE_CLOCK } from '../terminal/moments.ts';
import { standingJson } from './status/standing-json.ts';
import { standingLines } from './status/standing-text.ts';
import { readStanding } from './status/standing.ts';

/** `rollouts status`: how a service stands. */
export const status: Command = {
  name: 'status',
  summary: 'Shows what runs and since when, who holds the service, what waits, is held or quarantined.',
  options: CELL_OPTIONS,
  run,
};

async function run(flags: Flags, terminal: Terminal): Promise<number> {
  return await withCell(flags, terminal, async (cell) => {
    const standing = await readStanding(cell);
    const now = (terminal.clock ?? MACHINE_CLOCK).now();
    const text = flags['json']
      ? JSON.stringify(standingJson(standing, cell), null, 2)
      : standingLines(standing, cell, now).join('\n');
    terminal.out.write(`${text}\n`);
    return 0;
  });
}
