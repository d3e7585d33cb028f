import crypto from 'node:crypto';
import type { Random } from '../../kernel/random.ts';
import type { Host } from './host.ts';

const OF_MATH = Object.getOwnPropertyDescriptors(Math);
const OF_CRYPTO = Object.getOwnPropertyDescriptors(crypto);

/** `Math` with a seeded `random`. */
export function seededMath(random: Random): Math {
  const math = Object.defineProperties({}, OF_MATH) as Math;
  return Object.defineProperty(math, 'random', { value: () => random.next() });
}

/** `node:crypto` whose every source of randomness is seeded; hashes and signatures are the real ones. */
export function seededCrypto(host: Host): object {
  const { random } = host;
  const fill = <Target extends ArrayBufferView>(target: Target): Target => {
    const bytes = new Uint8Array(target.buffer, target.byteOffset, target.byteLength);
    for (let index = 0; index < bytes.length; index++) bytes[index] = Math.floor(random.next() * 256);
    return target;
  };
  const randomBytes = (size: number, callback?: (error: null, bytes: Buffer) => void): Buffer | void => {
    const bytes = fill(Buffer.alloc(size));
    if (callback === undefined) return bytes;
    process.nextTick(() => host.enter(() => callback(null, bytes)));
  };
  const randomInt = (first: number, second?: number): number => {
    const [min, max] = second === undefined ? [0, first] : [first, second];
    return min + Math.floor(random.next() * (max - min));
  };
  const web = {
    getRandomValues: fill,
    randomUUID: () => random.uuid(),
    subtle: refusing(crypto.subtle, 'crypto.subtle', host),
  };
  const seeded = { ...web, webcrypto: web, randomFillSync: fill, randomBytes, randomInt };
  const descriptors: PropertyDescriptorMap = {
    ...OF_CRYPTO,
    ...Object.getOwnPropertyDescriptors(seeded),
  };
  for (const name of THREADED) descriptors[name] = { value: () => host.refuse(`crypto.${name} in a Lambda function`) };
  return Object.defineProperties({}, descriptors);
}

/** These run on Node.js's thread pool, which the kernel cannot see. */
const THREADED = ['randomFill', 'pbkdf2', 'scrypt', 'hkdf', 'generateKeyPair', 'generateKey', 'generatePrime'] as const;

function refusing(target: object, name: string, host: Host): object {
  return new Proxy(target, { get: (_, member) => () => host.refuse(`${name}.${String(member)} in a Lambda function`) });
}
