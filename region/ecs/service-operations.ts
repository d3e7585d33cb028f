import type {
  DescribeServicesRequest,
  DescribeServicesResponse,
  ListServicesRequest,
  ListServicesResponse,
  UpdateServiceRequest,
  UpdateServiceResponse,
} from '@aws-sdk/client-ecs';
import { Fault, operation, type Operation, type PermissionRequest } from '../service.ts';
import { lastSegment } from './arns.ts';
import type { World } from './model.ts';
import { pageOf } from './paging.ts';
import { describedService } from './service-view.ts';
import { clusterOf, findService } from './services.ts';
import { passRole } from './task-definition-operations.ts';
import { findTaskDefinition } from './task-definitions.ts';
import { updateService } from './update-service.ts';

const MAX_DESCRIBED = 10;

export function serviceOperations(world: World): Record<string, Operation> {
  return {
    DescribeServices: operation<DescribeServicesRequest, DescribeServicesResponse>({
      permissions: (input) =>
        (input.services ?? []).map((service) => onService(world, 'ecs:DescribeServices', input.cluster, service)),
      apply: (input) => describeServices(world, input),
    }),
    ListServices: operation<ListServicesRequest, ListServicesResponse>({
      permissions: (input) => [
        { action: 'ecs:ListServices', resource: '*', context: { 'ecs:cluster': clusterArn(world, input.cluster) } },
      ],
      apply: (input) => {
        const known = [...clusterOf(world, input.cluster).services.values()];
        const services = known.filter(({ status }) => status !== 'INACTIVE');
        const page = pageOf(services, ({ arn }) => arn, input, { most: 100, usual: 10 });
        return { serviceArns: page.items.map(({ arn }) => arn), nextToken: page.nextToken };
      },
    }),
    UpdateService: operation<UpdateServiceRequest, UpdateServiceResponse>({
      permissions: (input) => updatePermissions(world, input),
      apply: (input) => updateService(world, input),
    }),
  };
}

export function clusterArn(world: World, nameOrArn = 'default'): string {
  return nameOrArn.startsWith('arn:') ? nameOrArn : world.arns.cluster(nameOrArn);
}

export function onService(
  world: World,
  action: string,
  cluster: string | undefined,
  service: string,
): PermissionRequest {
  const arn = service.startsWith('arn:') ? service : world.arns.service(lastSegment(cluster ?? 'default'), service);
  return { action, resource: arn, context: { 'ecs:cluster': clusterArn(world, cluster) } };
}

/** A family without a revision is resolved before IAM is asked (since March 2024); the roles of a given task definition are passed. */
function updatePermissions(world: World, input: UpdateServiceRequest): readonly PermissionRequest[] {
  const given = input.taskDefinition ? findTaskDefinition(world, input.taskDefinition) : undefined;
  const update = onService(world, 'ecs:UpdateService', input.cluster, input.service ?? '');
  const context: Record<string, string> = {
    'ecs:cluster': clusterArn(world, input.cluster),
    'ecs:service': update.resource,
  };
  if (input.taskDefinition) context['ecs:task-definition'] = given?.arn ?? input.taskDefinition;
  return [{ ...update, context }, ...passRole([given?.definition.taskRoleArn, given?.definition.executionRoleArn])];
}

function describeServices(world: World, input: DescribeServicesRequest): DescribeServicesResponse {
  const names = input.services ?? [];
  if (names.length === 0) throw new Fault('InvalidParameterException', 'Services cannot be empty.');
  if (names.length > MAX_DESCRIBED)
    throw new Fault('InvalidParameterException', `Services must have at most ${MAX_DESCRIBED} items.`);
  const cluster = clusterOf(world, input.cluster);
  const found = names.map((name) => findService(cluster, name));
  const missing = names.filter((_, index) => found[index] === undefined);
  return {
    services: found
      .filter((service) => service !== undefined)
      .map((service) => describedService(world, service, input.include?.includes('TAGS') ?? false)),
    failures: missing.map((name) => ({ arn: onService(world, '', input.cluster, name).resource, reason: 'MISSING' })),
  };
}
