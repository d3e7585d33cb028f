import type { ECRClient, EcsReader } from '../aws/client-kinds.ts';
import { lookUpImages } from '../aws/image-look-up.ts';
import { readManifest } from '../aws/registry.ts';
import { describeService } from '../aws/service.ts';
import { describeRaw } from '../aws/task-definitions.ts';
import type { RolloutConfig } from '../rollout/config.ts';
import { registryName } from '../rollout/needed-images.ts';
import { imagesNeeded, type Plan, type PreflightFacts } from '../rollout/preflight.ts';
import { primaryOf } from '../rollout/service-facts.ts';
import { taskDefinitionFacts, type TaskDefinitionFacts } from '../rollout/task-definition-facts.ts';

/** What a preflight looks with, and the repository in whose registry it can look images up. */
export interface PreflightReach {
  readonly ecr: ECRClient;
  readonly ecs: EcsReader;
  readonly repositoryUri: string;
}

/** Looks at everything that a roll of this plan depends on; reads only. */
export async function readPreflightFacts(
  { ecr, ecs, repositoryUri }: PreflightReach,
  { image, rollbackTarget }: Plan,
  config: RolloutConfig,
): Promise<PreflightFacts> {
  const [service, manifest] = await Promise.all([
    describeService(ecs, config),
    readManifest(ecr, config.repository, image.digest),
  ]);
  const running = primaryOf(service)?.taskDefinition;
  const base = running === undefined ? undefined : await describeFacts(ecs, running);
  const target =
    rollbackTarget &&
    (rollbackTarget.taskDefinition === running ? base : await describeFacts(ecs, rollbackTarget.taskDefinition));
  const needed = imagesNeeded({ base, target }, rollbackTarget, config.containers).flatMap(
    (each) => registryName(each, repositoryUri) ?? [],
  );
  const pushed = { repository: config.repository, reference: image.digest };
  const lookUp = await lookUpImages(ecr, repositoryUri, [pushed, ...needed]);
  return { repositoryUri, ...lookUp, service, manifest, base, target };
}

async function describeFacts(ecs: EcsReader, taskDefinition: string): Promise<TaskDefinitionFacts | undefined> {
  const description = await describeRaw(ecs, taskDefinition);
  return description && taskDefinitionFacts(description.taskDefinition);
}
