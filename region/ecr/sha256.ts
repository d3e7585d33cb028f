/**
 * SHA-256 of bytes that come in parts and are not kept. Its state is plain data, which Node's own `Hash` is not, so that an
 * upload under way can be copied with everything else that the registry knows.
 */
export interface Sha256 {
  readonly words: Int32Array;
  /** Bytes that do not fill a block yet. */
  readonly rest: Uint8Array;
  bytes: number;
}

const BLOCK_BYTES = 64;

/** FIPS 180-4: the fractional parts of the square roots (where hashing begins) and cube roots (one per round) of the first primes. */
const PRIMES = firstPrimes(64);
const BEGIN = Int32Array.from(PRIMES.slice(0, 8), (prime) => fraction(Math.sqrt(prime)));
const ROUNDS = Int32Array.from(PRIMES, (prime) => fraction(Math.cbrt(prime)));
const schedule = new Int32Array(64);

/** Begins with nothing. */
export function newSha256(): Sha256 {
  return { words: BEGIN.slice(), rest: new Uint8Array(BLOCK_BYTES), bytes: 0 };
}

/** Takes the next bytes. */
export function addBytes(hash: Sha256, part: Uint8Array): void {
  let taken = 0;
  const held = hash.bytes % BLOCK_BYTES;
  hash.bytes += part.length;
  if (held > 0) {
    taken = Math.min(BLOCK_BYTES - held, part.length);
    hash.rest.set(part.subarray(0, taken), held);
    if (held + taken < BLOCK_BYTES) return;
    addBlock(hash.words, hash.rest, 0);
  }
  for (; taken + BLOCK_BYTES <= part.length; taken += BLOCK_BYTES) addBlock(hash.words, part, taken);
  hash.rest.set(part.subarray(taken));
}

/** The digest in hexadecimal digits of what has come so far; more may follow. */
export function hexDigest({ words, rest, bytes }: Sha256): string {
  const held = bytes % BLOCK_BYTES;
  const last = new Uint8Array(held < BLOCK_BYTES - 8 ? BLOCK_BYTES : 2 * BLOCK_BYTES);
  last.set(rest.subarray(0, held));
  last[held] = 0x80;
  new DataView(last.buffer).setBigUint64(last.length - 8, BigInt(bytes) * 8n);
  const ended = words.slice();
  for (let at = 0; at < last.length; at += BLOCK_BYTES) addBlock(ended, last, at);
  return [...ended].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
}

/** FIPS 180-4, 6.2.2. */
function addBlock(words: Int32Array, block: Uint8Array, at: number): void {
  fillSchedule(block, at);
  let a = words[0]!;
  let b = words[1]!;
  let c = words[2]!;
  let d = words[3]!;
  let e = words[4]!;
  let f = words[5]!;
  let g = words[6]!;
  let h = words[7]!;
  for (let round = 0; round < 64; round++) {
    const sum1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const first = (h + sum1 + ((e & f) ^ (~e & g)) + ROUNDS[round]! + schedule[round]!) | 0;
    const sum0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const second = (sum0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + first) | 0;
    d = c;
    c = b;
    b = a;
    a = (first + second) | 0;
  }
  words[0]! += a;
  words[1]! += b;
  words[2]! += c;
  words[3]! += d;
  words[4]! += e;
  words[5]! += f;
  words[6]! += g;
  words[7]! += h;
}

function fillSchedule(block: Uint8Array, at: number): void {
  for (let index = 0, byte = at; index < 16; index++, byte += 4)
    schedule[index] = (block[byte]! << 24) | (block[byte + 1]! << 16) | (block[byte + 2]! << 8) | block[byte + 3]!;
  for (let index = 16; index < 64; index++) {
    const x = schedule[index - 15]!;
    const y = schedule[index - 2]!;
    const small0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const small1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    schedule[index] = (schedule[index - 16]! + small0 + schedule[index - 7]! + small1) | 0;
  }
}

function fraction(root: number): number {
  return Math.floor((root % 1) * 2 ** 32) | 0;
}

function firstPrimes(count: number): number[] {
  const primes: number[] = [];
  for (let candidate = 2; primes.length < count; candidate++)
    if (primes.every((prime) => candidate % prime !== 0)) primes.push(candidate);
  return primes;
}
