import { Fault } from '../service.ts';

/** One page and the token of the next. */
interface Page<Item> {
  readonly items: Item[];
  readonly nextToken: string | undefined;
}

/** Cuts a page out of `all`; the token is opaque to callers and names the last item that was handed out. */
export function pageOf<Item>(
  all: readonly Item[],
  keyOf: (item: Item) => string,
  request: { readonly maxResults?: number | undefined; readonly nextToken?: string | undefined },
  limits: { readonly most: number; readonly usual: number },
): Page<Item> {
  const size = request.maxResults ?? limits.usual;
  if (size < 1 || size > limits.most)
    throw new Fault('InvalidParameterException', `maxResults must be between 1 and ${limits.most}.`);
  const start = request.nextToken === undefined ? 0 : indexAfter(all, keyOf, request.nextToken);
  const items = all.slice(start, start + size);
  const last = items.at(-1);
  const hasMore = last !== undefined && start + size < all.length;
  return { items, nextToken: hasMore ? Buffer.from(keyOf(last)).toString('base64url') : undefined };
}

function indexAfter<Item>(all: readonly Item[], keyOf: (item: Item) => string, nextToken: string): number {
  const key = Buffer.from(nextToken, 'base64url').toString();
  const index = all.findIndex((item) => keyOf(item) === key);
  if (index < 0) throw new Fault('InvalidParameterException', 'Invalid token.');
  return index + 1;
}
