import type { World } from '../rehearsal/world.ts';
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
  /** Oldest first. */
  readonly pushes: Pushed[];
  /** Those that somebody deleted. */
  readonly deleted: StoredImage[];
  /** Ends the faults that were started, by their names. */
  readonly faults: Map<string, () => void>;
  /** How often which thing was done, and in which circumstances. */
  readonly met: Map<string, number>;
}

/** Counts one more meeting with something. */
export function meet({ met }: Pick<Stage, 'met'>, what: string): void {
  met.set(what, (met.get(what) ?? 0) + 1);
}
