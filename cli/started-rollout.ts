import type { DeployedCell } from './aws/deployed-cell.ts';
import { rolloutIdOf, startExecution } from './aws/executions.ts';
import type { Flags, Option, Terminal } from './command.ts';
import { reportRollout } from './watch/rollout-report.ts';

/** The flag of every verb that starts a rollout. */
export const NO_WAIT = {
  'no-wait': { type: 'boolean', summary: 'Ends once the rollout has started.' },
} as const satisfies Record<string, Option>;

/** Starts a rollout with this input and, unless told not to wait, follows it to its end; answers the exit code. */
export async function startRollout(
  cell: DeployedCell,
  input: object,
  flags: Flags,
  terminal: Terminal,
): Promise<number> {
  const executionArn = await startExecution(cell, input);
  const rolloutId = rolloutIdOf(executionArn);
  if (!flags['json']) terminal.out.write(`Rollout ${rolloutId} of ${cell.config.service} started.\n`);
  if (!flags['no-wait']) return await reportRollout(cell, executionArn, flags, terminal);
  if (flags['json']) {
    const rollout = { rolloutId, executionArn, outcome: null };
    terminal.out.write(`${JSON.stringify({ schema: 1, service: cell.config.service, rollout }, null, 2)}\n`);
  }
  return 0;
}
