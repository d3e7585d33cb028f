import { z } from 'zod';
import { readState } from '../../functions/aws/ledger-table.ts';
import type { Owner, LedgerState } from '../../functions/rollout/ledger.ts';
import { isOutcome, OUTCOMES } from '../../functions/rollout/outcomes.ts';
import { cellVerb } from '../account/cell-verb.ts';
import { cellToActOn, type DeployedCell } from '../account/deployed-cell.ts';
import { describeExecution, startExecution, stopExecution } from '../account/executions.ts';
import { LostRollout } from '../account/lost-rollout.ts';
import { signalOf, type Answer, type Flags, type Session } from '../terminal/command.ts';
import { list, serviceDocument } from '../terminal/document.ts';
import { exitCodeOf, INTERRUPTED } from '../terminal/exit-codes.ts';
import { labelledLines, wrapped } from '../terminal/layout.ts';
import { closeAborted } from './abort/close-aborted.ts';
import { nextLines, nextOf } from './abort/next-rollout.ts';
import { inputOf, NO_WAIT, REASON } from './start/started-rollout.ts';
import { runningJson, runningSchema } from './status/standing-json.ts';
import { runningTexts, selectedTexts } from './status/standing-text.ts';
import { readRunning, undecidedRollouts, type Running, type Standing } from './status/standing.ts';
import { followedJson, followedSchema } from './watch/ended-rollout.ts';
import { tellRollout, timelineJson, timelineSchema, type Seen } from './watch/rollout-report.ts';

const abortSchema = serviceDocument({
  aborted: z
    .strictObject({
      rolloutId: z.string().describe('Name of the execution.'),
      executionArn: z.string().describe('ARN of the execution.'),
    })
    .nullable()
    .describe('The rollout that was stopped. Null when none held the service.'),
  rollout: followedSchema
    .nullable()
    .describe('The successor that closed it and put the service back. Null with `--no-wait`, or when there was none.'),
  timeline: timelineSchema.describe('What the successor did, in order.'),
  running: runningSchema
    .nullable()
    .describe('What runs now. Null with `--no-wait`, after Ctrl-C, and when ECS has no such service.'),
  next: z
    .strictObject({ rolloutId: z.string().describe('Name of the execution.') })
    .nullable()
    .describe('The rollout that waited and rolls after that.'),
  undecided: list(z.string()).describe(
    'As in `status`, when no rollout held the service: they are not stopped, and the exit code is 1.',
  ),
});
type AbortDocument = z.infer<typeof abortSchema>;

/** `rollouts abort`: stops the running rollout and puts back what was proven. */
export const abort = cellVerb({
  name: 'abort',
  summary: 'Stops the running rollout, puts back what was proven before it, and says what runs then.',
  options: { ...REASON, ...NO_WAIT },
  schema: abortSchema,
  ask: (flags) => ({ cause: causeOf(flags), isAwaited: flags['no-wait'] !== true }),
  find: cellToActOn,
  async runIn(cell, { cause, isAwaited }, session) {
    const ledger = await readState(cell.ledger);
    const { owner, pending } = ledger;
    if (!owner) return await stopNothing(cell, ledger, session);
    const wasRunning = await stop(cell, owner, cause);
    session.emit({ kind: 'stopped', rolloutId: owner.rolloutId, wasRunning });
    return isAwaited ? await awaitRecovery(cell, owner, session) : await leaveRecovery(cell, owner, pending);
  },
});

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

/** No rollout owns the service; there may be some that have not taken it yet. */
async function stopNothing(
  cell: DeployedCell,
  ledger: LedgerState,
  { clock }: Session,
): Promise<Answer<AbortDocument>> {
  const [running, undecided] = await Promise.all([readRunning(cell, ledger), undecidedRollouts(cell, ledger)]);
  const lines =
    undecided.length === 0
      ? ['Nothing to stop: no rollout holds the service.']
      : undecided.map(undecidedText).flatMap((text) => wrapped(text));
  return {
    document: abortJson(cell, undefined, { running: running ? runningJson(running) : null, undecided }),
    lines: [...lines, ...runningLines(running, clock.now())],
    exitCode: undecided.length === 0 ? 0 : 1,
  };
}

