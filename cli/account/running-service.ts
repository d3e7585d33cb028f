import type { Service } from '@aws-sdk/client-ecs';
import { readService } from '../../functions/aws/service.ts';
import { describeRaw, type RawDescription } from '../../functions/aws/task-definitions.ts';
import type { DeployedCell } from './deployed-cell.ts';

type ServicePlace = Pick<DeployedCell, 'clients' | 'config'>;

/** The ECS service as it is now; undefined when there is none, nor its cluster, or only the memory of a deleted one. */
export async function describeService({ clients, config }: ServicePlace): Promise<Service | undefined> {
  const service = await readService(clients.ecs, config);
  return service?.status === 'INACTIVE' ? undefined : service;
}

/** A revision with its tags, as it came over the wire; undefined when ECS describes none such. */
export function describeTaskDefinition(
  { clients }: ServicePlace,
  taskDefinition: string,
): Promise<RawDescription | undefined> {
  return describeRaw(clients.ecs, taskDefinition);
}
