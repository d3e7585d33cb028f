import { keepTagPrefix } from './names.ts';
import type { RolloutConfig, TagPolicy } from '../functions/rollout/config.ts';
import type { GitHubAccess, Provision, Registry, SecretSource } from './provisioning.ts';

/** What `rollouts.config.ts` exports: one entry per ECS service that pushes shall roll. */
export interface RolloutsConfiguration {
  readonly services: readonly ServiceConfiguration[];
}

/** One service; the repository and a container are enough. */
export interface ServiceConfiguration {
  /** Name of the ECR repository, without registry and tag: `team/api`. */
  readonly repository: string;
  /** The container that takes the pushed image; `containers` where several do. */
  readonly container?: string;
  readonly containers?: readonly string[];
  /**
   * Which tags are rolled: one of `{ exact }`, `{ glob }`, `{ semver }`.
   * @default { exact: 'latest' }
   */
  readonly tag?: { readonly exact: string } | { readonly glob: string } | { readonly semver: string };
  /**
   * Name of the ECS cluster.
   * @default 'default'
   */
  readonly cluster?: string;
  /**
   * Name of the ECS service.
   * @default the last segment of `repository`
   */
  readonly service?: string;
  /**
   * Family of the service's task definitions.
   * @default the name of the service
   */
  readonly family?: string;
  /**
   * Name of the task definition's execution role, with its path if it has one.
   * @default 'ecsTaskExecutionRole'
   */
  readonly executionRole?: string;
  /**
   * Name of the task definition's task role, with its path if it has one.
   * @default none: the containers call no AWS API
   */
  readonly taskRole?: string;
  /**
   * How long a rollout must stay healthy before it counts as proven, 0 to 86400.
   * @default 60
   */
  readonly bakeTimeSeconds?: number;
  /**
   * From acceptance to the end of the bake, at most 604800; a rollback gets as long again.
   * @default 3600
   */
  readonly deadlineSeconds?: number;
  /**
   * What a push does that arrives during a rollout: it waits its turn.
   * @default 'queue'
   */
  readonly onNewPush?: 'queue';
  /**
   * How often lost events and dead rollouts are looked for, 1 to 60.
   * @default 5
   */
  readonly tickMinutes?: number;
  /**
   * Who is told of outcomes and alarms; every address must confirm a mail from AWS once.
   * @default nobody: subscribe to the topic by other means
   */
  readonly notify?: { readonly emails: readonly string[] };
  /**
   * A retention that CloudWatch Logs knows: 1, 3, 5, 7, 14, 30, 60, 90 … days.
   * @default 30
   */
  readonly logRetentionDays?: number;
  /**
   * Creates the ECR repository.
   * @default none: it exists
   */
  readonly registry?: RegistryConfiguration;
  /**
   * Creates a role with which a GitHub repository pushes to the ECR repository, without keys.
   * @default none
   */
  readonly github?: GitHubConfiguration;
  /**
   * Creates network, cluster, task definition and service. The service starts without tasks; the first push starts them.
   * @default none: the service exists and is adopted
   */
  readonly provision?: ProvisionConfiguration;
}

/** The ECR repository to create: immutable tags, scanned on push, proven images never expire. */
export interface RegistryConfiguration {
  /**
   * Tags that may move, `*` being a wildcard; at most 4. A tag that the tag policy names exactly may always move.
   * @default none
   */
  readonly movingTags?: readonly string[];
  /**
   * Newest images that are kept beside those of proven revisions, 1 to 1000.
   * @default 100
   */
  readonly imagesKept?: number;
}

/** Who may push: one GitHub repository, from exactly one of `environment`, `branch`, `tag`. */
export interface GitHubConfiguration {
  /** `owner/name`, as GitHub spells it. */
  readonly repository: string;
  /**
   * Numeric id of the owner, and of the repository. With both, only this repository gets in; without them, whoever has the
   * names: one who registers a name that was given up can push.
   * @default unknown
   */
  readonly ownerId?: string;
  readonly repositoryId?: string;
  /** The environment that the pushing job names: GitHub's own protection rules decide who gets there. */
  readonly environment?: string;
  /** A branch, `*` being a wildcard. */
  readonly branch?: string;
  /** A Git tag, `*` being a wildcard. */
  readonly tag?: string;
  /** @default 'rollouts-<service>-push' */
  readonly roleName?: string;
  /**
   * The role may also read how rollouts of this service end, so that the workflow can wait for the outcome.
   * @default false
   */
  readonly waits?: boolean;
}

