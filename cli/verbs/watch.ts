import { CELL_OPTIONS, withCell, type DeployedCell } from '../account/deployed-cell.ts';
import { describeExecution, rolloutIdOf, runningExecutions } from '../account/executions.ts';
import { interruptible, unlessAborted } from '../account/interruptible.ts';
import { readLedger, readRecords } from '../account/ledger.ts';
import type { Command, Flags, Terminal } from '../terminal/command.ts';
import { wrapped } from '../terminal/layout.ts';
import { MACHINE_CLOCK, moment } from '../terminal/moments.ts';
import { recordJson } from './records.ts';
import { reportRollout, signalOf } from './watch/rollout-report.ts';

/** Milliseconds between looks for the next rollout. */
const WAIT_MS = 5000;
const LOOKS_MAX = 10_000_000;

/** `rollouts watch`: the running rollout as it happens. */
export const watch: Command = {
  name: 'watch',
  summary: 'Shows the running rollout as it happens, until it ends.',
  options: { ...CELL_OPTIONS, follow: { type: 'boolean', summary: 'Goes on with the next rollout, until Ctrl-C.' } },
  run,
};

async function run(flags: Flags, terminal: Terminal): Promise<number> {
  return await withCell(flags, terminal, async (cell) => {
    if (flags['follow']) return await watchAll(cell, flags, terminal);
    const executionArn = await currentRollout(cell);
    return executionArn === undefined
      ? await tellIdle(cell, flags, terminal)
      : await watchOne(cell, executionArn, flags, terminal);
  });
}

/** The execution that holds the service; else the newest that runs, which may still be deciding. */
async function currentRollout(cell: DeployedCell): Promise<string | undefined> {
  const [{ owner }, running] = await Promise.all([readLedger(cell), runningExecutions(cell)]);
  return running.find((executionArn) => executionArn === owner?.executionArn) ?? running[0];
}

async function watchOne(
  cell: DeployedCell,
  executionArn: string,
  flags: Flags,
  terminal: Terminal,
  signal?: AbortSignal,
): Promise<number> {
  const startedAt = (await describeExecution(cell, executionArn))?.startDate?.getTime() ?? 0;
  const since = moment(startedAt, (terminal.clock ?? MACHINE_CLOCK).now());
  if (!flags['json']) terminal.out.write(`Rollout ${rolloutIdOf(executionArn)}\nsince ${since}\n`);
  return await reportRollout(cell, executionArn, flags, terminal, signal);
}

/** Rollout after rollout until the terminal is interrupted, which is how this is meant to end. */
async function watchAll(cell: DeployedCell, flags: Flags, terminal: Terminal): Promise<number> {
  const signal = signalOf(terminal);
  await unlessAborted(signal, watchNext(interruptible(cell, signal), flags, terminal, signal));
  return 0;
}

async function watchNext(cell: DeployedCell, flags: Flags, terminal: Terminal, signal: AbortSignal): Promise<void> {
  const clock = terminal.clock ?? MACHINE_CLOCK;
  let isWaiting = false;
  for (let look = 0; look < LOOKS_MAX && !signal.aborted; look++) {
    const executionArn = await currentRollout(cell);
    if (executionArn === undefined && !isWaiting && !flags['json'])
      terminal.out.write('Waiting for the next rollout.\n');
    isWaiting = executionArn === undefined;
    if (executionArn === undefined) await clock.sleep(WAIT_MS, signal);
    else await watchOne(cell, executionArn, flags, terminal, signal);
  }
}

async function tellIdle(cell: DeployedCell, flags: Flags, { out, clock = MACHINE_CLOCK }: Terminal): Promise<number> {
  const [last] = await readRecords(cell);
  const told = last
    ? `No rollout runs. The last one ended ${last.outcome} ${moment(last.endedAt, clock.now())}.`
    : 'No rollout runs, and none has ended yet.';
  const document = { schema: 1, service: cell.config.service, rollout: null, last: last ? recordJson(last) : null };
  out.write(`${flags['json'] ? JSON.stringify(document, null, 2) : wrapped(told).join('\n')}\n`);
  return 0;
}