/** A rollout that has not taken the service is not stopped: the tick would start another one for the same image. */
function undecidedText(rolloutId: string): string {
  return `Rollout ${rolloutId} has not taken the service yet, maybe because somebody else deploys, and is not stopped. To keep it from rolling, hold pushes: rollouts start --digest DIGEST, with the image that is to run; that rolls at once, over any deployment.`;
}

/** A change that may be in flight is waited for by nobody here; then the tick closes the rollout. */
async function leaveRecovery(
  cell: DeployedCell,
  owner: Owner,
  pending: LedgerState['pending'],
): Promise<Answer<AbortDocument>> {
  const isInFlight = owner.phase.name === 'mutating';
  if (!isInFlight) await startExecution(cell, { tick: true });
  const when = isInFlight ? `within ${cell.service.tickMinutes} min` : 'now';
  const next = pending ? { rolloutId: pending.rolloutId } : null;
  const lines = [`What was proven before is put back ${when}; see: rollouts watch`, ...nextLines(next, 'then')];
  return { document: abortJson(cell, owner, { next }), lines, exitCode: 0 };
}

/** One of the rollouts that close the stopped one, each of which begins where the one before failed. */
type Successor = Seen & { readonly executionArn: string };

function seenOf(successors: readonly Successor[]): Pick<AbortDocument, 'rollout' | 'timeline'> {
  const last = successors.at(-1);
  return {
    rollout: last ? followedJson(last.executionArn, last.ended) : null,
    timeline: successors.flatMap(({ timeline }) => timelineJson(timeline)),
  };
}

/** Where a successor is lost sight of, there is still a document, which says which rollout goes on. */
async function awaitRecovery(
  cell: DeployedCell,
  owner: Owner,
  session: Session<AbortDocument>,
): Promise<Answer<AbortDocument>> {
  const successors: Successor[] = [];
  const signal = signalOf(session);
  const follow = async (executionArn: string): Promise<void> => {
    try {
      successors.push({ executionArn, ...(await tellRollout(cell, executionArn, session, signal)) });
    } catch (error) {
      if (!(error instanceof LostRollout)) throw error;
      const lost = { executionArn, ended: undefined, timeline: error.timeline };
      session.tell({ document: abortJson(cell, owner, seenOf([...successors, lost])), lines: [] });
      throw error;
    }
  };
  const isClosed = await closeAborted(cell, owner.rolloutId, { clock: session.clock, signal, follow });
  const last = successors.at(-1);
  const seen = seenOf(successors);
  if (signal.aborted) return { document: abortJson(cell, owner, seen), lines: [], exitCode: INTERRUPTED };
  const ledger = await readState(cell.ledger);
  const running = await readRunning(cell, ledger);
  const next = nextOf(ledger, owner.rolloutId);
  return {
    document: abortJson(cell, owner, {
      ...seen,
      running: running ? runningJson(running) : null,
      next: next && { rolloutId: next.rolloutId },
    }),
    lines: ['', ...endLines(cell, { ledger, running }, session.clock.now()), ...nextLines(next, 'now')],
    exitCode: isClosed ? exitCodeAfter(last) : 1,
  };
}

/** 0 if the service is as it was before the stopped rollout, or further on; else the exit code of what went wrong. */
function exitCodeAfter(last: Seen | undefined): number {
  const { outcome } = last?.ended ?? { outcome: 'NO_CHANGE' };
  return isOutcome(outcome) && (OUTCOMES[outcome].endsWell || OUTCOMES[outcome].isBack) ? 0 : exitCodeOf(outcome);
}

function runningLines(running: Running | undefined, now: number): string[] {
  return labelledLines([['Runs', running ? runningTexts(running, now) : ['nothing: ECS has no such service']]]);
}

/** What runs then, and whether what was stopped comes again, which nobody should have to guess. */
function endLines(cell: DeployedCell, left: Pick<Standing, 'ledger' | 'running'>, now: number): string[] {
  return [...runningLines(left.running, now), ...labelledLines(selectedTexts(left, cell, now))];
}

/** What is not known is null. */
function abortJson({ config }: DeployedCell, aborted: Owner | undefined, known: Partial<AbortDocument>): AbortDocument {
  return {
    schema: 1,
    service: config.service,
    aborted: aborted ? { rolloutId: aborted.rolloutId, executionArn: aborted.executionArn } : null,
    rollout: null,
    timeline: [],
    running: null,
    next: null,
    undecided: [],
    ...known,
  };
}
