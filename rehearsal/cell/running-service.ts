import type {
  Container,
  DescribeServicesResponse,
  DescribeTaskDefinitionResponse,
  DescribeTasksResponse,
  ListTasksResponse,
} from '@aws-sdk/client-ecs';
import type { CellConfig } from './cell-config.ts';
import { operate } from './operator.ts';
import type { Region } from '../../region/region.ts';

/** What runs, read from ECS as a person would. */
export interface RunningService {
  readonly taskDefinition: string;
  /** Image of each configured container in that task definition. */
  readonly images: readonly string[];
  /** Distinct `imageDigest`s of the configured containers in running tasks. */
  readonly imageDigests: readonly string[];
  readonly rolloutState: string | undefined;
  readonly desiredCount: number;
  readonly runningCount: number;
  readonly pendingCount: number;
  readonly deployments: number;
  /** When ECS began the newest deployment, milliseconds since the epoch. */
  readonly deployedAt: number;
}

/** Asks ECS what runs now; throws when there is no such service. */
export async function readService(region: Region, config: CellConfig): Promise<RunningService> {
  const service = await findService(region, config);
  if (!service) throw new Error(`ECS has no service ${config.serviceName} in ${config.cluster}`);
  return service;
}

/** What runs now; undefined when there is no such service. */
export async function findService(
  region: Region,
  { cluster, serviceName, containers }: CellConfig,
): Promise<RunningService | undefined> {
  const { services } = await operate<DescribeServicesResponse>(region, 'ecs', 'DescribeServices', {
    cluster,
    services: [serviceName],
  });
  const service = services?.[0];
  if (!service) return undefined;
  const { taskDefinition } = await operate<DescribeTaskDefinitionResponse>(region, 'ecs', 'DescribeTaskDefinition', {
    taskDefinition: service.taskDefinition,
  });
  const isOurs = ({ name }: { readonly name?: string | undefined }): boolean => containers.includes(name ?? '');
  const running = await runningContainers(region, cluster, serviceName);
  return {
    taskDefinition: service.taskDefinition ?? '',
    images: (taskDefinition?.containerDefinitions ?? []).filter(isOurs).map(({ image }) => image ?? ''),
    imageDigests: [...new Set(running.filter(isOurs).map(({ imageDigest }) => imageDigest ?? ''))],
    rolloutState: service.deployments?.[0]?.rolloutState,
    desiredCount: service.desiredCount ?? 0,
    runningCount: service.runningCount ?? 0,
    pendingCount: service.pendingCount ?? 0,
    deployments: service.deployments?.length ?? 0,
    deployedAt: service.deployments?.[0]?.createdAt?.getTime() ?? 0,
  };
}

/** What the service's tasks run on, as images name it: `linux/amd64`, which is also what an absent one would get. */
export async function readPlatform(region: Region, { cluster, serviceName }: CellConfig): Promise<string> {
  const { services } = await operate<DescribeServicesResponse>(region, 'ecs', 'DescribeServices', {
    cluster,
    services: [serviceName],
  });
  const taskDefinition = services?.[0]?.taskDefinition;
  if (taskDefinition === undefined) return 'linux/amd64';
  const described = await operate<DescribeTaskDefinitionResponse>(region, 'ecs', 'DescribeTaskDefinition', {
    taskDefinition,
  });
  const { cpuArchitecture } = described.taskDefinition?.runtimePlatform ?? {};
  return cpuArchitecture === 'ARM64' ? 'linux/arm64' : 'linux/amd64';
}

async function runningContainers(region: Region, cluster: string, serviceName: string): Promise<Container[]> {
  const { taskArns = [] } = await operate<ListTasksResponse>(region, 'ecs', 'ListTasks', { cluster, serviceName });
  if (taskArns.length === 0) return [];
  const { tasks = [] } = await operate<DescribeTasksResponse>(region, 'ecs', 'DescribeTasks', {
    cluster,
    tasks: taskArns,
  });
  return tasks.filter(({ lastStatus }) => lastStatus === 'RUNNING').flatMap(({ containers = [] }) => containers);
}
