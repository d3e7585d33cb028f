import type { ContainerDefinition, RegisterTaskDefinitionRequest, Tag } from '@aws-sdk/client-ecs';
import { Fault } from '../service.ts';
import { cpuUnits, isFargateSize, memoryMib } from './fargate-sizes.ts';

const MAX_BYTES = 65_536;
const MAX_CONTAINERS = 10;
const MAX_TAGS = 50;
const ECR_IMAGE = /^\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(\.cn)?\//;

const refuse = (message: string): never => {
  throw new Fault('ClientException', message);
};

/** Refuses what RegisterTaskDefinition itself refuses. Not checked: sums of container cpu and memory, volumes, ports. */
export function checkTaskDefinition(input: RegisterTaskDefinitionRequest): void {
  if (!/^[A-Za-z0-9_-]{1,255}$/.test(input.family ?? '')) {
    refuse('Family should be 1 to 255 letters (uppercase and lowercase), numbers, underscores, and hyphens.');
  }
  const bytes = Buffer.byteLength(JSON.stringify(input));
  if (bytes > MAX_BYTES) refuse(`Actual length: '${bytes}'. Max allowed length is '${MAX_BYTES}' bytes.`);
  checkContainers(input.containerDefinitions ?? []);
  checkMemory(input);
  checkStorage(input);
  if (input.tags) checkTags(input.tags);
  if (input.requiresCompatibilities?.includes('FARGATE')) checkFargate(input);
}

function checkContainers(containers: readonly ContainerDefinition[]): void {
  if (containers.length === 0) refuse('Container list cannot be empty.');
  if (containers.length > MAX_CONTAINERS) refuse(`Too many containers: at most ${MAX_CONTAINERS} are allowed.`);
  for (const { name, image } of containers) {
    if (!name) refuse('Container.name should not be null or empty.');
    if (!image) refuse('Container.image should not be null or empty.');
  }
  const names = new Set(containers.map(({ name }) => name));
  if (names.size < containers.length) refuse('Duplicate container name.');
  if (containers.every(({ essential }) => essential === false)) refuse('At least one essential container is required.');
}

function checkMemory(input: RegisterTaskDefinitionRequest): void {
  if (input.memory) return;
  for (const { name, memory, memoryReservation } of input.containerDefinitions ?? []) {
    if (memory || memoryReservation) continue;
    refuse(
      `Invalid setting for container '${name}'. At least one of 'memory' or 'memoryReservation' must be specified.`,
    );
  }
}

function checkStorage({ ephemeralStorage }: RegisterTaskDefinitionRequest): void {
  if (!ephemeralStorage) return;
  const size = ephemeralStorage.sizeInGiB ?? 0;
  if (size < 21) refuse('EphemeralStorage size should be at least 21');
  if (size > 200) refuse('EphemeralStorage size should be at most 200');
}

/** Used for every resource that takes tags. The `aws:` prefix is reserved in any case of letters. */
export function checkTags(tags: readonly Tag[]): void {
  const invalid = (message: string): never => {
    throw new Fault('InvalidParameterException', message);
  };
  if (tags.length === 0) invalid('Tags can not be empty.');
  if (tags.length > MAX_TAGS) invalid(`The maximum number of tags per resource is ${MAX_TAGS}.`);
  if (tags.some(({ key }) => /^aws:/i.test(key ?? ''))) invalid('Tag keys with the prefix aws: are reserved.');
  if (new Set(tags.map(({ key }) => key)).size < tags.length) invalid('Duplicate tag keys.');
}

function checkFargate(input: RegisterTaskDefinitionRequest): void {
  if (!input.cpu) refuse("Fargate requires that 'cpu' be defined at the task level.");
  if (!input.memory) refuse("Fargate requires that 'memory' be defined at the task level.");
  if (!isFargateSize(cpuUnits(input.cpu!), memoryMib(input.memory!))) {
    refuse('No Fargate configuration exists for given values.');
  }
  if (input.networkMode !== 'awsvpc') refuse('Fargate only supports network mode ‘awsvpc’.');
  if (input.executionRoleArn) return;
  for (const { image, logConfiguration, secrets = [] } of input.containerDefinitions ?? []) {
    if (secrets.length > 0)
      refuse("When you are specifying container secrets, you must also specify a value for 'executionRoleArn'.");
    if (ECR_IMAGE.test(image ?? ''))
      refuse('Fargate requires task definition to have execution role ARN to support ECR images.');
    if (logConfiguration?.logDriver === 'awslogs') {
      refuse('Fargate requires task definition to have execution role ARN to support log driver awslogs.');
    }
  }
}
