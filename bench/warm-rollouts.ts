import { openWorld, type World } from '../rehearsal/world.ts';
import { processorMs, type Measurement } from './measurement.ts';

const WARM_UPS = 100;
const ROLLOUTS = 60;
/** What the same calls would cost against a server that does nothing, so many times. */
const MULTIPLE_MAX = 2;

/**
 * Rolls one good image after another in one region, wire and IAM included, on instances that are warm, and compares that with
 * what its calls cost by the yardstick: milliseconds of processor time for one call.
 */
export async function measureWarmRollouts(assembly: string, yardstick: number): Promise<Measurement[]> {
  const world = await openWorld({ assembly, service: { hasHealthCheck: true } });
  for (let count = 0; count < WARM_UPS; count++) await roll(world);
  const before = { ...world.region.counters };
  const startedAt = processorMs();
  for (let count = 0; count < ROLLOUTS; count++) await roll(world);
  const ms = (processorMs() - startedAt) / ROLLOUTS;
  const { wireCalls, iamEvaluations, schemaChecks } = world.region.counters;
  await world.close();
  const multiple = ms / (((wireCalls - before.wireCalls) / ROLLOUTS) * yardstick);
  const perRollout = (name: string, count: number): Measurement => ({
    name: `${name} per rollout`,
    value: count / ROLLOUTS,
    unit: '',
    bound: 1,
    isFloor: true,
  });
  return [
    { name: 'warm rollout in the region: processor time', value: ms, unit: 'ms' },
    { name: 'warm rollout beside its calls at the yardstick', value: multiple, unit: 'x', bound: MULTIPLE_MAX },
    perRollout('wire calls', wireCalls - before.wireCalls),
    perRollout('IAM evaluations', iamEvaluations - before.iamEvaluations),
    perRollout('schema checks', schemaChecks - before.schemaChecks),
  ];
}

async function roll(world: World): Promise<void> {
  await world.push();
  const { outcome } = await world.untilRolloutEnds();
  if (outcome !== 'SUCCEEDED') throw new Error(`a good push ended ${outcome}`);
}
