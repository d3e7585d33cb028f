import type { RegionContext } from '../service.ts';
import { GITHUB_ISSUER } from './oidc-providers.ts';

const TOKEN_LIFETIME_SECONDS = 6 * 3600;
const CLOCK_SKEW_SECONDS = 300;

/**
 * A token as GitHub gives it to a job: valid for six hours of virtual time and from five minutes ago, unless `claims` say
 * otherwise; a claim of `undefined` is left out. Its signature says nothing, and the region does not look at it.
 */
export function githubToken(
  { kernel }: Pick<RegionContext, 'kernel'>,
  claims: Readonly<Record<string, unknown>>,
): string {
  const now = Math.floor(kernel.now / 1000);
  const times = { iat: now, nbf: now - CLOCK_SKEW_SECONDS, exp: now + TOKEN_LIFETIME_SECONDS };
  const payload = { iss: `https://${GITHUB_ISSUER}`, ...times, ...claims };
  return [encoded({ alg: 'RS256', typ: 'JWT' }), encoded(payload), encoded('no signature')].join('.');
}

function encoded(part: unknown): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}
