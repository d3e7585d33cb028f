import { Fault } from '../service.ts';
import type { Identities, OidcProvider } from './model.ts';
import { partitionOf } from '../partition.ts';

/** GitHub's issuer without `https://`; those of enterprises are paths below it. */
export const GITHUB_ISSUER = 'token.actions.githubusercontent.com';

/** IAM API reference, CreateOpenIDConnectProvider: https, neither port nor query. */
const URL_PATTERN = /^https:\/\/[a-z0-9-]+(?:\.[a-z0-9-]+)+(?:\/[\w.~-]+)*$/i;
const CLIENT_IDS_MAX = 100;
const THUMBPRINTS_MAX = 5;

/** `arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com` */
export function providerArn({ account, region }: Identities, url: string): string {
  return `arn:${partitionOf(region)}:iam::${account}:oidc-provider/${issuerOf(url)}`;
}

/** Throws `EntityAlreadyExistsException` when the account has one for that URL. */
export function createProvider(
  identities: Identities,
  of: { readonly url: string } & Omit<OidcProvider, 'arn' | 'issuer' | 'createdAt'>,
): OidcProvider {
  const { kernel, state } = identities;
  const { url, ...rest } = of;
  checkLists(rest);
  if (!URL_PATTERN.test(url) || url.length > 255)
    throw new Fault('InvalidInputException', `Invalid Open ID Connect Provider URL: ${url}`);
  const issuer = issuerOf(url);
  if (state.providers.has(issuer))
    throw new Fault('EntityAlreadyExistsException', `Provider with url ${url} already exists.`, 409);
  const provider = { arn: providerArn(identities, url), issuer, ...rest, createdAt: new Date(kernel.now) };
  state.providers.set(issuer, provider);
  return provider;
}

/** The provider whose tokens name `url` as their issuer. */
export function providerOfUrl({ state }: Identities, url: string): OidcProvider | undefined {
  return url.startsWith('https://') ? state.providers.get(issuerOf(url)) : undefined;
}

/** Throws `NoSuchEntityException`. */
export function providerWithArn({ state }: Identities, arn: string): OidcProvider {
  const found = [...state.providers.values()].find((provider) => provider.arn === arn);
  if (found !== undefined) return found;
  throw new Fault('NoSuchEntityException', `OpenIDConnect Provider not found for arn ${arn}`, 404);
}

function issuerOf(url: string): string {
  return url.replace(/^https:\/\//, '');
}

function checkLists({ clientIds, thumbprints }: Pick<OidcProvider, 'clientIds' | 'thumbprints'>): void {
  if (clientIds.length > CLIENT_IDS_MAX)
    throw new Fault('LimitExceededException', `Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: 100`, 409);
  if (clientIds.some((id) => id.length < 1 || id.length > 255))
    throw new Fault('InvalidInputException', 'A client id must have 1 to 255 characters');
  if (thumbprints.length > THUMBPRINTS_MAX)
    throw new Fault('InvalidInputException', `Thumbprint list must contain fewer than ${THUMBPRINTS_MAX + 1} entries.`);
  if (thumbprints.some((print) => !/^[0-9a-f]{40}$/i.test(print)))
    throw new Fault('InvalidInputException', 'A thumbprint must have 40 hexadecimal digits');
}
