import { asTaskDefinitionArn } from './identifiers.ts';
import type { RawTaskDefinition } from './next-revision.ts';
import type { TaskDefinitionFacts } from './preflight.ts';

/** The few members of a raw task definition that a preflight reads; everything else, secrets included, is left behind. */
export function taskDefinitionFacts(raw: RawTaskDefinition): TaskDefinitionFacts {
  const platform = (raw['runtimePlatform'] ?? {}) as { operatingSystemFamily?: string; cpuArchitecture?: string };
  const containers = (raw['containerDefinitions'] ?? []) as readonly { name?: string; image?: string }[];
  return {
    taskDefinitionArn: asTaskDefinitionArn(String(raw['taskDefinitionArn'])),
    status: String(raw['status']),
    family: String(raw['family']),
    containers: containers.map(({ name = '', image = '' }) => ({ name, image })),
    operatingSystemFamily: platform.operatingSystemFamily ?? 'LINUX',
    cpuArchitecture: platform.cpuArchitecture ?? 'X86_64',
  };
}
