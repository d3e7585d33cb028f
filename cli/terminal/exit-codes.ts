import type { Outcome } from '../../functions/rollout/outcomes.ts';

/** What a verb that awaited a rollout ends with; 1 is left to failed runs and 2 to misuse. Below 20 nothing failed. */
export const EXIT_CODES: Readonly<Record<Outcome, number>> = {
  SUCCEEDED: 0,
  NO_CHANGE: 0,
  STAGED: 10,
  SUPERSEDED: 11,
  HELD: 12,
  REJECTED: 20,
  ROLLED_BACK: 21,
  ROLLED_BACK_BY_ECS: 22,
  ABORTED: 23,
  ABORTED_EXTERNAL: 24,
  FAILED_NO_ROLLBACK_TARGET: 25,
  FAILED_ROLLBACK: 26,
};

/** Watching was interrupted; the rollout goes on. As shells have it for SIGINT. */
export const INTERRUPTED = 130;

/** The exit code of how a rollout ended; 1 where it could not say, as its error's name is no outcome. */
export function exitCodeOf(outcome: string): number {
  return Object.hasOwn(EXIT_CODES, outcome) ? EXIT_CODES[outcome as Outcome] : 1;
}
