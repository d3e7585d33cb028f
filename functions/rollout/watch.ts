import type { DeploymentId, ImageDigest, TaskDefinitionArn } from './identifiers.ts';

/** What a watch waits for. */
export type WatchKind = 'steady' | 'bake' | 'rollback';

/** A waiting step: its task token and everything needed to judge, so that an event can be answered from the ledger alone. */
export interface Watch {
  readonly kind: WatchKind;
  /** Step Functions' task token; answered at most once. */
  readonly token: string;
  readonly cluster: string;
  readonly serviceName: string;
  readonly containers: readonly string[];
  readonly taskDefinition: TaskDefinitionArn;
  readonly deploymentId: DeploymentId;
  /** Digests that the configured containers may show. */
  readonly imageDigests: readonly ImageDigest[];
  /** Crashes before this instant belong to somebody else. */
  readonly since: number;
  /** When waiting turns into failure. */
  readonly deadline: number;
  /** When a bake has passed; only for `bake`. */
  readonly until: number | undefined;
  /** Whether configured containers may all have ended with 0; older releases did not say. */
  readonly mayEnd?: boolean | undefined;
  /** The port that the image is expected to listen on, when it is known. */
  readonly port: number | undefined;
}
