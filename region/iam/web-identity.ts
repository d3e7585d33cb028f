import { z } from 'zod';
import { parseJson } from '../json.ts';
import { Fault, NotModelled } from '../service.ts';
import type { Identities, OidcProvider } from './model.ts';
import { GITHUB_ISSUER, providerOfUrl } from './oidc-providers.ts';

/** What an identity provider says of somebody, once STS believes it. */
export interface WebIdentity {
  readonly provider: OidcProvider;
  readonly audience: string;
  readonly subject: string;
  /** Condition keys of the provider: `token.actions.githubusercontent.com:sub`. */
  readonly keys: Readonly<Record<string, string>>;
}

/**
 * The claims of GitHub's tokens that IAM evaluates; conditions on any other find their key absent.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html (GitHub)
 */
const EVALUATED_CLAIMS = [
  'aud',
  'sub',
  'actor',
  'actor_id',
  'job_workflow_ref',
  'repository',
  'repository_id',
  'repository_owner_id',
  'workflow',
  'ref',
  'environment',
  'enterprise_id',
] as const;

const REQUIRED_CLAIMS = ['iss', 'sub', 'aud', 'exp', 'iat'];

const claimsShape = z.looseObject({
  iss: z.string(),
  sub: z.string().min(1),
  aud: z.string(),
  exp: z.int(),
  iat: z.int(),
  nbf: z.int().optional(),
});

type Claims = z.output<typeof claimsShape>;

/**
 * Reads a token and refuses it in the words of STS. Its signature is not verified: the region has no key of the issuer
 * to verify it with, so anyone may claim to be anybody, and what the claims then reach is the question.
 */
export function readWebIdentity(identities: Identities, token: string): WebIdentity {
  const claims = claimsOf(token);
  const provider = providerOfUrl(identities, claims.iss);
  if (provider === undefined) throw invalidToken(`No OpenIDConnect provider found in your account for ${claims.iss}`);
  if (provider.issuer !== GITHUB_ISSUER) throw new NotModelled(`a web identity token of ${claims.iss}`);
  refuseExpired(claims, Math.floor(identities.kernel.now / 1000));
  if (!provider.clientIds.includes(claims.aud)) throw invalidToken('Incorrect token audience');
  return { provider, audience: claims.aud, subject: claims.sub, keys: conditionKeys(provider.issuer, claims) };
}

function claimsOf(token: string): Claims {
  const parts = token.split('.');
  const parsed = parts.length === 3 ? parsedObject(parts[1]!) : undefined;
  if (parsed === undefined)
    throw invalidToken(
      'The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)',
    );
  const missing = REQUIRED_CLAIMS.find((claim) => parsed[claim] === undefined);
  if (missing !== undefined) throw invalidToken(`Missing a required claim: ${missing}`);
  if (Array.isArray(parsed['aud']) || parsed['azp'] !== undefined)
    throw new NotModelled('a web identity token for several audiences or with an authorized party (azp)');
  const claims = claimsShape.safeParse(parsed);
  if (!claims.success) throw invalidToken(`The claim ${claims.error.issues[0]!.path.join('.')} cannot be read`);
  return claims.data;
}

function parsedObject(base64: string): Record<string, unknown> | undefined {
  try {
    return z.record(z.string(), z.unknown()).parse(parseJson(Buffer.from(base64, 'base64url').toString()));
  } catch {
    return undefined;
  }
}

function refuseExpired({ exp, nbf }: Claims, now: number): void {
  if (now >= exp) {
    const text = `Token expired: current date/time ${now} must be before the expiration date/time ${exp}`;
    throw new Fault('ExpiredTokenException', text);
  }
  // The API reference gives this error to tokens that are "expired or not valid".
  if (nbf !== undefined && now < nbf)
    throw new Fault('ExpiredTokenException', `Token not yet valid: current date/time ${now} must not be before ${nbf}`);
}

/** Claims that are empty count as absent ("Set operators": "a null dataset, such as an empty string"). */
function conditionKeys(issuer: string, claims: Claims): Record<string, string> {
  const present = EVALUATED_CLAIMS.flatMap((claim) => {
    const value = claims[claim];
    return value === undefined || value === null || value === '' ? [] : [[`${issuer}:${claim}`, textOf(claim, value)]];
  });
  return Object.fromEntries(present) as Record<string, string>;
}

function textOf(claim: string, value: unknown): string {
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  throw new NotModelled(`the claim ${claim} that is neither text nor a number`);
}

function invalidToken(problem: string): Fault {
  return new Fault('InvalidIdentityTokenException', problem);
}
