import { Aws, Duration } from 'aws-cdk-lib/core';
import { WebIdentityPrincipal, type Conditions, type Role } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { CellArns } from './cell.ts';
import { GrantedRole } from './granted-role.ts';
import { allow, allowAny, registryToken, type Grant } from './grants.ts';
import { GITHUB_AUDIENCE, GITHUB_ISSUER } from '../configuration/names.ts';
import type { GitHubAccess } from '../configuration/provisioning.ts';

/** What `docker push` needs, and nothing else (ECR user guide, "IAM permissions for pushing an image"). */
const PUSH_ACTIONS = [
  'ecr:BatchCheckLayerAvailability',
  'ecr:BatchGetImage',
  'ecr:CompleteLayerUpload',
  'ecr:GetDownloadUrlForLayer',
  'ecr:InitiateLayerUpload',
  'ecr:PutImage',
  'ecr:UploadLayerPart',
];

interface PushRoleProps extends GitHubAccess {
  readonly arns: Pick<CellArns, 'repository' | 'stateMachine' | 'executions'>;
}

/** The role that GitHub's workflows assume without keys: it pushes to one repository, may read outcomes if it waits for them, and that is all. */
export class PushRole extends Construct {
  readonly role: Role;

  constructor(scope: Construct, id: string, { arns, roleName, waits, ...access }: PushRoleProps) {
    super(scope, id);
    const provider = `arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:oidc-provider/${GITHUB_ISSUER}`;
    this.role = new GrantedRole(this, 'Role', {
      roleName,
      description: `Pushes images from GitHub's ${access.owner}/${access.name}`,
      assumedBy: new WebIdentityPrincipal(provider, trustConditions(access)),
      maxSessionDuration: Duration.hours(1),
      policyName: 'Push',
      grants: [allow(PUSH_ACTIONS, arns.repository), registryToken, ...(waits ? readOutcomes(arns) : [])],
    });
  }
}

/** To find the rollout of a push and to read how it ended; an execution's input and output hold no secret. */
function readOutcomes({ stateMachine, executions }: PushRoleProps['arns']): Grant[] {
  return [
    allow(['states:ListExecutions'], stateMachine),
    allowAny(['states:DescribeExecution'], executions, 'names of executions are known only at run time'),
  ];
}

/**
 * Both forms of GitHub's subject: by name, as repositories created before 15 July 2026 send it, and with ids. Where an id is
 * not known its place is a wildcard, and then the claim `repository` has to name this repository too. Beside an environment the
 * subject does not say for which branch or tag the job runs, but the claim `ref` does, which STS compares
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html).
 */
export function trustConditions({
  owner,
  name,
  ownerId,
  repositoryId,
  origin,
  ref,
}: Omit<GitHubAccess, 'roleName' | 'waits'>): Conditions {
  const classic = `repo:${owner}/${name}:${origin}`;
  const immutable = `repo:${owner}@${ownerId ?? '*'}/${name}@${repositoryId ?? '*'}:${origin}`;
  const subjects = { [claim('sub')]: [classic, immutable] };
  const equal = {
    [claim('aud')]: GITHUB_AUDIENCE,
    // A custom subject template could smuggle whole claims into a wildcard: the repository's own claim cannot lie.
    ...((ownerId === undefined || repositoryId === undefined) && { [claim('repository')]: `${owner}/${name}` }),
    ...(ownerId !== undefined && { [claim('repository_owner_id')]: ownerId }),
    ...(repositoryId !== undefined && { [claim('repository_id')]: repositoryId }),
  };
  const refs = ref === undefined ? {} : { [claim('ref')]: ref };
  const hasWildcard = (text: string): boolean => text.includes('*');
  const like = {
    ...(hasWildcard(`${classic}${immutable}`) && subjects),
    ...(hasWildcard(ref ?? '') && refs),
  };
  const all = { StringEquals: { ...subjects, ...refs, ...equal } };
  return Object.keys(like).length === 0 ? all : { StringEquals: without(all.StringEquals, like), StringLike: like };
}

function without<Value>(all: Readonly<Record<string, Value>>, left: object): Readonly<Record<string, Value>> {
  return Object.fromEntries(Object.entries(all).filter(([key]) => !(key in left)));
}

function claim(name: string): string {
  return `${GITHUB_ISSUER}:${name}`;
}
