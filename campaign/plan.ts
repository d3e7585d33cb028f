import type { ImageOptions } from '../rehearsal/pushed-image.ts';
import type { ServiceOptions } from '../rehearsal/surroundings.ts';

/** What is configured and deployed: one assembly each, which many worlds share. */
export interface Setting {
  readonly tag: 'exact' | 'glob' | 'semver';
  readonly bakeTimeSeconds: number;
  /** Whether the stacks provision the service; else it is there and adopted. */
  readonly isProvisioned: boolean;
  /** What else is configured. @default 'plain' */
  readonly policy?: Policy;
}

/**
 * `keeps-images`: the repository is the stack's, and rollouts tag what they keep. `deregisters`: revisions of failed images go.
 * `hasty`: a roll without progress is over after two minutes, and the tick comes every minute. `brief`: ten minutes are the deadline.
 */
export type Policy = 'plain' | 'keeps-images' | 'deregisters' | 'hasty' | 'brief';

/** What an execution by hand asks for. */
export type Request =
  | 'follow'
  | 'digest'
  | 'tag'
  | 'rollback'
  | 'rollback-to'
  | 'force'
  | 'force-follow'
  /** An event of ECR as input, of a push that was. */
  | 'replay'
  | 'tick'
  | 'nonsense';

/** Something that somebody does; what finds nothing to act on does nothing, so that any part of a history can be played. */
export type Deed =
  | { readonly kind: 'push'; readonly image: ImageOptions }
  /** A chart or a build cache, under a tag that is followed. */
  | { readonly kind: 'artifact' }
  /** `push` counts earlier pushes backwards, from 0 for the last. */
  | { readonly kind: 'retag'; readonly push: number }
  | { readonly kind: 'delete'; readonly push: number }
  | { readonly kind: 'start'; readonly request: Request; readonly push: number }
  /** The execution that was started last. */
  | { readonly kind: 'stop' }
  | { readonly kind: 'redrive' }
  /** Somebody else puts the service's very first revision on it. */
  | { readonly kind: 'foreign' }
  /** Somebody else deploys the same revision anew. */
  | { readonly kind: 'restart' }
  /** Somebody tells ECS to stop what it deploys and to go back. */
  | { readonly kind: 'stop-deployment' }
  | { readonly kind: 'scale'; readonly desiredCount: number }
  | { readonly kind: 'interrupt'; readonly cause: 'retirement' | 'host-failure'; readonly tasks: number }
  /** Somebody stops tasks. */
  | { readonly kind: 'kill'; readonly tasks: number }
  /** The stacks are deployed again with another bake time. */
  | { readonly kind: 'stack'; readonly bakeTimeSeconds: number }
  /** No image can be pulled for a while. */
  | { readonly kind: 'failed-pulls'; readonly lastsSeconds: number }
  /** Only time passes, before it is calm. */
  | { readonly kind: 'wait' }
  /** One of the rehearsal's faults, by its name. */
  | { readonly kind: 'fault'; readonly fault: string; readonly lastsSeconds: number }
  /** Lambda answers every invocation of one function with an error of its own for a while. */
  | { readonly kind: 'trouble'; readonly handler: Handler; readonly lastsSeconds: number }
  /** A function's role may not do one thing for a while. */
  | { readonly kind: 'forbid'; readonly handler: Handler; readonly action: string; readonly lastsSeconds: number }
  /** Somebody answers for the task that waits: with that word as its verdict, or with a failure of that name. */
  | { readonly kind: 'forge'; readonly as: 'verdict' | 'failure'; readonly word: string };

/** A function of the stack, by the name of its construct. */
export type Handler =
  | 'AcceptIntent'
  | 'AwaitTurn'
  | 'Preflight'
  | 'RegisterRevision'
  | 'RollService'
  | 'WatchRollout'
  | 'WakeRollout'
  | 'Conclude'
  | 'Tick';

/** A deed, and when it is done. */
export type Step = Deed & {
  /** How long after the one before. */
  readonly afterSeconds: number;
  /**
   * Before that time begins, some rollout is in that state of the state machine; one that never comes there is not waited for
   * longer than a quarter of an hour. @default whatever rollouts do
   */
  readonly in?: string;
};

/** A world and all that happens in it, as plain data: the same plan plays the same, act by act. */
export interface Plan {
  readonly seed: number;
  readonly setting: Setting;
  readonly region: string;
  readonly service: ServiceOptions;
  /** What it is to meet, as the reach names it; it breaks a rule where it does not. @default nothing */
  readonly reaches?: readonly string[];
  /** Past HTTP and over the wire. @default past HTTP, and both for each hundredth seed */
  readonly doors?: 'both';
  /** What happens before it is calm. */
  readonly steps: readonly Step[];
}

/** One of so many seeds is played over the wire, too. */
const CHECKED_EVERY = 100;

/** Whether it is played over the wire, too. */
export function isForBothDoors({ seed, doors }: Plan): boolean {
  return doors === 'both' || seed % CHECKED_EVERY === 0;
}

/** Kinds of deeds that only people do, or a pipeline: AWS itself goes on as ever. */
const BY_PEOPLE: readonly Deed['kind'][] = [
  ...(['push', 'artifact', 'retag', 'delete', 'start', 'foreign', 'restart', 'stop-deployment', 'scale'] as const),
  ...(['stack', 'wait'] as const),
];

/** Deeds by which nobody comes between a push and its verdict. */
export const OUT_OF_THE_WAY: readonly Deed['kind'][] = ['push', 'artifact', 'wait'];

/** Whether something goes wrong with it that is no image's fault. */
export function isDisturbance({ kind }: Deed): boolean {
  return !BY_PEOPLE.includes(kind);
}
