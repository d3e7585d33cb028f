import { Fault } from '../service.ts';

/** A block of IPv4 addresses; numbers, for comparing. */
export interface Cidr {
  readonly first: number;
  readonly last: number;
}

/** Reads `10.0.0.0/16`; a network of a VPC has between 16 and 28 bits of prefix. Throws `code` for anything else. */
export function readCidr(text: string, code: string): Cidr {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text);
  const [a = 256, b = 256, c = 256, d = 256, prefix = 0] = (match ?? []).slice(1).map(Number);
  if ([a, b, c, d].some((octet) => octet > 255) || prefix < 16 || prefix > 28) {
    throw new Fault(code, `The CIDR '${text}' is invalid.`);
  }
  const size = 2 ** (32 - prefix);
  const address = ((a * 256 + b) * 256 + c) * 256 + d;
  const first = address - (address % size);
  return { first, last: first + size - 1 };
}

export const contains = (outer: Cidr, inner: Cidr): boolean => outer.first <= inner.first && inner.last <= outer.last;
export const overlaps = (one: Cidr, other: Cidr): boolean => one.first <= other.last && other.first <= one.last;
