import type { Owner, PendingRollout } from '../../functions/rollout/ledger.ts';
import { closeAborted } from './abort/close-aborted.ts';
import { nextLines, nextOf } from './abort/next-rollout.ts';
import { CELL_OPTIONS, withCell, type DeployedCell } from '../account/deployed-cell.ts';
import { describeExecution, startExecution, stopExecution } from '../account/executions.ts';
import { readLedger } from '../account/ledger.ts';
import type { Command, Flags, Terminal } from '../terminal/command.ts';
import { exitCodeOf, INTERRUPTED } from '../terminal/exit-codes.ts';
import { labelledLines, wrapped } from '../terminal/layout.ts';
import { MACHINE_CLOCK } from '../terminal/moments.ts';
import { inputOf, NO_WAIT } from './started-rollout.ts';
import { runningJson } from './status/standing-json.ts';
import { runningTexts } from './status/standing-text.ts';
import { readRunning, undecidedRollouts } from './status/standing.ts';
import { endJson } from './watch/ended-rollout.ts';
import { signalOf, tellRollout, timelineJson, type Seen } from './watch/rollout-report.ts';

/** `rollouts abort`: stops the running rollout and puts back what was proven. */
export const abort: Command = {
  name: 'abort',
  summary: 'Stops the running rollout, puts back what was proven before it, and says what runs then.',
  options: {
    ...CELL_OPTIONS,
    reason: { type: 'string', placeholder: 'TEXT', summary: 'Why; it is recorded and announced.' },
    ...NO_WAIT,
  },
  run,
};

/** Outcomes of a successor after which the service is as it was before the stopped rollout, or further on. */
const BACK_IN_PLACE = ['SUCCEEDED', 'NO_CHANGE', 'SUPERSEDED', 'HELD', 'STAGED', 'ROLLED_BACK', 'ROLLED_BACK_BY_ECS'];

async function run(flags: Flags, terminal: Terminal): Promise<number> {
  const cause = causeOf(flags);
  return await withCell(flags, terminal, async (cell) => {
    const { owner, pending } = await readLedger(cell);
    if (!owner) return await tellService(cell, undefined, flags, terminal, []);
    const hasStopped = await stop(cell, owner, cause);
    const how = hasStopped ? 'stopped' : 'was over already';
    if (!flags['json']) terminal.out.write(`Rollout ${owner.rolloutId} ${how}.\n`);
    return flags['no-wait']
      ? await leaveRecovery(cell, { owner, pending }, flags, terminal)
      : await awaitRecovery(cell, owner, flags, terminal);
  });
}

const NOTHING = 'Nothing to stop: no rollout holds the service.';

/** A rollout that has not taken the service is not stopped: the tick would start another one for the same image. */
function undecidedText(rolloutId: string): string {
  return `Rollout ${rolloutId} has not taken the service yet, maybe because somebody else deploys, and is not stopped. To keep it from rolling, hold pushes: rollouts start --digest DIGEST, with the image that is to run; that rolls at once, over any deployment.`;
}

/** The cause of the stopped execution; throws what no reason may be, before anything is stopped. */
function causeOf({ reason }: Flags): string {
  inputOf({}, { reason });
  return typeof reason === 'string' ? `rollouts abort: ${reason.trim()}` : 'rollouts abort';
}

/** Answers whether the execution ran; one that is over already needs no stop, only a successor. */
async function stop(cell: DeployedCell, { executionArn }: Owner, cause: string): Promise<boolean> {
  const execution = await describeExecution(cell, executionArn);
  if (execution?.status !== 'RUNNING') return false;
  await stopExecution(cell, executionArn, cause);
  return true;
}

/** A change that may be in flight is waited for by nobody here; then the tick closes the rollout. */
async function leaveRecovery(
  cell: DeployedCell,
  { owner, pending }: { readonly owner: Owner; readonly pending: PendingRollout | undefined },
  flags: Flags,
  terminal: Terminal,
): Promise<number> {
  const isInFlight = owner.phase.name === 'mutating';
  if (!isInFlight) await startExecution(cell, { tick: true });
  const when = isInFlight ? `within ${cell.service.tickMinutes} min` : 'now';
  const next = pending && { rolloutId: pending.rolloutId };
  const document = { ...documentHead(cell, owner), rollout: null, timeline: [], running: null, next: next ?? null };
  const lines = [`What was proven before is put back ${when}; see: rollouts watch`, ...nextLines(next, 'then')];
  terminal.out.write(`${flags['json'] ? JSON.stringify(document, null, 2) : lines.join('\n')}\n`);
  return 0;
}

async function awaitRecovery(cell: DeployedCell, owner: Owner, flags: Flags, terminal: Terminal): Promise<number> {
  const seen: Seen[] = [];
  const signal = signalOf(terminal);
  const isClosed = await closeAborted(cell, owner.rolloutId, {
    clock: terminal.clock ?? MACHINE_CLOCK,
    signal,
    follow: async (executionArn) => void seen.push(await tellRollout(cell, executionArn, flags, terminal, signal)),
  });
  if (signal.aborted) return INTERRUPTED;
  const code = await tellService(cell, owner, flags, terminal, seen);
  return isClosed ? code : 1;
}

/** Says what runs now; answers 0 if the service is back in place, else the exit code of what went wrong. */
async function tellService(
  cell: DeployedCell,
  aborted: Owner | undefined,
  flags: Flags,
  terminal: Terminal,
  seen: readonly Seen[],
): Promise<number> {
  const ledger = await readLedger(cell);
  const running = await readRunning(cell, ledger);
  const next = aborted && nextOf(ledger, aborted.rolloutId);
  const undecided = aborted ? [] : await undecidedRollouts(cell, ledger);
  const ended = seen.at(-1)?.ended;
  const document = {
    ...documentHead(cell, aborted),
    rollout: ended ? endJson(ended) : null,
    timeline: seen.flatMap(({ timeline }) => timelineJson(timeline)),
    running: running ? runningJson(running) : null,
    next: next ? { rolloutId: next.rolloutId } : null,
    undecided,
  };
  const now = (terminal.clock ?? MACHINE_CLOCK).now();
  const lines = [
    ...(undecided.length > 0
      ? undecided.map(undecidedText).flatMap((text) => wrapped(text))
      : [aborted ? '' : NOTHING]),
    ...labelledLines([['Runs', running ? runningTexts(running, now) : ['nothing: ECS has no such service']]]),
    ...nextLines(next, 'now'),
  ];
  terminal.out.write(`${flags['json'] ? JSON.stringify(document, null, 2) : lines.join('\n')}\n`);
  if (undecided.length > 0) return 1;
  return !ended || BACK_IN_PLACE.includes(ended.outcome) ? 0 : exitCodeOf(ended.outcome);
}

function documentHead({ config }: DeployedCell, aborted: Owner | undefined): object {
  const { rolloutId, executionArn } = aborted ?? {};
  return { schema: 1, service: config.service, aborted: aborted ? { rolloutId, executionArn } : null };
}
