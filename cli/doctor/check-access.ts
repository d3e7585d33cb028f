import { GITHUB_AUDIENCE } from '../../infra/github-access.ts';
import type { GitHubAccess } from '../../infra/provisioning.ts';
import { judge, ok, problem, warning, type Finding, type Looked } from './finding.ts';

/** A trust policy as IAM keeps it. */
export interface TrustPolicy {
  readonly Statement: readonly TrustStatement[] | TrustStatement;
}

interface TrustStatement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** Whether GitHub's jobs get into the push role; the message says which subject GitHub has to send. */
export function checkPushRole(looked: Looked<TrustPolicy>, access: GitHubAccess): Finding[] {
  return judge('push role', looked, (policy) => {
    if (!policy)
      return [
        problem('push role', `IAM has no role ${access.roleName}.`, 'deploy the foundation: npx cdk deploy --all'),
      ];
    const forms = tokensOf(access);
    const refused = forms.filter((claims) => !letsIn(policy, claims));
    const subjects = forms.map(({ sub }) => sub).join(', or ');
    if (refused.length === 0) return [ok('push role', `${access.roleName} lets GitHub in as ${subjects}.`)];
    const said = `${access.roleName} does not let in ${refused.map(({ sub }) => sub).join(' and ')}.`;
    const remedy = `its trust policy must accept the subject ${subjects}: npx cdk deploy --all writes it`;
    return [refused.length === forms.length ? problem('push role', said, remedy) : warning('push role', said, remedy)];
  });
}

type Claims = Readonly<Record<string, string>> & { readonly sub: string };

/** Tokens as GitHub signs them: by name, and with ids for newer repositories; an unknown id may be any number. */
function tokensOf({ owner, name, ownerId = '1', repositoryId = '2', origin }: GitHubAccess): Claims[] {
  const claims = {
    aud: GITHUB_AUDIENCE,
    repository: `${owner}/${name}`,
    repository_owner_id: ownerId,
    repository_id: repositoryId,
  };
  // A pattern stands for every branch or tag that fits it.
  const from = origin.replaceAll('*', 'x');
  return [`repo:${owner}/${name}:${from}`, `repo:${owner}@${ownerId}/${name}@${repositoryId}:${from}`].map((sub) => ({
    ...claims,
    sub,
  }));
}

function letsIn({ Statement }: TrustPolicy, claims: Claims): boolean {
  const statements = [Statement].flat();
  return statements.some(
    ({ Effect, Action, Condition = {} }) =>
      Effect === 'Allow' &&
      [Action].flat().includes('sts:AssumeRoleWithWebIdentity') &&
      Object.entries(Condition).every(([operator, keys]) =>
        Object.entries(keys).every(([key, wanted]) => isMet(operator, claims[claimOf(key)], [wanted].flat())),
      ),
  );
}

/** `token.actions.githubusercontent.com:sub` → `sub` */
function claimOf(key: string): string {
  return key.slice(key.indexOf(':') + 1);
}

/** Operators that trust policies for GitHub use; another one counts as not met, and the finding shows what was expected. */
function isMet(operator: string, value: string | undefined, wanted: readonly string[]): boolean {
  if (value === undefined) return false;
  if (operator.endsWith('StringEquals')) return wanted.includes(value);
  if (operator.endsWith('StringLike')) return wanted.some((pattern) => likePattern(pattern).test(value));
  return false;
}

/** IAM: `*` is any text, `?` one character. */
function likePattern(pattern: string): RegExp {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`);
}

/** Whether the account knows GitHub as an identity provider for AWS. */
export function checkIdentityProvider(looked: Looked<readonly string[]>): Finding[] {
  return judge('identity', looked, (audiences) => {
    if (!audiences)
      return [
        problem(
          'identity',
          'The account has no identity provider for GitHub.',
          'deploy the foundation: npx cdk deploy --all',
        ),
      ];
    return audiences.includes(GITHUB_AUDIENCE)
      ? [ok('identity', "The account trusts GitHub's tokens for AWS.")]
      : [
          problem(
            'identity',
            `GitHub's identity provider does not list the audience ${GITHUB_AUDIENCE}.`,
            `aws iam add-client-id-to-open-id-connect-provider --client-id ${GITHUB_AUDIENCE} --open-id-connect-provider-arn …`,
          ),
        ];
  });
}
