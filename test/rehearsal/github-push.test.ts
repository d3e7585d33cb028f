import type { DescribeImagesResponse } from '@aws-sdk/client-ecr';
import { beforeEach, describe, expect, it } from 'vitest';
import { pushFromGitHub } from '../../rehearsal/github-push.ts';
import { imageIndex, imageManifest, type BuiltManifest } from '../../region/ecr/image-manifests.ts';
import { createRegion, type Region } from '../../region/region.ts';
import { CLAIMS, PUSHER_ARN, subjects, trustGitHub, trusting } from '../region/iam/github-fixture.ts';

const REPOSITORY_ARN = 'arn:aws:ecr:us-east-1:123456789012:repository/lighthouse';
/** "IAM permissions for pushing an image to an Amazon ECR private repository". */
const PUSH_ACTIONS = [
  'ecr:BatchCheckLayerAvailability',
  'ecr:BatchGetImage',
  'ecr:CompleteLayerUpload',
  'ecr:InitiateLayerUpload',
  'ecr:PutImage',
  'ecr:UploadLayerPart',
];
/** The seventh of those that people list for pushes; `docker push` makes no call that needs it. */
const DOWNLOAD = 'ecr:GetDownloadUrlForLayer';
const LOGIN = 'ecr:GetAuthorizationToken';

const image = imageManifest({ seedText: 'release' });

let region: Region;

beforeEach(async () => {
  region = createRegion();
  await trustGitHub(region);
  region.ecr.createRepository({ repositoryName: 'lighthouse' });
});

/** The role of a workflow: these actions on its repository, and the login on `*` unless it is left out. */
async function pusherWith(actions: readonly string[], isLoginAllowed = true): Promise<void> {
  const Statement = [
    { Effect: 'Allow', Action: actions, Resource: REPOSITORY_ARN },
    ...(isLoginAllowed ? [{ Effect: 'Allow', Action: LOGIN, Resource: '*' }] : []),
  ];
  const role = {
    RoleName: 'pusher',
    AssumeRolePolicyDocument: trusting({
      StringEquals: { aud: 'sts.amazonaws.com', sub: subjects('ref:refs/heads/main') },
    }),
    Policies: [{ PolicyName: 'push', PolicyDocument: { Version: '2012-10-17', Statement } }],
  };
  await region.resources['AWS::IAM::Role']!('Pusher', role, 'Stack');
}

const push = (of: { readonly tag?: string; readonly image?: BuiltManifest; readonly claims?: object } = {}) =>
  pushFromGitHub(region, {
    claims: { ...CLAIMS, ...of.claims },
    roleArn: PUSHER_ARN,
    repository: 'lighthouse',
    tag: of.tag ?? '1.0.0',
    image: of.image ?? image,
  });

const operations = () => region.calls.map(({ operation }) => operation);

describe('a push from GitHub', () => {
  it('brings the layers, then the manifest under its tag, as the role alone', async () => {
    await pusherWith([...PUSH_ACTIONS, DOWNLOAD]);
    expect(await push()).toBe(image.digest);
    const layer = ['BatchCheckLayerAvailability', 'InitiateLayerUpload', 'UploadLayerPart', 'CompleteLayerUpload'];
    expect(operations()).toEqual([
      'AssumeRoleWithWebIdentity',
      'GetAuthorizationToken',
      ...layer,
      ...layer,
      'BatchGetImage',
      'PutImage',
    ]);
    const callers = region.calls.slice(1).map(({ caller }) => caller);
    expect(new Set(callers)).toEqual(new Set([{ kind: 'role', roleArn: PUSHER_ARN, sessionName: 'GitHubActions' }]));
    const { imageDetails } = await region.call<DescribeImagesResponse>({ kind: 'operator' }, 'ecr', 'DescribeImages', {
      repositoryName: 'lighthouse',
    });
    expect(imageDetails).toEqual([expect.objectContaining({ imageDigest: image.digest, imageTags: ['1.0.0'] })]);
  });

  it('brings no layer that is there', async () => {
    await pusherWith(PUSH_ACTIONS);
    await push();
    region.forgetCalls();
    await push({ tag: '1.0.1' });
    const check = 'BatchCheckLayerAvailability';
    expect(operations().slice(2)).toEqual([check, check, 'BatchGetImage', 'PutImage']);
  });

  it('of the same image under the same tag ends well without putting anything', async () => {
    await pusherWith(PUSH_ACTIONS);
    await push();
    region.forgetCalls();
    expect(await push()).toBe(image.digest);
    expect(operations()).not.toContain('PutImage');
  });

  it('of an index brings its images and attestations first', async () => {
    await pusherWith(PUSH_ACTIONS);
    const index = imageIndex([{ manifest: image, platform: 'linux/amd64' }], { attestation: true });
    expect(await push({ image: index })).toBe(index.digest);
    expect(operations().filter((operation) => operation === 'PutImage')).toHaveLength(3);
  });

  it('cannot move an immutable tag', async () => {
    await pusherWith(PUSH_ACTIONS);
    const properties = { RepositoryName: 'fixed', ImageTagMutability: 'IMMUTABLE' };
    await region.resources['AWS::ECR::Repository']!('Fixed', properties, 'Stack');
    const policies = region.iam.policiesOf(PUSHER_ARN);
    const text = JSON.stringify(policies).replaceAll('repository/lighthouse', 'repository/fixed');
    region.iam.replacePolicies(PUSHER_ARN, JSON.parse(text) as typeof policies);
    const to = { claims: CLAIMS, roleArn: PUSHER_ARN, repository: 'fixed', tag: '1.0.0' };
    await pushFromGitHub(region, { ...to, image });
    const moved = pushFromGitHub(region, { ...to, image: imageManifest({ seedText: 'another' }) });
    await expect(moved).rejects.toMatchObject({ code: 'ImageTagAlreadyExistsException' });
  });

  it.each(PUSH_ACTIONS)('is refused by name without %s', async (action) => {
    await pusherWith([...PUSH_ACTIONS, DOWNLOAD].filter((other) => other !== action));
    await expect(push()).rejects.toMatchObject({
      code: 'AccessDeniedException',
      message: expect.stringContaining(
        `is not authorized to perform: ${action} on resource: ${REPOSITORY_ARN}`,
      ) as string,
    });
  });

  it(`is refused by name without ${LOGIN}`, async () => {
    await pusherWith(PUSH_ACTIONS, false);
    await expect(push()).rejects.toThrow(`is not authorized to perform: ${LOGIN} on resource: *`);
  });

  it('needs no permission to download layers', async () => {
    await pusherWith(PUSH_ACTIONS);
    await expect(push()).resolves.toBe(image.digest);
  });

  it('from another branch does not get as far as the login', async () => {
    await pusherWith(PUSH_ACTIONS);
    const claims = { sub: subjects('ref:refs/heads/hack')[0], ref: 'refs/heads/hack' };
    await expect(push({ claims })).rejects.toMatchObject({ code: 'AccessDenied' });
    expect(operations()).toEqual(['AssumeRoleWithWebIdentity']);
  });
});
