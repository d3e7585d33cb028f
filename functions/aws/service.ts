import {
  DescribeServicesCommand,
  DescribeTasksCommand,
  ListTasksCommand,
  UpdateServiceCommand,
  type Container,
  type Deployment,
  type DeploymentConfiguration,
  type ListTasksCommandInput,
  type Service,
  type ServiceField,
  type Task,
} from '@aws-sdk/client-ecs';
import {
  asDeploymentId,
  asImageDigest,
  asTaskDefinitionArn,
  type DeploymentId,
  type TaskDefinitionArn,
} from '../rollout/identifiers.ts';
import {
  primaryOf,
  type ContainerFacts,
  type DeploymentFacts,
  type EarlySuccess,
  type ServiceFacts,
  type TaskFacts,
} from '../rollout/service-facts.ts';
import type { SeenTask } from '../rollout/task-lives.ts';
import type { EcsReader, EcsWriter } from './client-kinds.ts';
import { isFault } from './faults.ts';

/** DescribeTasks accepts at most 100 tasks (ECS API reference). */
const TASKS_PER_CALL = 100;
/** A thousand tasks at once, and a tenth of what ECS lets an account ask for in a burst. */
const CHUNKS_AT_ONCE = 10;
/** ListTasks pages that are followed: a service has at most 5,000 tasks. */
const PAGES_MAX = 50;

/** ECS keeps a hundred; what is wrong now it says again and again. */
const EVENTS_READ = 20;

/** Where a service lives. */
export interface ServiceName {
  readonly cluster: string;
  readonly serviceName: string;
}

/** The service as ECS describes it now; undefined when ECS has none of that name. */
export async function describeService(client: EcsReader, name: ServiceName): Promise<ServiceFacts | undefined> {
  const service = await readService(client, name);
  return service && toServiceFacts(service);
}

/** The service with all that the SDK knows of it and with what `include` names; undefined when ECS has none of that name. */
export async function readService(
  client: EcsReader,
  { cluster, serviceName }: ServiceName,
  include?: ServiceField[],
): Promise<Service | undefined> {
  try {
    const { services } = await client.send(new DescribeServicesCommand({ cluster, services: [serviceName], include }));
    return services?.[0];
  } catch (error) {
    if (isFault(error, 'ClusterNotFoundException')) return undefined;
    throw error;
  }
}

/** DescribeServices accepts at most 10 services (ECS API reference). */
const SERVICES_PER_CALL = 10;

/** Services of one cluster, as many as there are of these names, ten with every call. */
export async function readServices(
  client: EcsReader,
  cluster: string,
  names: readonly string[],
): Promise<readonly Service[]> {
  const chunks = Array.from({ length: Math.ceil(names.length / SERVICES_PER_CALL) }, (_, index) =>
    names.slice(index * SERVICES_PER_CALL, (index + 1) * SERVICES_PER_CALL),
  );
  try {
    const answers = await Promise.all(
      chunks.map((services) => client.send(new DescribeServicesCommand({ cluster, services }))),
    );
    return answers.flatMap(({ services }) => services ?? []);
  } catch (error) {
    if (isFault(error, 'ClusterNotFoundException')) return [];
    throw error;
  }
}

/** All tasks that the cluster is to run, whoever started them. */
export async function describeClusterTasks(client: EcsReader, cluster: string): Promise<TaskFacts[]> {
  return describeAll(client, cluster, await listTasks(client, { cluster, desiredStatus: 'RUNNING' }), toTaskFacts);
}

/** All tasks of the service with this desired status, page by page. */
export async function describeTasks(
  client: EcsReader,
  { cluster, serviceName }: ServiceName,
  desiredStatus: 'RUNNING' | 'STOPPED',
): Promise<TaskFacts[]> {
  return describeAll(client, cluster, await listTasks(client, { cluster, serviceName, desiredStatus }), toTaskFacts);
}

