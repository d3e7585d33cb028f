import { describe, expect, it } from 'vitest';
import { pushFromGitHub } from '../../rehearsal/github-push.ts';
import { operate } from '../../rehearsal/cell/operator.ts';
import type { ProvisionConfiguration } from '../../configuration/configuration.ts';
import { imageManifest } from '../../region/ecr/image-manifests.ts';
import type { World } from '../../rehearsal/world.ts';
import { describeRevision, registerLike } from './revisions.ts';
import { proveAnImage } from './proven-image.ts';
import { assemblyOf, rollAnImage, setting } from './setting.ts';

const PROVISIONED = {
  registry: {},
  provision: { port: 8000, desiredCount: 2, environment: { MODE: 'calm' } },
} as const;
const openWorld = setting({ ...PROVISIONED, bakeTimeSeconds: 0 });
/** The same stacks after somebody changed the task definition. */
const changed = (): Promise<string> =>
  assemblyOf({
    ...PROVISIONED,
    bakeTimeSeconds: 0,
    provision: { ...PROVISIONED.provision, environment: { MODE: 'busy' } },
  });

const EMPTY = { desiredCount: 0, runningCount: 0, pendingCount: 0, rolloutState: 'COMPLETED' };

describe('a service that is provisioned on an empty repository', () => {
  it('is there as soon as it is deployed, and runs nothing', async () => {
    const world = await openWorld();
    expect(await world.service()).toMatchObject(EMPTY);
    expect(world.rollouts()).toEqual([]);
  });

  it('runs the configured number of tasks after the first push', async () => {
    const world = await openWorld();
    const digest = await world.push();
    expect(await world.untilRolloutEnds()).toMatchObject({ outcome: 'SUCCEEDED' });
    expect(await world.service()).toMatchObject({ desiredCount: 2, runningCount: 2, imageDigests: [digest] });
  });

  it.each([
    ['exits', { behaviour: 'crash', afterSeconds: 5 }],
    ['cannot be pulled', { behaviour: 'unpullable' }],
    ['never gets healthy', { behaviour: 'never-healthy' }],
  ])('runs nothing again after a first image that %s, and launches with the next', async (_what, bad) => {
    const world = await openWorld();
    await world.push(bad);
    expect(await world.untilRolloutEnds()).toMatchObject({
      outcome: 'FAILED_NO_ROLLBACK_TARGET',
      message: expect.stringMatching(/[.?] The service was taken back to zero tasks\.$/),
    });
    await world.untilIdle();
    expect(await world.service()).toMatchObject(EMPTY);
    await proveAnImage(world);
    expect(await world.service()).toMatchObject({ desiredCount: 2, runningCount: 2 });
  });

  it('is launched when it is provisioned anew over the ledger of an earlier life', async () => {
    const world = await openWorld();
    const { taskDefinition: asProvisioned } = await world.service();
    await proveAnImage(world);
    await scale(world, 0, await registerLike(world, asProvisioned));
    const digest = await world.push();
    expect(await world.untilRolloutEnds()).toMatchObject({ outcome: 'SUCCEEDED' });
    expect(await world.service()).toMatchObject({ desiredCount: 2, runningCount: 2, imageDigests: [digest] });
  });

  it('goes back to nothing, and is launched, although somebody has set a count before there was an image', async () => {
    const world = await openWorld();
    await scale(world, 2);
    expect(await world.service()).toMatchObject({ desiredCount: 2, runningCount: 0 });
    await world.push({ behaviour: 'crash', afterSeconds: 5 });
    expect(await world.untilRolloutEnds()).toMatchObject({ outcome: 'FAILED_NO_ROLLBACK_TARGET' });
    await world.untilIdle();
    expect(await world.service()).toMatchObject(EMPTY);
    await proveAnImage(world);
    expect(await world.service()).toMatchObject({ desiredCount: 2, runningCount: 2 });
  });

  it('stays at zero when an operator scales it to zero later', async () => {
    const world = await openWorld();
    await proveAnImage(world);
    await scale(world, 0);
    await world.push();
    expect(await world.untilRolloutEnds()).toMatchObject({ outcome: 'STAGED' });
    expect(await world.service()).toMatchObject({ desiredCount: 0, runningCount: 0 });
  });
});

async function scale(world: World, desiredCount: number, taskDefinition?: string): Promise<void> {
  const { cluster, serviceName: service } = world.config;
  const change = { desiredCount, ...(taskDefinition !== undefined && { taskDefinition }) };
  await operate(world.region, 'ecs', 'UpdateService', { cluster, service, ...change });
  await world.advance(300);
}

