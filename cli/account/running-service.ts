import { DescribeServicesCommand, DescribeTaskDefinitionCommand, type Service } from '@aws-sdk/client-ecs';
import type { RawTag, RawTaskDefinition } from '../../functions/rollout/next-revision.ts';
import type { DeployedCell } from './deployed-cell.ts';

type ServicePlace = Pick<DeployedCell, 'clients' | 'config'>;

/** The ECS service as it is now; undefined when there is none, nor its cluster, or only the memory of a deleted one. */
export async function describeService({ clients, config }: ServicePlace): Promise<Service | undefined> {
  const { cluster, serviceName } = config;
  try {
    const { services } = await clients.ecs.send(new DescribeServicesCommand({ cluster, services: [serviceName] }));
    return services?.find(({ status }) => status !== 'INACTIVE');
  } catch (error) {
    if (error instanceof Error && error.name === 'ClusterNotFoundException') return undefined;
    throw error;
  }
}

/** A revision with its tags, as far as the SDK knows its members. */
export async function describeTaskDefinition(
  { clients }: ServicePlace,
  taskDefinition: string,
): Promise<{ readonly taskDefinition: RawTaskDefinition; readonly tags: readonly RawTag[] }> {
  const answer = await clients.ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition, include: ['TAGS'] }));
  const tags = (answer.tags ?? []).map(({ key = '', value }) => ({ key, ...(value !== undefined && { value }) }));
  return { taskDefinition: { ...answer.taskDefinition }, tags };
}
