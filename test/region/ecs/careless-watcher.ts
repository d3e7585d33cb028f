import type { Service, Task } from '@aws-sdk/client-ecs';
import type { EcsRegion } from './ecs-fixture.ts';

/** What a watcher says of a roll; `waiting` until it knows. */
export type Verdict = 'succeeded' | 'failed' | 'waiting';

/** One look at what AWS answers. `deploymentId` is the roll's. */
type Look = (deploymentId: string, service: Service, stopped: readonly Task[]) => Verdict;

const primaryOf = ({ deployments = [] }: Service) => deployments.find(({ status }) => status === 'PRIMARY');

/** Watchers as they are written in a hurry. Each stands on one belief about ECS that holds on most days. */
export const CARELESS = {
  /** COMPLETED means that the new tasks run. */
  believesCompleted: (deploymentId, service) => {
    const primary = primaryOf(service);
    return primary?.id === deploymentId && primary.rolloutState === 'COMPLETED' ? 'succeeded' : 'waiting';
  },
  /** The AWS CLI's waiter: one deployment, as many running tasks as desired. */
  believesCounts: (_deploymentId, { deployments, runningCount, desiredCount }) =>
    deployments?.length === 1 && runningCount === desiredCount ? 'succeeded' : 'waiting',
  /** What stopped, stopped because of the image. */
  blamesEveryStop: (deploymentId, _service, stopped) =>
    stopped.some(({ startedBy }) => startedBy === deploymentId) ? 'failed' : 'waiting',
  /** The words of today's documentation are all that there are. */
  knowsEveryWord: (_deploymentId, service) => {
    const word = primaryOf(service)?.rolloutState;
    switch (word) {
      case 'COMPLETED':
        return 'succeeded';
      case 'FAILED':
        return 'failed';
      case 'IN_PROGRESS':
        return 'waiting';
      default:
        throw new Error(`no case for ${String(word)}`);
    }
  },
  /** A failed roll has failed tasks. */
  waitsForFailedTasks: (_deploymentId, service) => ((primaryOf(service)?.failedTasks ?? 0) > 0 ? 'failed' : 'waiting'),
  /** More tasks than are desired are a roll that someone else has begun. */
  believesDesired: (_deploymentId, { runningCount = 0, desiredCount = 0 }) =>
    runningCount > desiredCount ? 'failed' : 'waiting',
} satisfies Record<string, Look>;

/** Lets it look every ten seconds; `waiting` when it knows nothing after `seconds`. */
export async function watch(region: EcsRegion, deploymentId: string, look: Look, seconds: number): Promise<Verdict> {
  const end = region.kernel.now + seconds * 1000;
  while (region.kernel.now < end) {
    await region.kernel.runFor(10_000);
    const verdict = look(deploymentId, region.service, region.tasks('STOPPED'));
    if (verdict !== 'waiting') return verdict;
  }
  return 'waiting';
}
