import { describe, expect, it } from 'vitest';
import { checkReadiness, type Plan, type PreflightFacts } from '../../../functions/rollout/preflight.ts';
import { taskDefinitionFacts } from '../../../functions/rollout/task-definition-facts.ts';
import { config, deploymentFacts, digest, emptyService, proven, revision, service } from './given.ts';
import { repositoryElsewhere } from '../../elsewhere.ts';
import { AMD, ARM, definition, index, onService, pinned, PLAN, READY, REFUSED, without } from './given-preflight.ts';

const check = (changes: Partial<PreflightFacts> = {}, plan = PLAN): ReturnType<typeof checkReadiness> =>
  checkReadiness({ ...READY, ...changes }, plan, config());

describe('a rollout is cleared', () => {
  it('with the base of its revision and the digests that its tasks may show', () => {
    expect(check()).toEqual({
      word: 'go',
      reason: 'Ready',
      message: `Ready to roll ${digest('b')} from ${revision(1)}. Nobody looked up public.ecr.aws/envoy:1 (another registry), and no task starts without each of its images.`,
      imageDigests: [digest('b')],
      base: revision(1),
      bakeTimeSeconds: 60,
      checked: [],
    });
  });

  it('with every child of the pushed index, whatever its platform', () => {
    expect(check({ manifest: index(AMD, ARM) })).toMatchObject({
      word: 'go',
      imageDigests: [digest('b'), digest('c'), digest('d')],
    });
  });

  it('without a rollback target when there is none to have', () => {
    expect(checkReadiness(without('target'), { image: PLAN.image }, config()).word).toBe('go');
  });

  it.each([
    `ghcr.io/team/web@${digest('a')}`,
    `${pinned('a').replace(/^\d+/, '999999999999')}`,
    'web:1',
    'public.ecr.aws/team/web',
  ])(
    'does not look for %s behind a rollback target, and says so: what other registries have nobody here may see',
    (image) => {
      const target = definition({ containers: [{ name: 'app', image }] });
      const { word, message } = check({ imageStatus: { [digest('b')]: 'ACTIVE' }, target });
      expect(word).toBe('go');
      expect(message).toContain(`${image} (another registry)`);
    },
  );

  it.each([
    ['a sidecar pinned by digest', pinned('c'), digest('c')],
    ['a sidecar by tag', `${pinned('c').split('@')[0]}:proxy-1`, 'proxy-1'],
    ['a sidecar without a tag', pinned('c').split('@')[0]!, 'latest'],
    ['a sidecar by tag and digest', pinned('c').replace('@', ':proxy-1@'), digest('c')],
  ])('only where the repository still has %s of the rollback target', (_case, image, reference) => {
    const target = definition({ containers: [...definition().containers, { name: 'proxy-2', image }] });
    expect(check({ target })).toMatchObject({ reason: 'RollbackTargetImageMissing' });
    expect(check({ target }).message).toContain(`no image ${reference} any more`);
    expect(check({ target, imageStatus: { ...READY.imageStatus, [reference]: 'ACTIVE' } }).word).toBe('go');
  });

  it.each([
    ['by tag', `${repositoryElsewhere('team/proxy')}:1`, 'team/proxy:1'],
    ['without a tag', repositoryElsewhere('team/proxy'), 'team/proxy:latest'],
    ['by digest', pinned('c', 'team/proxy'), `team/proxy@${digest('c')}`],
    ['by tag and digest', pinned('c', 'team/proxy').replace('@', ':1@'), `team/proxy@${digest('c')}`],
    ['by digest, where its path ends as ours', pinned('a', 'other/team/web'), `other/team/web@${digest('a')}`],
  ])('only where the registry has what a sidecar names %s, or nobody can say', (_case, image, key) => {
    const base = definition({
      containers: [
        { name: 'app', image: pinned('a') },
        { name: 'proxy', image },
      ],
    });
    const [forward, back] = [{ base }, { target: base }];
    expect(check(forward).reason).toBe('SiblingImageMissing');
    expect(check(back).reason).toBe('RollbackTargetImageMissing');
    const imageStatus = { ...READY.imageStatus, [key]: 'ACTIVE' };
    for (const facts of [forward, back]) {
      expect(check({ ...facts, imageStatus }).word).toBe('go');
      const denied = check({ ...facts, unseen: { [key]: 'AccessDeniedException' } });
      expect(denied).toMatchObject({ word: 'go', message: expect.stringContaining(`${key} (AccessDenied`) as string });
    }
  });

  it('with a rollback target that is INACTIVE or named by a tag, for a pinned copy can be put back', () => {
    expect(check({ target: definition({ status: 'INACTIVE' }) }).word).toBe('go');
    const byTag = definition({ containers: [{ name: 'app', image: `${pinned('a').split('@')[0]}:live` }] });
    const adopted = { kind: 'revision', ...proven('a', 1, { containerDigests: { app: digest('a') } }) } as const;
    expect(check({ target: byTag }, { ...PLAN, rollbackTarget: adopted }).word).toBe('go');
    const gone = check(
      { target: byTag, imageStatus: { [digest('b')]: 'ACTIVE' } },
      { ...PLAN, rollbackTarget: adopted },
    );
    expect(gone.message).toMatch(
      /no image sha256:aaa.* any more: push it again, or deploy a revision whose images are there/,
    );
  });

  it.each([
    ['WINDOWS_SERVER_2022_CORE', 'X86_64', { digest: digest('e'), os: 'windows', architecture: 'amd64' }],
    ['LINUX', 'ARM64', ARM],
    ['LINUX', 'X86_64', AMD],
  ])('for %s on %s by the child of that platform alone', (operatingSystemFamily, cpuArchitecture, child) => {
    const base = definition({ operatingSystemFamily, cpuArchitecture });
    const others = [AMD, ARM].filter((other) => other !== child);
    expect(check({ base, manifest: index(child) }).word).toBe('go');
    expect(check({ base, manifest: index(...others) }).reason).toBe('WrongPlatform');
  });

  it.each<[number, number, number, boolean]>([
    [1, 100, 200, true],
    [1, 100, 100, false],
    [1, 100, 150, false],
    [1, 0, 100, true],
    [2, 100, 150, true],
    [2, 50, 100, true],
    [3, 90, 110, false],
    [0, 100, 100, true],
  ])('for %i tasks between %i and %i percent: %s', (desiredCount, minimumHealthyPercent, maximumPercent, isCleared) => {
    const room = { desiredCount, minimumHealthyPercent, maximumPercent, deployments: [deploymentFacts(1)] };
    expect(check({ service: service(room) }).reason).toBe(isCleared ? 'Ready' : 'NoRoomToRoll');
  });
});

