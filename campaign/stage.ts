import type { World } from '../rehearsal/world.ts';
import type { Happenings } from './happenings.ts';
import type { Setting } from './plan.ts';

/** Synthesizes the stacks of a setting; answers the cloud assembly's directory. */
export type AssemblyOf = (setting: Setting) => Promise<string>;

/** An image that somebody pushed. */
export interface Pushed {
  readonly digest: string;
  readonly tag: string;
}

/** An image as ECR stores it. */
export interface StoredImage {
  readonly imageDigest: string;
  readonly imageManifest: string;
  readonly imageManifestMediaType: string;
}

/** Where a plan is played, and what is known there of what was done. */
export interface Stage {
  readonly world: World;
  readonly setting: Setting;
  readonly assemblyOf: AssemblyOf;
  /** Also those ticks that would change nothing. */
  readonly playsEveryTick: boolean;
  /** What happened, as AWS has it. */
  readonly told: Happenings;
  /** Oldest first. */
  readonly pushes: Pushed[];
  /** Those that somebody deleted. */
  readonly deleted: StoredImage[];
  /** In which state of the state machine each rollout is that has not ended, by its execution's ARN, oldest first. */
  readonly whereabouts: ReadonlyMap<string, string>;
  /** Ends the faults that were started, by their names. */
  readonly faults: Map<string, () => void>;
  /** How often which thing was done, and in which circumstances. */
  readonly met: Map<string, number>;
}

/** Counts one more meeting with something. */
export function meet({ met }: Pick<Stage, 'met'>, what: string): void {
  met.set(what, (met.get(what) ?? 0) + 1);
}

const LONGEST_WAIT_MS = 900_000;
/** Where nobody rolls, nobody will come there soon. */
const LONGEST_CALM_MS = 60_000;

/** Follows in which state of the state machine each rollout is that has not ended, by its execution's ARN. */
export function followWhereabouts({ region, cell }: World): ReadonlyMap<string, string> {
  const whereabouts = new Map<string, string>();
  region.events.onEvent(({ source, detail }) => {
    if (source === 'aws.states' && detail['status'] !== 'RUNNING') whereabouts.delete(String(detail['executionArn']));
  });
  region.states.onStateEntered(({ executionArn, stateMachineArn, state }) => {
    if (stateMachineArn === cell.outputs['StateMachineArn']) whereabouts.set(executionArn, state);
  });
  return whereabouts;
}

/** Lets time pass until a rollout is in that state, or none has come there for long enough. */
export async function untilIn({ world, whereabouts }: Stage, state: string): Promise<void> {
  const { kernel } = world.region;
  let isOver = false;
  const timer = kernel.after(LONGEST_WAIT_MS, 'timer', `no rollout in ${state}`, () => {
    isOver = true;
  });
  let rolledAt = kernel.now;
  const isCalm = (): boolean => {
    if (whereabouts.size > 0) rolledAt = kernel.now;
    return kernel.now - rolledAt > LONGEST_CALM_MS;
  };
  const isDone = (): boolean => isOver || [...whereabouts.values()].includes(state) || isCalm();
  await kernel.runUntil(isDone, `a rollout in ${state}`, LONGEST_WAIT_MS);
  kernel.cancel(timer);
}