describe('later deployments', () => {
  it('keep image, count and rollback target, and become the baseline of the next rollback', async () => {
    const world = await openWorld();
    const first = await proveAnImage(world);
    await scale(world, 3);
    const before = (await world.service()).taskDefinition;

    await world.deploy(await changed());
    const deployed = await world.service();
    expect(deployed).toMatchObject({ desiredCount: 3, runningCount: 3, imageDigests: [first] });
    expect(deployed.taskDefinition).not.toBe(before);
    expect(await describeRevision(world, before)).toMatchObject({ status: 'ACTIVE' });

    await world.push({ behaviour: 'crash', afterSeconds: 5 });
    expect(await world.untilRolloutEnds()).toMatchObject({ outcome: 'ROLLED_BACK' });
    await world.untilIdle();
    expect(await world.service()).toMatchObject({ taskDefinition: deployed.taskDefinition, imageDigests: [first] });

    await world.deploy(await changed());
    expect(await world.service()).toMatchObject({ desiredCount: 3, imageDigests: [first] });
  });

  it('start nothing while no image was pushed yet', async () => {
    const world = await openWorld();
    await world.deploy(await changed());
    expect(await world.service()).toMatchObject(EMPTY);
  });

  it('roll the live image once more when the stack is told of it for the first time, and nothing the next time', async () => {
    const world = await openWorld();
    const digest = await proveAnImage(world);
    const launched = await world.service();
    await world.deploy(await assemblyOf({ ...PROVISIONED, bakeTimeSeconds: 0 }));
    const deployed = await world.service();
    expect(deployed).toMatchObject({ desiredCount: 2, runningCount: 2, imageDigests: [digest] });
    expect(deployed.taskDefinition).not.toBe(launched.taskDefinition);
    await world.deploy(await assemblyOf({ ...PROVISIONED, bakeTimeSeconds: 0 }));
    expect(await world.service()).toEqual(deployed);
  });

  it('are let finish by a push that comes meanwhile, and kept when its image fails', async () => {
    const world = await openWorld();
    const first = await proveAnImage(world);
    const before = (await world.service()).taskDefinition;
    await world.push({ behaviour: 'crash', afterSeconds: 5 });
    await world.deploy(await changed());
    expect(await world.untilRolloutEnds()).toMatchObject({ outcome: 'ROLLED_BACK' });
    await world.untilIdle();
    const { taskDefinition, imageDigests } = await world.service();
    expect(taskDefinition).not.toBe(before);
    expect(imageDigests).toEqual([first]);
    expect(await describeRevision(world, taskDefinition)).toMatchObject({
      containerDefinitions: [{ environment: [{ name: 'MODE', value: 'busy' }] }],
    });
  });

  it('that fail are let finish too: the image that was pushed meanwhile is not blamed for them', async () => {
    const world = await openWorld();
    await world.push({ listensOn: 8000 });
    await world.untilIdle();
    await world.deploy(await assemblyOf({ ...PROVISIONED, bakeTimeSeconds: 0 }));
    const digest = await world.push({ listensOn: 8000 });
    const provision = { ...PROVISIONED.provision, port: 9000 };
    const deployment = world.deploy(await assemblyOf({ ...PROVISIONED, bakeTimeSeconds: 0, provision }));
    await expect(deployment).rejects.toThrow(/the stack was rolled back$/);
    await world.untilIdle();
    expect(world.rollouts().at(-1)).toMatchObject({ outcome: 'SUCCEEDED' });
    expect(await world.service()).toMatchObject({ runningCount: 2, imageDigests: [digest] });
  });

  it('during the very first launch leave the service as it was provisioned; an empty start launches it', async () => {
    const world = await openWorld();
    const digest = await world.push();
    await world.advance(10);
    await world.deploy(await changed());
    await world.untilIdle();
    expect(world.rollouts()).toMatchObject([{ outcome: 'ABORTED_EXTERNAL' }]);
    expect(await world.service()).toMatchObject(EMPTY);

    expect(await world.untilRolloutEnds(await world.start({}))).toMatchObject({ outcome: 'SUCCEEDED' });
    expect(await world.service()).toMatchObject({ desiredCount: 2, runningCount: 2, imageDigests: [digest] });
  });

  it('win over a rollout that runs, which says so; an empty start rolls the image again', async () => {
    const world = await openWorld();
    const first = await proveAnImage(world);
    const second = await world.push();
    await world.advance(10);
    await world.deploy(await changed());
    await world.untilIdle();
    const [interrupted] = world.rollouts();
    expect(interrupted).toMatchObject({ outcome: 'ABORTED_EXTERNAL' });
    expect(await world.service()).toMatchObject({ imageDigests: [first], desiredCount: 2 });

    expect(await world.untilRolloutEnds(await world.start({}))).toMatchObject({ outcome: 'SUCCEEDED' });
    expect(await world.service()).toMatchObject({ imageDigests: [second] });
  });
});

