// What the configuration creates beside the cell, checked and with its defaults filled in.

/** The ECR repository. */
export interface Registry {
  /** Tags that may move, as ECR's wildcard filters; all others are immutable. */
  readonly movingTags: readonly string[];
  /** Newest images that the lifecycle policy keeps beside the proven ones. */
  readonly imagesKept: number;
}

/** The GitHub repository that may push, and from where in it. */
export interface GitHubAccess {
  readonly owner: string;
  readonly name: string;
  /** Numeric ids, which survive renaming and are never given out again. */
  readonly ownerId?: string;
  readonly repositoryId?: string;
  /** The end of GitHub's subject: `environment:production`, `ref:refs/heads/main`; `*` is a wildcard in refs. */
  readonly origin: string;
  readonly roleName: string;
  /** Whether the role may read how the service's rollouts end. */
  readonly waits: boolean;
}

/** A secret by the environment variable that it becomes. */
export type SecretSource =
  { readonly parameter: string } | { readonly secret: string; readonly key?: string | undefined };

/** A container health check. */
export interface HealthCheck {
  /** For `/bin/sh -c`. */
  readonly command: string;
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
  readonly retries: number;
  readonly startPeriodSeconds: number;
}

/** An existing VPC. */
export interface ExistingNetwork {
  readonly vpcId: string;
  readonly subnetIds: readonly string[];
  readonly securityGroupIds?: readonly string[] | undefined;
  readonly assignPublicIp: boolean;
}

/** A load balancer in front of the tasks. */
export interface LoadBalancing {
  readonly certificateArn?: string | undefined;
  readonly healthCheckPath: string;
  /** Its own public subnets. @default those of the tasks */
  readonly subnetIds?: readonly string[] | undefined;
}

/** Autoscaling on average CPU. */
export interface Scaling {
  readonly minCount: number;
  readonly maxCount: number;
  readonly cpuPercent: number;
}

/** The service, its task definition and what is around them. */
export interface Provision {
  readonly port: number;
  readonly cpu: number;
  readonly memoryMiB: number;
  readonly ephemeralStorageGiB?: number;
  readonly architecture: 'x86_64' | 'arm64';
  readonly desiredCount: number;
  readonly createsCluster: boolean;
  readonly environment: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, SecretSource>>;
  readonly healthCheck?: HealthCheck;
  /** @default a small VPC of its own */
  readonly network?: ExistingNetwork;
  readonly loadBalancer?: LoadBalancing;
  readonly scaling?: Scaling;
}