/** All tasks of the family in the cluster, whoever started them, with this desired status. */
export async function describeFamilyTasks(
  client: EcsReader,
  { cluster, family }: { readonly cluster: string; readonly family: string },
  desiredStatus: 'RUNNING' | 'STOPPED',
): Promise<TaskFacts[]> {
  return describeAll(client, cluster, await listTasks(client, { cluster, family, desiredStatus }), toTaskFacts);
}

/** The same with all times that ECS gives them. */
export async function seeTasks(
  client: EcsReader,
  { cluster, serviceName }: ServiceName,
  desiredStatus: 'RUNNING' | 'STOPPED',
): Promise<SeenTask[]> {
  return describeAll(client, cluster, await listTasks(client, { cluster, serviceName, desiredStatus }), toSeenTask);
}

async function describeAll<Facts>(
  client: EcsReader,
  cluster: string,
  taskArns: readonly string[],
  factsOf: (task: Task) => Facts,
): Promise<Facts[]> {
  const chunks = Array.from({ length: Math.ceil(taskArns.length / TASKS_PER_CALL) }, (_, index) =>
    taskArns.slice(index * TASKS_PER_CALL, (index + 1) * TASKS_PER_CALL),
  );
  const tasks: Task[] = [];
  for (let first = 0; first < chunks.length; first += CHUNKS_AT_ONCE) {
    const looks = chunks.slice(first, first + CHUNKS_AT_ONCE).map((chunk) => describeChunk(client, cluster, chunk));
    tasks.push(...(await Promise.all(looks)).flat());
  }
  return tasks.map(factsOf);
}

async function describeChunk(client: EcsReader, cluster: string, taskArns: string[]): Promise<Task[]> {
  const { tasks } = await client.send(new DescribeTasksCommand({ cluster, tasks: taskArns }));
  return tasks ?? [];
}

/** Sends `UpdateService` with the task definition and, where one is given, a count; answers the deployment that is PRIMARY then. */
export async function updateService(
  client: EcsWriter,
  { cluster, serviceName }: ServiceName,
  taskDefinition: TaskDefinitionArn,
  desiredCount?: number | undefined,
): Promise<DeploymentId | undefined> {
  const { service } = await client.send(
    new UpdateServiceCommand({ cluster, service: serviceName, taskDefinition, desiredCount }),
  );
  const primary = primaryOf(service);
  return primary?.id !== undefined && primary.taskDefinition === taskDefinition
    ? asDeploymentId(primary.id)
    : undefined;
}

/** ARNs of tasks, page by page. */
export async function listTasks(client: EcsReader, filter: ListTasksCommandInput): Promise<string[]> {
  const taskArns: string[] = [];
  let nextToken: string | undefined;
  for (let page = 0; page < PAGES_MAX; page++) {
    const answer = await client.send(new ListTasksCommand({ ...filter, nextToken }));
    taskArns.push(...(answer.taskArns ?? []));
    nextToken = answer.nextToken;
    if (!nextToken) return taskArns;
  }
  const seen = `${PAGES_MAX} pages with ${taskArns.length.toLocaleString('en-US')} tasks of ${filter.serviceName ?? filter.family ?? filter.cluster}, and there are more`;
  throw new Error(
    `ECS lists ${seen}: a service has at most 5,000, and no more are read. Ask for fewer tasks, or stop those of its family that nobody needs.`,
  );
}