it('does not keep a push waiting behind its own rollback that fails', async () => {
  const secrets = { API_KEY: { parameter: '/team/api/key' } };
  const world = await setting({
    ...PROVISIONED,
    bakeTimeSeconds: 0,
    provision: { ...PROVISIONED.provision, secrets },
  })();
  await proveAnImage(world);
  await operate(world.region, 'ssm', 'DeleteParameter', { Name: secrets.API_KEY.parameter });
  await world.push();
  expect(await world.untilRolloutEnds()).toMatchObject({ outcome: 'FAILED_ROLLBACK' });
  world.region.ssm.admitParameter(secrets.API_KEY.parameter);
  await world.push();
  const mended = await world.untilRolloutEnds();
  expect(mended).toMatchObject({ outcome: 'SUCCEEDED' });
  expect(mended.path).not.toContain('LetFinish');
});

describe('images that a rollback needs', () => {
  const keeping = { registry: { imagesKept: 1 }, bakeTimeSeconds: 0, tag: { glob: '*' } } as const;

  it('are kept when their revisions are proven, whatever the lifecycle policy expires', async () => {
    const world = await setting({ ...PROVISIONED, ...keeping })();
    const proven = await proveAnImage(world);
    for (let count = 0; count < 3; count++) {
      await world.push({ behaviour: 'crash', afterSeconds: 5 });
      await world.untilRolloutEnds();
      await world.untilIdle();
    }
    const digests = await expireImages(world);
    expect(digests).toContain(proven);
    expect(digests.length).toBeLessThan(4);
  });

  it('are kept during the rollout that may go back to them, although nobody has proven them', async () => {
    const world = await setting(keeping)();
    const baseline = (await world.service()).imageDigests;
    await world.push({ behaviour: 'crash', afterSeconds: 30 });
    await world.advance(20);
    expect(await expireImages(world)).toEqual(expect.arrayContaining([...baseline]));
    expect(await world.untilRolloutEnds()).toMatchObject({ outcome: 'ROLLED_BACK' });
    expect(await world.service()).toMatchObject({ imageDigests: baseline });
  });

  it('are kept for each of two services that share a repository, whose lifecycle one of them brings', async () => {
    const shared = { repository: 'team/shared', bakeTimeSeconds: 0 };
    const world = await setting({ ...shared, registry: { imagesKept: 2 }, tag: { glob: 'web-*' } }, [
      { ...shared, container: 'api', service: 'worker', cluster: 'prod', tag: { glob: 'worker-*' } },
    ])({ stack: 'rollouts-worker' });
    const proven = await proveAnImage(world);
    for (let count = 0; count < 3; count++) {
      await world.push({ tag: `web-${count}` });
      await world.untilIdle();
    }
    expect(await expireImages(world)).toContain(proven);
  });

  it('are tagged without starting another rollout', async () => {
    const world = await setting(keeping)();
    await rollAnImage(world);
    expect(world.rollouts()).toHaveLength(1);
  });
});

/** Lets the lifecycle policies expire what they may; answers the digests that are left. */
async function expireImages({ region, config }: World): Promise<string[]> {
  region.ecr.applyLifecyclePolicies();
  const { repository: repositoryName } = config;
  const { imageDetails } = await operate<{ imageDetails: { imageDigest: string }[] }>(region, 'ecr', 'DescribeImages', {
    repositoryName,
  });
  return imageDetails.map(({ imageDigest }) => imageDigest);
}

