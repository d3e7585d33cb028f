import { Fault } from '../service.ts';

// Developer guide, "Fargate task sizes": memory in MiB as [from, to, step] for each number of CPU units.
const MEMORY_MIB: Readonly<Record<number, readonly (readonly [from: number, to: number, step: number])[]>> = {
  256: [
    [512, 512, 1],
    [1024, 2048, 1024],
  ],
  512: [[1024, 4096, 1024]],
  1024: [[2048, 8192, 1024]],
  2048: [[4096, 16_384, 1024]],
  4096: [[8192, 30_720, 1024]],
  8192: [[16_384, 61_440, 4096]],
  16_384: [[32_768, 122_880, 8192]],
};

/** Whether Fargate offers this pair (CPU units, MiB). The 32 vCPU sizes, which not every region has, are left out. */
export function isFargateSize(cpuUnits: number, memoryMib: number): boolean {
  const ranges = MEMORY_MIB[cpuUnits] ?? [];
  return ranges.some(([from, to, step]) => memoryMib >= from && memoryMib <= to && (memoryMib - from) % step === 0);
}

/** `256` of `"256"`, `"0.25 vCPU"`, `".25 vcpu"`: answers always carry the number of CPU units. */
export function cpuUnits(text: string): number {
  return sized(text, /^(\d*\.?\d+)\s*vcpu$/i, 'cpu');
}

/** `2048` of `"2048"`, `"2 GB"`, `"2gb"`: answers always carry MiB. */
export function memoryMib(text: string): number {
  return sized(text, /^(\d*\.?\d+)\s*gb$/i, 'memory');
}

function sized(text: string, large: RegExp, member: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  const units = large.exec(text)?.[1];
  if (units === undefined)
    throw new Fault('ClientException', `Invalid '${member}' setting for task. Actual value: ${text}`);
  return Number(units) * 1024;
}
