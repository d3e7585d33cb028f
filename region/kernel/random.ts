/** A seeded source of randomness: the same seed gives the same numbers, in the same order, on every machine. */
export interface Random {
  /** A number in [0, 1). */
  next(): number;
  /** A lower-case string of `length` hexadecimal digits. */
  hex(length: number): string;
  /** A string of `length` decimal digits that does not start with 0. */
  digits(length: number): string;
  /** A version 4 UUID. */
  uuid(): string;
}

/** Mulberry32: 32 bits of state, ample for identifiers and tie breaking; never for secrets. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  const pick = (alphabet: string, length: number): string => {
    let picked = '';
    for (let count = 0; count < length; count++) picked += alphabet[Math.floor(next() * alphabet.length)];
    return picked;
  };
  const hex = (length: number): string => pick('0123456789abcdef', length);
  return {
    next,
    hex,
    digits: (length) => pick('123456789', 1) + pick('0123456789', length - 1),
    uuid: () => `${hex(8)}-${hex(4)}-4${hex(3)}-${pick('89ab', 1)}${hex(3)}-${hex(12)}`,
  };
}
