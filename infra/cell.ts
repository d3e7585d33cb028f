import { Aws } from 'aws-cdk-lib/core';
import { type CheckedService, ledgerKey, toRolloutConfig } from '../configuration/configuration.ts';
import type { RolloutConfig } from '../functions/rollout/config.ts';
import { pushRuleName, stackName, stateMachineName } from '../configuration/names.ts';

/** What the constructs of one cell need to know of it: its configuration and the ARNs that it may touch. */
export interface Cell {
  readonly service: CheckedService;
  readonly rolloutConfig: RolloutConfig;
  /** `cluster/service`. */
  readonly ledgerKey: string;
  readonly stackName: string;
  readonly stateMachineName: string;
  readonly pushRuleName: string;
  /** `<account>.dkr.ecr.<region>.<suffix>/<repository>`: where the images are pushed, and how they are pinned. */
  readonly repositoryUri: string;
  readonly arns: CellArns;
}

/** ARNs by fixed names, so that a role can name what does not exist yet. */
export interface CellArns {
  readonly service: string;
  readonly cluster: string;
  readonly clusterTasks: string;
  /** Every revision of the family. */
  readonly taskDefinitions: string;
  readonly repository: string;
  /** Every repository of the account in this Region. */
  readonly repositories: string;
  readonly stateMachine: string;
  /** Every execution of the state machine. */
  readonly executions: string;
  readonly pushRule: string;
  readonly liveImageParameter: string;
  /** Every stream of the log group that Conclude may read; undefined where that is none. */
  readonly logStreams: string | undefined;
  /** The account's default event bus. */
  readonly eventBus: string;
  /** Execution role, and task role if there is one. */
  readonly passedRoles: readonly string[];
}

/** Derives everything that a checked service implies. */
export function cellOf(service: CheckedService): Cell {
  const names = {
    stackName: stackName(service.name),
    stateMachineName: stateMachineName(service.name),
    pushRuleName: pushRuleName(service.name),
  };
  const rolloutConfig = toRolloutConfig(service);
  return {
    service,
    rolloutConfig,
    ledgerKey: ledgerKey(service),
    ...names,
    repositoryUri: `${Aws.ACCOUNT_ID}.dkr.ecr.${Aws.REGION}.${Aws.URL_SUFFIX}/${service.repository}`,
    arns: arnsOf(service, rolloutConfig, names),
  };
}

function arnsOf(
  service: CheckedService,
  { liveImageParameter, logGroup }: RolloutConfig,
  names: { readonly stateMachineName: string; readonly pushRuleName: string },
): CellArns {
  const { cluster, serviceName, family, repository, executionRole, taskRole } = service;
  return {
    service: regional('ecs', `service/${cluster}/${serviceName}`),
    cluster: regional('ecs', `cluster/${cluster}`),
    clusterTasks: regional('ecs', `task/${cluster}/*`),
    taskDefinitions: regional('ecs', `task-definition/${family}:*`),
    repository: regional('ecr', `repository/${repository}`),
    repositories: regional('ecr', 'repository/*'),
    stateMachine: regional('states', `stateMachine:${names.stateMachineName}`),
    executions: regional('states', `execution:${names.stateMachineName}:*`),
    pushRule: regional('events', `rule/${names.pushRuleName}`),
    liveImageParameter: regional('ssm', `parameter${liveImageParameter}`),
    logStreams: logGroup === undefined ? undefined : regional('logs', `log-group:${logGroup}:log-stream:*`),
    eventBus: regional('events', 'event-bus/default'),
    passedRoles: [executionRole, taskRole ?? []]
      .flat()
      .map((role) => `arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:role/${role}`),
  };
}

function regional(awsService: string, resource: string): string {
  return `arn:${Aws.PARTITION}:${awsService}:${Aws.REGION}:${Aws.ACCOUNT_ID}:${resource}`;
}
