/** Which tags of the repository are candidates, and how the newest is chosen among them. */
export type TagPolicy =
  | { readonly kind: 'exact'; readonly tag: string }
  | { readonly kind: 'glob'; readonly pattern: string }
  | { readonly kind: 'semver'; readonly range: string };

/** What a rollout knows of its service; put into the state machine's Configure state when the stack is synthesized. */
export interface RolloutConfig {
  /** The ledger's key: `cluster/service`. */
  readonly service: string;
  readonly cluster: string;
  readonly serviceName: string;
  /** Family of the service's task definitions. */
  readonly family: string;
  readonly repository: string;
  /** Names of the containers that take the pushed image. */
  readonly containers: readonly string[];
  /**
   * Whether these containers may all end, with code 0, while their task goes on: what they do is then done when they start.
   * @default one of them must run
   */
  readonly mayEnd?: true | undefined;
  readonly tagPolicy: TagPolicy;
  readonly bakeTimeSeconds: number;
  /** From acceptance to the steady state, whatever progress there is; a bake has its own time. */
  readonly deadlineSeconds: number;
  /**
   * How long a roll, or the way back, may go without progress; no longer than `deadlineSeconds`.
   * @default `deadlineSeconds` alone bounds it: definitions of older releases do not say
   */
  readonly progressSeconds?: number | undefined;
  /** SSM parameter that names the image proven last: `/rollouts/<service>/image`. */
  readonly liveImageParameter: string;
  /**
   * Tasks that the first rollout starts; only for a service that the stacks provision, which is created with none.
   * @default none: `desiredCount` is never sent
   */
  readonly launchCount?: number | undefined;
  /**
   * What the tags of proven images begin with, `rollouts-keep-<service>-`, which the lifecycle policy of a provisioned
   * repository spares.
   * @default none: images get no such tag
   */
  readonly keepTagPrefix?: string | undefined;
  /**
   * What becomes of the revision of an image that failed, once nothing names it.
   * @default it stays
   */
  readonly failedRevisions?: 'deregister' | undefined;
  /**
   * The log group of the service's containers that Conclude may read, a `*` standing for any characters.
   * @default none: records hold the command that reads the log
   */
  readonly logGroup?: string | undefined;
  /**
   * How many of the last lines that a failed container wrote notifications hold; 1 to 20.
   * @default none
   */
  readonly notifiedLogLines?: number | undefined;
  /**
   * Whether people are told when a rollout takes the service, too, and not only how it ends.
   * @default false
   */
  readonly notifiesStart?: true | undefined;
  /**
   * The port that the image is expected to listen on, for messages.
   * @default unknown
   */
  readonly port?: number | undefined;
}

/**
 * Stands for the image of a provisioned service that was not launched yet; nothing ever runs it, and no registry can have it
 * (RFC 2606 reserves `.invalid`). It does not depend on the configuration, for the live-image parameter outlives any.
 */
export const PLACEHOLDER_IMAGE = 'awaiting-first-push.invalid/none';

/** Tags of this prefix are ours: they keep proven images, choose none, and are pushed by nobody else. */
export const KEEP_TAG_PREFIX = 'rollouts-keep-';

/** Ends the keep tag of a rollback target's image that no rollout has proven: it is needed for as long as this rollout lasts. */
export const BASELINE_SLOT = 'baseline';
