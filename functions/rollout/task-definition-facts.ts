import { asTaskDefinitionArn, type TaskDefinitionArn } from './identifiers.ts';
import type { RawTaskDefinition } from './next-revision.ts';

/** The parts of a task definition that a preflight needs; nothing of it is kept. */
export interface TaskDefinitionFacts {
  readonly taskDefinitionArn: TaskDefinitionArn;
  readonly status: string;
  readonly family: string;
  readonly containers: readonly ContainerDefinitionFacts[];
  /** `LINUX`, `WINDOWS_SERVER_…`; LINUX when absent. */
  readonly operatingSystemFamily: string;
  /** `X86_64` or `ARM64`; X86_64 when absent. */
  readonly cpuArchitecture: string;
}

/** What is read of a container: nothing of it is a secret. */
export interface ContainerDefinitionFacts {
  readonly name: string;
  readonly image: string;
  readonly hasHealthCheck?: boolean | undefined;
  /** Between two of its health checks. */
  readonly checkSeconds?: number | undefined;
  /** For which failed health checks count for nothing. */
  readonly startPeriodSeconds?: number | undefined;
  /** How long it may take to end once it is told to. */
  readonly stopSeconds?: number | undefined;
  /** Whether ECS restarts it in its task. */
  readonly restarts?: boolean | undefined;
  /** Whether it is pulled with a registry's credentials. */
  readonly hasCredentials?: boolean | undefined;
}

/** A container as a raw task definition describes it: the members that anything here reads. */
export interface ContainerDefinition {
  readonly name?: string;
  readonly image?: string;
  readonly healthCheck?: {
    readonly command?: readonly string[];
    readonly interval?: number | null;
    readonly startPeriod?: number | null;
  } | null;
  readonly stopTimeout?: number | null;
  readonly restartPolicy?: { readonly enabled?: boolean } | null;
  readonly repositoryCredentials?: unknown;
  readonly logConfiguration?: unknown;
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
    containers: containersIn(raw).map(containerFacts),
    operatingSystemFamily: platform.operatingSystemFamily ?? 'LINUX',
    cpuArchitecture: platform.cpuArchitecture ?? 'X86_64',
  };
}

/** ECS's defaults (API reference, HealthCheck; ContainerDefinition, `stopTimeout` on Fargate). */
const [CHECK_SECONDS, STOP_SECONDS] = [30, 30];

function containerFacts(container: ContainerDefinition): ContainerDefinitionFacts {
  const { name = '', image = '', healthCheck, restartPolicy, repositoryCredentials, stopTimeout } = container;
  return {
    name,
    image,
    // NONE switches off the one that the image brings, to which ECS does not listen anyway.
    hasHealthCheck: isThere(healthCheck) && healthCheck?.command?.[0] !== 'NONE',
    checkSeconds: healthCheck ? (healthCheck.interval ?? CHECK_SECONDS) : undefined,
    startPeriodSeconds: healthCheck?.startPeriod ?? undefined,
    stopSeconds: stopTimeout ?? STOP_SECONDS,
    restarts: restartPolicy?.enabled === true,
    hasCredentials: isThere(repositoryCredentials),
  };
}

/** Consoles and tools write explicit nulls. */
function isThere(member: unknown): boolean {
  return member !== undefined && member !== null;
}
