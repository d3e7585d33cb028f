import type { Service } from '@aws-sdk/client-ecs';
import type { RolloutConfig } from '../../functions/rollout/config.ts';
import { asTaskDefinitionArn } from '../../functions/rollout/identifiers.ts';
import type { LedgerState } from '../../functions/rollout/ledger.ts';
import { isLetFinish, underWay } from '../../functions/rollout/let-finish.ts';

/** Whether a push that came now would let ECS's present deployment finish first; `now` in milliseconds since the epoch. */
export function wouldLetFinish(
  { deployments = [], desiredCount = 0, deploymentConfiguration }: Service,
  ledger: LedgerState,
  config: RolloutConfig,
  now: number,
): boolean {
  const primary = deployments.find(({ status }) => status === 'PRIMARY');
  if (!primary) return false;
  const { taskDefinition = '', createdAt, failedTasks = 0, rolloutState } = primary;
  const { enable, rollback } = deploymentConfiguration?.deploymentCircuitBreaker ?? {};
  const way = underWay(
    { desiredCount, breakerRollsBack: (enable && rollback) ?? false },
    { failedTasks, rolloutState },
  );
  const revision = asTaskDefinitionArn(taskDefinition);
  const running = { taskDefinition: revision, createdAt: createdAt?.getTime() ?? 0, underWay: way };
  return isLetFinish(running, ledger, config, now);
}
