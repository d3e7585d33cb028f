import { answerToken, isExecutionRunning } from './aws/executions.ts';
import { changeState } from './aws/ledger-table.ts';
import { step } from './aws/log.ts';
import { queue, type PendingRollout } from './rollout/ledger.ts';

interface TurnArguments {
  readonly rolloutId: string;
  readonly executionArn: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly token: string;
}

/** What the waiting step is told: look again, or a newer rollout took the place. */
interface Turn {
  readonly word: 'again' | 'superseded';
  readonly reason: string;
  readonly message: string;
}

const AGAIN: Turn = { word: 'again', reason: 'ServiceFree', message: 'The service is free.' };
const SUPERSEDED: Turn = {
  word: 'superseded',
  reason: 'NewerPending',
  message: 'A newer rollout took the place in the queue.',
};

/** AwaitTurn: becomes the one pending rollout, displacing an older one; the rollout that holds the service wakes it. */
export const handler = step(
  'AwaitTurn',
  identify,
  async (input: TurnArguments): Promise<Turn | { readonly word: 'wait' }> => {
    const { rolloutId, executionArn, token } = input;
    const newcomer: PendingRollout = { rolloutId, executionArn, token, startedAt: Date.parse(input.startedAt) };
    let displaced: PendingRollout | undefined;
    const { holder } = await changeState((state) => {
      const queued = queue(state, newcomer);
      displaced = queued.displaced;
      return queued.state;
    });
    if (displaced) await answerToken(displaced.token, SUPERSEDED);
    if (displaced?.rolloutId === rolloutId) return SUPERSEDED;
    // The holder may have left, or died, between AcceptIntent's look and the token's arrival in the ledger.
    const isBusy = holder !== undefined && (await isExecutionRunning(holder.executionArn));
    if (isBusy) return { word: 'wait' };
    await answerToken(token, AGAIN);
    return AGAIN;
  },
);

function identify(input: TurnArguments): { rolloutId: string } {
  return { rolloutId: input.rolloutId };
}
