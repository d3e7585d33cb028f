import type { Kernel } from './kernel/kernel.ts';

const SUFFIX_CHARACTERS = 12;

/**
 * A physical name as CloudFormation makes them up: stack, logical id and twelve characters. Where the service allows `most`
 * characters, stack and logical id are cut to the same length, as CloudFormation cuts them to 24 for 64.
 */
export function generatedName(kernel: Kernel, stackName: string, logicalId: string, most: number): string {
  const room = Math.floor(most / 2) - SUFFIX_CHARACTERS + 4;
  return `${stackName.slice(0, room)}-${logicalId.slice(0, room)}-${kernel.random.hex(SUFFIX_CHARACTERS)}`;
}