describe('a provisioned service', () => {
  const NETWORK = { vpcId: 'vpc-0a1b2c3d', subnetIds: ['subnet-0a1b2c3d', 'subnet-0a1b2c3e'] };
  const GROUPS = { securityGroupIds: ['sg-0a1b2c3d'] };
  const certificateArn = 'arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555';

  it.each<[string, Partial<ProvisionConfiguration>]>([
    ['behind a load balancer', { loadBalancer: {} }],
    ['behind a load balancer with a certificate', { loadBalancer: { certificateArn, healthCheckPath: '/health' } }],
    ['behind a load balancer alone, without a health check', { loadBalancer: {}, healthCheck: false }],
    ['in an existing network', { network: { ...NETWORK, assignPublicIp: true } }],
    ['in an existing network with its own groups', { network: { ...NETWORK, ...GROUPS, assignPublicIp: true } }],
    [
      'behind a load balancer in public subnets of an existing network',
      {
        network: { ...NETWORK, assignPublicIp: false },
        loadBalancer: { subnetIds: ['subnet-0a1b2c4d', 'subnet-0a1b2c4e'] },
      },
    ],
    ['on arm64 with more storage', { architecture: 'arm64', cpu: 1024, memoryMiB: 4096, ephemeralStorageGiB: 50 }],
  ])('%s takes its first image, and gets the second back when the third is bad', async (_where, provision) => {
    const world = await setting({
      ...PROVISIONED,
      bakeTimeSeconds: 0,
      provision: { ...PROVISIONED.provision, ...provision },
    })();
    await rollAnImage(world);
    const second = await proveAnImage(world);
    await world.push({ listensOn: 80 });
    const rollout = await world.untilRolloutEnds();
    expect(rollout).toMatchObject({ outcome: 'ROLLED_BACK' });
    expect(rollout.message).toContain('port 8000');
    await world.untilIdle();
    expect(await world.service()).toMatchObject({ desiredCount: 2, runningCount: 2, imageDigests: [second] });
    expect(world.refusals()).toEqual([]);
  });

  it('that starts slowly is given its time by the load balancer too', async () => {
    const healthCheck = { startPeriodSeconds: 300 };
    const provision = { ...PROVISIONED.provision, healthCheck, loadBalancer: {} };
    const world = await setting({ ...PROVISIONED, bakeTimeSeconds: 0, provision })();
    await world.push({ behaviour: 'slow-start', afterSeconds: 150 });
    expect(await world.untilRolloutEnds()).toMatchObject({ outcome: 'SUCCEEDED' });
  });

  it('is scaled once it is launched, within its bounds, and rollouts leave the number alone', async () => {
    const world = await openWorld();
    await proveAnImage(world);
    const provision = { ...PROVISIONED.provision, desiredCount: 3, scaling: { minCount: 3, maxCount: 5 } };
    await world.deploy(await assemblyOf({ ...PROVISIONED, bakeTimeSeconds: 0, provision }));
    await world.advance(300);
    expect(await world.service()).toMatchObject({ desiredCount: 3, runningCount: 3 });
    await proveAnImage(world);
    expect(await world.service()).toMatchObject({ desiredCount: 3, runningCount: 3 });
  });
});

it('suspects the port when an image listens on another one than the task definition says', async () => {
  const world = await openWorld();
  const first = await proveAnImage(world);
  await world.push({ listensOn: 80 });
  const rollout = await world.untilRolloutEnds();
  expect(rollout).toMatchObject({ outcome: 'ROLLED_BACK' });
  expect(rollout.message).toContain('Does the image listen on port 8000, as configured, and does');
  await world.untilIdle();
  expect(await world.service()).toMatchObject({ imageDigests: [first] });
});

describe('a provisioned service with secrets', () => {
  const secrets = {
    API_KEY: { parameter: '/team/api/key' },
    DATABASE: { secret: 'team/database', key: 'url' },
  };
  const withSecrets = setting({ ...PROVISIONED, bakeTimeSeconds: 0, provision: { ...PROVISIONED.provision, secrets } });

  it('keeps its tasks and calls for a person when its execution role may no longer read a parameter', async () => {
    const world = await withSecrets();
    const proven = await proveAnImage(world);
    expect(world.refusals()).toEqual([]);
    const refused = { role: 'rollouts-api-execution', action: 'ssm:GetParameters' };
    world.removePermission({ ...refused, role: 'Execution' });
    await world.push();
    // The tasks of the rollback cannot start either.
    expect(await world.untilRolloutEnds()).toMatchObject({
      outcome: 'FAILED_ROLLBACK',
      message: expect.stringMatching(/perform: ssm:GetParameters on resource: arn:aws:ssm:.*team\/api\/key/),
    });
    expect(world.refusals()).toEqual([expect.objectContaining(refused)]);
    await world.untilIdle();
    expect(await world.service()).toMatchObject({ runningCount: 2, imageDigests: [proven] });
  });

  it('launches nothing while a parameter is missing, and says which', async () => {
    const world = await withSecrets();
    await operate(world.region, 'ssm', 'DeleteParameter', { Name: secrets.API_KEY.parameter });
    await world.push();
    const rollout = await world.untilRolloutEnds();
    expect(rollout).toMatchObject({ outcome: 'FAILED_NO_ROLLBACK_TARGET' });
    expect(rollout.message).toMatch(/invalid ssm parameters: arn:aws:ssm:[^ ]+:parameter\/team\/api\/key/);
    await world.untilIdle();
    expect(await world.service()).toMatchObject(EMPTY);
  });
});

