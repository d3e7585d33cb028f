import { isOutcome, OUTCOMES } from '../../functions/rollout/outcomes.ts';

/** Watching was interrupted; the rollout goes on. As shells have it for SIGINT. */
export const INTERRUPTED = 130;

/** The time that `--timeout` gives is over; the rollout goes on. As timeout(1) has it. */
export const TIMED_OUT = 124;

/** The exit code of how a rollout ended; 1 where it could not say, as its error's name is no outcome. */
export function exitCodeOf(outcome: string): number {
  return isOutcome(outcome) ? OUTCOMES[outcome].exitCode : 1;
}
