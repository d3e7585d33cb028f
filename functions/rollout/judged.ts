import { isAttempted, isGoingBack, ownedBy, waitingOf } from './lease.ts';
import type { LedgerState, Owner } from './ledger.ts';
import type { Ending } from './outcome-of.ts';
import type { Step } from './outcomes.ts';
import type { Verdict } from './verdict.ts';
import type { WatchKind } from './watch.ts';

/** The steps that wait for a task token, which whoever is allowed to may answer with anything. */
const WATCHING: Readonly<Partial<Record<Step, WatchKind>>> = {
  AwaitSteadyState: 'steady',
  Bake: 'bake',
  AwaitRollback: 'rollback',
};

/**
 * How a step truly ended. A task token is only a bell: what a watch came to is what the ledger says, and undefined where it says
 * nothing of the kind. Then the answer is not believed, and the step is to look again.
 */
export function endingInLedger(state: LedgerState, rolloutId: string, ending: Ending): Ending | undefined {
  if (ending.step === 'AwaitTurn') return isDisplaced(state, rolloutId, ending) ? ending : undefined;
  const kind = WATCHING[ending.step];
  if (!kind || ending.word === 'error') return ending;
  const owner = ownedBy(state, rolloutId);
  if (!owner)
    return { ...ending, word: 'lost', reason: 'LeaseLost', message: 'Another rollout took the service over.' };
  const verdict = verdictOf(owner, kind);
  if (verdict?.word !== ending.word) return undefined;
  const { word, reason, message, detectionLagSeconds = null } = verdict;
  return { step: ending.step, word, reason, message, detectionLagSeconds };
}

function isDisplaced({ pending }: LedgerState, rolloutId: string, { word }: Ending): boolean {
  return word === 'superseded' && pending?.rolloutId !== rolloutId;
}

function verdictOf(owner: Owner, kind: WatchKind): Verdict | undefined {
  const waiting = waitingOf(owner);
  return waiting?.watch.kind === kind ? waiting.verdict : undefined;
}

/** Whether an owner may be taken back for this: it is on its way back already, no watch said so, or the ledger has the verdict. */
export function mayGoBack(state: LedgerState, owner: Owner, cause: Ending | undefined): boolean {
  const { rollbackTarget, rolloutId } = owner;
  const isOnItsWay =
    isGoingBack(owner) || (rollbackTarget !== undefined && isAttempted(owner, rollbackTarget.taskDefinition));
  // A definition of an older release does not say why.
  return isOnItsWay || !cause || endingInLedger(state, rolloutId, cause) !== undefined;
}

/** How long after its bake time a service may take to be whole again. */
export const BAKE_MARGIN_MS = 600_000;

/** When a bake began and when it will have passed, milliseconds since the epoch. */
export interface BakeTimes {
  readonly since: number;
  readonly until: number;
}

/** The bake of an owner that the ledger says is steady, or bakes already; undefined for any other. */
export function bakeOf(owner: Owner, bakeTimeSeconds: number): BakeTimes | undefined {
  const waiting = waitingOf(owner);
  if (waiting?.watch.kind === 'bake') {
    const { since, until } = waiting.watch;
    return { since, until: until ?? since };
  }
  const verdict = verdictOf(owner, 'steady');
  if (verdict?.word !== 'steady' || verdict.at === undefined) return undefined;
  return { since: verdict.at, until: verdict.at + bakeTimeSeconds * 1000 };
}
