import { GITHUB_AUDIENCE } from '../../../configuration/names.ts';
import { fitsGlob } from '../../../functions/rollout/glob.ts';
import type { GitHubAccess } from '../../../configuration/provisioning.ts';
import { DEPLOY, judge, ok, problem, warning, type Finding, type Looked } from './finding.ts';
import { letsIn, type Claims, type TrustPolicy } from './trust.ts';

type Trusted = Omit<GitHubAccess, 'waits'>;

/** Whether GitHub's jobs get into the push role and nobody else does; the details are the subjects that GitHub sends. */
export function checkPushRole(looked: Looked<TrustPolicy>, access: Trusted): Finding[] {
  return judge('push role', looked, (policy) =>
    policy
      ? [checkFriends(policy, access), ...checkStrangers(policy, access)]
      : [problem('push role', `IAM has no role ${access.roleName}.`, `deploy the foundation: ${DEPLOY}`)],
  );
}

function checkFriends(policy: TrustPolicy, access: Trusted): Finding {
  const refused = tokensOf(access).filter((claims) => !letsIn(policy, claims));
  const details = subjectsOf(access);
  const { roleName, owner, name } = access;
  if (refused.length === 0)
    return { ...ok('push role', `${roleName} lets in the jobs of ${owner}/${name}, with either subject:`), details };
  const which = refused.length === 2 ? 'either form' : 'one form';
  const said = `${roleName} does not let in the jobs of ${owner}/${name} with ${which} of their subject:`;
  const remedy = `deploy the foundation, which writes a trust policy for both: ${DEPLOY}`;
  const level = refused.length === 2 ? problem : warning;
  return { ...level('push role', said, remedy), details };
}

/** Where an id is not known, as a place for it; `gh api repos/OWNER/NAME --jq '.owner.id, .id'` finds both. */
function subjectsOf({ owner, name, ownerId = 'OWNER_ID', repositoryId = 'REPOSITORY_ID', origin }: Trusted): string[] {
  return [`repo:${owner}/${name}:${origin}`, `repo:${owner}@${ownerId}/${name}@${repositoryId}:${origin}`];
}

/** Tokens as GitHub signs them: by name, and with ids for newer repositories. An unknown id may be any number. */
function tokensOf({ owner, name, ownerId = '1', repositoryId = '2', origin, ref }: Trusted): Claims[] {
  // A pattern stands for every branch or tag that fits it.
  const from = origin.replaceAll('*', 'x');
  const claims = {
    aud: GITHUB_AUDIENCE,
    repository: `${owner}/${name}`,
    repository_owner: owner,
    repository_owner_id: ownerId,
    repository_id: repositoryId,
    ...(from.startsWith('ref:')
      ? { ref: from.slice('ref:'.length) }
      : { environment: from.slice('environment:'.length) }),
    ...(ref !== undefined && { ref: ref.replaceAll('*', 'x') }),
  };
  return [`repo:${owner}/${name}:${from}`, `repo:${owner}@${ownerId}/${name}@${repositoryId}:${from}`].map((sub) => ({
    ...claims,
    sub,
  }));
}

const OTHER_REF = 'refs/heads/some-other-branch';

/** Whoever else gets in can push, and what is pushed runs. */
function checkStrangers(policy: TrustPolicy, access: Trusted): Finding[] {
  const { owner, name, origin, ref } = access;
  const others: readonly (readonly [string, Trusted])[] = [
    ['another owner', { ...access, owner: `${owner}-other`, ownerId: '7', repositoryId: '8' }],
    ['another repository of the same owner', { ...access, name: `${name}-other`, repositoryId: '8' }],
    ['pull requests', { ...access, origin: 'pull_request' }],
    ['other branches', { ...access, origin: `ref:${OTHER_REF}` }],
    ...(ref === undefined || fitsGlob(OTHER_REF, ref)
      ? []
      : [['other branches in its environment', { ...access, ref: OTHER_REF }] as const]),
  ];
  const guests = others
    .filter(([, who]) => who.origin === origin || !fitsGlob(who.origin, origin))
    .flatMap(([what, who]) => (tokensOf(who).some((claims) => letsIn(policy, claims)) ? what : []));
  if (guests.length === 0) return [];
  const said = `${access.roleName} also lets in ${guests.join(', ')}: whoever gets in can push, and what is pushed runs.`;
  return [warning('push role', said, `deploy the foundation, which writes a narrow trust policy: ${DEPLOY}`)];
}

/** Whether the account knows GitHub as an identity provider for AWS. */
export function checkIdentityProvider(looked: Looked<readonly string[]>): Finding[] {
  return judge('identity', looked, (audiences) => {
    if (!audiences)
      return [
        problem('identity', 'The account has no identity provider for GitHub.', `deploy the foundation: ${DEPLOY}`),
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
