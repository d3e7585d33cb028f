import { ledger, sfn } from './aws/clients.ts';
import { answerToken, isExecutionRunning } from './aws/executions.ts';
import { changeState, readState } from './aws/ledger-table.ts';
import { step } from './aws/log.ts';
import type { PendingRollout, SelectedImage } from './rollout/ledger.ts';
import { queue } from './rollout/queue.ts';

interface TurnArguments {
  readonly rolloutId: string;
  readonly executionArn: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly token: string;
  readonly isPersons: boolean;
  /** What the push brought; null for anybody else's, absent from the definition of an earlier release. */
  readonly image?: SelectedImage | null;
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

const AFTER_PERSON: Turn = {
  word: 'superseded',
  reason: 'PersonWaits',
  message: "A person's choice waits for the service and goes first.",
};

/** AwaitTurn: becomes the one pending rollout, displacing one that it goes before; the rollout that owns the service wakes it. */
export const handler = step(
  'AwaitTurn',
  identify,
  async (input: TurnArguments): Promise<Turn | { readonly word: 'wait' }> => {
    const { token } = input;
    const newcomer = toPending(input);
    const known = await readState(ledger);
    const over = await findOver(known.pending, newcomer);
    let displaced: PendingRollout | undefined;
    const { owner, pending } = await changeState(
      ledger,
      (state) => {
        const queued = queue(state, newcomer, over !== undefined && state.pending?.rolloutId === over);
        displaced = queued.displaced;
        return queued.state;
      },
      known,
    );
    const answer = pending?.isPersons && !displaced?.isPersons ? AFTER_PERSON : SUPERSEDED;
    if (displaced) await answerToken(sfn, displaced.token, answer);
    if (displaced?.rolloutId === newcomer.rolloutId) return answer;
    // The owner may have left, or died, between AcceptIntent's look and the token's arrival in the ledger.
    const isBusy = owner !== undefined && (await isExecutionRunning(sfn, owner.executionArn));
    if (isBusy) return { word: 'wait' };
    await answerToken(sfn, token, AGAIN);
    return AGAIN;
  },
);

function toPending({ rolloutId, executionArn, startedAt, token, isPersons, image }: TurnArguments): PendingRollout {
  return { rolloutId, executionArn, token, isPersons, image: image ?? undefined, startedAt: Date.parse(startedAt) };
}

/** Only a person's choice keeps its place against newer ones, so only such a one must not be dead; answers its rollout id if it is. */
async function findOver(pending: PendingRollout | undefined, newcomer: PendingRollout): Promise<string | undefined> {
  const keepsPlace = pending?.isPersons && !newcomer.isPersons;
  return keepsPlace && !(await isExecutionRunning(sfn, pending.executionArn)) ? pending.rolloutId : undefined;
}

function identify(input: TurnArguments): { rolloutId: string } {
  return { rolloutId: input.rolloutId };
}
