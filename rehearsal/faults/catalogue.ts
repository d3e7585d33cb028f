import type { World } from '../world.ts';

/** A fault that a story can be played under. */
export interface NamedFault {
  /** As `--fault` takes it. */
  readonly name: string;
  /** One sentence: what goes wrong. */
  readonly title: string;
  /** Outcomes that a rollout may honestly have under it beside the story's own. @default none */
  readonly mayAlsoEnd?: readonly string[];
  /** Starts it in a world; the answer ends it. */
  readonly inject: (world: World) => () => void;
}

/** All of them, in the order in which `--list` shows them. */
export const FAULTS: readonly NamedFault[] = [];
