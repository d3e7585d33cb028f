import type { Footprint } from './footprint.ts';
import { functionCalls } from './function-calls.ts';
import { taskItems } from './monthly-cost.ts';
import type { Prices } from './prices.ts';

/** State transitions of a rollout that succeeds, and all calls of functions that belong to it; a test counts both in the region. */
export const TRANSITIONS = 17;
export const FUNCTION_CALLS = 11;

/** US dollars for one rollout. */
export interface RolloutCost {
  readonly minutes: number;
  /** Tasks that run beside the old ones. */
  readonly extraTasks: number;
  readonly tasksUsd: number;
  readonly transitionsUsd: number;
  readonly functionsUsd: number;
  readonly totalUsd: number;
}

/** What one rollout costs on the service's own architecture: old and new tasks side by side, and the machine that rolls. */
export function rolloutCost(footprint: Footprint, minutes: number, prices: Prices): RolloutCost {
  const extraTasks = Math.floor((footprint.count * Math.max(footprint.maximumPercent - 100, 0)) / 100);
  const items = taskItems(footprint, (extraTasks * minutes) / 60, prices, footprint.architecture);
  const tasksUsd = Object.values(items).reduce((total, item) => total + item, 0);
  const transitionsUsd = TRANSITIONS * prices.prices.stateTransition.usd;
  const functionsUsd = functionCalls(FUNCTION_CALLS, prices);
  const totalUsd = tasksUsd + transitionsUsd + functionsUsd;
  return { minutes, extraTasks, tasksUsd, transitionsUsd, functionsUsd, totalUsd };
}
