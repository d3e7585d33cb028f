/** Where a page is: every view, and what is filtered in it, has an address. */
export interface Address {
  readonly service?: string;
  readonly rolloutId?: string;
  /** Filters of the view. */
  readonly query: Readonly<Record<string, string>>;
}

/** Reads what follows the `#`. */
export function parseAddress(hash: string): Address {
  const [path = '', search = ''] = hash.replace(/^#?\/?/, '').split('?');
  const [cluster, name, kind, id] = path.split('/').map(decoded);
  const query = Object.fromEntries(new URLSearchParams(search));
  if (!cluster || !name) return { query };
  const service = `${cluster}/${name}`;
  return kind === 'r' && id ? { service, rolloutId: id, query } : { service, query };
}

/** The address of a view. */
export function addressOf({ service, rolloutId, query }: Address): string {
  const path = service === undefined ? '' : service.split('/').map(encodeURIComponent).join('/');
  const rollout = rolloutId === undefined ? '' : `/r/${encodeURIComponent(rolloutId)}`;
  const search = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== '')).toString();
  return `#/${path}${rollout}${search === '' ? '' : `?${search}`}`;
}

/** A link to a service, or to one of its rollouts. */
export function linkTo(service: string, rolloutId?: string): string {
  return addressOf({ service, ...(rolloutId !== undefined && { rolloutId }), query: {} });
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
