import { parseIntent } from '../../functions/rollout/intent.ts';
import type { DeployedCell } from '../account/deployed-cell.ts';
import { rolloutIdOf, startExecution } from '../account/executions.ts';
import { UsageError, type Flags, type Option, type Terminal } from '../terminal/command.ts';
import { wrapped } from '../terminal/layout.ts';
import { reportRollout } from './watch/rollout-report.ts';

/** The flag of every verb that starts a rollout. */
export const NO_WAIT = {
  'no-wait': { type: 'boolean', summary: 'Ends once the rollout has started.' },
} as const satisfies Record<string, Option>;

/** The flags of every verb with which a person says why. */
export const REASON = {
  reason: { type: 'string', placeholder: 'TEXT', summary: 'Why; it is recorded and announced.' },
} as const satisfies Record<string, Option>;

/** The flags of every verb that may roll in spite of what is known. */
export const FORCE = {
  force: { type: 'boolean', summary: 'Even what runs already; wants a --reason.' },
  ...REASON,
} as const satisfies Record<string, Option>;

/** The input that says what was asked for; throws what the flow itself would refuse, before anything is started. */
export function inputOf(what: object, { force, reason }: Flags): object {
  if (force && reason === undefined) throw new UsageError('--force wants a --reason "…"; it is recorded and announced');
  const input = { ...what, ...(force === true && { force }), ...(reason !== undefined && { reason }) };
  const intent = parseIntent(input, { repository: '' });
  if (intent.kind === 'malformed') throw new UsageError(intent.message);
  return input;
}

/** Starts a rollout with this input and, unless told not to wait, follows it to its end; answers the exit code. */
export async function startRollout(
  cell: DeployedCell,
  input: object,
  flags: Flags,
  terminal: Terminal,
): Promise<number> {
  const executionArn = await beginRollout(cell, input, flags, terminal);
  return flags['no-wait'] ? 0 : await reportRollout(cell, executionArn, flags, terminal);
}

/** Starts a rollout and says which one it is: with `--json` only if nobody waits for its end; answers the execution's ARN. */
export async function beginRollout(
  cell: DeployedCell,
  input: object,
  flags: Flags,
  terminal: Terminal,
): Promise<string> {
  const executionArn = await startExecution(cell, input);
  const rolloutId = rolloutIdOf(executionArn);
  const { service } = cell.config;
  if (!flags['json']) terminal.out.write(`${wrapped(`Rollout ${rolloutId} of ${service} started.`).join('\n')}\n`);
  else if (flags['no-wait']) {
    const rollout = { rolloutId, executionArn, outcome: null };
    terminal.out.write(`${JSON.stringify({ schema: 1, service, rollout }, null, 2)}\n`);
  }
  return executionArn;
}
