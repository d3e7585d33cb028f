import { expect, it } from 'vitest';
import { pushFromGitHub } from '../../rehearsal/github-push.ts';
import { imageManifest } from '../../region/ecr/image-manifests.ts';
import { setting } from './setting.ts';

const openWorld = setting({
  registry: {},
  provision: { port: 8000 },
  github: { repository: 'octo-org/harbour', environment: 'production', branch: 'main' },
});

it.each([
  ['lets the branch push', 'refs/heads/main', true],
  ['refuses another branch that GitHub lets into the environment', 'refs/heads/hack', false],
])('trust in an environment and a branch %s', async (_, ref, isLetIn) => {
  const world = await openWorld();
  const push = pushFromGitHub(world.region, {
    claims: {
      sub: 'repo:octo-org/harbour:environment:production',
      aud: 'sts.amazonaws.com',
      repository: 'octo-org/harbour',
      environment: 'production',
      ref,
    },
    roleArn: `arn:aws:iam::${world.region.account}:role/rollouts-api-push`,
    repository: world.config.repository,
    tag: 'live',
    image: imageManifest({ seedText: 'from GitHub', platform: world.platform }),
  });
  if (isLetIn) await expect(push).resolves.toMatch(/^sha256:/);
  else await expect(push).rejects.toMatchObject({ code: 'AccessDenied' });
  await world.untilIdle();
});
