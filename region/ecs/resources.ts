import type { RegisterTaskDefinitionRequest, Tag } from '@aws-sdk/client-ecs';
import { NotModelled, type CreatedResource, type ResourceCreator, type ResourceProperties } from '../service.ts';
import type { ServiceRecord, World } from './model.ts';
import { createCluster, createService, type NewService } from './services.ts';
import { registerTaskDefinition } from './task-definitions.ts';
import { CLOUDFORMATION_PATIENCE_MS } from './timing.ts';

const CREATED_BY = 'cloudformation.amazonaws.com';

const CLUSTER_PROPERTIES = [
  'ClusterName',
  'Tags',
  'ClusterSettings',
  'CapacityProviders',
  'DefaultCapacityProviderStrategy',
  'Configuration',
];
export const TASK_DEFINITION_PROPERTIES = [
  'ContainerDefinitions',
  'Cpu',
  'EnableFaultInjection',
  'EphemeralStorage',
  'ExecutionRoleArn',
  'Family',
  'IpcMode',
  'Memory',
  'NetworkMode',
  'PidMode',
  'PlacementConstraints',
  'ProxyConfiguration',
  'RequiresCompatibilities',
  'RuntimePlatform',
  'Tags',
  'TaskRoleArn',
  'Volumes',
];
const SERVICE_PROPERTIES = [
  'AvailabilityZoneRebalancing',
  'CapacityProviderStrategy',
  'Cluster',
  'DeploymentConfiguration',
  'DeploymentController',
  'DesiredCount',
  'HealthCheckGracePeriodSeconds',
  'LaunchType',
  'LoadBalancers',
  'NetworkConfiguration',
  'ServiceName',
  'Tags',
  'TaskDefinition',
];
/** Accepted with this value only: each is what the model does anyway. */
const FIXED_SERVICE_PROPERTIES: Readonly<Record<string, unknown>> = {
  EnableECSManagedTags: false,
  EnableExecuteCommand: false,
  PlatformVersion: 'LATEST',
  PropagateTags: 'NONE',
  SchedulingStrategy: 'REPLICA',
};
/** Maps whose keys are the user's own words. */
const MAPS = ['DockerLabels', 'Options', 'DriverOpts', 'Labels'];
/** Members that CloudFormation names otherwise than the API. */
const RENAMED: Readonly<Record<string, string>> = {
  EfsVolumeConfiguration: 'efsVolumeConfiguration',
  EFSVolumeConfiguration: 'efsVolumeConfiguration',
  FilesystemId: 'fileSystemId',
  IAM: 'iam',
  FSxWindowsFileServerVolumeConfiguration: 'fsxWindowsFileServerVolumeConfiguration',
  ProxyConfigurationProperties: 'properties',
};

/** Creators of `AWS::ECS::Cluster`, `AWS::ECS::TaskDefinition` and `AWS::ECS::Service`. */
export function ecsResources(world: World): Readonly<Record<string, ResourceCreator>> {
  return {
    'AWS::ECS::Cluster': (logicalId, properties, stackName) => {
      refuseOthers('AWS::ECS::Cluster', properties, CLUSTER_PROPERTIES);
      const { clusterName, tags } = inApiNames(properties) as { clusterName?: string; tags?: Tag[] };
      const cluster = createCluster(world, clusterName ?? generatedName(world, stackName, logicalId), tags);
      return { ref: cluster.name, attributes: { Arn: cluster.arn } };
    },
    'AWS::ECS::TaskDefinition': (logicalId, properties, stackName) =>
      createTaskDefinition(world, logicalId, properties, stackName),
    'AWS::ECS::Service': (logicalId, properties, stackName) => {
      const given = serviceInput(properties);
      const serviceName = given.serviceName ?? generatedName(world, stackName, logicalId);
      return createdService(world, createService(world, { ...given, serviceName }, CREATED_BY));
    },
  };
}

/** Registers the next revision of the template's family. */
export function createTaskDefinition(
  world: World,
  logicalId: string,
  properties: ResourceProperties,
  stackName: string,
): CreatedResource {
  refuseOthers('AWS::ECS::TaskDefinition', properties, TASK_DEFINITION_PROPERTIES);
  const input = inApiNames(properties) as unknown as RegisterTaskDefinitionRequest;
  const family = input.family ?? `${stackName}${logicalId}`.replace(/[^A-Za-z0-9_-]/g, '');
  const { arn } = registerTaskDefinition(world, { ...input, family }, CREATED_BY);
  return { ref: arn, attributes: { TaskDefinitionArn: arn } };
}

/** The properties of a service as the API names them, those aside that have only one value. */
export function serviceInput(properties: ResourceProperties): NewService {
  refuseOthers('AWS::ECS::Service', properties, [...SERVICE_PROPERTIES, ...Object.keys(FIXED_SERVICE_PROPERTIES)]);
  const given = Object.entries(properties).filter(([name, value]) => {
    if (!(name in FIXED_SERVICE_PROPERTIES)) return true;
    if (value === undefined || value === FIXED_SERVICE_PROPERTIES[name]) return false;
    throw new NotModelled(`AWS::ECS::Service with ${name} ${JSON.stringify(value)}`);
  });
  return inApiNames(Object.fromEntries(given)) as unknown as NewService;
}

/** CloudFormation is through with a service when it is steady, after its creation as after every update. */
export function createdService(world: World, service: ServiceRecord): CreatedResource {
  const created = { ref: service.arn, attributes: { ServiceArn: service.arn, Name: service.name } };
  if (service.controller !== 'ECS') return created;
  const opened = service.deployments[0];
  const givesUpAt = world.kernel.now + CLOUDFORMATION_PATIENCE_MS;
  const awaited = (): CreatedResource | undefined => {
    if (opened?.rolloutState === 'FAILED') throw new Error(failureText(opened.rolloutStateReason));
    if (service.isSteady) return created;
    if (world.kernel.now < givesUpAt) return undefined;
    throw new Error(`Service ${service.arn} did not stabilize. (HandlerErrorCode: NotStabilized)`);
  };
  return { ...created, awaited };
}

function failureText(reason: string): string {
  if (!reason.startsWith('ECS deployment circuit breaker')) return reason;
  return "Error occurred during operation 'ECS Deployment Circuit Breaker was triggered'. (HandlerErrorCode: GeneralServiceException)";
}

function generatedName(world: World, stackName: string, logicalId: string): string {
  return `${stackName}-${logicalId}-${world.kernel.random.hex(12)}`;
}

function refuseOthers(type: string, properties: Readonly<Record<string, unknown>>, known: readonly string[]): void {
  const other = Object.keys(properties).find((name) => !known.includes(name));
  if (other !== undefined) throw new NotModelled(`Property ${other} of ${type}`);
}

/** `ContainerDefinitions` → `containerDefinitions`, at every depth; keys of the user's own maps stay. */
export function inApiNames(properties: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(properties).map(([name, value]) => [
      RENAMED[name] ?? name[0]!.toLowerCase() + name.slice(1),
      MAPS.includes(name) && !Array.isArray(value) ? value : valueInApiNames(value),
    ]),
  );
}

function valueInApiNames(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(valueInApiNames);
  return typeof value === 'object' && value !== null ? inApiNames(value as Record<string, unknown>) : value;
}
