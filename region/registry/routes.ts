import type { IncomingMessage } from 'node:http';
import { getBlob, headBlob } from './blobs.ts';
import { RegistryError } from './errors.ts';
import type { Exchange, Handler } from './exchange.ts';
import { getManifest, putManifest } from './manifests.ts';
import { listTags } from './tags.ts';
import { beginUpload, continueUpload, describeUpload, endUpload } from './uploads.ts';

/** What a request asks for. */
export type Route = Pick<Exchange, 'repositoryName' | 'reference' | 'query'> & { readonly handler: Handler };

type Methods = Readonly<Record<string, Handler>>;

/** Whether the token is good has been asked already. */
const ping: Handler = async () => ({ status: 200, headers: { 'content-type': 'application/json' }, body: '{}' });

/** By what follows `/v2/`; a repository's name may have slashes, so it ends where the last of these words begins. */
const ROUTES: readonly (readonly [path: RegExp, methods: Methods])[] = [
  [/^$/, { GET: ping, HEAD: ping }],
  [/^(?<name>.+)\/blobs\/uploads\/?$/, { POST: beginUpload }],
  [
    /^(?<name>.+)\/blobs\/uploads\/(?<reference>[^/]+)$/,
    { PATCH: continueUpload, PUT: endUpload, GET: describeUpload },
  ],
  [/^(?<name>.+)\/blobs\/(?<reference>[^/]+)$/, { HEAD: headBlob, GET: getBlob }],
  [/^(?<name>.+)\/manifests\/(?<reference>[^/]+)$/, { HEAD: getManifest, GET: getManifest, PUT: putManifest }],
  [/^(?<name>.+)\/tags\/list$/, { GET: listTags }],
];

/** Finds who answers; throws the `RegistryError` of a path or a method that nobody does. */
export function routeOf({ method = '', url = '' }: IncomingMessage): Route {
  const [path = '', search = ''] = url.split(/\?(.*)/s);
  const query = new URLSearchParams(search);
  const rest = decoded(path).replace(/^\/v2\/?/, '');
  for (const [pattern, methods] of ROUTES) {
    const match = pattern.exec(rest);
    if (match === null) continue;
    const handler = Object.hasOwn(methods, method) ? methods[method] : undefined;
    if (handler === undefined)
      throw new RegistryError(405, 'UNSUPPORTED', `${method} ${path} is not modelled by this registry`);
    return {
      handler,
      repositoryName: match.groups?.['name'] ?? '',
      reference: match.groups?.['reference'] ?? '',
      query,
    };
  }
  // Clients take 404 for a registry that has no such thing, such as referrers, and do without.
  throw new RegistryError(404, 'UNSUPPORTED', `${path} is not modelled by this registry`);
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new RegistryError(400, 'NAME_INVALID', `The path ${path} is not percent-encoded as paths are`);
  }
}
