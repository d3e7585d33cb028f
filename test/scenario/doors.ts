import { basename } from 'node:path';
import { expect } from 'vitest';

/**
 * Scenarios that are about what goes over the wire, so that they always run the very bytes that are deployed. The others play
 * past HTTP, for a fraction of the processor time; `WIRE=all` plays every one of them over the wire, to the same ends.
 */
export const ALWAYS_OVER_THE_WIRE: Readonly<Record<string, string>> = {
  'artifacts.test.ts': 'what kinds of manifests say is read from answers of ECR',
  'by-hand.test.ts': 'every input that somebody types travels as they typed it',
  'command-line.test.ts': 'it is what someone sees who reads the README',
  'determinism.test.ts': 'the same seed gives the same bytes, the SDK included',
  'forgotten-worlds.test.ts': 'what HTTP and the SDK keep of a world is part of the question',
  'lossless-revision.test.ts': 'members that the SDK does not know are in the bodies only',
  'push.test.ts': 'the first stories that anyone hears of are those of what is deployed',
};

/** How the functions of a world reach the region, in the test that is running. */
export function doorHere(): 'wire' | 'direct' {
  const { testPath } = expect.getState();
  const wire = process.env['WIRE'] ?? '';
  if (!['', 'all'].includes(wire)) throw new Error(`WIRE is "${wire}": set it to "all", or leave it out`);
  const isAboutWire = testPath !== undefined && basename(testPath) in ALWAYS_OVER_THE_WIRE;
  return isAboutWire || wire === 'all' ? 'wire' : 'direct';
}
