import type { RecordView } from '../rehearsal/cell/ledger-view.ts';
import { visitsTo, type Happenings } from './happenings.ts';

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

/** A last look, and one that AWS's answer was too old for. */
const LATE_SECONDS = 60;

/** Bakes that went on long after their time, by `now`. */
export function overbaked(told: Pick<Happenings, 'entries' | 'ends'>, bakeSeconds: number, now: number): string[] {
  return visitsTo(['Bake'], told, now).flatMap(({ rollout, from, until }) => {
    const seconds = Math.round((until - from) / 1000);
    if (seconds <= bakeSeconds + LATE_SECONDS) return [];
    return [`bake: Rollout ${rollout.slice(rollout.lastIndexOf(':') + 1)} baked for ${seconds} s, not ${bakeSeconds}.`];
  });
}
