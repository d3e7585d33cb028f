import type { EcsReader, EcsWriter } from '../aws/client-kinds.ts';
import { changeState, type LedgerTable } from '../aws/ledger-table.ts';
import { describeRaw, findRevision, listNewestRevisions, registerWhole } from '../aws/task-definitions.ts';
import type { RolloutConfig } from '../rollout/config.ts';
import type { TaskDefinitionArn } from '../rollout/identifiers.ts';
import { withRollbackTarget } from '../rollout/lease.ts';
import type { RollbackTarget } from '../rollout/ledger.ts';
import { COPY_TAG, pinnedCopy } from '../rollout/next-revision.ts';
import type { Plan } from '../rollout/preflight.ts';
import { copiedImages } from '../rollout/put-back.ts';
import { taskDefinitionFacts } from '../rollout/task-definition-facts.ts';

/** Reading as often as it takes, and writing once. */
export interface EcsClients {
  readonly ecs: EcsReader;
  readonly ecsOnce: EcsWriter;
}

/**
 * Before anything is touched, gives the rollout something that can be put back as it was: where the rollback target names its
 * image by a tag, or is INACTIVE, a copy of it, which from then on is the target. Safe to repeat: the copy is found again.
 */
export async function pinRollbackTarget(
  { ecs, ecsOnce }: EcsClients,
  ledger: LedgerTable,
  {
    rolloutId,
    decision,
    config,
  }: { readonly rolloutId: string; readonly decision: Plan; readonly config: RolloutConfig },
): Promise<void> {
  const { rollbackTarget } = decision;
  if (rollbackTarget?.kind !== 'revision') return;
  const copy = await copyOf({ ecs, ecsOnce }, rollbackTarget, config);
  if (copy === undefined) return;
  await changeState(ledger, (state, now) =>
    withRollbackTarget(state, rolloutId, { ...rollbackTarget, taskDefinition: copy }, now),
  );
}

async function copyOf(
  { ecs, ecsOnce }: EcsClients,
  target: Extract<RollbackTarget, { kind: 'revision' }>,
  { containers }: RolloutConfig,
): Promise<TaskDefinitionArn | undefined> {
  const original = await describeRaw(ecs, target.taskDefinition);
  const facts = original && taskDefinitionFacts(original.taskDefinition);
  const images = facts && copiedImages(facts, target, containers);
  if (!images) return undefined;
  const newest = await listNewestRevisions(ecs, facts.family);
  const earlier = await findRevision(ecs, newest, { tag: COPY_TAG, value: facts.taskDefinitionArn, images });
  return earlier ?? (await registerWhole(ecsOnce, pinnedCopy(original.taskDefinition, original.tags, images)));
}
