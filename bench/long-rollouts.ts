import { openWorld } from '../rehearsal/world.ts';
import type { Measurement } from './measurement.ts';

/**
 * What a roll of so many minutes may cost. The longer one counts its progress, two calls a look, and its record says that a grace
 * period of half an hour is longer than `progressSeconds`.
 */
const BUDGETS = [
  { minutes: 5, stateTransitionsMax: 24, awsCallsMax: 37 },
  { minutes: 30, stateTransitionsMax: 30, awsCallsMax: 62 },
] as const;

/** Rolls images that need long to become healthy and counts what the waiting costs. */
export async function measureLongRollouts(assembly: string): Promise<Measurement[]> {
  const measured: Measurement[] = [];
  for (const { minutes, stateTransitionsMax, awsCallsMax } of BUDGETS) {
    const { stateTransitions, awsCalls, virtualSeconds } = await rollFor(assembly, minutes);
    const name = `${minutes}-minute roll`;
    measured.push(
      { name: `${name}: virtual minutes`, value: virtualSeconds / 60, unit: 'min' },
      { name: `${name}: state transitions`, value: stateTransitions, unit: '', bound: stateTransitionsMax },
      { name: `${name}: AWS calls`, value: awsCalls, unit: '', bound: awsCallsMax },
    );
  }
  return measured;
}

/** Pulling the image and replacing the old tasks take at least this long beside the start itself. */
const OVERHEAD_SECONDS = 30;

async function rollFor(assembly: string, minutes: number) {
  const members = { healthCheckGracePeriodSeconds: minutes * 60 };
  const world = await openWorld({ assembly, service: { hasHealthCheck: true, members } });
  await world.push();
  await world.untilRolloutEnds();
  await world.untilIdle();
  await world.push({ behaviour: 'slow-start', afterSeconds: minutes * 60 - OVERHEAD_SECONDS });
  const rollout = await world.untilRolloutEnds();
  await world.close();
  if (rollout.outcome !== 'SUCCEEDED') throw new Error(`the slow push ended ${rollout.outcome}: ${rollout.message}`);
  return rollout;
}
