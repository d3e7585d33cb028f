import { beforeAll, describe, expect, it } from 'vitest';
import { assembliesIn } from '../../campaign/assemblies.ts';
import { playDue, playOnBothDoors } from '../../campaign/both-doors.ts';
import type { Plan } from '../../campaign/plan.ts';
import type { AssemblyOf } from '../../campaign/stage.ts';
import { scratchDirectory } from '../scenario/setting.ts';

/** A good image, a bad one, and one more, all while something goes wrong. */
function planWith(faults: readonly string[], seed: number): Plan {
  return {
    seed,
    setting: { tag: 'exact', bakeTimeSeconds: 60, isProvisioned: false },
    region: 'us-east-1',
    service: { desiredCount: 2, hasHealthCheck: true },
    steps: [
      ...faults.map((fault) => ({ kind: 'fault', fault, lastsSeconds: 900, afterSeconds: 0 }) as const),
      { kind: 'push', image: {}, afterSeconds: 1 },
      { kind: 'push', image: { behaviour: 'crash' }, afterSeconds: 300 },
      { kind: 'push', image: {}, afterSeconds: 240 },
    ],
  };
}

describe('a history plays the same past HTTP as over the wire, act by act', () => {
  let assemblyOf: AssemblyOf;
  beforeAll(() => {
    assemblyOf = assembliesIn(scratchDirectory());
  });

  it.each([
    { faults: ['throttling'], seed: 1 },
    { faults: ['server-errors', 'slow-network'], seed: 2 },
    { faults: ['lost-answers'], seed: 3 },
    { faults: ['hanging-calls'], seed: 4 },
    { faults: ['zombies', 'functions-killed'], seed: 5 },
    { faults: ['stale-reads', 'functions-time-out'], seed: 6 },
  ])('with $faults', async ({ faults, seed }) => {
    const { violations, met, rollouts } = await playOnBothDoors(planWith(faults, seed), { assemblyOf });
    expect(violations).toEqual([]);
    expect(rollouts).toBeGreaterThanOrEqual(2);
    expect(faults.map((fault) => met.get(`fault ${fault}`))).toEqual(faults.map(() => 1));
  });

  it('and what is thrown is the same, whatever its stack', async () => {
    const broken: AssemblyOf = () => Promise.reject(new Error('it cannot be written'));
    const { violations } = await playOnBothDoors(planWith([], 1), { assemblyOf: broken });
    expect(violations).toEqual([expect.stringMatching(/^end: .* it cannot be written\n/)]);
  });

  it('and a difference is a violation, in every hundredth seed and where a plan says so', async () => {
    // The deployed bundles run over the wire; here others, which bake for another time, run past it.
    const other = assembliesIn(scratchDirectory());
    const played: string[] = [];
    const alternating: AssemblyOf = (setting) => {
      played.push('world');
      return played.length === 1 ? other({ ...setting, bakeTimeSeconds: 120 }) : assemblyOf(setting);
    };
    const { violations } = await playDue(planWith([], 300), { assemblyOf: alternating });
    expect(violations).toEqual([expect.stringMatching(/^door: past HTTP it plays otherwise: .*traceDigest/)]);
    await playDue(planWith([], 301), { assemblyOf: alternating });
    expect(played).toHaveLength(3);
    await playDue({ ...planWith([], 301), doors: 'both' }, { assemblyOf: alternating });
    expect(played).toHaveLength(5);
  });
});
