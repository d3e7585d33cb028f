import { evidenceOf } from './evidence.ts';
import type { Owner } from './ledger.ts';
import { primaryOf, type Observation, type ServiceFacts, type TaskFacts } from './service-facts.ts';
import type { Progress, Watch } from './watch.ts';

/** The setting that ended a wait. */
export type Bound = 'progressSeconds' | 'deadlineSeconds';

/**
 * When a watch that has seen nothing yet is over, `since` its change was begun: without progress after `progressSeconds`, and
 * never later than the owner's deadline. A definition of an older release does not say how long progress may take.
 */
export function firstDeadline(
  { deadline }: Pick<Owner, 'deadline'>,
  since: number,
  progressSeconds: number | undefined,
): number {
  return progressSeconds === undefined ? deadline : Math.min(deadline, since + progressSeconds * 1000);
}

/**
 * Until when a watch at which nobody can look may wait: nobody then knows whether there is progress, and the way back would need
 * the same look. A way back goes on while it gets on, so it has once more as long as it may take to; a bake only as long as it has.
 */
export function lastDeadline({ kind, progressSeconds, deadline }: Watch, owner: Pick<Owner, 'deadline'>): number {
  if (kind === 'bake' || progressSeconds === undefined) return deadline;
  return Math.max(owner.deadline, kind === 'rollback' ? deadline + progressSeconds * 1000 : deadline);
}

/** Whether a look at `now` counts progress: in the first sixth of its time it would gain nothing, and most rolls are over by then. */
export function isWorthCounting({ deadline, progressSeconds }: Watch, now: number): boolean {
  return progressSeconds !== undefined && deadline - now <= (progressSeconds * 1000 * 5) / 6;
}

/**
 * The watch after a look at `now` (milliseconds): the same one, unless more tasks are healthy or fewer old ones left than ever
 * before. Then its deadline moves, never back. Tasks that come and go earn nothing. No roll goes on past the owner's deadline; a
 * way back does, for giving it up helps nobody.
 */
export function advance(
  watch: Watch,
  observation: Observation,
  { deadline }: Pick<Owner, 'deadline'>,
  now: number,
): Watch {
  const { progressSeconds } = watch;
  const progress = furthest(watch, observation);
  if (progressSeconds === undefined || progress === watch.progress) return watch;
  const last = watch.kind === 'rollback' ? Infinity : deadline;
  const moved = Math.min(last, now + progressSeconds * 1000);
  return { ...watch, progress, deadline: Math.max(watch.deadline, moved) };
}

/** The same progress where a look shows no more; while another deployment is PRIMARY the watched one gets nowhere. */
function furthest(watch: Watch, { service, tasks }: Observation): Progress | undefined {
  const { progress } = watch;
  if (!service || primaryOf(service)?.id !== watch.deploymentId) return progress;
  const [healthy, old] = [healthyIn(tasks?.running ?? [], watch), oldIn(service, watch)];
  const hasMore = healthy > (progress?.healthy ?? 0);
  // Nobody has counted the old tasks before the roll; as many as the service wants are no fewer, and none may never have been.
  const hasFewer = progress?.old === undefined ? old > 0 && old < service.desiredCount : old < progress.old;
  if (!hasMore && !hasFewer) return progress;
  return { healthy: hasMore ? healthy : (progress?.healthy ?? 0), old: hasFewer ? old : progress?.old };
}

function healthyIn(running: readonly TaskFacts[], watch: Watch): number {
  return running.filter((task) => {
    const isOurs = task.startedBy === watch.deploymentId && task.desiredStatus === 'RUNNING';
    return isOurs && evidenceOf(task, watch) === 'sound';
  }).length;
}

/** NaN, with which every comparison fails, when ECS did not tell. */
function oldIn({ deployments }: ServiceFacts, { deploymentId }: Watch): number {
  const others = deployments.filter(({ id }) => id !== deploymentId);
  return others.reduce((sum, { runningCount, pendingCount }) => sum + runningCount + pendingCount, 0);
}

/** Which setting ended, or will end, a watch: raising the other one would change nothing. */
export function boundOf({ deadline, progressSeconds }: Watch, owner: Pick<Owner, 'deadline'>): Bound {
  return progressSeconds !== undefined && deadline !== owner.deadline ? 'progressSeconds' : 'deadlineSeconds';
}
