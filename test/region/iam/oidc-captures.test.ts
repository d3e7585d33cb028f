import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { githubToken } from '../../../region/iam/github-token.ts';
import { compilePolicy } from '../../../region/iam/policy-document.ts';
import { createRegion, type Region } from '../../../region/region.ts';
import { ISSUER, trustGitHub } from './github-fixture.ts';

/** A folder of recorded policies and tokens, which is no part of this repository. Without it these tests are skipped. */
const { CAPTURES = '' } = process.env;
const folder = path.join(CAPTURES, 'oidc');

interface TrustPolicy {
  readonly Statement: readonly { readonly Condition: Readonly<Record<string, Readonly<Record<string, string>>>> }[];
}

const read = (file: string) => JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as TrustPolicy;

/** What the policy says of a claim, whatever the operator. */
function condition(policy: TrustPolicy, claim: string): string {
  const blocks = Object.values(policy.Statement[0]!.Condition);
  return blocks.map((block) => block[`${ISSUER}:${claim}`]).find((value) => value !== undefined)!;
}

/** The token of a stranger, who chooses whatever the wildcards of the policy leave open. */
function attackOn(policy: TrustPolicy): object {
  const sub = condition(policy, 'sub').replaceAll('*', 'eve');
  return { aud: 'sts.amazonaws.com', sub, repository: 'eve/eve', repository_id: '666', repository_owner_id: '667' };
}

async function regionWith(policy: object): Promise<Region> {
  const region = createRegion({ account: '111122223333' });
  await trustGitHub(region);
  const role = { RoleName: 'deployer', AssumeRolePolicyDocument: policy };
  await region.resources['AWS::IAM::Role']!('Role', role, 'Stack');
  return region;
}

const assume = (region: Region, claims: object) =>
  region.call(undefined, 'sts', 'AssumeRoleWithWebIdentity', {
    RoleArn: 'arn:aws:iam::111122223333:role/deployer',
    RoleSessionName: 'GitHubActions',
    WebIdentityToken: githubToken(region, { ...claims }),
  });

/** Those that the region does not create, and why. */
const REFUSED: Readonly<Record<string, object>> = {
  'trust-bad-no-sub.json': { code: 'MalformedPolicyDocument' },
  'trust-bad-for-all-values.json': { name: 'NotModelled' },
};

describe.skipIf(!CAPTURES)('trust policies that people published (folder in CAPTURES)', () => {
  const files = CAPTURES
    ? readdirSync(folder).filter((file) => file.startsWith('trust-bad-'))
    : ['(CAPTURES is not set)'];

  it.each(files)('%s lets a stranger in, or is not taken any more', async (file) => {
    const policy = read(file);
    const refusal = REFUSED[file];
    if (refusal !== undefined) return await expect(regionWith(policy)).rejects.toMatchObject(refusal);
    const region = await regionWith(policy);
    await expect(assume(region, attackOn(policy))).resolves.toMatchObject({ Audience: 'sts.amazonaws.com' });
  });

  it.each(Object.keys(REFUSED))('%s, on an older role, holds for a token that does not say whose it is', (file) => {
    const [statement] = compilePolicy(read(file), 'trust');
    const context = new Map([[`${ISSUER}:aud`, ['sts.amazonaws.com']]]);
    expect(statement!.conditions.every((holds) => holds(context))).toBe(true);
  });

  it('the one that pins the repository by its own claim holds for both forms of the subject, and for no stranger', async () => {
    const policy = read('trust-environment-scoped-with-repository.json');
    const region = await regionWith(policy);
    const repository = condition(policy, 'repository');
    const [owner, name] = repository.split('/');
    for (const own of [repository, `${owner}@1/${name}@2`]) {
      const claims = { aud: 'sts.amazonaws.com', repository, sub: condition(policy, 'sub').replace('*', own) };
      await expect(assume(region, claims)).resolves.toMatchObject({ Audience: 'sts.amazonaws.com' });
      const elsewhere = { ...claims, sub: `repo:${own}:environment:elsewhere` };
      await expect(assume(region, elsewhere)).rejects.toMatchObject({ code: 'AccessDenied' });
    }
    await expect(assume(region, attackOn(policy))).rejects.toMatchObject({ code: 'AccessDenied' });
  });

  it('the recorded token has the claims of the token in these tests', () => {
    const recorded = Object.keys(read('token-branch-classic-sub.json'));
    const fixture = readFileSync(path.join(import.meta.dirname, '../../fixtures/github-token-claims.json'), 'utf8');
    const ours = [...Object.keys(JSON.parse(fixture) as object), 'exp', 'iat', 'nbf'];
    // `workflow` was dropped from the recording.
    expect(ours.filter((claim) => claim !== 'workflow').sort()).toEqual(recorded.sort());
  });
});
