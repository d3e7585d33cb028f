import {
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  type ECSClient,
  type Service,
  type TaskDefinition,
} from '@aws-sdk/client-ecs';
import type { CheckedService } from '../../../configuration/configuration.ts';
import { FREE_STORAGE_GIB } from '../../../configuration/fargate-sizes.ts';
import { DEFAULT_MAXIMUM_PERCENT, machineryOf, type Footprint } from './footprint.ts';

/** What the service is in the account now, or undefined when it is not there; throws when it is not made of Fargate tasks. */
export async function runningFootprint(ecs: ECSClient, service: CheckedService): Promise<Footprint | undefined> {
  const { cluster, serviceName } = service;
  const { services } = await ecs.send(new DescribeServicesCommand({ cluster, services: [serviceName] }));
  const found = services?.find(({ status }) => status !== 'INACTIVE');
  if (found?.taskDefinition === undefined) return undefined;
  const { taskDefinition } = await ecs.send(
    new DescribeTaskDefinitionCommand({ taskDefinition: found.taskDefinition }),
  );
  return footprintOf(service, found, taskDefinition ?? {});
}

function footprintOf(service: CheckedService, running: Service, task: TaskDefinition): Footprint {
  const [cpu, memoryMiB] = [Number(task.cpu), Number(task.memory)];
  // Fargate demands both for the task; on EC2 either may be missing, and the instances are paid instead.
  if (!(cpu > 0 && memoryMiB > 0)) {
    throw new Error(
      `${service.cluster}/${service.serviceName} runs ${task.family}:${task.revision}, which has no CPU and memory for the task: only Fargate services have a size`,
    );
  }
  const network = running.networkConfiguration?.awsvpcConfiguration;
  const hasLoadBalancer = (running.loadBalancers ?? []).length > 0;
  return {
    cpu,
    memoryMiB,
    architecture: task.runtimePlatform?.cpuArchitecture === 'ARM64' ? 'arm64' : 'x86_64',
    ephemeralStorageGiB: task.ephemeralStorage?.sizeInGiB ?? FREE_STORAGE_GIB,
    count: running.desiredCount ?? 0,
    hasPublicIp: network?.assignPublicIp === 'ENABLED',
    loadBalancer: hasLoadBalancer ? { addresses: network?.subnets?.length ?? 0 } : undefined,
    maximumPercent: running.deploymentConfiguration?.maximumPercent ?? DEFAULT_MAXIMUM_PERCENT,
    ...machineryOf(service),
  };
}
