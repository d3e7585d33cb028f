import type { DeploymentId, ImageDigest, TaskDefinitionArn } from './identifiers.ts';

/** What a watch waits for. */
export type WatchKind = 'steady' | 'bake' | 'rollback';

/** How far a watch has come: the most healthy tasks of its deployment, and the fewest of others, that were ever seen. */
export interface Progress {
  readonly healthy: number;
  /** Undefined until there were fewer than the service wants. */
  readonly old?: number | undefined;
}

/** A waiting step: everything needed to judge, so that an event can be answered from the ledger alone; its token stands apart. */
export interface Watch {
  readonly kind: WatchKind;
  readonly cluster: string;
  readonly serviceName: string;
  readonly containers: readonly string[];
  readonly taskDefinition: TaskDefinitionArn;
  readonly deploymentId: DeploymentId;
  /** Digests that the configured containers may show. */
  readonly imageDigests: readonly ImageDigest[];
  /** Crashes before this instant belong to somebody else. */
  readonly since: number;
  /** When waiting turns into failure; progress moves it, in the ledger alone. */
  readonly deadline: number;
  /** How long it waits for progress; undefined where an earlier release began it: then no deadline moves. */
  readonly progressSeconds?: number | undefined;
  /** Undefined before there was any. */
  readonly progress?: Progress | undefined;
  /** When a bake has passed; only for `bake`. */
  readonly until: number | undefined;
  /** Configured containers with a health check: only one that passed is sound; unknown on the way back, and to older releases. */
  readonly checked?: readonly string[] | undefined;
  /** Whether configured containers may all have ended with 0; older releases did not say. */
  readonly mayEnd?: boolean | undefined;
  /** The port that the image is expected to listen on, when it is known. */
  readonly port: number | undefined;
}