describe('a push from GitHub', () => {
  const github = {
    repository: 'octo-org/api',
    environment: 'production',
    ownerId: '1001',
    repositoryId: '2002',
  } as const;
  const fromGitHub = setting({
    ...PROVISIONED,
    bakeTimeSeconds: 0,
    tag: { glob: '*' },
    github,
  });
  const BUILT = { tag: 'commit-1', image: imageManifest({ seedText: 'built by GitHub' }) };
  const push = (world: World, sub: string, ids: object = {}, built = BUILT): Promise<string> =>
    pushFromGitHub(world.region, {
      claims: {
        aud: 'sts.amazonaws.com',
        sub,
        repository: 'octo-org/api',
        repository_owner_id: '1001',
        repository_id: '2002',
        ...ids,
      },
      roleArn: `arn:aws:iam::${world.region.account}:role/rollouts-api-push`,
      repository: world.config.repository,
      ...built,
    });

  it.each([
    ['by name', 'repo:octo-org/api:environment:production'],
    ['with ids', 'repo:octo-org@1001/api@2002:environment:production'],
  ])('goes live with the keys of nobody, its subject %s', async (_form, sub) => {
    const world = await fromGitHub();
    const digest = await push(world, sub);
    expect(await world.untilRolloutEnds()).toMatchObject({ outcome: 'SUCCEEDED' });
    expect(await world.service()).toMatchObject({ desiredCount: 2, imageDigests: [digest] });
    expect(world.refusals()).toEqual([]);
  });

  it('goes live on a service that was adopted, and what ran before comes back when a pushed image is bad', async () => {
    const world = await setting({ bakeTimeSeconds: 0, tag: { glob: '*' }, github })();
    const { imageDigests: before } = await world.service();
    const sub = 'repo:octo-org/api:environment:production';
    const annotations = { 'rehearsal.behaviour': 'crash' };
    await push(world, sub, {}, { tag: 'commit-0', image: imageManifest({ seedText: 'built badly', annotations }) });
    expect(await world.untilRolloutEnds()).toMatchObject({ outcome: 'ROLLED_BACK' });
    await world.untilIdle();
    expect(await world.service()).toMatchObject({ desiredCount: 2, runningCount: 2, imageDigests: before });

    const digest = await push(world, sub);
    await world.advance(5);
    expect(await world.untilRolloutEnds()).toMatchObject({ outcome: 'SUCCEEDED' });
    expect(await world.service()).toMatchObject({ desiredCount: 2, runningCount: 2, imageDigests: [digest] });
    expect(world.refusals()).toEqual([]);
  });

  it.each([
    ['another owner', 'repo:evil/api:environment:production', {}],
    ['a pull request', 'repo:octo-org/api:pull_request', {}],
    ['another environment', 'repo:octo-org/api:environment:staging', {}],
    ['a branch', 'repo:octo-org/api:ref:refs/heads/main', {}],
    ['a recycled name', 'repo:octo-org/api:environment:production', { repository_owner_id: '9', repository_id: '8' }],
  ])('is refused to %s', async (_who, sub, ids) => {
    const world = await fromGitHub();
    await expect(push(world, sub, ids)).rejects.toThrow(/Not authorized to perform sts:AssumeRoleWithWebIdentity/);
  });
});

