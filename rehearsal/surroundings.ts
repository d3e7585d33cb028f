import type { DeploymentConfiguration, RegisterTaskDefinitionResponse } from '@aws-sdk/client-ecs';
import type { CellConfig } from './cell/cell-config.ts';
import { operate } from './cell/operator.ts';
import type { NewService } from '../region/ecs/ecs.ts';
import { imageManifest } from '../region/ecr/image-manifests.ts';
import { partitionOf } from '../region/partition.ts';
import type { Region } from '../region/region.ts';

/** What the service is like that a rollout finds. */
export interface ServiceOptions {
  /** @default 2 */
  readonly desiredCount?: number;
  /** ECS's deployment circuit breaker. @default 'off' */
  readonly circuitBreaker?: 'off' | 'rollback' | 'no-rollback';
  /** A health check in every configured container. @default false */
  readonly hasHealthCheck?: boolean;
  /** @default 100 */
  readonly minimumHealthyPercent?: number;
  /** @default 200 */
  readonly maximumPercent?: number;
  /** Whether its first task definition names the image by digest, so that a rollback needs no copy of it. @default false */
  readonly isPinned?: boolean;
  /** A container beside those that are configured. @default none */
  readonly sidecar?: SidecarOptions;
  /** Laid over everything else that describes the service: another controller, tags, a capacity provider strategy. */
  readonly members?: Partial<NewService>;
  /** Laid over the first task definition. */
  readonly taskDefinition?: Readonly<Record<string, unknown>>;
}

/** A second container, which no rollout is to change. */
export interface SidecarOptions {
  /** Where its image lies, which is pinned in the service's own repository, and elsewhere goes by its tag. */
  readonly image: 'own-repository' | 'another-repository' | 'another-registry';
  /** Which containers end their task when they end. */
  readonly essential: 'main' | 'sidecar' | 'both';
  /** What it does, as an image says it. @default 'healthy' */
  readonly behaviour?: string;
  /** For `crash`. */
  readonly afterSeconds?: number;
}

/** Names, with their paths, of the roles that the service's tasks run with. */
export interface TaskRoles {
  readonly executionRole: string;
  readonly taskRole?: string;
}

/** Values that every revision must keep and that no log, event, history entry or notification may show. */
export const CANARIES = { environment: 'canary-of-the-environment', secret: 'canary-of-the-secrets' } as const;

const STEADY_LIMIT_MS = 30 * 60_000;

/** A resource that is there, by its CloudFormation type. */
export interface Existing {
  readonly type: string;
  readonly ref: string;
}

/** Creates what lies outside the stacks, as far as it is not there: the registry, the cluster and the tasks' roles; answers what it created. */
export async function createSurroundings(
  region: Region,
  config: CellConfig,
  roles: TaskRoles,
  existing: readonly Existing[],
): Promise<Existing[]> {
  const created: Existing[] = [];
  const ensure = async (type: string, ref: string, create: () => unknown): Promise<void> => {
    if ([...existing, ...created].some((resource) => resource.type === type && resource.ref === ref)) return;
    await create();
    created.push({ type, ref });
  };
  const { repository: repositoryName, cluster } = config;
  const { executionRole, taskRole = executionRole } = roles;
  await ensure('AWS::ECR::Repository', repositoryName, () => region.ecr.createRepository({ repositoryName }));
  await ensure('AWS::ECS::Cluster', cluster, () => region.ecs.createCluster(cluster));
  const secret = region.secretsManager.admitSecret(CANARIES.secret);
  const start = startPolicies(secret, partitionOf(region.region));
  await ensure('AWS::IAM::Role', executionRole, () => createTaskRole(region, executionRole, start));
  const logGroup = logGroupOf(config);
  await ensure('AWS::Logs::LogGroup', logGroup, () => createLogGroup(region, logGroup));
  await ensure('AWS::IAM::Role', taskRole, () => createTaskRole(region, taskRole, {}));
  return created;
}

/** An execution role as the ECS developer guide makes it, with a secret to read. */
function startPolicies(secret: string, partition: string): object {
  const Statement = [{ Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: secret }];
  return {
    ManagedPolicyArns: [`arn:${partition}:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy`],
    Policies: [{ PolicyName: 'secrets', PolicyDocument: { Version: '2012-10-17', Statement } }],
  };
}

/** Registers the first task definition with `image` in every configured container and runs the service until it is steady. */
export async function createService(
  region: Region,
  config: CellConfig,
  roles: TaskRoles,
  image: string,
  options: ServiceOptions,
): Promise<void> {
  const { cluster, serviceName } = config;
  const beside = options.sidecar ? [sidecarOf(region, config, options.sidecar)] : [];
  const registered = await operate<RegisterTaskDefinitionResponse>(region, 'ecs', 'RegisterTaskDefinition', {
    ...firstTaskDefinition(region, config, roles, image, options, beside),
    ...options.taskDefinition,
  });
  const service: NewService = {
    cluster,
    serviceName,
    taskDefinition: registered.taskDefinition!.taskDefinitionArn!,
    desiredCount: options.desiredCount ?? 2,
    deploymentConfiguration: deploymentConfiguration(options),
    ...options.members,
  };
  region.ecs.createService(service);
  const isRolledByEcs = (service.deploymentController?.type ?? 'ECS') === 'ECS';
  if (isRolledByEcs) await untilSteady(region, config);
}

