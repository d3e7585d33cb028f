import type { RolloutRecord } from '../documents.ts';
import { isBeside, isFailure, median } from './words.ts';

export const MEASURED_DAYS = 90;
const DAY_MS = 86_400_000;
/** Fewer say nothing. */
export const MEASURED_FROM = 5;
/** Rollouts over which the failure rate is told at each. */
const WINDOW = 10;

/** How well changes went. */
export interface Measures {
  /** Rollouts that count, the oldest first. */
  readonly counted: readonly RolloutRecord[];
  readonly proven: readonly RolloutRecord[];
  readonly failed: readonly RolloutRecord[];
  /** From the push to the proof, seconds, in the median. */
  readonly leadSeconds: number | undefined;
  /** From the start of a rollout that failed until the proven image ran again, seconds, in the median. */
  readonly restoreSeconds: number | undefined;
  /** Whether the last failure still stands: nothing proven has run since. */
  readonly isOpen: boolean;
}

/** Measures of the last 90 days; refused, held and superseded rollouts count for nothing. */
export function measuresOf(history: readonly RolloutRecord[], now: number): Measures {
  const since = now - MEASURED_DAYS * DAY_MS;
  const counted = history.filter((one) => Date.parse(one.endedAt) > since && !isBeside(one.outcome)).toReversed();
  const proven = counted.filter(({ outcome }) => outcome === 'SUCCEEDED');
  const failed = counted.filter(({ outcome }) => isFailure(outcome));
  const isOpen = counted.at(-1)?.outcome === 'FAILED_ROLLBACK';
  const restored = failed.filter(isRestored);
  return {
    counted,
    proven,
    failed,
    leadSeconds: median(proven.filter(({ intent }) => intent === 'push').map(secondsOf)),
    restoreSeconds: median(restored.map(secondsOf)),
    isOpen,
  };
}

/** Whether a failed rollout itself brought the proven image back. */
export function isRestored({ outcome }: RolloutRecord): boolean {
  return ['ROLLED_BACK', 'ROLLED_BACK_BY_ECS', 'ABORTED'].includes(outcome);
}

/** How long a rollout took. */
export function secondsOf({ startedAt, endedAt }: RolloutRecord): number {
  return (Date.parse(endedAt) - Date.parse(startedAt)) / 1000;
}

/** Where a moment lies in the days that are measured, from 0 to 1. */
export function placeIn(at: string, now: number): number {
  return 1 - (now - Date.parse(at)) / (MEASURED_DAYS * DAY_MS);
}

/** Deployments and failures by week, the oldest first. */
export function weeksOf({ proven, failed }: Measures, now: number): { proven: number; failed: number }[] {
  const weeks = Math.ceil(MEASURED_DAYS / 7);
  const inWeek = (week: number) => (one: RolloutRecord) =>
    Math.min(weeks - 1, Math.floor(placeIn(one.endedAt, now) * weeks)) === week;
  return Array.from({ length: weeks }, (_, week) => ({
    proven: proven.filter(inWeek(week)).length,
    failed: failed.filter(inWeek(week)).length,
  }));
}

/** The share of failures among the last ten, after each rollout: a week holds too few for a rate. */
export function trailingRate({ counted }: Measures, now: number): { place: number; rate: number }[] {
  return counted.map((one, index) => {
    const last = counted.slice(Math.max(0, index - WINDOW + 1), index + 1);
    const failed = last.filter(({ outcome }) => outcome !== 'SUCCEEDED').length;
    return { place: placeIn(one.endedAt, now), rate: failed / Math.max(MEASURED_FROM, last.length) };
  });
}

/** How long rollouts that succeeded take, in the median; undefined where there were none. */
export function usualSeconds(history: readonly RolloutRecord[]): number | undefined {
  return median(
    history
      .filter(({ outcome }) => outcome === 'SUCCEEDED')
      .slice(0, 20)
      .map(secondsOf),
  );
}
