import type { Execution } from './execution.ts';
import type { Workflows } from './model.ts';
import { HISTORY_KEPT_MS } from './quotas.ts';

/**
 * History events that are kept of executions that have ended, together. An event with its payloads takes about a kilobyte,
 * and a region may serve for days: so much is a hundred megabytes, and some hundred executions of a hundred states.
 */
const EVENTS_KEPT = 100_000;

/** Whether an execution ended so long ago that AWS no longer knows it. */
export function isPastKeeping({ kernel }: Workflows, { stoppedAt }: Execution): boolean {
  return stoppedAt !== undefined && kernel.now - stoppedAt >= HISTORY_KEPT_MS;
}

/**
 * Forgets executions that ended long ago, and the oldest that are too many to remember; those that run stay. Called before
 * lists and starts instead of by a timer, so that a region can come to rest.
 */
export function forgetOldExecutions(workflows: Workflows): void {
  const { state } = workflows;
  const ended = [...state.executions.values()].filter(({ status }) => status !== 'RUNNING');
  let surplus = ended.reduce((sum, { history }) => sum + history.length, 0) - EVENTS_KEPT;
  const forgotten = new Set<Execution>();
  for (const execution of ended) {
    if (surplus <= 0 && !isPastKeeping(workflows, execution)) continue;
    surplus -= execution.history.length;
    forgotten.add(execution);
  }
  if (forgotten.size === 0) return;
  for (const { arn } of forgotten) state.executions.delete(arn);
  for (const [token, { visit }] of state.attempts) if (forgotten.has(visit.execution)) state.attempts.delete(token);
}