/** What a rollout needs to know of a service. */
export function toServiceFacts(service: Service): ServiceFacts {
  const configuration = service.deploymentConfiguration;
  const breaker = configuration?.deploymentCircuitBreaker;
  return {
    status: service.status ?? 'UNKNOWN',
    desiredCount: service.desiredCount ?? Number.NaN,
    runningCount: service.runningCount ?? Number.NaN,
    pendingCount: service.pendingCount ?? Number.NaN,
    deployments: (service.deployments ?? []).map(toDeploymentFacts),
    deploymentController: service.deploymentController?.type ?? 'ECS',
    strategy: configuration?.strategy ?? 'ROLLING',
    minimumHealthyPercent: configuration?.minimumHealthyPercent ?? 100,
    maximumPercent: configuration?.maximumPercent ?? 200,
    earlySuccess: earlySuccessIn(configuration),
    breakerRollsBack: (breaker?.enable && breaker.rollback) ?? false,
    hasTargets: [service.loadBalancers, service.deployments?.find(isPrimary)?.vpcLatticeConfigurations].some(
      (targets) => (targets ?? []).length > 0,
    ),
    graceSeconds: service.healthCheckGracePeriodSeconds,
    events: (service.events ?? [])
      .slice(0, EVENTS_READ)
      .map(({ createdAt, message }) => ({ at: createdAt?.getTime() ?? 0, message: message ?? '' })),
    shortArn: shortArnIn(service.serviceArn),
  };
}

function earlySuccessIn(configuration: DeploymentConfiguration | undefined): EarlySuccess | undefined {
  const { enable, healthyPercent = 100, sourceServiceRevisionCleanup } = configuration?.earlySuccessCriteria ?? {};
  return enable ? { healthyPercent, isDeferred: sourceServiceRevisionCleanup === 'DEFERRED' } : undefined;
}

function isPrimary({ status }: Deployment): boolean {
  return status === 'PRIMARY';
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-account-settings.html#ecs-resource-ids */
function shortArnIn(serviceArn: string | undefined): string | undefined {
  return serviceArn !== undefined && /:service\/[^/]+$/.test(serviceArn) ? serviceArn : undefined;
}

function toDeploymentFacts(deployment: Deployment): DeploymentFacts {
  return {
    id: asDeploymentId(deployment.id ?? ''),
    status: deployment.status ?? 'UNKNOWN',
    taskDefinition: asTaskDefinitionArn(deployment.taskDefinition ?? ''),
    desiredCount: deployment.desiredCount ?? 0,
    runningCount: deployment.runningCount ?? Number.NaN,
    pendingCount: deployment.pendingCount ?? Number.NaN,
    failedTasks: deployment.failedTasks ?? 0,
    createdAt: deployment.createdAt?.getTime() ?? 0,
    rolloutState: deployment.rolloutState,
    rolloutStateReason: deployment.rolloutStateReason,
  };
}

function toTaskFacts(task: Task): TaskFacts {
  const { startedBy, healthStatus, stopCode, stoppedReason } = task;
  return {
    taskArn: task.taskArn ?? '',
    taskDefinition: asTaskDefinitionArn(task.taskDefinitionArn ?? ''),
    lastStatus: task.lastStatus ?? 'UNKNOWN',
    desiredStatus: task.desiredStatus ?? 'UNKNOWN',
    startedBy,
    healthStatus,
    stopCode,
    stoppedReason,
    startedAt: task.startedAt?.getTime(),
    stoppedAt: (task.stoppedAt ?? task.stoppingAt)?.getTime(),
    containers: (task.containers ?? []).map(toContainerFacts),
  };
}

function toSeenTask(task: Task): SeenTask {
  const { createdAt, pullStartedAt, pullStoppedAt, stoppingAt, executionStoppedAt } = task;
  return {
    ...toTaskFacts(task),
    createdAt: createdAt?.getTime(),
    pullStartedAt: pullStartedAt?.getTime(),
    pullStoppedAt: pullStoppedAt?.getTime(),
    stoppingAt: stoppingAt?.getTime(),
    executionStoppedAt: executionStoppedAt?.getTime(),
  };
}

function toContainerFacts({
  name = '',
  lastStatus,
  healthStatus,
  image,
  imageDigest,
  exitCode,
  reason,
}: Container): ContainerFacts {
  return {
    name,
    lastStatus,
    healthStatus,
    image,
    imageDigest: asImageDigest(imageDigest),
    exitCode,
    reason,
  };
}
