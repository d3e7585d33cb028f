import { asTaskDefinitionArn, type TaskDefinitionArn } from './identifiers.ts';
import type { RawTaskDefinition } from './next-revision.ts';

/** The parts of a task definition that a preflight needs; nothing of it is kept. */
export interface TaskDefinitionFacts {
  readonly taskDefinitionArn: TaskDefinitionArn;
  readonly status: string;
  readonly family: string;
  readonly containers: readonly { readonly name: string; readonly image: string }[];
  /** `LINUX`, `WINDOWS_SERVER_…`; LINUX when absent. */
  readonly operatingSystemFamily: string;
  /** `X86_64` or `ARM64`; X86_64 when absent. */
  readonly cpuArchitecture: string;
}

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