/** Where the containers of a service that was created by hand write, as the console names it. */
function logGroupOf({ family }: CellConfig): string {
  return `/ecs/${family}`;
}

async function createLogGroup(region: Region, name: string): Promise<void> {
  await region.resources['AWS::Logs::LogGroup']!('Logs', { LogGroupName: name }, 'outside');
}

async function createTaskRole(region: Region, role: string, policies: object): Promise<void> {
  const slash = role.lastIndexOf('/');
  const properties = {
    RoleName: role.slice(slash + 1),
    ...(slash > 0 && { Path: `/${role.slice(0, slash + 1)}` }),
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: 'ecs-tasks.amazonaws.com' }, Action: 'sts:AssumeRole' }],
    },
    ...policies,
  };
  await region.resources['AWS::IAM::Role']!(role, properties, 'outside');
}

function firstTaskDefinition(
  { account, region }: Region,
  config: CellConfig,
  roles: TaskRoles,
  image: string,
  options: ServiceOptions,
  beside: readonly object[],
): object {
  const roleArn = (role: string): string => `arn:${partitionOf(region)}:iam::${account}:role/${role}`;
  return {
    family: config.family,
    requiresCompatibilities: ['FARGATE'],
    networkMode: 'awsvpc',
    cpu: '512',
    memory: '1024',
    runtimePlatform: { cpuArchitecture: 'X86_64', operatingSystemFamily: 'LINUX' },
    executionRoleArn: roleArn(roles.executionRole),
    ...(roles.taskRole !== undefined && { taskRoleArn: roleArn(roles.taskRole) }),
    containerDefinitions: [
      ...config.containers.map((name, index) => ({
        name,
        image,
        essential: options.sidecar?.essential !== 'sidecar',
        portMappings: [{ containerPort: 8000 + index, protocol: 'tcp' }],
        environment: [{ name: 'API_URL', value: CANARIES.environment }],
        secrets: [
          {
            name: 'API_KEY',
            valueFrom: `arn:${partitionOf(region)}:secretsmanager:${region}:${account}:secret:${CANARIES.secret}`,
          },
        ],
        logConfiguration: {
          logDriver: 'awslogs',
          options: {
            'awslogs-group': logGroupOf(config),
            'awslogs-region': region,
            'awslogs-stream-prefix': 'ecs',
          },
        },
        ...(options.hasHealthCheck && { healthCheck: { command: ['CMD-SHELL', 'true'], interval: 10, retries: 3 } }),
      })),
      ...beside,
    ],
  };
}

function sidecarOf(region: Region, config: CellConfig, { essential, ...options }: SidecarOptions): object {
  return { name: 'agent', image: sidecarImage(region, config, options), essential: essential !== 'main' };
}

/** Pushes the image of a sidecar; answers how a task definition names it. */
function sidecarImage(
  region: Region,
  { repository }: CellConfig,
  { image: where, behaviour, afterSeconds }: Omit<SidecarOptions, 'essential'>,
): string {
  if (where === 'another-registry') return 'public.ecr.aws/datadog/agent:7';
  const annotations = {
    ...(behaviour !== undefined && { 'rehearsal.behaviour': behaviour }),
    ...(afterSeconds !== undefined && { 'rehearsal.after-seconds': String(afterSeconds) }),
  };
  const image = imageManifest({ seedText: 'a sidecar', annotations });
  const registry = `${region.account}.dkr.ecr.${region.region}.amazonaws.com`;
  if (where === 'own-repository')
    return `${registry}/${repository}@${region.ecr.pushImage({ repositoryName: repository, image })}`;
  region.ecr.createRepository({ repositoryName: 'agent' });
  region.ecr.pushImage({ repositoryName: 'agent', image, tag: '1' });
  return `${registry}/agent:1`;
}

function deploymentConfiguration(options: ServiceOptions): DeploymentConfiguration {
  const { circuitBreaker = 'off', minimumHealthyPercent = 100, maximumPercent = 200 } = options;
  return {
    minimumHealthyPercent,
    maximumPercent,
    deploymentCircuitBreaker: { enable: circuitBreaker !== 'off', rollback: circuitBreaker === 'rollback' },
  };
}

async function untilSteady({ ecs, kernel }: Region, { cluster, serviceName }: CellConfig): Promise<void> {
  const isSteady = (): boolean => ecs.serviceView(cluster, serviceName).deployments[0]?.rolloutState === 'COMPLETED';
  await kernel.runUntil(isSteady, `the first steady state of ${serviceName}`, STEADY_LIMIT_MS);
}
