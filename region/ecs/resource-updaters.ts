import { isDeepStrictEqual } from 'node:util';
import type { Tag } from '@aws-sdk/client-ecs';
import type { ResourceChange, ResourceProperties, ResourceUpdater, UpdatedResource } from '../service.ts';
import type { World } from './model.ts';
import {
  createTaskDefinition,
  createdService,
  inApiNames,
  serviceInput,
  TASK_DEFINITION_PROPERTIES,
} from './resources.ts';
import { clusterOf, serviceOf } from './services.ts';
import { checkTags } from './task-definition-rules.ts';
import { copyOfTags, deregister, findTaskDefinition } from './task-definitions.ts';
import { updateService } from './update-service.ts';

/** Another value of any other property makes CloudFormation replace the service. */
const CHANGEABLE_OF_SERVICE = [
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
      update: ({ current, after }) => updateFromTemplate(world, current.ref, after),
    },
  };
}

/** A revision never changes: the next one takes its place, and it becomes INACTIVE. */
function replaceTaskDefinition(
  world: World,
  { logicalId, stackName, current, after }: ResourceChange,
): UpdatedResource {
  const replaced = findTaskDefinition(world, current.ref)!;
  const created = createTaskDefinition(world, logicalId, after, stackName);
  return {
    ...created,
    removeReplaced: () => deregister(world, replaced),
    removeReplacement: () => deregister(world, findTaskDefinition(world, created.ref)!),
  };
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
