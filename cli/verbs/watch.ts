import type { z } from 'zod';
import { newestRecords } from '../../functions/aws/history.ts';
import { cellVerb } from '../account/cell-verb.ts';
import type { DeployedCell } from '../account/deployed-cell.ts';
import { describeExecution, rolloutIdOf } from '../account/executions.ts';
import { interruptible, unlessAborted } from '../account/interruptible.ts';
import { signalOf, type Answer, type Answered, type Session, type Told } from '../terminal/command.ts';
import { serviceDocument } from '../terminal/document.ts';
import { wrapped } from '../terminal/layout.ts';
import { moment } from '../terminal/moments.ts';
import { recordJson, recordSchema } from './history/records.ts';
import { currentRollout } from './watch/current-rollout.ts';
import { followedSchema } from './watch/ended-rollout.ts';
import { reportRollout, timelineSchema, type RolloutDocument } from './watch/rollout-report.ts';

/** Milliseconds between looks for the next rollout. */
const WAIT_MS = 5000;
const LOOKS_MAX = 10_000_000;

const watchSchema = serviceDocument({
  rollout: followedSchema.nullable().describe('The rollout that was watched. Null when none ran.'),
  timeline: timelineSchema,
  last: recordSchema.nullable().describe('When none ran: the rollout that ended last, if one did. Null when one ran.'),
});
type WatchDocument = z.infer<typeof watchSchema>;

/** `rollouts watch`: the running rollout as it happens. */
export const watch = cellVerb({
  name: 'watch',
  summary: 'Shows the running rollout as it happens, until it ends.',
  options: { follow: { type: 'boolean', summary: 'Goes on with the next rollout, until Ctrl-C.' } },
  schema: watchSchema,
  ask: ({ follow }) => ({ isFollowing: follow === true }),
  async runIn(cell, { isFollowing }, session) {
    if (isFollowing) return await watchAll(cell, session);
    const executionArn = await currentRollout(cell);
    return executionArn === undefined ? await tellIdle(cell, session) : await watchOne(cell, executionArn, session);
  },
});

async function watchOne(
  cell: DeployedCell,
  executionArn: string,
  session: Session<WatchDocument>,
  signal?: AbortSignal,
): Promise<Answered<WatchDocument>> {
  const startedAt = (await describeExecution(cell, executionArn))?.startDate?.getTime() ?? 0;
  session.emit({ kind: 'following', rolloutId: rolloutIdOf(executionArn), startedAt });
  const watched = (document: RolloutDocument): WatchDocument => ({ ...document, last: null });
  const tell = ({ document, lines }: Told<RolloutDocument>): void =>
    session.tell({ document: watched(document), lines });
  const answer = await reportRollout(cell, executionArn, { ...session, tell }, signal);
  return { ...answer, document: watched(answer.document) };
}

/** Rollout after rollout until the terminal is interrupted, which is how this is meant to end. */
async function watchAll(cell: DeployedCell, session: Session<WatchDocument>): Promise<Answer<WatchDocument>> {
  const signal = signalOf(session);
  await unlessAborted(signal, watchNext(interruptible(cell, signal), session, signal));
  return { document: 'told-before', exitCode: 0 };
}

async function watchNext(cell: DeployedCell, session: Session<WatchDocument>, signal: AbortSignal): Promise<void> {
  let isWaiting = false;
  for (let look = 0; look < LOOKS_MAX && !signal.aborted; look++) {
    const executionArn = await currentRollout(cell);
    if (executionArn === undefined && !isWaiting) session.emit({ kind: 'waiting' });
    isWaiting = executionArn === undefined;
    if (executionArn === undefined) await session.clock.sleep(WAIT_MS, signal);
    else session.tell(await watchOne(cell, executionArn, session, signal));
  }
}

async function tellIdle(cell: DeployedCell, { clock }: Session): Promise<Answer<WatchDocument>> {
  const [last] = (await newestRecords(cell.ledger, { count: 1 })).records;
  const told = last
    ? `No rollout runs. The last one ended ${last.outcome} ${moment(last.endedAt, clock.now())}.`
    : 'No rollout runs, and none has ended yet.';
  const { service } = cell.config;
  const document = { schema: 1, service, rollout: null, timeline: [], last: last ? recordJson(last) : null } as const;
  return { document, lines: wrapped(told), exitCode: 0 };
}
