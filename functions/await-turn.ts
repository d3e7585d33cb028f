import { ledger, sfn } from './aws/clients.ts';
import { answerToken, executionStanding, isExecutionRunning } from './aws/executions.ts';
import { changeState, readState } from './aws/ledger-table.ts';
import { step } from './aws/log.ts';
import { StillMutating } from './rollout/errors.ts';
import { closeGhost, type WaiterStanding } from './rollout/ghosts.ts';
import type { PersonsRequest, Trigger } from './rollout/intent.ts';
import { isMutationOver } from './rollout/lease.ts';
import type { PendingRollout, SelectedImage } from './rollout/ledger.ts';
import { queue } from './rollout/queue.ts';
import { inTurn } from './steps/in-turn.ts';

interface TurnArguments {
  readonly rolloutId: string;
  readonly executionArn: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly token: string;
  readonly isPersons: boolean;
  /** What the push brought; null for anybody else's, absent from the definition of an earlier release. */
  readonly image?: SelectedImage | null;
  /** Of a person; null for anybody else's, absent as before. */
  readonly request?: PersonsRequest | null;
  readonly trigger?: Trigger | null;
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
export const handler = step('AwaitTurn', identify, (input: TurnArguments) =>
  inTurn({ ledger, rolloutId: input.rolloutId, until: 'tried-enough' }, () => takePlace(input)),
);

async function takePlace(input: TurnArguments): Promise<Turn | { readonly word: 'wait' }> {
  const { token } = input;
  const newcomer = toPending(input);
  const known = await readState(ledger);
  const standing = await standingBeside(known.pending, newcomer);
  let displaced: ReturnType<typeof queue>['displaced'];
  const { owner, pending } = await changeState(
    ledger,
    (state, now) => {
      // One whose execution is over is nobody's rival, and has a record to come.
      const queued = queue(closeGhost(state, standing, ledger.service, now), newcomer, token);
      displaced = queued.displaced;
      return queued.state;
    },
    known,
  );
  const answer = pending?.isPersons && !displaced?.isPersons ? AFTER_PERSON : SUPERSEDED;
  if (displaced) await answerToken(sfn, displaced.token, answer);
  if (displaced?.rolloutId === newcomer.rolloutId) return answer;
  // The owner may have left, or died, between AcceptIntent's look and the token's arrival in the ledger.
  if (owner) {
    if (await isExecutionRunning(sfn, owner)) return { word: 'wait' };
    // AcceptIntent would say busy until then, and the two would call each other without a pause.
    if (!isMutationOver(owner, Date.now()))
      throw new StillMutating(`A change by rollout ${owner.rolloutId}, which is over, may still be under way.`);
  }
  await answerToken(sfn, token, AGAIN);
  return AGAIN;
}

function toPending({ rolloutId, executionArn, startedAt, isPersons, ...said }: TurnArguments): PendingRollout {
  const [image, request, trigger] = [said.image ?? undefined, said.request ?? undefined, said.trigger ?? undefined];
  return { rolloutId, executionArn, isPersons, image, request, trigger, startedAt: Date.parse(startedAt) };
}

/** How whoever has the place stands; undefined where it is free, or the newcomer's already. */
async function standingBeside(
  pending: PendingRollout | undefined,
  newcomer: PendingRollout,
): Promise<WaiterStanding | undefined> {
  if (!pending || pending.rolloutId === newcomer.rolloutId) return undefined;
  return { rolloutId: pending.rolloutId, ...(await executionStanding(sfn, pending)) };
}

function identify(input: TurnArguments): { rolloutId: string } {
  return { rolloutId: input.rolloutId };
}
