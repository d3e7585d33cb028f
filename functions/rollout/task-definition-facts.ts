import { asTaskDefinitionArn } from './identifiers.ts';
import type { RawTaskDefinition } from './next-revision.ts';
import type { TaskDefinitionFacts } from './preflight.ts';

/** A container as a raw task definition describes it: the members that anything here reads. */
export interface ContainerDefinition {
  readonly name?: string;
  readonly image?: string;
  readonly healthCheck?: unknown;
}

/** The containers of a raw task definition. */
export function containersIn(raw: RawTaskDefinition): readonly ContainerDefinition[] {
  return (raw['containerDefinitions'] ?? []) as readonly ContainerDefinition[];
}

/** The few members of a raw task definition that a preflight reads; everything else, secrets included, is left behind. */
export function taskDefinitionFacts(raw: RawTaskDefinition): TaskDefinitionFacts {
  const platform = (raw['runtimePlatform'] ?? {}) as { operatingSystemFamily?: string; cpuArchitecture?: string };
  return {
    taskDefinitionArn: asTaskDefinitionArn(String(raw['taskDefinitionArn'])),
    status: String(raw['status']),
    family: String(raw['family']),
    containers: containersIn(raw).map(({ name = '', image = '' }) => ({ name, image })),
    operatingSystemFamily: platform.operatingSystemFamily ?? 'LINUX',
    cpuArchitecture: platform.cpuArchitecture ?? 'X86_64',
  };
}
