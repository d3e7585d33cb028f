import { createHash } from 'node:crypto';
import jsonata from 'jsonata';
import { parseJson } from '../json.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { MAX_RANGE_ELEMENTS } from './quotas.ts';

/** The functions of JSONata 2.0.6 that Step Functions has, and the six that it adds. */
const FUNCTION_NAMES = new Set(
  `sum count max min average string substring substringBefore substringAfter lowercase uppercase length trim pad match
   contains replace split join formatNumber formatBase formatInteger parseInteger number floor ceil round abs sqrt power
   random boolean not map zip filter single reduce sift keys lookup append exists spread merge reverse each error assert
   type sort shuffle distinct base64encode base64decode encodeUrlComponent encodeUrl decodeUrlComponent decodeUrl toMillis
   fromMillis clone now millis partition range hash uuid parse`.split(/\s+/),
);

/** Whether `$name` is a function that expressions may call. */
export function isFunctionName(name: string): boolean {
  return FUNCTION_NAMES.has(name);
}

type JsonataFunction = (...parameters: never[]) => unknown;

/**
 * What the region gives JSONata in place of its own: Step Functions' additions,
 * and whatever would otherwise read the real clock or real randomness.
 * Step Functions' additions answer undefined where AWS does.
 * https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
 */
export function createFunctions(kernel: Kernel): Readonly<Record<string, JsonataFunction>> {
  return {
    now: async (picture?: string, timezone?: string) =>
      (await native('fromMillis')).implementation.call(undefined, kernel.now, picture, timezone),
    millis: () => kernel.now,
    toMillis: (timestamp?: string, picture?: string) => toMillis(kernel.now, timestamp, picture),
    random: () => kernel.random.next(),
    uuid: () => kernel.random.uuid(),
    shuffle: (items?: unknown) => shuffle(kernel, items),
    partition,
    range,
    hash,
    parse: (text?: string) => (text === undefined ? undefined : (parseJson(text) as unknown)),
  };
}

interface NativeFunction {
  readonly implementation: (this: unknown, ...parameters: unknown[]) => unknown;
}

async function native(name: string): Promise<NativeFunction> {
  return (await jsonata(`$${name}`).evaluate(undefined)) as NativeFunction;
}

/** A picture without a date takes the missing parts from the present, which JSONata reads from its environment. */
async function toMillis(now: number, timestamp?: string, picture?: string): Promise<unknown> {
  const focus = { environment: { timestamp: new Date(now) } };
  return (await native('toMillis')).implementation.call(focus, timestamp, picture);
}

function shuffle(kernel: Kernel, items: unknown): unknown {
  if (!Array.isArray(items)) return items;
  const shuffled: unknown[] = [...(items as unknown[])];
  for (let index = shuffled.length - 1; index > 0; index--) {
    const other = Math.floor(kernel.random.next() * (index + 1));
    [shuffled[index], shuffled[other]] = [shuffled[other], shuffled[index]];
  }
  return shuffled;
}

function partition(items?: unknown, size?: number): unknown {
  if (items === undefined || size === undefined) return undefined;
  const all: unknown[] = Array.isArray(items) ? (items as unknown[]) : [items];
  const chunkSize = Math.trunc(size);
  if (chunkSize <= 0 || all.length === 0) return undefined;
  const chunks: unknown[][] = [];
  for (let from = 0; from < all.length; from += chunkSize) chunks.push(all.slice(from, from + chunkSize));
  return chunks;
}

function range(first?: number, last?: number, step?: number): unknown {
  if (first === undefined || last === undefined || step === undefined) return undefined;
  const [from, to, by] = [Math.trunc(first), Math.trunc(last), Math.trunc(step)];
  if (by === 0 || (to - from) * by < 0) return undefined;
  const length = Math.floor((to - from) / by) + 1;
  if (length > MAX_RANGE_ELEMENTS) throw new Error('Expression evaluation memory limit exceeded');
  return length === 1 ? from : Array.from({ length }, (_, index) => from + index * by);
}

const HASH_ALGORITHMS: Readonly<Record<string, string>> = {
  MD5: 'md5',
  'SHA-1': 'sha1',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
};

function hash(text?: string, algorithm?: string): unknown {
  if (text === undefined || algorithm === undefined) return undefined;
  const name = HASH_ALGORITHMS[algorithm];
  if (name === undefined) throw new Error(`Unknown hash algorithm '${algorithm}'`);
  return createHash(name).update(text).digest('hex');
}
