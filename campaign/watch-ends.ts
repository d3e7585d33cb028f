import { OUTCOMES } from './reach.ts';

/** Executions that nobody stopped and that ended without an outcome, as one does whose history is full. */
export function endsWithoutOutcome(
  rollouts: readonly { readonly executionArn: string; readonly status: string; readonly outcome: string }[],
): string[] {
  return rollouts.flatMap(({ executionArn, status, outcome }) => {
    if (status !== 'FAILED' || OUTCOMES.includes(outcome)) return [];
    return [
      `end: Rollout ${executionArn.slice(executionArn.lastIndexOf(':') + 1)} ended ${outcome}, and nothing was in its way.`,
    ];
  });
}
