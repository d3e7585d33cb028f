import { isDeepStrictEqual } from 'node:util';
import type { Tag } from '@aws-sdk/client-ecs';
import {
  Fault,
  type ResourceChange,
  type ResourceDeleter,
  type ResourceProperties,
  type ResourceUpdater,
  type UpdatedResource,
} from '../service.ts';
import type { ClusterRecord, World } from './model.ts';
import {
  createTaskDefinition,
  createdService,
  inApiNames,
  serviceInput,
  TASK_DEFINITION_PROPERTIES,
} from './resources.ts';
import { deleteService } from './scheduler.ts';
import { clusterOf, serviceOf } from './services.ts';
import { checkTags } from './task-definition-rules.ts';
import { copyOfTags, deregister, findTaskDefinition } from './task-definitions.ts';
import { updateService } from './update-service.ts';

const CHANGEABLE_OF_SERVICE = [
  'AvailabilityZoneRebalancing',
  'CapacityProviderStrategy',
  'DeploymentConfiguration',
  'DesiredCount',
  'EnableECSManagedTags',
  'EnableExecuteCommand',
  'HealthCheckGracePeriodSeconds',
  'LoadBalancers',
  'NetworkConfiguration',
  'PlatformVersion',
  'PropagateTags',
  'Tags',
  'TaskDefinition',
];

/** Updaters of `AWS::ECS::TaskDefinition` and `AWS::ECS::Service`. */
export function ecsUpdaters(world: World): Readonly<Record<string, ResourceUpdater>> {
  return {
    'AWS::ECS::TaskDefinition': {
      changeable: TASK_DEFINITION_PROPERTIES,
      update: (change) => (isTagging(change) ? tagTaskDefinition(world, change) : replaceTaskDefinition(world, change)),
    },
    'AWS::ECS::Service': {
      changeable: CHANGEABLE_OF_SERVICE,
      replacing: ['Cluster', 'LaunchType', 'SchedulingStrategy', 'ServiceName'],
      update: ({ current, after }) => updateFromTemplate(world, current.ref, after),
    },
  };
}

/** Deleters of clusters, task definitions and services. A revision becomes INACTIVE; a service drains its tasks first. */
export function ecsDeleters(world: World): Readonly<Record<string, ResourceDeleter>> {
  const { clusters } = world.state;
  return {
    'AWS::ECS::Cluster': ({ current: { ref } }) => {
      const cluster = clusters.get(ref);
      if (cluster) refuseBusy(cluster);
      clusters.delete(ref);
    },
    'AWS::ECS::TaskDefinition': ({ current: { ref } }) => {
      const taskDefinition = findTaskDefinition(world, ref);
      if (taskDefinition) deregister(world, taskDefinition);
    },
    'AWS::ECS::Service': ({ current: { ref } }) => {
      const all = [...clusters.values()].flatMap(({ services }) => [...services.values()]);
      const service = all.find(({ arn }) => arn === ref);
      if (!service) return;
      deleteService(world, service);
      return () => service.status === 'INACTIVE';
    },
  };
}

function refuseBusy({ services, tasks }: ClusterRecord): void {
  if ([...services.values()].some(({ status }) => status !== 'INACTIVE'))
    throw new Fault('ClusterContainsServicesException', 'The Cluster cannot be deleted while Services are active.');
  if ([...tasks.values()].some(({ lastStatus }) => lastStatus !== 'STOPPED'))
    throw new Fault('ClusterContainsTasksException', 'The Cluster cannot be deleted while Tasks are active.');
}

/** A revision never changes: the next one takes its place. */
function replaceTaskDefinition(world: World, { logicalId, stackName, after }: ResourceChange): UpdatedResource {
  return createTaskDefinition(world, logicalId, after, stackName);
}

/** Tags alone change in place (CloudFormation user guide, AWS::ECS::TaskDefinition). */
function isTagging({ before, after }: ResourceChange): boolean {
  return isDeepStrictEqual({ ...before, Tags: undefined }, { ...after, Tags: undefined });
}

function tagTaskDefinition(world: World, { current, after }: ResourceChange): UpdatedResource {
  findTaskDefinition(world, current.ref)!.tags = tagsOf(after);
  return { ref: current.ref, attributes: current.attributes };
}

/**
 * CloudFormation sends every property of the template, changed or not
 * (aws-cloudformation/cloudformation-coverage-roadmap#1529): the task definition that it knows takes the place of
 * whatever was rolled meanwhile. What the template leaves out stays as it is.
 */
function updateFromTemplate(world: World, serviceArn: string, properties: ResourceProperties): UpdatedResource {
  const { cluster, serviceName, launchType, deploymentController, tags, ...members } = serviceInput(properties);
  const service = serviceOf(clusterOf(world, cluster), serviceArn);
  updateService(world, { cluster: service.cluster.name, service: service.name, ...members });
  service.tags = tagsOf(properties);
  return createdService(world, service);
}

function tagsOf(properties: ResourceProperties): Tag[] {
  const { tags = [] } = inApiNames(properties) as { tags?: Tag[] };
  if (tags.length > 0) checkTags(tags);
  return copyOfTags(tags);
}
