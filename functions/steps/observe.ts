import { isBelied, needsTasks, type Observation } from '../rollout/service-facts.ts';
import type { Watch } from '../rollout/watch.ts';
import type { EcsReader } from '../aws/client-kinds.ts';
import { describeService, describeTasks } from '../aws/service.ts';

/** Looks at a watched service, and at its tasks as far as they can change the verdict. */
export async function observe(ecs: EcsReader, watch: Watch): Promise<Observation> {
  const service = await describeService(ecs, watch);
  if (!service) return {};
  const needed = needsTasks(service, watch);
  const [running, stopped] = await Promise.all([
    needed.running ? describeTasks(ecs, watch, 'RUNNING') : [],
    needed.stopped ? describeTasks(ecs, watch, 'STOPPED') : [],
  ]);
  const isWorthMore = needed.running && !needed.stopped && isBelied(service, running, watch);
  return { service, tasks: { running, stopped: isWorthMore ? await describeTasks(ecs, watch, 'STOPPED') : stopped } };
}
