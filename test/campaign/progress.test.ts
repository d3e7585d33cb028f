import { expect, it } from 'vitest';
import type { Played } from '../../campaign/play-plan.ts';
import { progressLine } from '../../campaign/progress.ts';
import { NOTHING_MET } from '../../campaign/reach.ts';
import type { Campaign } from '../../campaign/run-campaign.ts';

const SO_FAR: Campaign = {
  worlds: 20,
  seeds: 3,
  wired: 1,
  rollouts: 100,
  virtualHours: 60,
  cpuMs: { opening: 300, playing: 1600, auditing: 100 },
  reach: NOTHING_MET,
  broken: [{} as Played],
  lostInARow: 0,
};

it.each([
  [500, 40_000, '2.5 rollouts a second · 3 min left'],
  [100_000, 1_000, '100.0 rollouts a second · 17 min left'],
  [100_000, 40_000, '2.5 rollouts a second · 11 h 6 min left'],
])('says of 100 rollouts of %i after %i ms how fast it is and how long it takes', (rollouts, elapsedMs, pace) => {
  expect(progressLine({ soFar: SO_FAR, seed: 7, rollouts, plans: 17, elapsedMs })).toBe(
    `seed 7 · 100 of ${rollouts} rollouts · 20 worlds · ${pace} · 1 broken · 20 ms each`,
  );
});

it('says of the corpus how many of its plans are played, and that the rest of them still takes time', () => {
  const soFar = { ...SO_FAR, seeds: 0 };
  expect(progressLine({ soFar, seed: 61166, rollouts: 50, plans: 79, elapsedMs: 40_000 })).toMatch(
    /^plan 20 of the corpus's 79 · 100 of 50 rollouts · 20 worlds · .* · 2 min left · /,
  );
});
