import { isForBothDoors, type Plan } from './plan.ts';
import { playPlan, type Played, type PlayOptions } from './play-plan.ts';

/**
 * Plays a plan past HTTP, and one that is for both doors again over the wire, with the bytes that are deployed, in a region that is
 * opened anew and has its items in dynalite's LevelDB: where the two differ, what is found past HTTP proves nothing.
 */
export async function playDue(plan: Plan, options: Omit<PlayOptions, 'door'>): Promise<Played> {
  return isForBothDoors(plan) ? playOnBothDoors(plan, options) : playPlan(plan, { ...options, door: 'direct' });
}

/** Plays a plan past HTTP and over the wire; any difference is a violation. */
export async function playOnBothDoors(
  plan: Plan,
  { onTimeline, onChronicle, ...options }: Omit<PlayOptions, 'door'>,
): Promise<Played> {
  const told = { ...(onTimeline && { onTimeline }), ...(onChronicle && { onChronicle }) };
  const direct = await playPlan(plan, { ...options, ...told, door: 'direct' });
  const wire = await playPlan(plan, { ...options, door: 'wire', openings: 'anew', tables: 'leveldb' });
  return { ...direct, cpuMs: sum(direct, wire), violations: [...direct.violations, ...differences(direct, wire)] };
}

function sum({ cpuMs: one }: Played, { cpuMs: other }: Played): Played['cpuMs'] {
  return {
    opening: one.opening + other.opening,
    playing: one.playing + other.playing,
    auditing: one.auditing + other.auditing,
  };
}

function differences(direct: Played, wire: Played): string[] {
  const compared = (['rollouts', 'virtualSeconds', 'violations', 'traceDigest'] as const).flatMap((what) => {
    const [one, other] = [direct, wire].map((played) => JSON.stringify(comparable(played)[what]));
    return one === other ? [] : [`${what} ${one}, over the wire ${other}`];
  });
  return compared.length === 0 ? [] : [`door: past HTTP it plays otherwise: ${compared.join('; ')}.`];
}

/** What is thrown has another stack behind each door. */
function comparable({ violations, ...played }: Played): Played {
  return { ...played, violations: violations.map((violation) => violation.split('\n', 1)[0]!) };
}
