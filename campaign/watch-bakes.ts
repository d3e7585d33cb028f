import type { RecordView } from '../rehearsal/cell/ledger-view.ts';
import type { Happenings } from './happenings.ts';

/** Successes that ended sooner than so long after ECS completed their deployment. */
export function unbaked(
  { deployments }: Pick<Happenings, 'deployments'>,
  records: readonly Pick<RecordView, 'rolloutId' | 'outcome' | 'endedAt'>[],
  bakeSeconds: number,
): string[] {
  return records.flatMap(({ rolloutId, outcome, endedAt }) => {
    if (outcome !== 'SUCCEEDED') return [];
    const completed = deployments.findLast(({ at, says }) => says === 'SERVICE_DEPLOYMENT_COMPLETED' && at <= endedAt);
    if (!completed || endedAt - completed.at >= bakeSeconds * 1000) return [];
    const seconds = Math.round((endedAt - completed.at) / 1000);
    return [
      `bake: Rollout ${rolloutId} ended SUCCEEDED ${seconds} s after its deployment was COMPLETED, not ${bakeSeconds}.`,
    ];
  });
}
