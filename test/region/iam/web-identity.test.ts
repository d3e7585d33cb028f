import { ECRClient, DescribeRepositoriesCommand } from '@aws-sdk/client-ecr';
import { AssumeRoleWithWebIdentityCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { beforeEach, describe, expect, it } from 'vitest';
import { githubToken } from '../../../region/iam/github-token.ts';
import { createRegion, type Region } from '../../../region/region.ts';
import {
  assume,
  CLAIMS,
  createPusher,
  ISSUER,
  PROVIDER_ARN,
  PUSHER_ARN,
  subjects,
  trustGitHub,
  trusting,
} from './github-fixture.ts';
import { clientConfiguration, driven, raw } from '../wire/endpoint.ts';

const IDS = { repository_id: '4200002', repository_owner_id: '4300003' };
const AUD = 'sts.amazonaws.com';
const ONE_BRANCH = trusting({ StringEquals: { aud: AUD, sub: subjects('ref:refs/heads/main'), ...IDS } });
const NOT_AUTHORIZED = { code: 'AccessDenied', message: 'Not authorized to perform sts:AssumeRoleWithWebIdentity' };

let region: Region;

beforeEach(async () => {
  region = createRegion();
  await trustGitHub(region);
});

describe('a role that trusts one branch of one repository, by both forms of its subject and by ids', () => {
  const [classic, immutable] = subjects('ref:refs/heads/main');

  beforeEach(() => createPusher(region, ONE_BRANCH));

  it.each([
    ['the classic subject', { sub: classic }],
    ['the immutable subject', { sub: immutable }],
  ])('is assumed with %s', async (_, claims) => {
    const answer = await assume(region, claims);
    expect(answer).toEqual({
      Credentials: {
        AccessKeyId: expect.stringMatching(/^ASIA/) as string,
        SecretAccessKey: expect.any(String) as string,
        SessionToken: expect.any(String) as string,
        Expiration: new Date(region.kernel.now + 3_600_000),
      },
      AssumedRoleUser: {
        Arn: 'arn:aws:sts::123456789012:assumed-role/pusher/GitHubActions',
        AssumedRoleId: expect.stringMatching(/^AROA\w+:GitHubActions$/) as string,
      },
      Provider: PROVIDER_ARN,
      Audience: AUD,
      SubjectFromWebIdentityToken: claims.sub,
    });
  });

  const fork = {
    sub: 'repo:eve/lighthouse:ref:refs/heads/main',
    repository: 'eve/lighthouse',
    repository_id: '666',
    repository_owner: 'eve',
    repository_owner_id: '667',
  };

  it.each([
    ['a fork', fork],
    [
      'a fork that says it is the repository, with its own ids',
      { ...fork, sub: classic, repository: 'harbour/lighthouse' },
    ],
    ['another owner of the same id of a repository', { repository_owner_id: '667' }],
    ['a recycled name: both names are right and the ids are new', { repository_id: '777', repository_owner_id: '778' }],
    ['a recycled name in the immutable form', { sub: 'repo:harbour@778/lighthouse@777:ref:refs/heads/main' }],
    ['a pull request', { sub: subjects('pull_request')[0], event_name: 'pull_request', ref: 'refs/pull/7/merge' }],
    ['another branch', { sub: subjects('ref:refs/heads/hack')[0], ref: 'refs/heads/hack' }],
    ['another branch in the immutable form', { sub: subjects('ref:refs/heads/hack')[1], ref: 'refs/heads/hack' }],
    ['a branch whose name starts the same', { sub: `${classic}2`, ref: 'refs/heads/main2' }],
    ['a tag', { sub: subjects('ref:refs/tags/main')[0], ref: 'refs/tags/main', ref_type: 'tag' }],
    ['an environment', { sub: subjects('environment:main')[0], environment: 'main' }],
    ['other letter case', { sub: 'repo:Harbour/lighthouse:ref:refs/heads/main' }],
    ['a token without ids', { repository_id: undefined, repository_owner_id: undefined }],
  ])('is not assumed with the token of %s', async (_, claims) => {
    await expect(assume(region, claims)).rejects.toMatchObject({ ...NOT_AUTHORIZED, status: 403 });
  });

  it('is not told from a role that does not exist', async () => {
    const RoleArn = 'arn:aws:iam::123456789012:role/nobody';
    await expect(assume(region, {}, { RoleArn })).rejects.toMatchObject(NOT_AUTHORIZED);
  });
});

describe('a role that trusts one environment', () => {
  beforeEach(() => {
    const StringEquals = { aud: AUD, sub: subjects('environment:production'), environment: 'production', ...IDS };
    return createPusher(region, trusting({ StringEquals }));
  });

  it.each([0, 1])('is assumed from a job in it, in either form of the subject (%i)', async (form) => {
    const claims = { sub: subjects('environment:production')[form], environment: 'production' };
    await expect(assume(region, claims)).resolves.toMatchObject({ Provider: PROVIDER_ARN });
  });

  it.each([
    ['another environment', { sub: subjects('environment:staging')[0], environment: 'staging' }],
    ['no environment', {}],
  ])('is not assumed from a job in %s', async (_, claims) => {
    await expect(assume(region, claims)).rejects.toMatchObject(NOT_AUTHORIZED);
  });
});

describe('a role that trusts names only', () => {
  it('is assumed by whoever owns the name next', async () => {
    await createPusher(region, trusting({ StringEquals: { aud: AUD, sub: subjects('ref:refs/heads/main')[0] } }));
    const recycled = { repository_id: '777', repository_owner_id: '778' };
    await expect(assume(region, recycled)).resolves.toMatchObject({ Audience: AUD });
  });
});

describe('a claim', () => {
  it.each([
    ['repository', 'harbour/lighthouse'],
    ['actor', 'ada'],
    ['actor_id', '4100001'],
    ['workflow', 'release'],
    ['ref', 'refs/heads/main'],
    ['job_workflow_ref', 'harbour/lighthouse/.github/workflows/release.yml@refs/heads/main'],
  ])('that AWS evaluates is compared: %s', async (claim, value) => {
    await createPusher(region, trusting({ StringEquals: { sub: CLAIMS['sub'], [claim]: value } }));
    await expect(assume(region)).resolves.toMatchObject({ Audience: 'sts.amazonaws.com' });
    await expect(assume(region, { [claim]: `${value}x` })).rejects.toMatchObject(NOT_AUTHORIZED);
  });

  it.each(['repository_owner', 'runner_environment', 'event_name', 'ref_protected', 'run_id', 'iss'])(
    'that AWS does not evaluate is absent, however right its value: %s',
    async (claim) => {
      await createPusher(region, trusting({ StringEquals: { sub: CLAIMS['sub'], [claim]: CLAIMS[claim] } }));
      await expect(assume(region)).rejects.toMatchObject(NOT_AUTHORIZED);
    },
  );

  it('that is absent satisfies ForAllValues, which is why no policy should use it', async () => {
    const lax = { StringLike: { sub: 'repo:harbour/*' }, 'ForAllValues:StringEquals': { environment: 'production' } };
    await createPusher(region, trusting(lax));
    await expect(assume(region)).resolves.toMatchObject({ Audience: 'sts.amazonaws.com' });
    await expect(assume(region, { environment: '' })).resolves.toMatchObject({ Audience: 'sts.amazonaws.com' });
    await expect(assume(region, { environment: 'staging' })).rejects.toMatchObject(NOT_AUTHORIZED);
  });
});

describe('a statement', () => {
  it('that denies overrules one that allows', async () => {
    const [allow] = ONE_BRANCH.Statement;
    const deny = { ...allow!, Effect: 'Deny', Condition: { StringEquals: { [`${ISSUER}:actor`]: 'eve' } } };
    await createPusher(region, { ...ONE_BRANCH, Statement: [allow, deny] });
    await expect(assume(region)).resolves.toMatchObject({ Audience: 'sts.amazonaws.com' });
    await expect(assume(region, { actor: 'eve' })).rejects.toMatchObject(NOT_AUTHORIZED);
  });

  it.each([
    ['for every AWS principal', { Principal: { AWS: '*' } }],
    ['for another provider', { Principal: { Federated: PROVIDER_ARN.replace('123456789012', '210987654321') } }],
    ['for another action', { Action: 'sts:AssumeRole' }],
  ])('%s lets nobody in with a token', async (_, part) => {
    const [statement] = ONE_BRANCH.Statement;
    await createPusher(region, { ...ONE_BRANCH, Statement: [{ ...statement!, ...part }] });
    await expect(assume(region)).rejects.toMatchObject(NOT_AUTHORIZED);
  });
});

describe('a token is refused when it', () => {
  beforeEach(() => createPusher(region, ONE_BRANCH));
  const now = () => Math.floor(region.kernel.now / 1000);

  it.each([
    ['is for another audience', { aud: 'https://github.com/harbour' }, 'Incorrect token audience'],
    ['has no audience', { aud: undefined }, 'Missing a required claim: aud'],
    ['has no subject', { sub: undefined }, 'Missing a required claim: sub'],
    ['has no expiry', { exp: undefined }, 'Missing a required claim: exp'],
    [
      'is of an issuer that the account does not know',
      { iss: 'https://tokens.example.com' },
      'No OpenIDConnect provider found in your account for https://tokens.example.com',
    ],
    [
      'is of an issuer that only starts as a known one',
      { iss: `https://${ISSUER}.example.com` },
      `No OpenIDConnect provider found in your account for https://${ISSUER}.example.com`,
    ],
  ])('%s', async (_, claims, message) => {
    await expect(assume(region, claims)).rejects.toMatchObject({ code: 'InvalidIdentityTokenException', message });
  });

  it.each(['abcd', 'aa.b', 'a.b.c', 'not a token at all'])('is no JWT: %j', async (WebIdentityToken) => {
    await expect(assume(region, {}, { WebIdentityToken })).rejects.toMatchObject({
      code: 'InvalidIdentityTokenException',
      message: expect.stringContaining('is not a valid JWT') as string,
    });
  });

  it('has expired, by virtual time', async () => {
    const WebIdentityToken = githubToken(region, { ...CLAIMS, exp: now() + 300 });
    await region.kernel.runFor(299_000);
    await expect(assume(region, {}, { WebIdentityToken })).resolves.toMatchObject({ Audience: 'sts.amazonaws.com' });
    await region.kernel.runFor(1_000);
    await expect(assume(region, {}, { WebIdentityToken })).rejects.toMatchObject({
      code: 'ExpiredTokenException',
      message: expect.stringMatching(/^Token expired: current date\/time \d+ must be before/) as string,
    });
  });

  it('is not valid yet', async () => {
    await expect(assume(region, { nbf: now() + 60 })).rejects.toMatchObject({ code: 'ExpiredTokenException' });
  });

  it.each([
    ['is for several audiences', { aud: [AUD, 'x'] }, /several audiences/],
    ['has an authorized party', { azp: AUD }, /azp/],
  ])('%s, which is not modelled', async (_, claims, message) => {
    await expect(assume(region, claims)).rejects.toThrow(message);
  });
});

describe('a session', () => {
  it.each([
    [{ RoleSessionName: 'a b' }, /'roleSessionName' failed to satisfy constraint/],
    [{ DurationSeconds: 899 }, /'durationSeconds' failed to satisfy constraint/],
    [{ DurationSeconds: 3601 }, /exceeds the MaxSessionDuration set for this role/],
    [{ Policy: '{}' }, /Policy of sts:AssumeRoleWithWebIdentity is not modelled/],
  ])('is refused with %j', async (request, message) => {
    await createPusher(region, ONE_BRANCH);
    await expect(assume(region, {}, request)).rejects.toThrow(message);
  });

  it('may last as long as its role says', async () => {
    await createPusher(region, ONE_BRANCH, { properties: { MaxSessionDuration: 7200 } });
    const { Credentials } = await assume(region, {}, { DurationSeconds: 7200 });
    expect(Credentials?.Expiration).toEqual(new Date(region.kernel.now + 7_200_000));
  });

  it('is the role for every later call until it expires, over the wire and without a signature to begin with', async () => {
    await createPusher(region, ONE_BRANCH, { actions: ['ecr:DescribeRepositories'] });
    // No credentials: the SDK must not need any for this call.
    const { requestHandler } = clientConfiguration(region.connect);
    const sts = new STSClient({ region: 'us-east-1', requestHandler });
    const { Credentials } = await driven(
      region.kernel,
      sts.send(
        new AssumeRoleWithWebIdentityCommand({
          RoleArn: PUSHER_ARN,
          RoleSessionName: 'GitHubActions',
          WebIdentityToken: githubToken(region, CLAIMS),
          DurationSeconds: 900,
        }),
      ),
    );
    const asPusher = clientConfiguration(region.connect, Credentials!.AccessKeyId);
    const who = () => driven(region.kernel, new STSClient(asPusher).send(new GetCallerIdentityCommand({})));
    const list = () => driven(region.kernel, new ECRClient(asPusher).send(new DescribeRepositoriesCommand({})));
    expect(await who()).toMatchObject({ Arn: 'arn:aws:sts::123456789012:assumed-role/pusher/GitHubActions' });
    expect(await list()).toMatchObject({ repositories: [] });
    expect(region.calls.at(-1)?.caller).toEqual({ kind: 'role', roleArn: PUSHER_ARN, sessionName: 'GitHubActions' });
    await region.kernel.runFor(900_000);
    await expect(list()).rejects.toMatchObject({ name: 'ExpiredTokenException' });
    await expect(who()).rejects.toMatchObject({ name: 'ExpiredToken', $metadata: { httpStatusCode: 403 } });
  });

  it('is refused over the wire in the words that the SDK knows', async () => {
    const { requestHandler } = clientConfiguration(region.connect);
    const sts = new STSClient({ region: 'us-east-1', requestHandler });
    const send = (claims: object) => {
      const WebIdentityToken = githubToken(region, { ...CLAIMS, ...claims });
      const input = { RoleArn: PUSHER_ARN, RoleSessionName: 'GitHubActions', WebIdentityToken };
      return driven(region.kernel, sts.send(new AssumeRoleWithWebIdentityCommand(input)));
    };
    await expect(send({})).rejects.toMatchObject({ name: 'AccessDenied', $metadata: { httpStatusCode: 403 } });
    await expect(send({ aud: 'x' })).rejects.toMatchObject({ name: 'InvalidIdentityTokenException' });
    await expect(send({ exp: 1 })).rejects.toMatchObject({ name: 'ExpiredTokenException' });
  });
});

describe('a call without signature', () => {
  const send = (Action: string) =>
    driven(
      region.kernel,
      raw(region.connect, {
        headers: { 'content-type': 'application/x-www-form-urlencoded', host: '127.0.0.1:4566' },
        body: new URLSearchParams({
          Action,
          RoleArn: PUSHER_ARN,
          RoleSessionName: 'GitHubActions',
          WebIdentityToken: githubToken(region, CLAIMS),
        }).toString(),
      }),
    );

  it('finds STS by its action, whatever the host', async () => {
    await createPusher(region, ONE_BRANCH);
    const answer = await send('AssumeRoleWithWebIdentity');
    expect([answer.status, answer.body.toString()]).toEqual([200, expect.stringContaining('<AccessKeyId>ASIA')]);
    expect(region.calls.at(-1)).toMatchObject({ service: 'sts', caller: undefined, outcome: 'ok' });
  });

  it.each(['GetCallerIdentity', 'CreateOpenIDConnectProvider', 'toString'])('is refused for %s', async (action) => {
    const answer = await send(action);
    expect([answer.status, answer.body.toString()]).toEqual([
      403,
      expect.stringContaining('MissingAuthenticationToken'),
    ]);
  });

  it('is refused in process for everything else', async () => {
    const call = region.call(undefined, 'ecr', 'DescribeRepositories', {});
    await expect(call).rejects.toMatchObject({ code: 'UnrecognizedClientException' });
  });
});
