import type { Fault } from './service.ts';

/** One page of a list. */
export interface Page<Item> {
  readonly items: Item[];
  /** Undefined on the last page. */
  readonly nextToken: string | undefined;
}

/** Cuts a page out of `all`. The token is opaque to callers; one that was never handed out is answered with `refusal`. */
export function pageOf<Item>(
  all: readonly Item[],
  size: number,
  token: string | undefined,
  refusal: () => Fault,
): Page<Item> {
  const start = token === undefined ? 0 : offsetIn(token);
  if (start === undefined || start > all.length) throw refusal();
  const end = start + size;
  return { items: all.slice(start, end), nextToken: end < all.length ? tokenOf(end) : undefined };
}

function tokenOf(offset: number): string {
  return Buffer.from(`from ${offset}`).toString('base64');
}

/** Undefined for what is no token: `Buffer` ignores what is no base64, so the token is written again and compared. */
function offsetIn(token: string): number | undefined {
  const match = /^from (\d{1,9})$/.exec(Buffer.from(token, 'base64').toString());
  return match !== null && tokenOf(Number(match[1])) === token ? Number(match[1]) : undefined;
}
