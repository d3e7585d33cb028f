import { describe, expect, it } from 'vitest';
import { repositoryElsewhere } from '../../elsewhere.ts';
import { provenRevision } from '../../../functions/rollout/baseline.ts';
import type { ImageDigest } from '../../../functions/rollout/identifiers.ts';
import type { ServiceFacts, TaskFacts } from '../../../functions/rollout/service-facts.ts';
import { config, deployment, deploymentFacts, digest, NOW, proven, revision, service, task } from './given.ts';

const PINNED = `${repositoryElsewhere('team/web')}@${digest('b')}`;
const shows = (imageDigest: ImageDigest, image?: string): TaskFacts['containers'] => [
  { name: 'app', lastStatus: 'RUNNING', imageDigest, image },
  { name: 'proxy', lastStatus: 'RUNNING', imageDigest: digest('9') },
];
const SOUND = [task('one', { containers: shows(digest('b')) }), task('two', { containers: shows(digest('b')) })];
const prove = (changes: Partial<ServiceFacts> = {}, running: readonly TaskFacts[] = SOUND): unknown => {
  const looked = service(changes);
  return provenRevision(looked, looked.deployments[0]!, running, [], config());
};

describe('the running revision', () => {
  it('is adopted from whoever deployed it when every task is sound', () => {
    expect(prove()).toEqual({
      taskDefinition: revision(2),
      digest: digest('b'),
      imageDigests: [digest('b')],
      containerDigests: { app: digest('b') },
      deploymentId: deployment(2),
      at: NOW - 60_000,
    });
  });

  it('is adopted with the digest that it pins and the child that its tasks show', () => {
    const running = [
      task('one', { containers: shows(digest('c'), PINNED) }),
      task('two', { containers: shows(digest('c'), PINNED) }),
    ];
    expect(prove({}, running)).toMatchObject({ digest: digest('b'), imageDigests: [digest('b'), digest('c')] });
  });

  it('is adopted by the early success criteria of its service, while old tasks go and new ones come', () => {
    const old = deploymentFacts(1, { status: 'ACTIVE', runningCount: 2 });
    const deployments = [deploymentFacts(2), old];
    const running = [SOUND[0]!, task('new', { lastStatus: 'PENDING', containers: [] })];
    const with50 = (isDeferred: boolean) => ({ deployments, earlySuccess: { healthyPercent: 50, isDeferred } });
    expect(prove(with50(true), running)).toMatchObject({ taskDefinition: revision(2), digest: digest('b') });
    expect(prove(with50(false), running)).toBeUndefined();
    expect(prove({ ...with50(true), desiredCount: 3 }, running)).toBeUndefined();
  });

  it('is adopted without a digest of its own when its tasks show two', () => {
    const running = [task('one', { containers: shows(digest('b')) }), task('two', { containers: shows(digest('c')) })];
    expect(prove({}, running)).toMatchObject({ taskDefinition: revision(2), digest: undefined });
    expect(prove({}, running)).toMatchObject({ imageDigests: [digest('b'), digest('c')] });
  });

  it.each<[string, Partial<ServiceFacts>, readonly TaskFacts[]]>([
    ['the rollout is in progress', { deployments: [deploymentFacts(2, { rolloutState: 'IN_PROGRESS' })] }, SOUND],
    ['the rollout failed', { deployments: [deploymentFacts(2, { rolloutState: 'FAILED' })] }, SOUND],
    [
      'its rollout state is one of the future',
      { deployments: [deploymentFacts(2, { rolloutState: 'SETTLED' })] },
      SOUND,
    ],
    ['another deployment still runs', { deployments: [deploymentFacts(2), deploymentFacts(1)] }, SOUND],
    ['a task is missing', { runningCount: 1 }, SOUND],
    ['ECS does not tell how many run', { runningCount: Number.NaN }, SOUND],
    ['ECS does not tell how many should run', { desiredCount: Number.NaN }, SOUND],
    ['nothing is to run', { desiredCount: 0, runningCount: 0 }, []],
    ['fewer tasks than desired were listed', {}, [SOUND[0]!]],
    ['a task is unhealthy', {}, [SOUND[0]!, { ...SOUND[1]!, healthStatus: 'UNHEALTHY' }]],
    ['a task is still starting', {}, [SOUND[0]!, { ...SOUND[1]!, lastStatus: 'PENDING' }]],
    ['a task shows no digest', {}, [SOUND[0]!, task('two', { containers: [{ name: 'app' }] })]],
    [
      'a configured container ended although its task goes on',
      {},
      [
        SOUND[0]!,
        task('two', { containers: [{ name: 'app', lastStatus: 'STOPPED', exitCode: 0, imageDigest: digest('b') }] }),
      ],
    ],
    ['a task is being stopped', {}, [SOUND[0]!, { ...SOUND[1]!, desiredStatus: 'STOPPED' }]],
    ['a task runs another revision', {}, [SOUND[0]!, { ...SOUND[1]!, taskDefinition: revision(1) }]],
  ])('is not adopted when %s', (_case, changes, running) => {
    expect(prove(changes, running)).toBeUndefined();
  });

  it('needs no second proof once it was verified, yet takes the id that its deployment has now', () => {
    const verified = [proven('b', 2, { deploymentId: deployment(7) })];
    const looked = service();
    const known = provenRevision(looked, looked.deployments[0]!, [], verified, config());
    expect(known).toEqual(proven('b', 2, { deploymentId: deployment(2) }));
  });

  it.each<[string, Partial<ServiceFacts>]>([
    ['its rollout is in progress', { deployments: [deploymentFacts(2, { rolloutState: 'IN_PROGRESS' })] }],
    ['tasks are missing', { runningCount: 1 }],
    ['ECS does not tell how many run', { runningCount: Number.NaN }],
  ])('is not proven, though verified once, when %s', (_case, changes) => {
    const looked = service(changes);
    expect(provenRevision(looked, looked.deployments[0]!, [], [proven('b', 2)], config())).toBeUndefined();
  });
});
