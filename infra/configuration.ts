import type { RolloutConfig, TagPolicy } from '../functions/rollout/config.ts';

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
  };
}
