import { GITHUB_ISSUER } from '../../../configuration/names.ts';

/** A trust policy as IAM keeps it. */
export interface TrustPolicy {
  readonly Statement: readonly TrustStatement[] | TrustStatement;
}

interface TrustStatement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Principal?: '*' | { readonly Federated?: string | readonly string[] };
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** What a token of GitHub says, by claim. */
export type Claims = Readonly<Record<string, string>> & { readonly sub: string };

/** Whether the policy lets a job with that token in: some Allow fits, and no Deny. What cannot be judged never lets in. */
export function letsIn({ Statement }: TrustPolicy, claims: Claims): boolean {
  const concerned = [Statement].flat().filter(({ Action }) => [Action].flat().some(concernsTokens));
  const isDenied = concerned.some((statement) => statement.Effect === 'Deny' && fits(statement, claims, true));
  return !isDenied && concerned.some((statement) => statement.Effect === 'Allow' && fits(statement, claims, false));
}

function concernsTokens(action: string): boolean {
  return likePattern(action.toLowerCase()).test('sts:assumerolewithwebidentity');
}

/** `doubtful` stands for whatever is not understood: nothing that an Allow grants, all that a Deny may refuse. */
function fits({ Principal = {}, Condition = {} }: TrustStatement, claims: Claims, doubtful: boolean): boolean {
  return (
    isGitHub(Principal, doubtful) &&
    Object.entries(Condition).every(([operator, keys]) =>
      Object.entries(keys).every(([key, wanted]) => isMet(operator, key, [wanted].flat(), claims, doubtful)),
    )
  );
}

function isGitHub(principal: NonNullable<TrustStatement['Principal']>, doubtful: boolean): boolean {
  if (principal === '*') return doubtful;
  return [principal.Federated ?? []].flat().some((arn) => arn.endsWith(`:oidc-provider/${GITHUB_ISSUER}`));
}

function isMet(operator: string, key: string, wanted: readonly string[], claims: Claims, doubtful: boolean): boolean {
  const [issuer, claim] = [key.slice(0, key.indexOf(':')), key.slice(key.indexOf(':') + 1)];
  const value = issuer === GITHUB_ISSUER ? claims[claim] : undefined;
  if (value === undefined) return doubtful;
  if (operator.endsWith('StringEquals')) return wanted.includes(value);
  if (operator.endsWith('StringLike')) return wanted.some((pattern) => likePattern(pattern).test(value));
  return doubtful;
}

/** IAM: `*` is any text, `?` one character. */
function likePattern(pattern: string): RegExp {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`);
}
