import type { EcsReader } from '../aws/client-kinds.ts';
import { isRefusal } from '../aws/faults.ts';
import { logger } from '../aws/log.ts';
import { describeFamilyTasks, describeService } from '../aws/service.ts';
import { deregister } from '../aws/task-definitions.ts';
import type { RolloutConfig } from '../rollout/config.ts';
import { unnamed } from '../rollout/failed-revisions.ts';
import type { TaskDefinitionArn } from '../rollout/identifiers.ts';
import type { LedgerState } from '../rollout/ledger.ts';

/**
 * Deregisters the revisions of images that failed, where that is wished and nothing names them any more; answers those that need
 * not be looked at again, because they have gone or because ECS refuses it for good.
 */
export async function deregisterFailed(
  ecs: EcsReader,
  state: LedgerState,
  config: RolloutConfig,
): Promise<TaskDefinitionArn[]> {
  if (config.failedRevisions !== 'deregister' || state.failedRevisions.length === 0) return [];
  try {
    return await deregisterUnnamed(ecs, state, config);
  } catch (error) {
    // No reason to hold anything up: the tick comes back to it.
    logger.warn('revisions of failed images stay for now', {
      errorName: error instanceof Error ? error.name : 'unknown',
    });
    return [];
  }
}

async function deregisterUnnamed(
  ecs: EcsReader,
  state: LedgerState,
  config: RolloutConfig,
): Promise<TaskDefinitionArn[]> {
  const [service, running, stopping] = await Promise.all([
    describeService(ecs, config),
    describeFamilyTasks(ecs, config, 'RUNNING'),
    describeFamilyTasks(ecs, config, 'STOPPED'),
  ]);
  const gone = unnamed(state, service, [...running, ...stopping]);
  for (const taskDefinition of gone) await deregisterOne(ecs, taskDefinition);
  return gone;
}

async function deregisterOne(ecs: EcsReader, taskDefinition: TaskDefinitionArn): Promise<void> {
  try {
    await deregister(ecs, taskDefinition);
  } catch (error) {
    // INACTIVE already, or nobody may: to ask again changes nothing.
    if (!isRefusal(error)) throw error;
  }
}
