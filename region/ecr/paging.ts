import { invalidParameter } from './faults.ts';

const PAGE_SIZE_DEFAULT = 100;
const PAGE_SIZE_MAX = 1000;

interface PageRequest {
  readonly maxResults?: number | undefined;
  readonly nextToken?: string | undefined;
}

/** One page of `all`; `next` holds the token of the following one, and is empty on the last. */
export function pageOf<Item>(
  all: readonly Item[],
  { maxResults = PAGE_SIZE_DEFAULT, nextToken }: PageRequest,
): { items: Item[]; next: { nextToken?: string } } {
  if (maxResults < 1 || maxResults > PAGE_SIZE_MAX) throw invalidParameter('maxResults', `1 to ${PAGE_SIZE_MAX}`);
  const start = nextToken === undefined ? 0 : offsetOf(nextToken);
  const end = start + maxResults;
  return { items: all.slice(start, end), next: end < all.length ? { nextToken: tokenOf(end) } : {} };
}

function tokenOf(offset: number): string {
  return Buffer.from(`from ${offset}`).toString('base64');
}

function offsetOf(token: string): number {
  const match = /^from (\d+)$/.exec(Buffer.from(token, 'base64').toString());
  if (!match) throw invalidParameter('nextToken', 'a token of an earlier answer');
  return Number(match[1]);
}
