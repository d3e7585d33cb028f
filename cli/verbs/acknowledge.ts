import type { z } from 'zod';
import { readState } from '../../functions/aws/ledger-table.ts';
import { isNeeded } from '../../functions/rollout/acknowledge.ts';
import { parseIntent } from '../../functions/rollout/intent.ts';
import type { LedgerState } from '../../functions/rollout/ledger.ts';
import { cellVerb } from '../account/cell-verb.ts';
import { cellToActOn, type DeployedCell } from '../account/deployed-cell.ts';
import { startExecution } from '../account/executions.ts';
import { signalOf, UsageError, type Answer, type Flags, type Session } from '../terminal/command.ts';
import { serviceDocument } from '../terminal/document.ts';
import { INTERRUPTED } from '../terminal/exit-codes.ts';
import { wrapped } from '../terminal/layout.ts';
import { REASON } from './start/started-rollout.ts';
import { needJson, needSchema } from './status/standing-json.ts';
import { followRollout } from './watch/follow-rollout.ts';

const acknowledgeSchema = serviceDocument({
  needsSomeone: needSchema.nullable().describe('As in `status`, afterwards. Null when nothing asked for anybody.'),
});
type AcknowledgeDocument = z.infer<typeof acknowledgeSchema>;

/** `rollouts acknowledge`: someone looks at what needs them, and the alarm ends. */
export const acknowledge = cellVerb({
  name: 'acknowledge',
  summary: 'Says that you look at what needs someone: ends its alarm, and is recorded with your name and reason.',
  options: REASON,
  schema: acknowledgeSchema,
  ask: reasonOf,
  find: cellToActOn,
  async runIn(cell, reason, session) {
    const before = await readState(cell.ledger);
    if (!isNeeded(before)) return answerOf(cell, before, nothingText(before));
    const executionArn = await startExecution(cell, { acknowledge: { by: cell.caller.slice(0, BY_MAX) }, reason });
    return await awaitEnd(cell, executionArn, session);
  },
});

/** As long as the flow lets a name be. */
const BY_MAX = 256;

/** Throws what the flow itself would refuse, before anything is started. */
function reasonOf({ reason }: Flags): string {
  if (typeof reason !== 'string') throw new UsageError('acknowledge needs a --reason "…"; it is recorded');
  const intent = parseIntent({ reason }, { repository: '' });
  if (intent.kind === 'malformed') throw new UsageError(intent.message);
  return reason;
}

async function awaitEnd(
  cell: DeployedCell,
  executionArn: string,
  session: Session<AcknowledgeDocument>,
): Promise<Answer<AcknowledgeDocument>> {
  const signal = signalOf(session);
  await followRollout(cell, executionArn, { clock: session.clock, signal, onEntry: () => undefined });
  const after = await readState(cell.ledger);
  if (signal.aborted) return { ...answerOf(cell, after, 'It goes on; see: rollouts status'), exitCode: INTERRUPTED };
  if (isNeeded(after))
    return { ...answerOf(cell, after, 'Something new needs someone; see: rollouts status'), exitCode: 1 };
  const minutes = cell.service.tickMinutes;
  const ends = `The alarm NeedsSomeone ends within ${minutes + 1} minutes, and comes back when another rollout leaves nothing proven in place.`;
  return answerOf(cell, after, `Acknowledged. ${ends}`);
}

function nothingText({ needsSomeone }: LedgerState): string {
  const { by } = needsSomeone?.acknowledged ?? {};
  return by === undefined
    ? 'Nothing to acknowledge: nothing asks for anybody.'
    : `Nothing to acknowledge: ${by} has done it. See: rollouts status`;
}

function answerOf(
  { config: { service } }: DeployedCell,
  { needsSomeone }: LedgerState,
  text: string,
): Answer<AcknowledgeDocument> {
  return {
    document: { schema: 1, service, needsSomeone: needJson(needsSomeone) },
    lines: wrapped(text),
    exitCode: 0,
  };
}
