import type { ImageOptions } from '../rehearsal/pushed-image.ts';
import type { ServiceOptions } from '../rehearsal/surroundings.ts';

/** What is configured and deployed: one assembly each, which many worlds share. */
export interface Setting {
  readonly tag: 'exact' | 'glob' | 'semver';
  readonly bakeTimeSeconds: number;
  /** Whether the stacks provision the service; else it is there and adopted. */
  readonly isProvisioned: boolean;
}

/** What an execution by hand asks for. */
export type Request = 'follow' | 'digest' | 'rollback' | 'rollback-to' | 'force' | 'nonsense';

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
  /** The stacks are deployed again with another bake time. */
  | { readonly kind: 'stack'; readonly bakeTimeSeconds: number }
  /** No image can be pulled for a while. */
  | { readonly kind: 'failed-pulls'; readonly lastsSeconds: number }
  /** Only time passes, before it is calm. */
  | { readonly kind: 'wait' }
  /** One of the rehearsal's faults, by its name. */
  | { readonly kind: 'fault'; readonly fault: string; readonly lastsSeconds: number };

/** A deed, and how long after the one before. */
export type Step = Deed & { readonly afterSeconds: number };

/** A world and all that happens in it, as plain data: the same plan plays the same, act by act. */
export interface Plan {
  readonly seed: number;
  readonly setting: Setting;
  readonly region: string;
  readonly service: ServiceOptions;
  /** What happens before it is calm. */
  readonly steps: readonly Step[];
}
