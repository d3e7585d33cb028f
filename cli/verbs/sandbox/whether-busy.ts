import type { World } from '../../../rehearsal/world.ts';

/** For how long ECS may try to bring a deployment about before nobody is taken to wait for it. */
const PATIENCE_MS = 3_600_000;

/** Tells whether somebody waits for the region: for a rollout, or for ECS to deploy what anybody put on a service. */
export function whetherBusy(worlds: readonly World[]): () => boolean {
  const seenAt = new Map<string, number>();
  const isDeploying = ({ region, config }: World): boolean =>
    region.ecs.serviceView(config.cluster, config.serviceName).deployments.some(({ id, rolloutState }) => {
      if (rolloutState !== 'IN_PROGRESS') return false;
      const since = seenAt.get(id) ?? region.kernel.now;
      seenAt.set(id, since);
      return region.kernel.now - since < PATIENCE_MS;
    });
  return () => worlds.some((world) => world.isRolling() || isDeploying(world));
}
