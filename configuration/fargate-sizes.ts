/** Memory that Fargate offers with so many CPU units: from, to and in steps of so many MiB. */
interface MemoryRange {
  readonly from: number;
  readonly to: number;
  readonly step: number;
}

/**
 * Fargate's sizes for Linux tasks, by CPU units
 * (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html). 32 vCPU exists in some Regions
 * only, which a synthesis cannot see: it is left out.
 */
const MEMORY_BY_CPU: ReadonlyMap<number, readonly number[]> = new Map([
  [256, [512, 1024, 2048]],
  [512, range({ from: 1024, to: 4096, step: 1024 })],
  [1024, range({ from: 2048, to: 8192, step: 1024 })],
  [2048, range({ from: 4096, to: 16_384, step: 1024 })],
  [4096, range({ from: 8192, to: 30_720, step: 1024 })],
  [8192, range({ from: 16_384, to: 61_440, step: 4096 })],
  [16_384, range({ from: 32_768, to: 122_880, step: 8192 })],
]);

function range({ from, to, step }: MemoryRange): number[] {
  return Array.from({ length: (to - from) / step + 1 }, (_, index) => from + index * step);
}

/** CPU units that Fargate offers. */
export const CPUS: readonly number[] = [...MEMORY_BY_CPU.keys()];

/** The least and the most CPU units of a task. */
export const CPU_RANGE = { from: CPUS[0]!, to: CPUS.at(-1)! };

/** The least and the most MiB of memory of a task. */
export const MEMORY_RANGE = {
  from: MEMORY_BY_CPU.get(CPU_RANGE.from)![0]!,
  to: MEMORY_BY_CPU.get(CPU_RANGE.to)!.at(-1)!,
};

/** Fargate gives every task so much storage for nothing (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-storage.html). */
export const FREE_STORAGE_GIB = 20;
export const STORAGE_GIB_MAX = 200;

/** Tasks of one service at most (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html). */
export const TASKS_MAX = 5000;

/** True for a pair of CPU units and MiB of memory that Fargate offers. */
export function isFargateSize(cpu: number, memoryMiB: number): boolean {
  return MEMORY_BY_CPU.get(cpu)?.includes(memoryMiB) ?? false;
}

/** The smallest size with at least so much of both, or undefined when there is none. */
export function smallestSize(
  cpu: number,
  memoryMiB: number,
): { readonly cpu: number; readonly memoryMiB: number } | undefined {
  const sizes = [...MEMORY_BY_CPU].flatMap(([offered, memories]) => {
    const enough = memories.find((memory) => memory >= memoryMiB);
    return offered >= cpu && enough !== undefined ? [{ cpu: offered, memoryMiB: enough }] : [];
  });
  return sizes[0];
}

/** The nearest sizes to a pair that Fargate does not offer, as a sentence for a remedy. */
export function nearestSizes(cpu: number, memoryMiB: number): string {
  const memories = MEMORY_BY_CPU.get(cpu);
  if (memories === undefined) return `take cpu ${neighbours(CPUS, cpu).join(' or ')}`;
  const cpus = CPUS.filter((candidate) => isFargateSize(candidate, memoryMiB));
  const withCpu = `with cpu ${cpu} take memoryMiB ${neighbours(memories, memoryMiB).join(' or ')}`;
  return cpus.length === 0 ? withCpu : `${withCpu}; memoryMiB ${memoryMiB} goes with cpu ${cpus.join(', ')}`;
}

/** The closest smaller and the closest larger value, as far as there are such. */
function neighbours(values: readonly number[], wanted: number): number[] {
  const below = values.filter((value) => value < wanted).at(-1);
  const above = values.find((value) => value > wanted);
  return [below, above].filter((value) => value !== undefined);
}
