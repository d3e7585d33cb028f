import { createHash } from 'node:crypto';
import { partitionOf } from '../partition.ts';

/** `arn:aws:cloudformation:…:stack/<name>/<uuid>`; the uuid comes from the name, so that it costs no randomness. */
export function stackId({ account, region }: { account: string; region: string }, stackName: string): string {
  const hex = createHash('sha256').update(stackName).digest('hex');
  const uuid = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
  return `arn:${partitionOf(region)}:cloudformation:${region}:${account}:stack/${stackName}/${uuid}`;
}
