import type { EcsReader } from '../aws/client-kinds.ts';
import { changeState, readState, type LedgerTable } from '../aws/ledger-table.ts';
import { describeService, type ServiceName } from '../aws/service.ts';
import { standingOf, weighLook, type Look } from '../rollout/attempts.ts';
import { StillMutating } from '../rollout/errors.ts';
import { ownedBy } from '../rollout/lease.ts';
import { ledgerTime } from '../rollout/ledger.ts';

/** What is looked at before anything is taken back. */
interface UntouchedReach {
  readonly ledger: LedgerTable;
  readonly ecs: EcsReader;
}

/**
 * Whether nothing that a rollout sent ever came to the service, so that there is nothing to take back and nobody to blame. Where
 * that takes another look the step is tried again, by the retry that waits for the end of an earlier attempt.
 */
export async function findUntouched(
  { ledger, ecs }: UntouchedReach,
  rolloutId: string,
  name: ServiceName,
): Promise<boolean> {
  const known = await readState(ledger);
  const owner = ownedBy(known, rolloutId);
  const standing = owner && standingOf(owner);
  if (standing !== 'may') return standing === 'nothing';
  // The look counts from when it began: what it shows may be as old as that.
  const lookedAt = ledgerTime(Date.now(), known);
  const service = await describeService(ecs, name);
  let look: Look | undefined;
  await changeState(
    ledger,
    (state) => {
      const mine = ownedBy(state, rolloutId);
      look = mine && standingOf(mine) === 'may' ? weighLook(state, mine, service, lookedAt) : undefined;
      return look?.word === 'again' ? look.state : undefined;
    },
    known,
  );
  if (look?.word === 'early') throw new StillMutating('An earlier attempt may still be changing the service.');
  if (look?.word === 'again') throw new StillMutating('The service is as it was; a second look makes sure of it.');
  return look?.word === 'unchanged';
}
