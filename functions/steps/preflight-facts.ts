import type { ECRClient, EcsReader } from '../aws/client-kinds.ts';
import { imageStatuses, readManifest } from '../aws/registry.ts';
import { describeService } from '../aws/service.ts';
import { describeRaw } from '../aws/task-definitions.ts';
import type { RolloutConfig } from '../rollout/config.ts';
import { digestOf, type Plan, type PreflightFacts, type TaskDefinitionFacts } from '../rollout/preflight.ts';
import { primaryOf } from '../rollout/service-facts.ts';
import { taskDefinitionFacts } from '../rollout/task-definition-facts.ts';

/** Looks at everything that a roll of this plan depends on; reads only. */
export async function readPreflightFacts(
  { ecr, ecs }: { readonly ecr: ECRClient; readonly ecs: EcsReader },
  { image, rollbackTarget }: Plan,
  config: RolloutConfig,
): Promise<PreflightFacts> {
  const targetDigest = digestOf(rollbackTarget);
  const digests = targetDigest ? [image.digest, targetDigest] : [image.digest];
  const [service, manifest, imageStatus] = await Promise.all([
    describeService(ecs, config),
    readManifest(ecr, config.repository, image.digest),
    imageStatuses(ecr, config.repository, digests),
  ]);
  const running = primaryOf(service)?.taskDefinition;
  const base = running === undefined ? undefined : await describeFacts(ecs, running);
  const target =
    rollbackTarget &&
    (rollbackTarget.taskDefinition === running ? base : await describeFacts(ecs, rollbackTarget.taskDefinition));
  return { imageStatus, service, manifest, base, target };
}

async function describeFacts(ecs: EcsReader, taskDefinition: string): Promise<TaskDefinitionFacts | undefined> {
  const description = await describeRaw(ecs, taskDefinition);
  return description && taskDefinitionFacts(description.taskDefinition);
}
