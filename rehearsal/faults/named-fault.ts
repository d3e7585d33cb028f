import type { DeployedStack } from '../../region/cloudformation/deploy-stack.ts';
import type { Region } from '../../region/region.ts';
import type { CellConfig } from '../cell/cell-config.ts';

/** What faults are injected into: of a world, what they may touch. */
export interface FaultyWorld {
  readonly region: Region;
  readonly cell: DeployedStack;
  readonly config: CellConfig;
}

/** Findings of the audit that are no fault of the stack. */
export interface Tolerance {
  /** Found in the audit's sentence. */
  readonly matcher: RegExp;
  readonly reason: string;
}

/** A fault that begins late, and ends by itself where nobody ends it earlier. */
export interface Acts {
  /** Counted from when it is injected. */
  readonly afterSeconds: number;
  readonly lastsSeconds: number;
  /** One sentence: what goes wrong then, without when or for how long. */
  readonly title: string;
}

/** A fault that a story can be played under. */
export interface NamedFault {
  /** As `--fault` takes it. */
  readonly name: string;
  /** One sentence: what goes wrong. */
  readonly title: string;
  /** When it acts while it is on; absent for one that acts all the time. */
  readonly acts?: Acts;
  /** Outcomes that a rollout may honestly have under it beside the story's own. @default none */
  readonly mayAlsoEnd?: readonly string[];
  /** The same, in stories before which no image was proven. @default none */
  readonly mayAlsoEndAtFirst?: readonly string[];
  /** What the audit finds under it and nobody could prevent. @default nothing */
  readonly tolerates?: readonly Tolerance[];
  /** Starts it in a world. */
  readonly inject: (world: FaultyWorld) => InjectedFault;
}

/** A fault that goes on in a world. */
export interface InjectedFault {
  readonly end: () => void;
  /** Whether it has made a difference by now: something failed, came late or was another thing by it. */
  readonly hasActed: () => boolean;
}
