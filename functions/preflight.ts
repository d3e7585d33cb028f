import { ecr, ecs } from './aws/clients.ts';
import { step } from './aws/log.ts';
import { imageStatuses, readManifest } from './aws/registry.ts';
import { describeService } from './aws/service.ts';
import { describeRaw } from './aws/task-definitions.ts';
import type { RolloutConfig } from './rollout/config.ts';
import { checkReadiness, type Clearance, type Plan, type TaskDefinitionFacts } from './rollout/preflight.ts';
import type { ProvenRevision } from './rollout/ledger.ts';
import { primaryOf } from './rollout/service-facts.ts';
import { taskDefinitionFacts } from './rollout/task-definition-facts.ts';

interface PreflightArguments extends Pick<Plan, 'image'> {
  readonly rollbackTarget: ProvenRevision | null;
  readonly config: RolloutConfig;
  readonly rolloutId: string;
}

/** Preflight: proves that the roll can work, and can be taken back, before anything is touched. Reads only. */
export const handler = step('Preflight', identify, async (input: PreflightArguments): Promise<Clearance> => {
  const { config, image, rollbackTarget } = input;
  const digests = rollbackTarget?.digest ? [image.digest, rollbackTarget.digest] : [image.digest];
  const [service, manifest, imageStatus] = await Promise.all([
    describeService(ecs, config),
    readManifest(ecr, config.repository, image.digest),
    imageStatuses(ecr, config.repository, digests),
  ]);
  const running = primaryOf(service)?.taskDefinition;
  const base = running === undefined ? undefined : await describeFacts(running);
  const target =
    rollbackTarget &&
    (rollbackTarget.taskDefinition === running ? base : await describeFacts(rollbackTarget.taskDefinition));
  const facts = {
    imageStatus,
    ...(service && { service }),
    ...(manifest && { manifest }),
    ...(base && { base }),
    ...(target && { target }),
  };
  return checkReadiness(facts, { image, ...(rollbackTarget && { rollbackTarget }) }, config);
});

function identify({ rolloutId, image }: PreflightArguments): { rolloutId: string; digest: string } {
  return { rolloutId, digest: image.digest };
}

async function describeFacts(taskDefinition: string): Promise<TaskDefinitionFacts | undefined> {
  const description = await describeRaw(ecs, taskDefinition);
  return description && taskDefinitionFacts(description.taskDefinition);
}
