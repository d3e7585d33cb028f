import type { RolloutConfig } from '../rollout/config.ts';
import { isLaunched, namesNoImage } from '../rollout/launch.ts';
import { primaryOf, type ServiceFacts } from '../rollout/service-facts.ts';
import { taskDefinitionFacts } from '../rollout/task-definition-facts.ts';
import type { EcsReader } from '../aws/client-kinds.ts';
import { describeRaw } from '../aws/task-definitions.ts';

/**
 * Whether a service that our stacks provision is as they left it: it wants or runs nothing, and its revision names no image
 * yet. Tasks that it does not want any more may still drain. Of any other service nothing is asked.
 */
export async function isAsProvisioned(
  ecs: EcsReader,
  service: ServiceFacts,
  config: Pick<RolloutConfig, 'launchCount' | 'containers'>,
): Promise<boolean> {
  const primary = primaryOf(service);
  if (!isLaunched(config) || !primary || (service.desiredCount > 0 && service.runningCount > 0)) return false;
  const description = await describeRaw(ecs, primary.taskDefinition);
  const all = description ? taskDefinitionFacts(description.taskDefinition).containers : [];
  return namesNoImage(all.filter(({ name }) => config.containers.includes(name)).map(({ image }) => image));
}
