import { Fault } from '../service.ts';

/** GitHub's issuer without `https://`; those of enterprises are paths below it. */
export const GITHUB_ISSUER = 'token.actions.githubusercontent.com';

/** An OpenID Connect identity provider as IAM keeps it. */
export interface OidcProvider {
  readonly arn: string;
  /** Without `https://`, as in the ARN and in condition keys. */
  readonly issuer: string;
  /** The audiences that tokens may be for. */
  readonly clientIds: readonly string[];
  /** As given: IAM would look one up where none is, but the region reaches no identity provider. */
  readonly thumbprints: readonly string[];
  readonly tags: ReadonlyMap<string, string>;
  readonly createdAt: Date;
}

/** IAM API reference, CreateOpenIDConnectProvider: https, neither port nor query. */
const URL_PATTERN = /^https:\/\/[a-z0-9-]+(?:\.[a-z0-9-]+)+(?:\/[\w.~-]+)*$/i;
const CLIENT_IDS_MAX = 100;
const THUMBPRINTS_MAX = 5;

/** The identity providers of an account, one for each URL. */
export class OidcProviders {
  readonly #byIssuer = new Map<string, OidcProvider>();
  readonly #account: string;

  constructor(account: string) {
    this.#account = account;
  }

  /** `arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com` */
  arnOf(url: string): string {
    return `arn:aws:iam::${this.#account}:oidc-provider/${issuerOf(url)}`;
  }

  /** Throws `EntityAlreadyExistsException` when the account has one for that URL. */
  create(of: { readonly url: string } & Omit<OidcProvider, 'arn' | 'issuer'>): OidcProvider {
    const { url, ...rest } = of;
    checkLists(rest);
    if (!URL_PATTERN.test(url) || url.length > 255)
      throw new Fault('InvalidInputException', `Invalid Open ID Connect Provider URL: ${url}`);
    if (this.#byIssuer.has(issuerOf(url)))
      throw new Fault('EntityAlreadyExistsException', `Provider with url ${url} already exists.`, 409);
    const provider: OidcProvider = { arn: this.arnOf(url), issuer: issuerOf(url), ...rest };
    this.#byIssuer.set(provider.issuer, provider);
    return provider;
  }

  /** The provider whose tokens name `url` as their issuer. */
  ofUrl(url: string): OidcProvider | undefined {
    return url.startsWith('https://') ? this.#byIssuer.get(issuerOf(url)) : undefined;
  }

  /** Throws `NoSuchEntityException`. */
  withArn(arn: string): OidcProvider {
    const found = this.all.find((provider) => provider.arn === arn);
    if (found !== undefined) return found;
    throw new Fault('NoSuchEntityException', `OpenIDConnect Provider not found for arn ${arn}`, 404);
  }

  get all(): readonly OidcProvider[] {
    return [...this.#byIssuer.values()];
  }
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
