import type { z } from 'zod';
import { readState } from '../../functions/aws/ledger-table.ts';
import type { LedgerState } from '../../functions/rollout/ledger.ts';
import { cellVerb } from '../account/cell-verb.ts';
import { cellToActOn, type DeployedCell } from '../account/deployed-cell.ts';
import { signalOf, type Answer, type Session } from '../terminal/command.ts';
import { exitCodeOf } from '../terminal/exit-codes.ts';
import { wrapped } from '../terminal/layout.ts';
import { askStart, beginRollout, leftRunning, NO_WAIT, REASON } from './start/started-rollout.ts';
import { pinJson, pinSchema } from './status/standing-json.ts';
import type { EndedRollout } from './watch/ended-rollout.ts';
import { exitCodeSeen, rolloutJson, rolloutSchema, tellStarted } from './watch/rollout-report.ts';

const releaseSchema = rolloutSchema.extend({
  pin: pinSchema
    .nullable()
    .optional()
    .describe('The pin that is left; null when pushes are followed again. Absent when the end was not seen.'),
});
type ReleaseDocument = z.infer<typeof releaseSchema>;

/** `rollouts release`: ends a person's pin. */
export const release = cellVerb({
  name: 'release',
  summary: 'Follows pushes again after a person chose an image: rolls what the tag policy selects now.',
  options: { ...REASON, ...NO_WAIT },
  schema: releaseSchema,
  ask: (flags) => askStart({}, flags),
  find: cellToActOn,
  async runIn(cell, { input, isAwaited }, session) {
    const executionArn = await beginRollout(cell, input, session);
    return isAwaited ? await awaitRelease(cell, executionArn, session) : leftRunning(cell, executionArn);
  },
});

/** Follows the rollout, then says whether pushes are followed again, which is what was asked for. */
async function awaitRelease(
  cell: DeployedCell,
  executionArn: string,
  session: Session<ReleaseDocument>,
): Promise<Answer<ReleaseDocument>> {
  const seen = await tellStarted(cell, executionArn, session, signalOf(session));
  const document = rolloutJson(cell, executionArn, seen);
  // Whoever interrupts wants to leave, also where AWS is silent.
  if (!seen.ended) return { document, lines: [], exitCode: exitCodeSeen(seen) };
  const { pin } = await readState(cell.ledger);
  return {
    document: { ...document, pin: pinJson(pin) },
    lines: wrapped(releaseText(seen.ended, pin)),
    exitCode: releaseCode(seen.ended, pin),
  };
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
