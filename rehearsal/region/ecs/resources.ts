import type { RegisterTaskDefinitionRequest, Tag } from '@aws-sdk/client-ecs';
import { NotModelled, type ResourceCreator } from '../service.ts';
import type { World } from './model.ts';
import { createCluster, createService, type NewService } from './services.ts';
import { registerTaskDefinition } from './task-definitions.ts';

const CLUSTER_PROPERTIES = [
  'ClusterName',
  'Tags',
  'ClusterSettings',
  'CapacityProviders',
  'DefaultCapacityProviderStrategy',
  'Configuration',
];
const TASK_DEFINITION_PROPERTIES = [
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
  const createdBy = 'cloudformation.amazonaws.com';
  return {
    'AWS::ECS::Cluster': (logicalId, properties, stackName) => {
      refuseOthers('AWS::ECS::Cluster', properties, CLUSTER_PROPERTIES);
      const { clusterName, tags } = inApiNames(properties) as { clusterName?: string; tags?: Tag[] };
      const cluster = createCluster(world, clusterName ?? generatedName(world, stackName, logicalId), tags);
      return { ref: cluster.name, attributes: { Arn: cluster.arn } };
    },
    'AWS::ECS::TaskDefinition': (logicalId, properties, stackName) => {
      refuseOthers('AWS::ECS::TaskDefinition', properties, TASK_DEFINITION_PROPERTIES);
      const input = inApiNames(properties) as unknown as RegisterTaskDefinitionRequest;
      const family = input.family ?? `${stackName}${logicalId}`.replace(/[^A-Za-z0-9_-]/g, '');
      const { arn } = registerTaskDefinition(world, { ...input, family }, createdBy);
      return { ref: arn, attributes: { TaskDefinitionArn: arn } };
    },
    'AWS::ECS::Service': (logicalId, properties, stackName) => {
      refuseOthers('AWS::ECS::Service', properties, [...SERVICE_PROPERTIES, ...Object.keys(FIXED_SERVICE_PROPERTIES)]);
      for (const [name, value] of Object.entries(FIXED_SERVICE_PROPERTIES)) {
        if (properties[name] !== undefined && properties[name] !== value)
          throw new NotModelled(`AWS::ECS::Service with ${name} ${JSON.stringify(properties[name])}`);
      }
      const given = inApiNames(properties) as unknown as NewService;
      const service = createService(
        world,
        { ...given, serviceName: given.serviceName ?? generatedName(world, stackName, logicalId) },
        createdBy,
      );
      return { ref: service.arn, attributes: { ServiceArn: service.arn, Name: service.name } };
    },
  };
}

function generatedName(world: World, stackName: string, logicalId: string): string {
  return `${stackName}-${logicalId}-${world.kernel.random.hex(12)}`;
}

function refuseOthers(type: string, properties: Readonly<Record<string, unknown>>, known: readonly string[]): void {
  const other = Object.keys(properties).find((name) => !known.includes(name));
  if (other !== undefined) throw new NotModelled(`Property ${other} of ${type}`);
}

/** `ContainerDefinitions` → `containerDefinitions`, at every depth; keys of the user's own maps stay. */
function inApiNames(properties: Readonly<Record<string, unknown>>): Record<string, unknown> {
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
