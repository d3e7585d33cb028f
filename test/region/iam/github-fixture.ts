import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AssumeRoleWithWebIdentityResponse } from '@aws-sdk/client-sts';
import { githubToken } from '../../../region/iam/github-token.ts';
import type { Region } from '../../../region/region.ts';

/** Claims of a push to main of `harbour/lighthouse`, in the shape of GitHub's tokens; times are added when it is signed. */
export const CLAIMS = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../fixtures/github-token-claims.json'), 'utf8'),
) as Readonly<Record<string, string>>;

export const ISSUER = 'token.actions.githubusercontent.com';
export const PROVIDER_ARN = `arn:aws:iam::123456789012:oidc-provider/${ISSUER}`;
export const PUSHER_ARN = 'arn:aws:iam::123456789012:role/pusher';

/** The two forms of one subject: `rest` is `ref:refs/heads/main`, `environment:production`, … */
export function subjects(rest: string): [classic: string, immutable: string] {
  return [`repo:harbour/lighthouse:${rest}`, `repo:harbour@4300003/lighthouse@4200002:${rest}`];
}

/** A trust policy for GitHub with these conditions; keys are named without their issuer. */
export function trusting(
  conditions: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  account = '123456789012',
) {
  const Condition = Object.fromEntries(
    Object.entries(conditions).map(([operator, block]) => [
      operator,
      Object.fromEntries(Object.entries(block).map(([claim, value]) => [`${ISSUER}:${claim}`, value])),
    ]),
  );
  const Federated = `arn:aws:iam::${account}:oidc-provider/${ISSUER}`;
  const statement = { Effect: 'Allow', Principal: { Federated }, Action: 'sts:AssumeRoleWithWebIdentity', Condition };
  return { Version: '2012-10-17', Statement: [statement] };
}

/** Registers GitHub as identity provider, for audience `sts.amazonaws.com`. */
export async function trustGitHub(region: Region): Promise<void> {
  const properties = { Url: `https://${ISSUER}`, ClientIdList: ['sts.amazonaws.com'] };
  await region.resources['AWS::IAM::OIDCProvider']!('GitHub', properties, 'Stack');
}

/** The role `pusher`; `Resource` of its statements is `*`. */
export async function createPusher(
  region: Region,
  trust: object,
  of: { readonly actions?: readonly string[]; readonly properties?: object } = {},
): Promise<void> {
  const { actions = [], properties = {} } = of;
  const document = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] };
  const Policies = actions.length === 0 ? [] : [{ PolicyName: 'push', PolicyDocument: document }];
  const role = { RoleName: 'pusher', AssumeRolePolicyDocument: trust, Policies, ...properties };
  await region.resources['AWS::IAM::Role']!('Pusher', role, 'Stack');
}

/** What a workflow's `configure-aws-credentials` does; a claim of `undefined` is left out of the token. */
export function assume(
  region: Region,
  claims: Readonly<Record<string, unknown>> = {},
  request: object = {},
): Promise<AssumeRoleWithWebIdentityResponse> {
  return region.call(undefined, 'sts', 'AssumeRoleWithWebIdentity', {
    RoleArn: PUSHER_ARN,
    RoleSessionName: 'GitHubActions',
    WebIdentityToken: githubToken(region, { ...CLAIMS, ...claims }),
    ...request,
  });
}
