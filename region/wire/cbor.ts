/**
 * CBOR as far as AWS's rpcv2Cbor protocol needs it (RFC 8949): whole and half numbers, text, bytes, lists, maps, and
 * tag 1, which is a timestamp in seconds. Anything else is refused.
 */
import { NESTING_MAX, VALUES_MAX } from '../json.ts';

/** Reads one CBOR value; timestamps become `Date`s. */
export function decodeCbor(bytes: Uint8Array): unknown {
  const reader = new Reader(bytes);
  const value = reader.read();
  if (!reader.isAtEnd) throw new RangeError('bytes follow the CBOR value');
  return value;
}

/** Writes one CBOR value; `Date`s become timestamps in seconds. */
export function encodeCbor(value: unknown): Buffer {
  const parts: Uint8Array[] = [];
  write(value, parts);
  return Buffer.concat(parts);
}

/** Major types, the upper three bits of an item's first byte. */
const UNSIGNED = 0;
const NEGATIVE = 1;
const BYTES = 2;
const TEXT = 3;
const LIST = 4;
const MAP = 5;
const TAG = 6;
const EPOCH_SECONDS = 1;
/** Lower five bits that mean "until a break". */
const INDEFINITE = 31;
const BREAK = 0xff;

class Reader {
  readonly #view: DataView;
  readonly #bytes: Uint8Array;
  #at = 0;
  #depth = 0;
  #values = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  read(): unknown {
    if (++this.#values > VALUES_MAX) throw new RangeError(`the CBOR has more than ${VALUES_MAX} values`);
    const first = this.#view.getUint8(this.#at++);
    const major = first >> 5;
    const lower = first & 31;
    if (major === 7) return this.#simple(lower);
    const count = lower === INDEFINITE ? Number.POSITIVE_INFINITY : this.#argument(lower);
    if (major === UNSIGNED) return count;
    if (major === NEGATIVE) return -1 - count;
    if (major === BYTES) return this.#take(count);
    if (major === TEXT) return Buffer.from(this.#take(count)).toString('utf8');
    if (major === LIST) return this.#items(count);
    if (major === MAP)
      return Object.fromEntries(
        this.#items(count, () => [String(this.read()), this.read()] as const) as [string, unknown][],
      );
    return this.#tagged(count);
  }

  #items(count: number, readOne: () => unknown = () => this.read()): unknown[] {
    const items: unknown[] = [];
    if (++this.#depth > NESTING_MAX) throw new RangeError(`the CBOR nests more than ${NESTING_MAX} levels deep`);
    while (items.length < count && !this.#isBreak(count)) items.push(readOne());
    this.#depth--;
    return items;
  }

  #isBreak(count: number): boolean {
    if (Number.isFinite(count) || this.#view.getUint8(this.#at) !== BREAK) return false;
    this.#at++;
    return true;
  }

  #tagged(tag: number): unknown {
    const [value] = this.#items(1);
    if (tag !== EPOCH_SECONDS || typeof value !== 'number') throw new RangeError(`CBOR tag ${tag} is not known here`);
    return new Date(Math.round(value * 1000));
  }

  #argument(lower: number): number {
    if (lower < 24) return lower;
    const width = 1 << (lower - 24);
    const at = this.#at;
    this.#at += width;
    if (lower === 24) return this.#view.getUint8(at);
    if (lower === 25) return this.#view.getUint16(at);
    if (lower === 26) return this.#view.getUint32(at);
    if (lower === 27) return Number(this.#view.getBigUint64(at));
    throw new RangeError('malformed CBOR');
  }

  #simple(lower: number): unknown {
    if (lower === 20) return false;
    if (lower === 21) return true;
    if (lower === 22) return null;
    if (lower === 23) return undefined;
    const at = this.#at;
    if (lower === 26) return ((this.#at += 4), this.#view.getFloat32(at));
    if (lower === 27) return ((this.#at += 8), this.#view.getFloat64(at));
    throw new RangeError('malformed CBOR');
  }

  #take(count: number): Uint8Array {
    if (!Number.isFinite(count)) throw new RangeError('CBOR text and bytes of indefinite length are not known here');
    if (this.#at + count > this.#bytes.length) throw new RangeError('the CBOR value is cut off');
    return this.#bytes.subarray(this.#at, (this.#at += count));
  }
}

function write(value: unknown, parts: Uint8Array[]): void {
  if (typeof value === 'string') return writeText(value, parts);
  if (typeof value === 'number') return writeNumber(value, parts);
  if (typeof value === 'boolean') return void parts.push(Uint8Array.of(value ? 0xf5 : 0xf4));
  if (value === null) return void parts.push(Uint8Array.of(0xf6));
  if (value instanceof Uint8Array) return void parts.push(head(BYTES, value.length), value);
  if (value instanceof Date) {
    parts.push(head(TAG, EPOCH_SECONDS));
    return writeNumber(value.getTime() / 1000, parts);
  }
  if (Array.isArray(value)) {
    parts.push(head(LIST, value.length));
    return value.forEach((item) => write(item, parts));
  }
  const entries = Object.entries(value as object);
  parts.push(head(MAP, entries.length));
  for (const [key, inner] of entries) {
    writeText(key, parts);
    write(inner, parts);
  }
}

function writeText(text: string, parts: Uint8Array[]): void {
  const bytes = Buffer.from(text, 'utf8');
  parts.push(head(TEXT, bytes.length), bytes);
}

function writeNumber(value: number, parts: Uint8Array[]): void {
  if (Number.isSafeInteger(value)) {
    parts.push(value >= 0 ? head(UNSIGNED, value) : head(NEGATIVE, -1 - value));
    return;
  }
  const bytes = Buffer.alloc(9);
  bytes[0] = 0xfb;
  bytes.writeDoubleBE(value, 1);
  parts.push(bytes);
}

function head(major: number, argument: number): Uint8Array {
  if (argument < 24) return Uint8Array.of((major << 5) | argument);
  const bytes = Buffer.alloc(9);
  bytes[0] = (major << 5) | 27;
  bytes.writeBigUInt64BE(BigInt(argument), 1);
  return bytes;
}
