import type {
  DescribeServiceDeploymentsRequest,
  DescribeServiceDeploymentsResponse,
  DescribeServiceRevisionsRequest,
  DescribeServiceRevisionsResponse,
  ListServiceDeploymentsRequest,
  ListServiceDeploymentsResponse,
  ServiceDeploymentStatus,
  StopServiceDeploymentRequest,
  StopServiceDeploymentResponse,
} from '@aws-sdk/client-ecs';
import { Fault, operation, type Operation, type PermissionRequest } from '../service.ts';
import { clusterNameIn, lastSegment, serviceArnOf } from './arns.ts';
import { nowIn, type ServiceDeploymentRecord, type ServiceRecord, type World } from './model.ts';
import { pageOf } from './paging.ts';
import { wake } from './scheduler.ts';
import { serviceDeploymentBrief, serviceDeploymentView, serviceRevisionView } from './service-deployments.ts';
import { onService } from './service-operations.ts';
import { clusterOf, serviceOf } from './services.ts';
import { SCHEDULER_REACTION_MS } from './timing.ts';

const MAX_DESCRIBED = 20;
/** States in which a service deployment can be stopped (developer guide, "Stopping service deployments"). */
const STOPPABLE: readonly ServiceDeploymentStatus[] = [
  'PENDING',
  'IN_PROGRESS',
  'STOP_REQUESTED',
  'ROLLBACK_REQUESTED',
  'ROLLBACK_IN_PROGRESS',
];

export function serviceDeploymentOperations(world: World): Record<string, Operation> {
  return {
    ListServiceDeployments: operation<ListServiceDeploymentsRequest, ListServiceDeploymentsResponse>({
      permissions: (input) => [onService(world, 'ecs:ListServiceDeployments', input.cluster, input.service ?? '')],
      apply: (input) => listServiceDeployments(world, input),
    }),
    DescribeServiceDeployments: operation<DescribeServiceDeploymentsRequest, DescribeServiceDeploymentsResponse>({
      permissions: (input) =>
        (input.serviceDeploymentArns ?? []).flatMap((arn) =>
          onServiceAnd(world, 'ecs:DescribeServiceDeployments', arn),
        ),
      apply: (input) => {
        const { found, failures } = describeEach(input.serviceDeploymentArns ?? [], (arn) => {
          const hit = findServiceDeployment(world, arn);
          return hit && serviceDeploymentView(hit.service, hit.record);
        });
        return { serviceDeployments: found, failures };
      },
    }),
    DescribeServiceRevisions: operation<DescribeServiceRevisionsRequest, DescribeServiceRevisionsResponse>({
      permissions: (input) =>
        (input.serviceRevisionArns ?? []).flatMap((arn) => onServiceAnd(world, 'ecs:DescribeServiceRevisions', arn)),
      apply: (input) => {
        const { found, failures } = describeEach(input.serviceRevisionArns ?? [], (arn) => {
          const service = serviceByArn(world, serviceArnOf(arn));
          const revision = service?.revisions.find((candidate) => candidate.arn === arn);
          return service && revision && serviceRevisionView(service, revision);
        });
        return { serviceRevisions: found, failures };
      },
    }),
    StopServiceDeployment: operation<StopServiceDeploymentRequest, StopServiceDeploymentResponse>({
      permissions: (input) => onServiceAnd(world, 'ecs:StopServiceDeployment', input.serviceDeploymentArn ?? ''),
      apply: (input) => stopServiceDeployment(world, input),
    }),
  };
}

/** Both the service and the thing itself are resource types of these actions. */
function onServiceAnd(world: World, action: string, arn: string): readonly PermissionRequest[] {
  const service = serviceArnOf(arn);
  const cluster = world.arns.cluster(clusterNameIn(arn) ?? '');
  return [
    { action, resource: service, context: { 'ecs:cluster': cluster } },
    { action, resource: arn, context: { 'ecs:cluster': cluster, 'ecs:service': service } },
  ];
}

function describeEach<Found>(arns: readonly string[], find: (arn: string) => Found | undefined) {
  if (arns.length === 0 || arns.length > MAX_DESCRIBED)
    throw new Fault('InvalidParameterException', `Between 1 and ${MAX_DESCRIBED} ARNs are wanted.`);
  const looked = arns.map((arn) => ({ arn, found: find(arn) }));
  return {
    found: looked.map(({ found }) => found).filter((found) => found !== undefined),
    failures: looked.filter(({ found }) => found === undefined).map(({ arn }) => ({ arn, reason: 'MISSING' })),
  };
}

function listServiceDeployments(world: World, input: ListServiceDeploymentsRequest): ListServiceDeploymentsResponse {
  const service = serviceOf(clusterOf(world, input.cluster), input.service ?? '');
  const { after, before } = input.createdAt ?? {};
  const wanted = service.serviceDeployments.filter(
    ({ status, createdAt }) =>
      (!input.status || input.status.length === 0 || input.status.includes(status)) &&
      (!after || createdAt >= after) &&
      (!before || createdAt <= before),
  );
  const page = pageOf(wanted, ({ arn }) => arn, input, { most: 100, usual: 20 });
  return {
    serviceDeployments: page.items.map((record) => serviceDeploymentBrief(service, record)),
    nextToken: page.nextToken,
  };
}

/** Asks for a rollback; it starts when the scheduler next looks. The API names ABORT, but its page allows ROLLBACK only. */
function stopServiceDeployment(world: World, input: StopServiceDeploymentRequest): StopServiceDeploymentResponse {
  if ((input.stopType ?? 'ROLLBACK') !== 'ROLLBACK')
    throw new Fault('InvalidParameterException', 'The only valid stopType is ROLLBACK.');
  const hit = findServiceDeployment(world, input.serviceDeploymentArn ?? '');
  if (!hit) throw new Fault('ServiceDeploymentNotFoundException', 'Service deployment not found.');
  const { service, record } = hit;
  if (!STOPPABLE.includes(record.status))
    throw new Fault('ConflictException', `The service deployment is ${record.status}.`);
  if (record.status === 'PENDING' || record.status === 'IN_PROGRESS') {
    record.status = 'ROLLBACK_REQUESTED';
    record.updatedAt = nowIn(world);
    wake(world, service, SCHEDULER_REACTION_MS);
  }
  return { serviceDeploymentArn: record.arn };
}

function findServiceDeployment(
  world: World,
  arn: string,
): { service: ServiceRecord; record: ServiceDeploymentRecord } | undefined {
  const service = serviceByArn(world, serviceArnOf(arn));
  const record = service?.serviceDeployments.find((candidate) => candidate.arn === arn);
  return service && record && { service, record };
}

function serviceByArn(world: World, arn: string): ServiceRecord | undefined {
  const service = world.state.clusters.get(clusterNameIn(arn) ?? '')?.services.get(lastSegment(arn));
  return service?.arn === arn ? service : undefined;
}
