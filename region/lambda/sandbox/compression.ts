import zlib from 'node:zlib';
import type { Host } from './host.ts';

type Callback = (error: Error | null, result?: Buffer) => void;

const NAMES = [
  'deflate',
  'inflate',
  'gzip',
  'gunzip',
  'deflateRaw',
  'inflateRaw',
  'unzip',
  'brotliCompress',
  'brotliDecompress',
] as const;

/** `zlib` without its thread pool: the callback forms answer in the next tick, streams are refused. */
export function compression(host: Host): object {
  const descriptors = Object.getOwnPropertyDescriptors(zlib) as PropertyDescriptorMap;
  for (const name of Object.keys(descriptors)) {
    if (/^(create|[A-Z][a-z])/.test(name)) descriptors[name] = refusal(name, host);
  }
  for (const name of NAMES) descriptors[name] = { value: inNextTick(name, host), enumerable: true };
  return Object.defineProperties({}, descriptors);
}

function refusal(name: string, host: Host): PropertyDescriptor {
  return { value: () => host.refuse(`zlib.${name} in a Lambda function`), enumerable: true };
}

function inNextTick(name: (typeof NAMES)[number], host: Host) {
  return (input: Buffer, ...given: unknown[]): void => {
    const callback = given.pop() as Callback;
    process.nextTick(() => host.enter(() => answer(() => zlib[`${name}Sync`](input, ...(given as [])), callback)));
  };
}

function answer(compress: () => Buffer, callback: Callback): void {
  let result: Buffer;
  try {
    result = compress();
  } catch (error) {
    return callback(error as Error);
  }
  callback(null, result);
}
