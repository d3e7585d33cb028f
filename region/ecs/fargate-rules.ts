import type { ContainerDefinition, RegisterTaskDefinitionRequest } from '@aws-sdk/client-ecs';
import { refuse } from './client-exception.ts';
import { cpuUnits, isFargateSize, memoryMib } from './fargate-sizes.ts';
import { ECR_IMAGE } from './image-rules.ts';

/** Windows does not run on less than one vCPU. */
const WINDOWS_CPU_UNITS = 1024;
const MAX_TIMEOUT_SECONDS = 120;

/** What Fargate adds: developer guide, "Amazon ECS task definition differences for Fargate". */
export function checkFargate(input: RegisterTaskDefinitionRequest): void {
  if (!input.cpu) refuse("Fargate requires that 'cpu' be defined at the task level.");
  if (!input.memory) refuse("Fargate requires that 'memory' be defined at the task level.");
  const cpu = cpuUnits(input.cpu);
  const { operatingSystemFamily: system = 'LINUX', cpuArchitecture } = input.runtimePlatform ?? {};
  const isWindows = system.startsWith('WINDOWS');
  if (!isFargateSize(cpu, memoryMib(input.memory)) || (isWindows && cpu < WINDOWS_CPU_UNITS))
    refuse('No Fargate configuration exists for given values.');
  if (isWindows && cpuArchitecture === 'ARM64')
    refuse(`Fargate does not support cpuArchitecture ARM64 with ${system}.`);
  if (input.networkMode !== 'awsvpc') refuse('Fargate only supports network mode ‘awsvpc’.');
  unsupported('ipcMode', input.ipcMode);
  unsupported('constraints', input.placementConstraints?.length);
  if (input.pidMode === 'host') refuse("Tasks using the Fargate launch type do not support pidMode 'host'.");
  for (const volume of input.volumes ?? []) {
    unsupported('sourcePath', volume.host?.sourcePath);
    unsupported('dockerVolumeConfiguration', volume.dockerVolumeConfiguration);
    unsupported('fsxWindowsFileServerVolumeConfiguration', volume.fsxWindowsFileServerVolumeConfiguration);
  }
  for (const container of input.containerDefinitions ?? []) checkContainer(container, input.executionRoleArn);
}

function checkContainer(container: ContainerDefinition, executionRoleArn: string | undefined): void {
  const { linuxParameters: linux, startTimeout = 0, stopTimeout = 0 } = container;
  unsupported('privileged', container.privileged);
  unsupported('dockerSecurityOptions', container.dockerSecurityOptions?.length);
  unsupported(
    'gpu',
    container.resourceRequirements?.some(({ type }) => type === 'GPU'),
  );
  unsupported('devices', linux?.devices?.length);
  unsupported('maxSwap', linux?.maxSwap !== undefined);
  unsupported('swappiness', linux?.swappiness !== undefined);
  unsupported('sharedMemorySize', linux?.sharedMemorySize !== undefined);
  // API reference, KernelCapabilities.add: "Tasks launched on AWS Fargate only support adding the SYS_PTRACE kernel capability."
  const capability = linux?.capabilities?.add?.find((each) => each !== 'SYS_PTRACE');
  if (capability !== undefined)
    refuse(`Fargate compatible task definitions do not support adding capability ${capability}.`);
  if (stopTimeout > MAX_TIMEOUT_SECONDS)
    refuse('Tasks using the Fargate launch type must have a container stop timeout of less than 120 seconds.');
  if (startTimeout > MAX_TIMEOUT_SECONDS)
    refuse('Tasks using the Fargate launch type must have a container start timeout of less than 120 seconds.');
  if (executionRoleArn) return;
  if (ECR_IMAGE.test(container.image ?? ''))
    refuse('Fargate requires task definition to have execution role ARN to support ECR images.');
  if (container.repositoryCredentials)
    refuse('Fargate requires task definition to have execution role ARN to support private repository credentials.');
}

function unsupported(parameter: string, given: unknown): void {
  if (given) refuse(`Fargate compatible task definitions do not support ${parameter}`);
}
