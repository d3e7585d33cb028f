import type { Campaign } from './run-campaign.ts';

/** How far a campaign is. */
export interface Progress {
  readonly soFar: Campaign;
  /** Of the world that was told last. */
  readonly seed: number;
  /** How many rollouts were asked for. */
  readonly rollouts: number;
  /** How many plans the corpus has. */
  readonly plans: number;
  readonly elapsedMs: number;
}

/** One line: how many, how fast, how long it will still take, and what broke. */
export function progressLine({ soFar, seed, rollouts, plans, elapsedMs }: Progress): string {
  const perSecond = soFar.rollouts / (elapsedMs / 1000);
  const worldsPerSecond = soFar.worlds / (elapsedMs / 1000);
  // The corpus is played whatever was asked for, and one seed.
  const left = Math.max((rollouts - soFar.rollouts) / perSecond, (plans + 1 - soFar.worlds) / worldsPerSecond, 0);
  return [
    soFar.seeds === 0 ? `plan ${soFar.worlds} of the corpus's ${plans}` : `seed ${seed}`,
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
