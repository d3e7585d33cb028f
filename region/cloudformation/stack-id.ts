import { createHash } from 'node:crypto';
import { partitionOf } from '../partition.ts';

/**
 * `arn:aws:cloudformation:…:stack/<name>/<uuid>`; the uuid comes from the name, and from the id of the last stack that had
 * it, so that it costs no randomness.
 */
export function stackId(
  { account, region }: { readonly account: string; readonly region: string },
  stackName: string,
  former = '',
): string {
  const prefix = `arn:${partitionOf(region)}:cloudformation:${region}:${account}:stack/${stackName}/`;
  return prefix + hashedUuid(stackName + former);
}

/** The same for the same text. */
export function hashedUuid(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}
