import { createHash } from 'node:crypto';
import { partitionOf } from '../partition.ts';

/**
 * `arn:aws:cloudformation:…:stack/<name>/<uuid>`; the uuid comes from the name, and from the id of the last stack that had
 * it, so that it costs no randomness.
 */
export function stackId(
  place: { readonly account: string; readonly region: string },
  stackName: string,
  former = '',
): string {
  return stackArnPrefix(place, stackName) + hashedUuid(stackName + former);
}

/** What the ids of all stacks of that name begin with. */
export function stackArnPrefix(
  { account, region }: { readonly account: string; readonly region: string },
  stackName: string,
): string {
  return `arn:${partitionOf(region)}:cloudformation:${region}:${account}:stack/${stackName}/`;
}

/** The same for the same text. */
export function hashedUuid(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}