describe('a launch, which would go back to nothing', () => {
  const launch: Plan = { ...PLAN, rollbackTarget: emptyService(1) };
  const empty = definition({ containers: [{ name: 'app', image: pinned('a') }] });

  it('needs no image for its way back, but a revision that is ACTIVE', () => {
    const facts = { ...READY, imageStatus: { [digest('b')]: 'ACTIVE' } };
    expect(checkReadiness({ ...facts, target: empty }, launch, config()).reason).toBe('Ready');
    expect(checkReadiness({ ...facts, target: empty }, PLAN, config()).reason).toBe('RollbackTargetImageMissing');
    const gone = { ...facts, target: definition({ status: 'INACTIVE' }) };
    expect(checkReadiness(gone, launch, config()).reason).toBe('RollbackTargetInactive');
  });
});

describe('a rollout is refused', () => {
  it.each(Object.entries(REFUSED))('as %s', (reason, facts) => {
    expect(checkReadiness(facts, PLAN, config())).toMatchObject({ word: 'reject', reason });
  });

  it.each<[string, PreflightFacts, RegExp]>([
    ['ServiceMissing', without('service'), /default\/web: create it/],
    ['ServiceNotActive', onService({ status: 'DRAINING' }), /is DRAINING/],
    [
      'ShortServiceArn',
      onService({ shortArn: 'arn:short' }),
      /arn:short, which does not name its cluster.*serviceLongArnFormat/,
    ],
    ['ControllerNotSupported', onService({ deploymentController: 'CODE_DEPLOY' }), /CODE_DEPLOY: only ECS/],
    ['ControllerNotSupported', onService({ deploymentController: 'EXTERNAL' }), /EXTERNAL/],
    ['StrategyNotSupported', onService({ strategy: 'BLUE_GREEN' }), /BLUE_GREEN: only ROLLING/],
    ['StrategyNotSupported', onService({ strategy: 'CANARY' }), /CANARY/],
    ['NoPrimaryDeployment', onService({ deployments: [] }), /no PRIMARY/],
    ['TaskDefinitionMissing', without('base'), /does not describe/],
    ['FamilyMismatch', { ...READY, base: definition({ family: 'other' }) }, /family other.*says web/],
    [
      'ContainerMissing',
      { ...READY, base: definition({ containers: [{ name: 'x', image: 'y' }] }) },
      /no container app; it has x/,
    ],
    ['SiblingByTag', REFUSED.SiblingByTag, /container worker names .*team\/web:live.*: name worker beside the others/],
    [
      'SiblingImageMissing',
      REFUSED.SiblingImageMissing,
      /ECR has no image team\/proxy:1 any more, which the container proxy needs: push it again, or deploy a revision/,
    ],
    ['SiblingImageNotActive', REFUSED.SiblingImageNotActive, /team\/proxy:1 as ARCHIVED.*: restore it/],
    ['ImageMissing', { ...READY, imageStatus: { [digest('a')]: 'ACTIVE' } }, /sha256:bbb.* any more/],
    ['ImageNotActive', { ...READY, imageStatus: { [digest('b')]: 'ARCHIVED' } }, /ARCHIVED: restore it/],
    ['ImageNotActive', { ...READY, imageStatus: { [digest('b')]: 'ACTIVATING' } }, /ACTIVATING/],
    ['ImageNotActive', { ...READY, imageStatus: { [digest('b')]: 'OF_THE_FUTURE' } }, /OF_THE_FUTURE/],
    ['ManifestMissing', without('manifest'), /no manifest/],
    ['ManifestUnreadable', REFUSED.ManifestUnreadable, /KmsError\): no task could pull it either/],
    [
      'NotAnImage',
      REFUSED.NotAnImage,
      /no container image but application\/vnd.cncf.helm.config.v1\+json: name an image/,
    ],
    ['WrongPlatform', { ...READY, manifest: index(ARM) }, /has linux\/arm64.*needs linux\/amd64/],
    ['WrongPlatform', { ...READY, manifest: index() }, /has no platform/],
    ['RollbackTargetInactive', REFUSED.RollbackTargetInactive, /it is DELETE_IN_PROGRESS/],
    ['RollbackTargetInactive', without('target'), /it is missing/],
    [
      'RollbackTargetImageMissing',
      { ...READY, imageStatus: { [digest('b')]: 'ACTIVE' } },
      /could not be put back.*sha256:aaa/,
    ],
    [
      'RollbackTargetImageNotActive',
      { ...READY, imageStatus: { [digest('b')]: 'ACTIVE', [digest('a')]: 'ARCHIVED' } },
      /could not be put back.*ARCHIVED/,
    ],
  ])('as %s, in a sentence', (reason, facts, message) => {
    const clearance = checkReadiness(facts, PLAN, config());
    expect(clearance).toMatchObject({ word: 'reject', reason, imageDigests: [] });
    expect(clearance.message).toMatch(message);
    expect(clearance).not.toHaveProperty('base');
  });

  it('when one of several configured containers is missing, by its name', () => {
    const both = config({ containers: ['app', 'worker'] });
    expect(checkReadiness(READY, PLAN, both)).toMatchObject({
      reason: 'ContainerMissing',
      message: expect.stringContaining('no container worker') as unknown,
    });
  });
});

describe('what a preflight reads of a task definition', () => {
  it('is names and platform, and no environment value', () => {
    const raw = {
      taskDefinitionArn: revision(1),
      status: 'ACTIVE',
      family: 'web',
      runtimePlatform: { cpuArchitecture: 'ARM64', operatingSystemFamily: 'LINUX' },
      containerDefinitions: [{ name: 'app', image: pinned('a'), environment: [{ name: 'KEY', value: 'canary' }] }],
    };
    const read = taskDefinitionFacts(raw);
    const has = { hasCredentials: false, hasHealthCheck: false, restarts: false };
    const app = { name: 'app', image: pinned('a'), stopSeconds: 30, ...has };
    expect(read).toEqual(definition({ containers: [app], cpuArchitecture: 'ARM64' }));
    expect(JSON.stringify(read)).not.toContain('canary');
  });

  it('takes Linux on X86_64 for granted where nothing is said', () => {
    const read = taskDefinitionFacts({ taskDefinitionArn: revision(1), status: 'ACTIVE', family: 'web' });
    expect(read).toMatchObject({ operatingSystemFamily: 'LINUX', cpuArchitecture: 'X86_64', containers: [] });
  });
});
