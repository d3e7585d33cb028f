import { Fault } from '../service.ts';

const DEFAULT_RESULTS = 100;
const MAX_RESULTS = 1000;

/** One page of `items`; `maxResults` 0 stands for the default, as in all of Step Functions' lists. */
export function nextPage<Item>(
  items: readonly Item[],
  maxResults: number | undefined,
  token: string | undefined,
): { readonly items: Item[]; readonly more: { readonly nextToken?: string } } {
  if (maxResults !== undefined && (maxResults < 0 || maxResults > MAX_RESULTS))
    throw new Fault('ValidationException', `'maxResults' must be between 0 and ${MAX_RESULTS}, but was ${maxResults}`);
  const from = token === undefined ? 0 : positionOf(token);
  const to = from + (maxResults || DEFAULT_RESULTS);
  const nextToken = Buffer.from(`from:${to}`).toString('base64');
  return { items: items.slice(from, to), more: to < items.length ? { nextToken } : {} };
}

function positionOf(token: string): number {
  const position = /^from:(\d+)$/.exec(Buffer.from(token, 'base64').toString())?.[1];
  if (position === undefined) throw new Fault('InvalidToken', `Invalid Token: 'Invalid token'`);
  return Number(position);
}
