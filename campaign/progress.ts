import type { Campaign } from './run-campaign.ts';

/** How far a campaign is. */
export interface Progress {
  readonly soFar: Campaign;
  /** Of the world that was told last. */
  readonly seed: number;
  /** How many were asked for. */
  readonly rollouts: number;
  readonly elapsedMs: number;
}

/** One line: how many, how fast, how long it will still take, and what broke. */
export function progressLine({ soFar, seed, rollouts, elapsedMs }: Progress): string {
  const perSecond = soFar.rollouts / (elapsedMs / 1000);
  const left = Math.max(0, rollouts - soFar.rollouts) / perSecond;
  return [
    `seed ${seed}`,
    `${soFar.rollouts} of ${rollouts} rollouts`,
    `${soFar.worlds} worlds`,
    `${perSecond.toFixed(1)} rollouts a second`,
    `${duration(left)} left`,
    `${soFar.broken.length} broken`,
    `${perRollout(soFar)} ms each`,
  ].join(' · ');
}

/** Processor time, milliseconds. */
export function perRollout({ rollouts, cpuMs }: Campaign): number {
  return Math.round((cpuMs.opening + cpuMs.playing + cpuMs.auditing) / Math.max(1, rollouts));
}

function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return 'who knows how long';
  const minutes = Math.ceil(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