/** The service to create on Fargate. */
export interface ProvisionConfiguration {
  /** The port that the (first) container listens on. */
  readonly port: number;
  /**
   * CPU units; 1024 are one vCPU.
   * @default 512
   */
  readonly cpu?: number;
  /** @default 1024 */
  readonly memoryMiB?: number;
  /**
   * 21 to 200.
   * @default 20 GiB, which cost nothing
   */
  readonly ephemeralStorageGiB?: number;
  /** @default 'x86_64' */
  readonly architecture?: 'x86_64' | 'arm64';
  /**
   * Tasks that the first push starts; afterwards the number is yours.
   * @default 1
   */
  readonly desiredCount?: number;
  /**
   * Whether the cluster is created.
   * @default 'create', under the name of the service unless `cluster` says otherwise
   */
  readonly cluster?: 'create' | 'existing';
  /** @default none */
  readonly environment?: Readonly<Record<string, string>>;
  /**
   * Secrets by environment variable: an SSM parameter, or a secret of Secrets Manager (by name or ARN) and a member of it.
   * @default none
   */
  readonly secrets?: Readonly<Record<string, SecretSource>>;
  /**
   * A shell command that succeeds while the container is healthy; `false` for none, which takes a load balancer.
   * @default connects to the port, with whatever the image has for that
   */
  readonly healthCheck?: HealthCheckConfiguration | false;
  /**
   * An existing network.
   * @default a small VPC of public subnets in two zones, without NAT
   */
  readonly network?: {
    readonly vpcId: string;
    readonly subnetIds: readonly string[];
    /** @default one of its own, open on the port */
    readonly securityGroupIds?: readonly string[];
    /** True in public subnets; false where a NAT gateway or endpoints lead to ECR. */
    readonly assignPublicIp: boolean;
  };
  /**
   * A public load balancer.
   * @default none: tasks have public addresses
   */
  readonly loadBalancer?: {
    /**
     * A certificate of ACM: then HTTPS.
     * @default none: HTTP
     */
    readonly certificateArn?: string;
    /** @default '/' */
    readonly healthCheckPath?: string;
    /**
     * Public subnets of two zones, where the tasks' own are not.
     * @default those of the tasks
     */
    readonly subnetIds?: readonly string[];
  };
  /**
   * Autoscaling on average CPU.
   * @default none
   */
  readonly scaling?: {
    readonly minCount: number;
    readonly maxCount: number;
    /** @default 60 */
    readonly cpuPercent?: number;
  };
}

/** A container health check. */
export interface HealthCheckConfiguration {
  /**
   * For `/bin/sh -c`: an image without a shell takes `healthCheck: false` and a load balancer.
   * @default connects to the port, with whatever the image has for that
   */
  readonly command?: string;
  /** 5 to 300. @default 10 */
  readonly intervalSeconds?: number;
  /** 2 to 60. @default 5 */
  readonly timeoutSeconds?: number;
  /** 1 to 10. @default 3 */
  readonly retries?: number;
  /** 0 to 300. @default 30 */
  readonly startPeriodSeconds?: number;
}

/** A configuration that passed every check, defaults filled in. */
export interface CheckedConfiguration {
  readonly services: readonly CheckedService[];
}

/** One service of a {@link CheckedConfiguration}. */
export interface CheckedService {
  readonly repository: string;
  readonly containers: readonly string[];
  readonly tagPolicy: TagPolicy;
  readonly cluster: string;
  readonly serviceName: string;
  readonly family: string;
  readonly executionRole: string;
  readonly taskRole?: string;
  readonly bakeTimeSeconds: number;
  readonly deadlineSeconds: number;
  readonly onNewPush: 'queue';
  readonly tickMinutes: number;
  readonly notifyEmails: readonly string[];
  readonly logRetentionDays: number;
  /** Whether a service of the file creates the repository, whose lifecycle policy then spares what is tagged so. */
  readonly keepsImages: boolean;
  readonly registry?: Registry;
  readonly github?: GitHubAccess;
  readonly provision?: Provision;
}

/** One thing that is wrong with a configuration. */
export interface ConfigurationProblem {
  /** `services[0].tag.glob`; empty for the file as a whole. */
  readonly path: string;
  /** The value seen, as JSON, shortened. */
  readonly value: string;
  readonly message: string;
  readonly remedy: string;
}

/** The configuration was refused; the message lists every problem, one a line, with path, value and remedy. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  readonly problems: readonly ConfigurationProblem[];
  constructor(file: string, problems: readonly ConfigurationProblem[]) {
    super(problems.map((problem) => asLine(file, problem)).join('\n'));
    this.problems = problems;
  }
}

function asLine(file: string, { path, value, message, remedy }: ConfigurationProblem): string {
  const place = path === '' ? file : `${file}: ${path}: ${value}`;
  return `${place}: ${message}. Remedy: ${remedy}.`;
}

/** The key of the service in its ledger: `cluster/service`. */
export function ledgerKey({ cluster, serviceName }: Pick<CheckedService, 'cluster' | 'serviceName'>): string {
  return `${cluster}/${serviceName}`;
}

/** What the state machine and the tick are told of a service. */
export function toRolloutConfig(service: CheckedService): RolloutConfig {
  return {
    service: ledgerKey(service),
    cluster: service.cluster,
    serviceName: service.serviceName,
    family: service.family,
    repository: service.repository,
    containers: service.containers,
    tagPolicy: service.tagPolicy,
    bakeTimeSeconds: service.bakeTimeSeconds,
    deadlineSeconds: service.deadlineSeconds,
    liveImageParameter: `/rollouts/${service.serviceName}/image`,
    ...(service.provision && { launchCount: service.provision.desiredCount, port: service.provision.port }),
    ...(service.keepsImages && { keepTagPrefix: keepTagPrefix(service.serviceName) }),
  };
}