it.each([
  ['a branch', { branch: 'release/*' }, 'ref:refs/heads/release/7', 'ref:refs/heads/main'],
  ['a tag', { tag: 'v*' }, 'ref:refs/tags/v1', 'ref:refs/heads/v1'],
])(
  'from %s of a pattern is let in, and from elsewhere or for another audience is not',
  async (_what, from, right, wrong) => {
    const world = await setting({ ...PROVISIONED, github: { repository: 'octo-org/api', ...from } })();
    let count = 0;
    const push = (sub: string, claims: object = {}): Promise<string> =>
      pushFromGitHub(world.region, {
        claims: { aud: 'sts.amazonaws.com', sub, repository: 'octo-org/api', ...claims },
        roleArn: `arn:aws:iam::${world.region.account}:role/rollouts-api-push`,
        repository: world.config.repository,
        tag: `build-${++count}`,
        image: imageManifest({ seedText: `build ${count}` }),
      });
    await expect(push(`repo:octo-org/api:${right}`)).resolves.toMatch(/^sha256:/);
    await expect(push(`repo:octo-org@1/api@2:${right}`)).resolves.toMatch(/^sha256:/);
    await expect(push(`repo:octo-org/api:${wrong}`)).rejects.toThrow(/Not authorized/);
    await expect(push('repo:octo-org/api:pull_request')).rejects.toThrow(/Not authorized/);
    await expect(push(`repo:fork/api:${right}`, { repository: 'fork/api' })).rejects.toThrow(/Not authorized/);
    await expect(push(`repo:octo-org/api:${right}`, { aud: 'https://github.com/octo-org' })).rejects.toThrow(
      /audience/,
    );
  },
);

it('from another repository of the same owner is refused, whatever subject it has made for itself', async () => {
  const world = await setting({
    ...PROVISIONED,
    github: { repository: 'octo-org/api', environment: 'production' },
  })();
  const push = (repository: string, sub: string): Promise<string> =>
    pushFromGitHub(world.region, {
      claims: { aud: 'sts.amazonaws.com', sub, repository },
      roleArn: `arn:aws:iam::${world.region.account}:role/rollouts-api-push`,
      repository: world.config.repository,
      tag: 'live',
      image: imageManifest({ seedText: 'built elsewhere' }),
    });
  // A subject template of `repo`, `ref` and `environment`, on a branch that is named for the purpose.
  const smuggled = 'repo:octo-org@1/other@5:ref:refs/heads/x/api@9:environment:production';
  await expect(push('octo-org/other', smuggled)).rejects.toThrow(/Not authorized/);
  await expect(push('octo-org/api', 'repo:octo-org@1/api@9:environment:production')).resolves.toMatch(/^sha256:/);
});

describe('what is created if absent', () => {
  const open = setting({ ...PROVISIONED, github: { repository: 'octo-org/api', environment: 'production' } });
  const PARAMETER = '/rollouts/api/image';

  /** Asks the function again, as the deployment of a second stack would. */
  async function ensure(world: World, properties: object): Promise<string> {
    const [functionArn] = world.region.calls.flatMap(({ caller }) =>
      caller?.kind === 'role' && caller.sessionName.includes('EnsuredHandler') ? [caller.sessionName] : [],
    );
    const type = 'AWS::CloudFormation::CustomResource';
    const ServiceToken = `arn:aws:lambda:${world.region.region}:${world.region.account}:function:${functionArn}`;
    const made = await world.region.resources[type]!('Again', { ServiceToken, ...properties }, 'second');
    let answered: { readonly ref: string } | undefined;
    await world.region.kernel.runUntil(() => (answered = made.awaited!()) !== undefined, 'an answer', 3_600_000);
    return answered!.ref;
  }

  it('is left as it is when it is there already', async () => {
    const world = await open();
    const digest = await proveAnImage(world);
    const parameter = { Kind: 'parameter', Name: PARAMETER, Value: 'something else' };
    expect(await ensure(world, parameter)).toBe(PARAMETER);
    expect(world.region.ssm.valueOf(PARAMETER)).toContain(digest);
    const Url = 'https://token.actions.githubusercontent.com';
    expect(await ensure(world, { Kind: 'identity-provider', Url, Audience: 'another' })).toBe(Url);
  });

  it('fails the deployment with its reason when it cannot be created', async () => {
    const world = await open();
    world.excuse(
      'permission',
      /was refused ssm:PutParameter on \S+\/somewhere\/else;/,
      'the function is asked for a parameter that is not its own',
    );
    const elsewhere = { Kind: 'parameter', Name: '/somewhere/else', Value: 'x' };
    await expect(ensure(world, elsewhere)).rejects.toThrow(/AccessDenied.*ssm:PutParameter/);
  });
});
