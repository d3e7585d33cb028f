import type { RegisterTaskDefinitionRequest, Tag } from '@aws-sdk/client-ecs';
import { Fault } from '../service.ts';
import { refuse } from './client-exception.ts';
import { checkContainers } from './container-rules.ts';
import { checkDependencies } from './dependency-rules.ts';
import { checkFargate } from './fargate-rules.ts';
import { cpuUnits, memoryMib } from './fargate-sizes.ts';
import { checkLogging } from './log-rules.ts';
import { checkNetworking } from './port-rules.ts';
import { checkVolumes } from './volume-rules.ts';

const MAX_BYTES = 65_536;
const MAX_TAGS = 50;

/**
 * Refuses what RegisterTaskDefinition itself refuses. Texts in the words of ECS were seen in public reports; where none is
 * known, ours name the value.
 */
export function checkTaskDefinition(input: RegisterTaskDefinitionRequest): void {
  if (!/^[A-Za-z0-9_-]{1,255}$/.test(input.family ?? '')) {
    refuse('Family should be 1 to 255 letters (uppercase and lowercase), numbers, underscores, and hyphens.');
  }
  const bytes = Buffer.byteLength(JSON.stringify(input));
  if (bytes > MAX_BYTES) refuse(`Actual length: '${bytes}'. Max allowed length is '${MAX_BYTES}' bytes.`);
  checkContainers(input);
  checkSums(input);
  checkStorage(input);
  checkDependencies(input.containerDefinitions ?? []);
  checkNetworking(input);
  checkVolumes(input);
  if (input.tags) checkTags(input.tags);
  if (input.requiresCompatibilities?.includes('FARGATE')) checkFargate(input);
  checkLogging(input);
}

/** Containers share what the task has. A container reserves its `memoryReservation`, or all of its `memory` without one. */
function checkSums({ cpu, memory, containerDefinitions: containers = [] }: RegisterTaskDefinitionRequest): void {
  if (cpu) {
    const sum = containers.reduce((total, container) => total + (container.cpu ?? 0), 0);
    if (sum > cpuUnits(cpu))
      refuse("The sum of all container 'cpu' values cannot be greater than the value of the task 'cpu'.");
  }
  if (!memory) return;
  const limit = memoryMib(memory);
  for (const { name, memory: own = 0, memoryReservation = 0 } of containers) {
    if (own > limit) refuse(`The 'memory' setting for container '${name}' is greater than for the task.`);
    if (memoryReservation > limit)
      refuse(`The 'memoryReservation' setting for container '${name}' is greater than for the task.`);
  }
  const reserved = containers.reduce((total, each) => total + (each.memoryReservation ?? each.memory ?? 0), 0);
  // Developer guide: "The total amount of memory reserved for all containers within a task must be lower than the task memory value".
  if (reserved > limit)
    refuse(
      `The memory reserved for all containers, ${reserved} MiB, is greater than the 'memory' of the task, ${limit} MiB.`,
    );
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
