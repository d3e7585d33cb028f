import type { Service } from '@aws-sdk/client-ecs';
import type { RolloutConfig } from '../../functions/rollout/config.ts';
import { isUnderWay, type DeploymentFacts, type ServiceFacts } from '../../functions/rollout/service-facts.ts';

/** Whether the flow lets ECS's present deployment finish before a push goes on from it; `now` in milliseconds since the epoch. */
export function isLetFinish(service: Service, { deadlineSeconds }: RolloutConfig, now: number): boolean {
  const primary = service.deployments?.find(({ status }) => status === 'PRIMARY');
  const breaker = service.deploymentConfiguration?.deploymentCircuitBreaker;
  // What the rule reads; the rest of the facts takes calls that nobody needs here.
  const facts = {
    desiredCount: service.desiredCount ?? 0,
    breakerRollsBack: (breaker?.enable && breaker.rollback) ?? false,
  } as ServiceFacts;
  const deployment = { failedTasks: 0, ...primary } as unknown as DeploymentFacts;
  const isYoung = now - (primary?.createdAt?.getTime() ?? 0) < deadlineSeconds * 1000;
  return isYoung && isUnderWay(facts, deployment);
}
