import { changeState, type LedgerTable } from '../aws/ledger-table.ts';
import type { RolloutConfig } from '../rollout/config.ts';
import type { TaskDefinitionArn } from '../rollout/identifiers.ts';
import { withRollbackTarget } from '../rollout/lease.ts';
import type { RollbackTarget } from '../rollout/ledger.ts';
import { COPY_TAG, pinnedCopy, type RawTaskDefinition } from '../rollout/next-revision.ts';
import type { Plan } from '../rollout/preflight.ts';
import { copiedImages } from '../rollout/put-back.ts';
import { taskDefinitionFacts } from '../rollout/task-definition-facts.ts';
import { findRevision, type Looks } from './looks.ts';

/** How a revision is looked for, and registered. */
export interface Registering {
  readonly looks: Looks;
  readonly register: (revision: RawTaskDefinition) => Promise<TaskDefinitionArn>;
}

/**
 * Before anything is touched, gives the rollout something that can be put back as it was: where the rollback target names its
 * image by a tag, or is INACTIVE, a copy of it, which from then on is the target. Safe to repeat: the copy is found again.
 */
export async function pinRollbackTarget(
  registering: Registering,
  ledger: LedgerTable,
  {
    rolloutId,
    decision,
    config,
  }: { readonly rolloutId: string; readonly decision: Plan; readonly config: RolloutConfig },
): Promise<void> {
  await replaceTarget(registering, ledger, { rolloutId, rollbackTarget: decision.rollbackTarget, config });
}

/** Whether a copy is the rollback target now, because the one that there was cannot be put back as it was. */
export async function replaceTarget(
  registering: Registering,
  ledger: LedgerTable,
  {
    rolloutId,
    rollbackTarget,
    config,
  }: Pick<Plan, 'rollbackTarget'> & { readonly rolloutId: string; readonly config: RolloutConfig },
): Promise<boolean> {
  if (rollbackTarget?.kind !== 'revision') return false;
  const copy = await copyOf(registering, rollbackTarget, config);
  if (copy === undefined) return false;
  await changeState(ledger, (state, now) =>
    withRollbackTarget(state, rolloutId, { ...rollbackTarget, taskDefinition: copy }, now),
  );
  return true;
}

async function copyOf(
  { looks, register }: Registering,
  target: Extract<RollbackTarget, { kind: 'revision' }>,
  { containers }: RolloutConfig,
): Promise<TaskDefinitionArn | undefined> {
  const original = await looks.describe(target.taskDefinition);
  const facts = original && taskDefinitionFacts(original.taskDefinition);
  const images = facts && copiedImages(facts, target, containers);
  if (!images) return undefined;
  const newest = await looks.newestOf(facts.family);
  const earlier = await findRevision(looks, newest, { tag: COPY_TAG, value: facts.taskDefinitionArn, images });
  return earlier ?? (await register(pinnedCopy(original.taskDefinition, original.tags, images)));
}
