import type { LedgerState } from '../../functions/rollout/ledger.ts';
import { CELL_OPTIONS, withCell, type DeployedCell } from '../account/deployed-cell.ts';
import { readLedger } from '../account/ledger.ts';
import type { Command, Flags, Terminal } from '../terminal/command.ts';
import { exitCodeOf, INTERRUPTED } from '../terminal/exit-codes.ts';
import { wrapped } from '../terminal/layout.ts';
import { beginRollout, inputOf, NO_WAIT, REASON } from './started-rollout.ts';
import { pinJson } from './status/standing-json.ts';
import type { EndedRollout } from './watch/ended-rollout.ts';
import { documentOf, signalOf, tellStarted } from './watch/rollout-report.ts';

/** `rollouts release`: ends a pin. */
export const release: Command = {
  name: 'release',
  summary: 'Follows pushes again after a person chose an image: rolls what the tag policy selects now.',
  options: { ...CELL_OPTIONS, ...REASON, ...NO_WAIT },
  run,
};

async function run(flags: Flags, terminal: Terminal): Promise<number> {
  const input = inputOf({}, flags);
  return await withCell(flags, terminal, async (cell) => {
    const executionArn = await beginRollout(cell, input, flags, terminal);
    return flags['no-wait'] ? 0 : await tellRelease(cell, executionArn, flags, terminal);
  });
}

/** Follows the rollout, then says whether pushes are followed again, which is what was asked for. */
async function tellRelease(
  cell: DeployedCell,
  executionArn: string,
  flags: Flags,
  terminal: Terminal,
): Promise<number> {
  const seen = await tellStarted(cell, executionArn, flags, terminal, signalOf(terminal));
  // Whoever interrupts wants to leave, also where AWS is silent.
  const { pin } = seen.ended ? await readLedger(cell) : {};
  const document = { ...documentOf(cell, executionArn, seen), ...(seen.ended && { pin: pinJson(pin) }) };
  if (flags['json']) terminal.out.write(`${JSON.stringify(document, null, 2)}\n`);
  else if (seen.ended) terminal.out.write(`${wrapped(releaseText(seen.ended, pin)).join('\n')}\n`);
  return seen.ended ? releaseCode(seen.ended, pin) : INTERRUPTED;
}

/** What became of the pin, in a sentence. */
export function releaseText({ outcome }: Pick<EndedRollout, 'outcome'>, pin: LedgerState['pin']): string {
  if (pin) return 'Pushes are still held, as nothing newer could be rolled; to try again: rollouts release.';
  return outcome === 'HELD'
    ? 'Pushes are followed again; the newest image is quarantined, and what runs stays until another one comes.'
    : 'Pushes are followed again.';
}

/** A release that only found the newest image quarantined did what was asked for. */
export function releaseCode({ outcome }: Pick<EndedRollout, 'outcome'>, pin: LedgerState['pin']): number {
  return outcome === 'HELD' && !pin ? 0 : exitCodeOf(outcome);
}
