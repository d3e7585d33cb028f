import type { RolloutConfig } from './config.ts';
import { LETTING_FINISH_KEPT, type LedgerState, type LettingFinish } from './ledger.ts';
import type { DeploymentFacts, ServiceFacts } from './service-facts.ts';
import type { RunningRevision } from './running-revision.ts';

/**
 * Whether ECS is replacing tasks for this deployment and will come to an end with it: `sound` while no task has failed, `failing`
 * while the circuit breaker counts those that do. A service without tasks has none to replace.
 */
export function underWay(
  service: Pick<ServiceFacts, 'desiredCount' | 'breakerRollsBack'>,
  deployment: Pick<DeploymentFacts, 'rolloutState' | 'failedTasks'>,
): 'sound' | 'failing' | undefined {
  if (!(service.desiredCount > 0) || deployment.rolloutState !== 'IN_PROGRESS') return undefined;
  if (deployment.failedTasks === 0) return 'sound';
  return service.breakerRollsBack ? 'failing' : undefined;
}

/** ECS's words for tasks that come and go (developer guide, "Amazon ECS service event messages"). */
const MOVED = /has (?:started|stopped) \d+ |registered \d+ targets/;

/** When ECS last started or stopped a task since this deployment began, milliseconds since the epoch. */
export function movedAt(
  { events }: Pick<ServiceFacts, 'events'>,
  { createdAt }: Pick<DeploymentFacts, 'createdAt'>,
): number {
  return Math.max(createdAt, ...events.filter(({ message }) => MOVED.test(message)).map(({ at }) => at));
}

/**
 * Whether a push lets somebody else's deployment finish before it goes on from it: only then is their revision proven, so that
 * a rollback keeps their change. One that takes longer than a rollout may, stands still, or fails without an end, is what the push
 * may fix, and so is one of ours, unless it puts back what is proven and no task of it has failed. `now` in milliseconds since the epoch.
 */
export function isLetFinish(
  running: Pick<RunningRevision, 'underWay' | 'taskDefinition' | 'createdAt' | 'movedAt' | 'isAsProvisioned'>,
  known: Pick<LedgerState, 'lastTargets' | 'verified' | 'unsettled'>,
  { deadlineSeconds, progressSeconds = deadlineSeconds }: Pick<RolloutConfig, 'deadlineSeconds' | 'progressSeconds'>,
  now: number,
): boolean {
  if (!running.underWay || running.isAsProvisioned) return false;
  const { createdAt, movedAt = createdAt } = running;
  const isYoung = now - createdAt < deadlineSeconds * 1000 && now - movedAt < progressSeconds * 1000;
  if (!isYoung) return false;
  return (
    !known.lastTargets.includes(running.taskDefinition) || (running.underWay === 'sound' && isPutBack(running, known))
  );
}

/**
 * Whether a revision of ours is one that was put back. Any other that runs though nobody owns the service came of a rollout that
 * failed: ECS counts no task as failed that crashes after it has started, and its deployment would never end.
 */
function isPutBack(
  { taskDefinition }: Pick<RunningRevision, 'taskDefinition'>,
  { verified, unsettled }: Pick<LedgerState, 'verified' | 'unsettled'>,
): boolean {
  const isVerified = verified.some((revision) => revision.taskDefinition === taskDefinition);
  return isVerified || unsettled?.rollbackTarget?.taskDefinition === taskDefinition;
}

/** Remembers a rollout that lets somebody else's deployment finish, once; undefined where it is remembered already. */
export function withLettingFinish(state: LedgerState, waiter: LettingFinish): LedgerState | undefined {
  if (state.lettingFinish.some(({ rolloutId }) => rolloutId === waiter.rolloutId)) return undefined;
  return { ...state, lettingFinish: [waiter, ...state.lettingFinish].slice(0, LETTING_FINISH_KEPT) };
}

/** Forgets a rollout that waits for no deployment any more: it owns the service, waits for its turn, or is told of. */
export function withoutLettingFinish(state: LedgerState, rolloutId: string): LedgerState {
  const lettingFinish = state.lettingFinish.filter((waiter) => waiter.rolloutId !== rolloutId);
  return lettingFinish.length < state.lettingFinish.length ? { ...state, lettingFinish } : state;
}
